package io.quickstudy.report;

import io.quickstudy.run.RunConfig;
import java.nio.file.Path;
import java.util.Optional;

/**
 * What a page is about.
 *
 * @param run how the run was trained
 * @param measured how it was measured for the page: on other data, or fewer tasks
 * @param path its folder
 * @param step the step of the checkpoint that was measured
 * @param checkpoint that checkpoint in words, such as "step 4800, the best by validation"
 * @param finished whether training came to its end
 * @param device where it was measured
 * @param objection why the result may not count, in a sentence
 */
record ReportedRun(
    RunConfig run,
    RunConfig measured,
    Path path,
    int step,
    String checkpoint,
    boolean finished,
    String device,
    Optional<String> objection) {
  /** Whether it was measured on the data it was trained on. */
  boolean atHome() {
    return run.data().name().equals(measured.data().name())
        && run.tasks().split().equals(measured.tasks().split());
  }

  /** "protonet on glyphs"; of images of one's own their folder, "protonet on photos". */
  String title() {
    return run.learner().name() + " on " + run.dataTitle();
  }
}
