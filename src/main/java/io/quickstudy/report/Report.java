package io.quickstudy.report;

import io.quickstudy.explain.Explanation;
import io.quickstudy.explain.GradientTerms;
import io.quickstudy.run.Checkpoint;
import io.quickstudy.run.RunException;
import io.quickstudy.run.RunFolder;
import io.quickstudy.run.SafeFiles;
import io.quickstudy.settings.ConfigException;
import io.quickstudy.train.Calibrator;
import io.quickstudy.train.ChangedImages;
import io.quickstudy.train.Session;
import io.quickstudy.train.TrainListener;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalDouble;

/** A run as one HTML page that needs nothing else. */
public final class Report {
  /** What says in a page that it is ours to overwrite. */
  static final String GENERATOR = "Quickstudy report";

  private static final int HEAD_BYTES = 4096;

  private Report() {}

  /**
   * A page that was made.
   *
   * @param html the page
   * @param result the measured result in words, or why there is none
   */
  public record Page(byte[] html, String result) {}

  /**
   * Checks that a page may be written somewhere: to a new file, or over an older page.
   *
   * @param option that says where, for the message
   * @throws ConfigException if something else is there
   */
  public static void refuseIfOther(String option, Path file) {
    if (Files.isDirectory(file)) {
      throw new ConfigException(
          "Option %s is '%s', a folder: expected a file; add a name such as %s."
              .formatted(option, file, file.resolve("report.html")));
    }
    if (Files.exists(file) && !isReport(file)) {
      throw new ConfigException(
          ("Option %s is '%s', a file that is no report: expected a new file or an older"
                  + " report; choose another name.")
              .formatted(option, file));
    }
  }

  private static boolean isReport(Path file) {
    try (InputStream in = Files.newInputStream(file)) {
      String head = new String(in.readNBytes(HEAD_BYTES), StandardCharsets.UTF_8);
      return head.contains("content=\"" + GENERATOR);
    } catch (IOException e) {
      return false;
    }
  }

  /** As {@link #make(Session, RunFolder, int, TrainListener)}, without its gradients. */
  public static Page make(Session session, RunFolder folder, TrainListener listener) {
    return make(session, folder, 0, listener);
  }

  /**
   * Measures a run's checkpoint of choice on test tasks and makes its page.
   *
   * @param session what the run is measured with: its configuration says on what tasks
   * @param folder the run
   * @param gradientTasks over how many training tasks its gradients are explained; 0 for not at all
   * @param listener told how far it is
   * @throws ConfigException if its gradients are none that can be explained
   * @throws RunException if the run has no whole checkpoint
   */
  public static Page make(
      Session session, RunFolder folder, int gradientTasks, TrainListener listener) {
    Checkpoint checkpoint = folder.trained(listener::message);
    Optional<GradientTerms> gradients =
        gradientTasks == 0
            ? Optional.empty()
            : Optional.of(
                Explanation.gradients(
                    session, checkpoint.theta(), gradientTasks, Explanation.Arithmetic.DEVICE));
    MetricsLog log = MetricsLog.read(folder.path());
    if (log.unread() > 0) {
      listener.message(
          "%s of the lines of metrics.jsonl cannot be read and %s left out"
              .formatted(log.unread(), log.unread() == 1 ? "is" : "are"));
    }
    OptionalDouble temperature =
        Calibrator.temperature(folder, session.config(), checkpoint.step());
    TestOutcome outcome = TestOutcome.measure(session, checkpoint, temperature, listener);
    ReportedRun subject =
        new ReportedRun(
            folder.config(),
            session.config(),
            folder.path(),
            checkpoint.step(),
            folder.inWords(checkpoint.step()),
            folder.isFinished(),
            session.device(),
            session.objection(folder, outcome.spec()));
    subject.objection().ifPresent(listener::message);
    Optional<ChangedImages> changed =
        subject.atHome()
            ? ChangedImages.of(session, AugmentationSection.IMAGES, AugmentationSection.VERSIONS)
            : Optional.empty();
    Html page = PageWriter.page(subject, log, outcome, changed, gradients);
    return new Page(
        page.toString().getBytes(StandardCharsets.UTF_8), Headline.inWords(subject, outcome));
  }

  /**
   * Writes a page under its name once it is whole.
   *
   * @throws RunException if it cannot be written
   */
  public static void write(Page page, Path file) {
    try {
      Path parent = file.toAbsolutePath().getParent();
      Files.createDirectories(parent);
      SafeFiles.write(file.toAbsolutePath(), page.html());
    } catch (IOException e) {
      throw new RunException(
          ("Report '%s' cannot be written (%s): expected room on the disk and the right to "
                  + "write; choose another file.")
              .formatted(file, SafeFiles.reason(e)),
          e);
    }
  }
}
