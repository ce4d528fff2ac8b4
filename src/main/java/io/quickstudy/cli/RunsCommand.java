package io.quickstudy.cli;

import io.quickstudy.run.RunSummary;
import io.quickstudy.text.Text;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code quickstudy runs}. */
@Command(
    name = "runs",
    description = "Lists the runs in a folder, and of several seeds their mean.",
    sortOptions = false,
    footer = {
      "",
      "Finished runs whose configurations differ by the seed alone are one line, unless",
      "--each is said: the mean of their results with its 95% interval over the seeds",
      "(Student's t). Of one run the interval is over the tasks it was measured on.",
    })
final class RunsCommand implements Callable<Integer> {
  private final Console console;

  @Parameters(index = "0", arity = "0..1", paramLabel = "DIR", description = "the folder (runs)")
  private Path folder = Path.of("runs");

  @Option(
      names = "--sort",
      paramLabel = "NAME",
      description = "by when, name, learner, data, state, steps, val, test or time (when)")
  private String sort = "when";

  @Option(names = "--each", description = "a line for each run, also where only seeds differ")
  private boolean each;

  @Option(names = "--json", description = "print one JSON object")
  private boolean json;

  RunsCommand(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() {
    RunsTable.Order order = RunsTable.Order.parse(sort);
    RunSummary.Listing found = RunSummary.in(folder);
    RunsTable table = RunsTable.of(found.runs(), order, !each);
    if (json) {
      console.json(table.json());
      return 0;
    }
    table.lines().forEach(console.out()::println);
    table.faults().forEach(console::message);
    if (found.others() > 0 || found.runs().isEmpty()) {
      console.message(
          "%s in '%s', and %s that %s"
              .formatted(
                  Text.count(found.runs().size(), "run"),
                  folder,
                  Text.count(found.others(), "other folder"),
                  found.others() == 1 ? "is none" : "are none"));
    }
    return 0;
  }
}
