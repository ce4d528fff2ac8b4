package io.quickstudy.cli;

import io.quickstudy.run.Checkpoint;
import io.quickstudy.run.RunCalibration;
import io.quickstudy.run.RunCalibration.Fit;
import io.quickstudy.run.RunConfig;
import io.quickstudy.run.RunFolder;
import io.quickstudy.run.RunLock;
import io.quickstudy.settings.ConfigException;
import io.quickstudy.text.Text;
import io.quickstudy.train.Calibrator;
import io.quickstudy.train.Session;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code quickstudy calibrate}. */
@Command(
    name = "calibrate",
    description = {
      "Finds on tasks of validation classes how sure the answers of a run may be, and keeps it in",
      "the run for eval and adapt."
    },
    sortOptions = false,
    footer = {
      "",
      "train does this at its end; here with other --ways or --shots, more tasks, or for a run",
      "from before. Tasks are --episodes, or as many as the run validated on.",
    })
final class CalibrateCommand implements Callable<Integer> {
  private final Console console;

  @Parameters(index = "0", paramLabel = "RUN", description = "the run's folder")
  private Path run;

  @Option(names = "--ways", paramLabel = "N", description = "classes of a task")
  private String ways;

  @Option(names = "--shots", paramLabel = "N", description = "labelled examples of each class")
  private String shots;

  @Option(names = "--queries", paramLabel = "N", description = "examples of each class to predict")
  private String queries;

  @Mixin private CheckpointOption checkpoint = new CheckpointOption();

  @Mixin private MeasuringOptions measuring;

  @Option(names = "--json", description = "print what was found as one JSON object")
  private boolean json;

  CalibrateCommand(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() {
    RunFolder folder = checkpoint.open(run);
    RunConfig config = configured(folder.config());
    if (!Calibrator.applies(config)) {
      throw new ConfigException(
          "Run '%s' on '%s' gives no probabilities of classes that a caller names: expected one that classifies images; use another run."
              .formatted(run, config.data().name()));
    }
    RunCalibration found;
    try (RunLock lock = new RunLock(run)) {
      lock.take(console::message); // a training would put another checkpoint beside it
      Checkpoint c = folder.trained(console::message);
      try (Session session = Session.open(config, console)) {
        found = Calibrator.of(session, c.step(), c.theta(), console);
      }
      folder.keep(found);
    } catch (ConfigException wrong) {
      // here the option has no such prefix
      throw new ConfigException(wrong.getMessage().replace("--eval-ways", "--ways"), wrong);
    } finally {
      console.endBar();
    }
    if (json) {
      Map<String, Object> result = json(found);
      CheckpointOption.role(folder, found.step(), result);
      console.json(result);
    } else {
      lines(folder, found).forEach(console.out()::println);
    }
    return 0;
  }

  private RunConfig configured(RunConfig own) {
    Map<String, String> given = new LinkedHashMap<>();
    given.put("eval-episodes", Integer.toString(own.evaluation().valEpisodes()));
    given.put("eval-ways", ways);
    given.put("eval-shots", shots);
    given.put("eval-queries", queries);
    RunConfig measured = measuring.of(own, given);
    int tasks = measured.evaluation().evalEpisodes();
    return MeasuringOptions.measured(measured, Map.of("val-episodes", Integer.toString(tasks)));
  }

  /** What some thresholds keep, for each way of normalising. */
  private List<String> lines(RunFolder folder, RunCalibration found) {
    List<String> lines = new ArrayList<>();
    for (Fit f : found.fits()) {
      lines.add(
          "run %s, %s, norm %s: temperature %s"
              .formatted(
                  run, folder.inWords(found.step()), f.norm(), Text.number(f.temperature())));
      lines.add("  confidence   kept    wrong of these");
      for (double c : new double[] {0, 0.5, 0.7, 0.8, 0.9, 0.95, 0.99, 0.999}) {
        RunCalibration.Expected e = f.expected(c);
        lines.add(
            "  %s  %s%%  %s"
                .formatted(
                    wide(Text.fixed(c, 3), 10),
                    wide(Text.fixed(100 * e.kept(), 1), 5),
                    e.answers() == 0 ? "-" : wide(Text.fixed(100 * e.error(), 2), 6) + "%"));
      }
    }
    return lines;
  }

  private static String wide(String text, int width) {
    return " ".repeat(Math.max(0, width - text.length())) + text;
  }

  private Map<String, Object> json(RunCalibration found) {
    Map<String, Object> m = new LinkedHashMap<>();
    m.put("run", run.toString());
    m.put("step", found.step());
    List<Object> fits = new ArrayList<>();
    for (Fit f : found.fits()) {
      Map<String, Object> one = new LinkedHashMap<>();
      one.put("norm", f.norm());
      one.put("ways", f.ways());
      one.put("shots", f.shots());
      one.put("episodes", f.tasks());
      one.put("answers", f.answers());
      one.put("temperature", f.temperature());
      one.put("ece", f.ece());
      one.put("ece_tempered", f.tempered());
      List<Object> kept = new ArrayList<>();
      for (RunCalibration.Kept k : f.kept()) {
        Map<String, Object> row = new LinkedHashMap<>();
        row.put("confidence", k.confidence());
        row.put("answers", k.answers());
        row.put("wrong", k.wrong());
        kept.add(row);
      }
      one.put("kept", kept);
      fits.add(one);
    }
    m.put("fits", fits);
    return m;
  }
}
