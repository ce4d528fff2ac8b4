package io.quickstudy.cli;

import io.quickstudy.compare.Comparison;
import io.quickstudy.data.Split;
import io.quickstudy.learners.Learners;
import io.quickstudy.nn.Cell;
import io.quickstudy.run.Recipes;
import io.quickstudy.search.CellSearch;
import io.quickstudy.search.Measured;
import io.quickstudy.search.SearchPlan;
import io.quickstudy.text.Text;
import io.quickstudy.train.TrainListener;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicBoolean;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code quickstudy search}. */
@Command(
    name = "search",
    description = "Searches a cell of which networks meta-learn well, and trains what it finds.",
    abbreviateSynopsis = true,
    sortOptions = false,
    footer = {
      "",
      "Options of train hold for every candidate; --steps are those of one. The same",
      "command goes on with a search that was stopped.",
    })
final class SearchCommand implements Callable<Integer> {
  private static final int SHOWN = 5;

  private final Console console;

  @Spec private CommandSpec spec;

  @Option(
      names = "--out",
      paramLabel = "DIR",
      required = true,
      description = "the search's folder; one that is there goes on")
  private Path out;

  @Option(names = "--largest", paramLabel = "N", description = "blocks of the largest cells (3)")
  private int largest = 3;

  @Option(
      names = "--keep",
      paramLabel = "N",
      description = "cells of each number of blocks to train, behind those of one (6)")
  private int keep = 6;

  @Option(
      names = "--parameters",
      paramLabel = "N",
      description = "numbers that a candidate learns at most (30000)")
  private long parameters = 30_000;

  @Option(
      names = "--final-steps",
      paramLabel = "N",
      description =
          "steps of the last training, of what was found and of blocks of like size (2000)")
  private int finalSteps = 2000;

  @Option(names = "--json", description = "print the result as one JSON object")
  private boolean json;

  SearchCommand(Console console) {
    this.console = console;
  }

  @Override
  @SuppressWarnings("try") // the signals are needed for being there alone
  public Integer call() {
    Map<String, String> given =
        SearchPlan.briefly(Recipes.normalise(ConfigOptions.given(spec)), Learners.OF_SEARCH.name());
    AtomicBoolean stop = new AtomicBoolean();
    try (Signals signals = Signals.onStop(s -> stop.set(true))) {
      CellSearch search =
          new CellSearch(
              new SearchPlan(given, largest, keep, parameters, finalSteps), out, new Progress());
      if (!search.measured().isEmpty()) {
        console.message(
            "going on behind %s".formatted(Text.count(search.measured().size(), "cell")));
      }
      Optional<Measured> best = search.run(stop::get);
      Optional<CellSearch.Final> trained = best.flatMap(b -> search.train(b, stop::get));
      console.endBar();
      if (trained.isEmpty()) {
        console.message("stopped; the same command goes on");
        return 0;
      }
      Comparison c =
          Comparison.of(
              new Comparison.Request(
                  List.of(trained.get().conv(), trained.get().best()),
                  Optional.empty(),
                  Split.Part.TEST,
                  Map.of()),
              console);
      console.endBar();
      say(search.measured(), best.orElseThrow(), trained.get(), new ComparisonTable(c));
    } finally {
      console.endBar();
    }
    return 0;
  }

  private void say(
      List<Measured> all, Measured best, CellSearch.Final trained, ComparisonTable compared) {
    if (json) {
      Map<String, Object> m = new LinkedHashMap<>();
      m.put("cell", best.cell().toString());
      m.put("filters", best.filters());
      m.put("parameters", best.numbers());
      m.put("validation", best.accuracy());
      m.put("cells", all.size());
      m.put("best", trained.best().toString());
      m.put("conv", trained.conv().toString());
      m.put("compared", compared.json());
      console.json(m);
      return;
    }
    console
        .out()
        .println("the best of %s on validation classes:".formatted(Text.count(all.size(), "cell")));
    all.stream()
        .sorted(Comparator.comparingDouble(Measured::accuracy).reversed())
        .limit(SHOWN)
        .forEach(m -> console.out().println("  " + line(m)));
    console.out().println();
    console
        .out()
        .println("the first, trained to the end, beside blocks of like size on test classes:");
    compared.lines().forEach(console.out()::println);
    console
        .out()
        .println(
            "to train it otherwise: --model cell --cell \"%s\" --cell-filters %s"
                .formatted(best.cell(), best.filters()));
  }

  private static String line(Measured m) {
    return "%s ± %s %%  %s  (%s filters, %s parameters)"
        .formatted(
            Text.fixed(100 * m.accuracy(), 2),
            Text.fixed(100 * m.ci95(), 2),
            m.cell(),
            m.filters(),
            m.numbers());
  }

  /** A line for each cell; what its training says is left out but for its progress. */
  private final class Progress implements CellSearch.Listener {
    @Override
    public void begins(int number, int of, Cell cell, int filters, long numbers) {
      console.message("cell %s of at most %s: %s".formatted(number, of, cell));
    }

    @Override
    public void measured(Measured cell) {
      console.endBar();
      console.message("  " + line(cell));
    }

    @Override
    public void step(TrainListener.Progress p) {
      console.step(p);
    }
  }
}
