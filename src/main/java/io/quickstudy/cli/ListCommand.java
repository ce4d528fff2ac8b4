package io.quickstudy.cli;

import io.quickstudy.data.DataSource;
import io.quickstudy.data.source.DataSources;
import io.quickstudy.learner.LearnerKind;
import io.quickstudy.learners.Learners;
import io.quickstudy.nn.ModelKind;
import io.quickstudy.nn.Models;
import io.quickstudy.run.Catalogue;
import io.quickstudy.run.Configurations;
import io.quickstudy.run.RunConfig;
import io.quickstudy.run.TaskSettings;
import io.quickstudy.settings.Values;
import io.quickstudy.task.TaskKind;
import io.quickstudy.text.Text;
import io.quickstudy.train.Results;
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
    for (LearnerKind<?> l : Learners.ALL) {
      entry(Catalogue.entry(l));
      for (DataSource d : Catalogue.data(l)) {
        Catalogue.Default x = Catalogue.defaults(l, d);
        say("              on " + Catalogue.label(d) + ": " + defaults(x.config()));
        if (!x.reached().isEmpty()) {
          say("                 reached " + x.reached());
        }
      }
    }
    say("");
    say("Models (--model)");
    for (ModelKind<?> m : Models.ALL) {
      entry(Catalogue.entry(m));
    }
    say("");
    say("Data (--data)");
    for (DataSource source : DataSources.ALL) {
      for (DataSource d : source.forms()) {
        entry(Catalogue.entry(d));
        say("              splits: " + String.join(", ", d.splits()));
      }
    }
    say("");
    say("Ready configurations (--config)");
    int width = Configurations.names().stream().mapToInt(String::length).max().orElse(0);
    for (String name : Configurations.names()) {
      say("  " + name + " ".repeat(width + 2 - name.length()) + Configurations.about(name));
    }
    say("");
    say("quickstudy train --help tells what the options mean; quickstudy list --json shows all.");
    return 0;
  }

  private void entry(Catalogue.Entry e) {
    say("  " + pad(e.name()) + "  " + e.about());
    if (!e.options().isEmpty()) {
      say("              options: " + options(e.options()));
    }
  }

  private static String options(List<String> names) {
    return names.stream().map(n -> "--" + n).collect(Collectors.joining(" "));
  }

  private static String defaults(RunConfig c) {
    TaskSettings t = c.tasks();
    String tasks =
        c.classifies()
            ? "%s-way %s-shot".formatted(t.ways(), t.shots())
            : c.taskKind() == TaskKind.SIGNALS ? Results.given(c, t.shots()) : t.shots() + "-shot";
    String own =
        Values.values(c.options()).entrySet().stream()
            .map(o -> ", " + Results.option(o.getKey(), o.getValue()))
            .collect(Collectors.joining());
    return "%s, split %s, %s of %s%s, rate %s"
        .formatted(
            tasks,
            t.split(),
            Text.count(c.run().steps(), "step"),
            Text.count(t.metaBatch(), "task"),
            own,
            Values.format(c.optimiser().rate()));
  }

  private static String pad(String name) {
    return name + " ".repeat(Math.max(0, NAME_WIDTH - name.length()));
  }

  private void say(String line) {
    console.out().println(line);
  }
}
