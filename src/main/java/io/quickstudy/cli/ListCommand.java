package io.quickstudy.cli;

import io.quickstudy.train.Catalogue;
import io.quickstudy.train.DataName;
import io.quickstudy.train.LearnerName;
import io.quickstudy.train.RunConfig;
import io.quickstudy.train.Text;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code quickstudy list}. */
@Command(
    name = "list",
    description = "Lists learners, models and data with their options and defaults.",
    sortOptions = false)
final class ListCommand implements Callable<Integer> {
  private static final int NAME_WIDTH = 10;

  private final Console console;

  @Option(names = "--json", description = "print one JSON object")
  private boolean json;

  @Option(names = "--debug", description = "show a stack trace with an error")
  private boolean debug;

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      description = "show this text")
  private boolean help;

  ListCommand(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() {
    if (json) {
      console.json(Catalogue.json());
      return 0;
    }
    say("Learners (--learner)");
    for (LearnerName l : LearnerName.values()) {
      entry(Catalogue.learners().get(l.ordinal()));
      for (DataName d : Catalogue.data(l)) {
        say("              on " + d + ": " + defaults(Catalogue.defaults(l, d)));
      }
    }
    say("");
    say("Models (--model)");
    Catalogue.models().forEach(this::entry);
    say("");
    say("Data (--data)");
    for (DataName d : DataName.values()) {
      entry(Catalogue.data().get(d.ordinal()));
      say("              splits: " + String.join(", ", Catalogue.splits(d)));
    }
    say("");
    say("quickstudy train --help tells what the options mean; quickstudy list --json shows all.");
    return 0;
  }

  private void entry(Catalogue.Entry e) {
    say("  " + pad(e.name()) + "  " + e.about());
    say("              options: " + options(e.options()));
  }

  private static String options(List<String> names) {
    return names.stream().map(n -> "--" + n).collect(Collectors.joining(" "));
  }

  private static String defaults(RunConfig c) {
    String tasks =
        c.data().images() ? "%d-way %d-shot".formatted(c.ways(), c.shots()) : c.shots() + "-shot";
    String inner =
        c.learner().adapts()
            ? ", inner steps %d of rate %s".formatted(c.innerSteps(), Text.number(c.innerRate()))
            : "";
    return "%s, split %s, %d steps of %d tasks%s, rate %s"
        .formatted(tasks, c.split(), c.steps(), c.metaBatch(), inner, Text.number(c.rate()));
  }

  private static String pad(String name) {
    return name + " ".repeat(Math.max(0, NAME_WIDTH - name.length()));
  }

  private void say(String line) {
    console.out().println(line);
  }
}
