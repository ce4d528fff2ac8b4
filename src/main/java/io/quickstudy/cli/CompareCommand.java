package io.quickstudy.cli;

import io.quickstudy.compare.Comparison;
import io.quickstudy.data.Split;
import io.quickstudy.report.ComparisonPage;
import io.quickstudy.report.Report;
import io.quickstudy.settings.ConfigException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code quickstudy compare}. */
@Command(
    name = "compare",
    description = "Measures runs on the same tasks and says how they differ.",
    sortOptions = false,
    footer = {
      "",
      "What is not given is as the baseline's config.yaml says. Every run answers",
      "the same tasks, whatever its own seed, so that small differences are seen.",
    })
final class CompareCommand implements Callable<Integer> {
  private final Console console;

  @Spec private CommandSpec command;

  @Parameters(arity = "0..*", paramLabel = "RUN", description = "the runs' folders, two or more")
  private List<Path> runs;

  @Option(
      names = "--against",
      paramLabel = "RUN",
      description = "what the others are compared with (the first)")
  private Path against;

  @Option(names = "--ways", paramLabel = "N", description = "classes of a task")
  private String ways;

  @Option(names = "--shots", paramLabel = "N", description = "labelled examples of each class")
  private String shots;

  @Option(names = "--queries", paramLabel = "N", description = "examples of each class to predict")
  private String queries;

  @Option(names = "--split-part", paramLabel = "NAME", description = "classes: test, val, train")
  private String part = "test";

  @Mixin private CheckpointOption checkpoint = new CheckpointOption();

  @Mixin private MeasuringOptions measuring;

  @Option(names = "--json", description = "print the result as one JSON object")
  private boolean json;

  @Option(names = "--html", paramLabel = "FILE", description = "write a page with the curves")
  private Path html;

  CompareCommand(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() {
    if (html != null) {
      Report.refuseIfOther("--html", html); // before anything takes time
    }
    Comparison c;
    try {
      c = Comparison.of(request(), console);
    } catch (ConfigException wrong) {
      // here options have no such prefix
      throw new ConfigException(wrong.getMessage().replace("--eval-", "--"), wrong);
    } finally {
      console.endBar();
    }
    ComparisonTable table = new ComparisonTable(c);
    if (html != null) {
      Report.write(ComparisonPage.make(c, table.names(), console), html);
    }
    if (json) {
      console.json(table.json());
    } else {
      table.lines().forEach(console.out()::println);
      if (html != null) {
        console.out().println("page " + html + "; open it in a browser");
      }
    }
    return 0;
  }

  private Comparison.Request request() {
    Map<String, String> given = LearnerOptions.given(command);
    given.put("eval-episodes", "600");
    put(given, "eval-ways", ways);
    put(given, "eval-shots", shots);
    put(given, "eval-queries", queries);
    measuring.into(given);
    return new Comparison.Request(
        runs == null ? List.of() : runs,
        Optional.ofNullable(against),
        part(),
        given,
        checkpoint.choice());
  }

  private static void put(Map<String, String> given, String key, String value) {
    if (value != null) {
      given.put(key, value);
    }
  }

  private Split.Part part() {
    try {
      return Split.Part.of(part);
    } catch (IllegalArgumentException e) {
      throw new ConfigException(e.getMessage(), e);
    }
  }
}
