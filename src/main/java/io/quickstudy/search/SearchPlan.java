package io.quickstudy.search;

import io.quickstudy.nn.Cell;
import io.quickstudy.nn.CellNet;
import io.quickstudy.nn.ConvNet;
import io.quickstudy.nn.ModelKind;
import io.quickstudy.nn.Norm;
import io.quickstudy.run.Components;
import io.quickstudy.run.Recipes;
import io.quickstudy.run.RunConfig;
import io.quickstudy.settings.ConfigException;
import io.quickstudy.settings.Key;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.IntFunction;
import java.util.stream.Collectors;

/**
 * What is searched, and how.
 *
 * @param given values of a configuration, by key, that all candidates share; of models' own, each
 *     network takes those that it has
 * @param blocks of the largest cells
 * @param keep cells of each number of blocks that are trained, those of one block apart
 * @param numbers how many numbers a candidate learns at most: each has as many filters as that
 *     allows
 * @param finalSteps steps of the training of what was found, and of what it is compared with
 */
public record SearchPlan(
    Map<String, String> given, int blocks, int keep, long numbers, int finalSteps) {
  private static final int MOST_FILTERS = 1024;

  /**
   * How the usual learner, Reptile, trains candidates: with inner steps ten times as large as for a
   * training to the end at 20 ways, so that 150 of its steps tell cells apart; with the paper's the
   * first cell is hardly above chance by then.
   */
  private static final Map<String, String> BRIEFLY =
      Map.of(
          "meta-batch", "2",
          "inner-rate", "0.005",
          "eval-inner-steps", "10",
          "val-episodes", "100");

  private static final String STEPS = "150";

  /** Copies the map, and refuses what cannot be searched. */
  public SearchPlan {
    given = Map.copyOf(given);
    atLeast("largest", blocks, 1);
    atLeast("keep", keep, 1);
    atLeast("parameters", numbers, 1);
    atLeast("final-steps", finalSteps, 1);
    for (String k : new String[] {"model", "cell", "cell-filters", "filters"}) {
      if (given.containsKey(k)) {
        throw new ConfigException(
            "Option --%s with search: expected none, since cells and their filters are what is searched; leave it out."
                .formatted(k));
      }
    }
  }

  /**
   * What is given, and where it says nothing how candidates are trained so briefly that dozens are.
   *
   * @param learner the usual one
   */
  public static Map<String, String> briefly(Map<String, String> given, String learner) {
    Map<String, String> m = new LinkedHashMap<>(given);
    m.putIfAbsent("learner", learner);
    m.putIfAbsent("steps", STEPS);
    if (m.get("learner").equals(learner)) {
      BRIEFLY.forEach(m::putIfAbsent);
    }
    return m;
  }

  private static void atLeast(String option, long value, long least) {
    if (value < least) {
      throw new ConfigException(
          "Option --%s is %s: expected %s or more; change it.".formatted(option, value, least));
    }
  }

  /**
   * A candidate: as large as it may be.
   *
   * @throws ConfigException if it is too large with one filter
   */
  RunConfig candidate(Cell cell) {
    return largest(f -> cell(cell, f, given), numbers);
  }

  /** What was found, trained to the end. */
  RunConfig found(Cell cell) {
    return largest(f -> cell(cell, f, finalTraining()), numbers);
  }

  private Map<String, String> finalTraining() {
    Map<String, String> m = new LinkedHashMap<>(given);
    m.put("steps", Integer.toString(finalSteps));
    return m;
  }

  private static RunConfig cell(Cell cell, int filters, Map<String, String> given) {
    Map<String, String> m = of(CellNet.KIND, ConvNet.KIND, given);
    m.put("cell", cell.toString());
    m.put("cell-filters", Integer.toString(filters));
    m.putIfAbsent("eval-every", "0");
    return Recipes.complete(Recipes.normalise(m));
  }

  /** The blocks of convolutions that it is compared with: the smallest that are not smaller. */
  RunConfig conv(RunConfig found) {
    long least = numbers(found);
    int f = 1;
    while (numbers(conv(f)) < least && f < MOST_FILTERS) {
      f++;
    }
    return conv(f);
  }

  private RunConfig conv(int filters) {
    Map<String, String> m = of(ConvNet.KIND, CellNet.KIND, finalTraining());
    m.put("filters", Integer.toString(filters));
    m.putIfAbsent("eval-every", "0");
    return Recipes.complete(Recipes.normalise(m));
  }

  /** For a model, without what is the other's alone. */
  private static Map<String, String> of(
      ModelKind<?> model, ModelKind<?> other, Map<String, String> given) {
    Map<String, String> m = new LinkedHashMap<>(given);
    Set<String> own = model.keys().stream().map(Key::name).collect(Collectors.toSet());
    other.keys().stream().map(Key::name).filter(k -> !own.contains(k)).forEach(m::remove);
    m.put("model", model.name());
    return m;
  }

  private static RunConfig largest(IntFunction<RunConfig> of, long numbers) {
    if (numbers(of.apply(1)) > numbers) {
      throw new ConfigException(
          "Option --parameters is %s: expected %s or more, which a cell with one filter learns; raise it."
              .formatted(numbers, numbers(of.apply(1))));
    }
    int low = 1;
    int high = MOST_FILTERS;
    while (low < high) {
      int middle = (low + high + 1) / 2;
      if (numbers(of.apply(middle)) <= numbers) {
        low = middle;
      } else {
        high = middle - 1;
      }
    }
    return of.apply(low);
  }

  /** How many numbers a run's learner learns. */
  static long numbers(RunConfig c) {
    return Components.drawn(Components.trained(c, 1), 0).select(n -> !Norm.isBuffer(n)).size();
  }
}
