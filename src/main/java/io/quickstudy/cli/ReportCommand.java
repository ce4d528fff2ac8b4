package io.quickstudy.cli;

import io.quickstudy.report.Report;
import io.quickstudy.run.RunConfig;
import io.quickstudy.run.RunFolder;
import io.quickstudy.train.Session;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code quickstudy report}. */
@Command(
    name = "report",
    description = "Makes one HTML page of a run: curves, example tasks, confusion, configuration.",
    sortOptions = false,
    footer = {"", "What is not given is as the run's config.yaml says. The page needs no network."})
final class ReportCommand implements Callable<Integer> {
  private static final int GRADIENT_TASKS = 16;

  private final Console console;

  @Spec private CommandSpec command;

  @Parameters(index = "0", paramLabel = "RUN", description = "the run's folder")
  private Path run;

  @Option(names = "--out", paramLabel = "FILE", description = "the page (RUN/report.html)")
  private Path out;

  @Option(
      names = "--gradients",
      description = "also explain its gradients, as 'quickstudy explain gradients' does")
  private boolean gradients;

  @Mixin private CheckpointOption checkpoint = new CheckpointOption();

  @Mixin private MeasuringOptions measuring;

  ReportCommand(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() {
    RunFolder folder = checkpoint.open(run);
    RunConfig config = measuring.of(folder.config(), LearnerOptions.given(command));
    Path file = out == null ? run.resolve("report.html") : out;
    Report.refuseIfOther("--out", file); // before anything takes time
    Report.Page page;
    try (Session session = Session.open(config, console)) {
      page = Report.make(session, folder, gradients ? GRADIENT_TASKS : 0, console);
    } finally {
      console.endBar();
    }
    Report.write(page, file);
    console.out().println(page.result());
    console
        .out()
        .println(
            "  report %s (%s KB); open it in a browser"
                .formatted(file, (page.html().length + 999) / 1000));
    return 0;
  }
}
