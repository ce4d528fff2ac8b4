package io.quickstudy.search;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.quickstudy.nn.Cell;
import io.quickstudy.run.RunConfig;
import io.quickstudy.run.RunException;
import io.quickstudy.run.RunFolder;
import io.quickstudy.settings.ConfigException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CellSearchTest {
  private static final int NUMBERS = 400;

  @TempDir private Path temporary;

  private static SearchPlan plan(int blocks, String... more) {
    Map<String, String> m = new LinkedHashMap<>();
    m.putAll(Map.of("learner", "fomaml", "data", "glyphs", "ways", "2", "meta-batch", "2"));
    m.putAll(Map.of("size", "8", "cells", "2", "blocks", "2", "steps", "2"));
    m.putAll(Map.of("val-episodes", "8", "eval-episodes", "8", "device", "cpu"));
    m.put("workers", "1");
    for (int i = 0; i < more.length; i += 2) {
      m.put(more[i], more[i + 1]);
    }
    return new SearchPlan(m, blocks, 2, NUMBERS, 3);
  }

  /** Tells nothing, and counts the cells that are trained. */
  private static final class Counting implements CellSearch.Listener {
    private final List<Cell> begun = new ArrayList<>();

    @Override
    public void begins(int number, int of, Cell cell, int filters, long numbers) {
      assertTrue(number <= of, number + " of " + of);
      assertTrue(numbers <= NUMBERS, cell + " has " + numbers);
      begun.add(cell);
    }

    @Override
    public void measured(Measured cell) {}
  }

  @Test
  void candidatesAreTrainedBrieflyWhereNothingElseIsSaid() {
    Map<String, String> usual = SearchPlan.briefly(Map.of("inner-rate", "0.1"), "reptile");
    assertEquals("reptile", usual.get("learner"));
    assertEquals("150", usual.get("steps"));
    assertEquals("0.1", usual.get("inner-rate"), "as given");
    assertEquals("10", usual.get("eval-inner-steps"));
    Map<String, String> other = Map.of("learner", "protonet", "steps", "7");
    assertEquals(other, SearchPlan.briefly(other, "reptile"), "another has other options");
    RunConfig c =
        new SearchPlan(
                SearchPlan.briefly(Map.of("data", "glyphs", "ways", "20"), "reptile"),
                1,
                1,
                30_000,
                2000)
            .candidate(CellSpace.smallest().getFirst());
    assertEquals(150, c.run().steps());
    assertEquals(2, c.tasks().metaBatch());
  }

  @Test
  void theSpaceHasEachCellOnce() {
    List<Cell> one = CellSpace.smallest();
    // 21 pairs of 6 operations, of which 6 have no convolution
    assertEquals(15, one.size());
    List<Cell> two = CellSpace.larger(one);
    // 78 pairs of 12 branches, of which 6 add what is no convolution to itself
    assertEquals(15 * 72, two.size());
    assertEquals(two.size(), new HashSet<>(two).size());
  }

  @Test
  void aLineIsPredicted() {
    List<Cell> cells = CellSpace.smallest();
    List<Double> y = new ArrayList<>();
    for (Cell c : cells) {
      y.add(c.toString().contains("conv3") ? 0.9 : 0.3);
    }
    Surrogate s = Surrogate.of(cells, y);
    double with = s.expected(Cell.parse("conv3(in)+conv3(in); conv3(b1)+conv3(in)"));
    double without = s.expected(Cell.parse("max3(in)+conv1(in); mean3(b1)+conv1(in)"));
    assertTrue(with > without + 0.1, with + " and " + without);
  }

  @Test
  void aStoppedSearchGoesOnAndEndsTheSame() {
    Counting all = new Counting();
    CellSearch whole = new CellSearch(plan(2), temporary.resolve("whole"), all);
    Optional<Measured> best = whole.run(() -> false);
    assertEquals(whole.candidates(), all.begun.size());
    assertEquals(17, all.begun.size());
    assertEquals(2, all.begun.getLast().blocks().size());
    double most = whole.measured().stream().mapToDouble(Measured::accuracy).max().orElseThrow();
    assertEquals(most, best.orElseThrow().accuracy());

    Path parts = temporary.resolve("parts");
    int[] asked = {0};
    Counting first = new Counting();
    assertTrue(new CellSearch(plan(2), parts, first).run(() -> ++asked[0] > 20).isEmpty());
    assertTrue(first.begun.size() < 15, first.begun.size() + " cells before it stopped");
    Counting rest = new Counting();
    CellSearch resumed = new CellSearch(plan(2), parts, rest);
    assertEquals(best, resumed.run(() -> false));
    assertEquals(whole.measured(), resumed.measured());
    assertFalse(rest.begun.contains(first.begun.getFirst()), "what was measured is not trained");

    CellSearch.Final f = resumed.train(best.get(), () -> false).orElseThrow();
    RunConfig found = RunFolder.open(f.best()).config();
    RunConfig conv = RunFolder.open(f.conv()).config();
    assertEquals(3, found.run().steps());
    assertTrue(SearchPlan.numbers(conv) >= SearchPlan.numbers(found));
    assertTrue(found.modelOptions().orElseThrow().toString().contains(best.get().cell() + ","));
  }

  @Test
  void anotherPlanIsRefused() throws IOException {
    Path folder = temporary.resolve("plan");
    new CellSearch(plan(2), folder, new Counting());
    String m =
        assertThrows(
                ConfigException.class,
                () -> new CellSearch(plan(2, "rate", "0.5"), folder, new Counting()))
            .getMessage();
    assertTrue(m.contains("expected the same to go on"), m);
    Files.writeString(folder.resolve("search.json"), "{");
    assertThrows(RunException.class, () -> new CellSearch(plan(2), folder, new Counting()));
  }

  @Test
  void whatCannotBeSearchedIsRefused() {
    assertThrows(ConfigException.class, () -> plan(0));
    assertThrows(ConfigException.class, () -> plan(2, "filters", "3"));
    SearchPlan tiny = new SearchPlan(plan(1).given(), 1, 1, 3, 1);
    String m =
        assertThrows(
                ConfigException.class,
                () -> new CellSearch(tiny, temporary.resolve("tiny"), new Counting()))
            .getMessage();
    assertTrue(m.startsWith("Option --parameters is 3: expected"), m);
  }
}
