package io.quickstudy.cli;

import io.quickstudy.run.Catalogue;
import io.quickstudy.run.ConfigKeys;
import io.quickstudy.run.Configurations;
import io.quickstudy.run.DataName;
import io.quickstudy.run.LearnerName;
import io.quickstudy.run.ModelName;
import io.quickstudy.run.RunConfig;
import io.quickstudy.text.Text;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code quickstudy list}. */
@Command(
    name = "list",
    description = "Lists learners, models, data and ready configurations.",
    sortOptions = false)
final class ListCommand implements Callable<Integer> {
  private static final int NAME_WIDTH = 10;
  private static final int READY_WIDTH = 25;

  private final Console console;

  @Option(names = "--json", description = "print one JSON object")
  private boolean json;

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
      entry(Catalogue.entry(l));
      for (DataName d : Catalogue.data(l)) {
        say("              on " + d + ": " + defaults(Catalogue.defaults(l, d)));
      }
    }
    say("");
    say("Models (--model)");
    for (ModelName m : ModelName.values()) {
      entry(Catalogue.entry(m));
    }
    say("");
    say("Data (--data)");
    for (DataName d : DataName.values()) {
      entry(Catalogue.entry(d));
      say("              splits: " + String.join(", ", Catalogue.splits(d)));
    }
    say("");
    say("Ready configurations (--config)");
    for (String name : Configurations.names()) {
      say("  " + name + " ".repeat(READY_WIDTH - name.length()) + Configurations.about(name));
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
            ? ", %d inner at rate %s".formatted(c.innerSteps(), ConfigKeys.format(c.innerRate()))
            : "";
    return "%s, split %s, %d steps of %s%s, rate %s"
        .formatted(
            tasks,
            c.split(),
            c.steps(),
            Text.count(c.metaBatch(), "task"),
            inner,
            ConfigKeys.format(c.rate()));
  }

  private static String pad(String name) {
    return name + " ".repeat(Math.max(0, NAME_WIDTH - name.length()));
  }

  private void say(String line) {
    console.out().println(line);
  }
}
