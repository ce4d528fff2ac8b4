package io.quickstudy.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.quickstudy.graph.Shape;
import io.quickstudy.run.Checkpoint;
import io.quickstudy.run.OverSeeds;
import io.quickstudy.run.Recipes;
import io.quickstudy.run.RunFolder;
import io.quickstudy.run.RunLock;
import io.quickstudy.runtime.Array;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code quickstudy runs} as a user sees it. */
class RunsCommandTest {
  @TempDir private Path runs;

  /** A run of some steps, and of a test value if there is one. */
  private RunFolder made(String name, int step, Double test, Map<String, String> values)
      throws IOException {
    Map<String, String> all = new LinkedHashMap<>(Map.of("steps", "100"));
    all.putAll(values);
    RunFolder folder = RunFolder.create(runs.resolve(name), Recipes.complete(all));
    folder.begin();
    Map<String, Array> state = new LinkedHashMap<>();
    state.put("theta.w", new Array(Shape.of(), new float[] {1}));
    folder.checkpoints().write(new Checkpoint(step, 1, state));
    folder.log(Map.of("step", step, "loss", 0.5, "seconds", 90.5));
    for (double v : new double[] {0.5, 0.75, 0.625}) {
      folder.log(Map.of("step", step, "split_part", "val", "value", v, "ci95", 0.01));
    }
    if (test != null) {
      folder.log(Map.of("step", step, "split_part", "test", "value", test, "ci95", 0.02));
    }
    return folder;
  }

  @BeforeEach
  void make() throws IOException {
    made("a", 100, 0.80, Map.of("seed", "1"));
    made("b", 100, 0.82, Map.of("seed", "2"));
    made("c", 100, 0.90, Map.of("seed", "3", "workers", "1"));
    made("again", 100, 0.10, Map.of("seed", "3"));
    made("other", 100, 0.85, Map.of("seed", "4", "shots", "5"));
    made("wave", 100, 1.5, Map.of("data", "sinusoid"));
    made("stopped", 40, null, Map.of());
    Files.createDirectories(runs.resolve("foreign"));
    Files.createDirectories(runs.resolve("empty-run/checkpoints"));
    Files.writeString(runs.resolve("file"), "no folder");
    Files.createDirectories(runs.resolve("broken"));
    Files.writeString(runs.resolve("broken/config.yaml"), "learner: [");
    int minute = 0;
    for (String name : List.of("again", "a", "b", "c", "other", "wave", "stopped")) {
      Files.setLastModifiedTime(
          runs.resolve(name).resolve("metrics.jsonl"),
          FileTime.fromMillis(1_700_000_000_000L + 60_000L * minute++));
    }
  }

  @Test
  void seedsAreOneLineAndNothingBrokenStopsIt() {
    Ran r = Ran.of("runs", runs.toString(), "--sort=test");
    assertEquals(0, r.code(), r.err());
    List<String> lines = r.lines().stream().map(l -> l.replaceAll(" +", " ")).toList();
    assertTrue(lines.get(0).startsWith("name "), lines.get(0));
    assertTrue(lines.get(1).startsWith("other "), lines.get(1));
    assertTrue(lines.get(1).contains(" 5-way 5-shot finished 2023-11-1"), lines.get(1));
    assertTrue(lines.get(1).endsWith(" 100 75.00% 85.00% ± 2.00% 1 min 31 s"), lines.get(1));
    assertTrue(lines.get(2).startsWith("c and 2 seeds protonet glyphs"), lines.get(2));
    // of 0.80, 0.82, 0.90: s = 0.05292, t(0.975, 2) = 4.303
    assertTrue(lines.get(2).contains(" - 84.00% ± 13.15% (n=3)"), lines.get(2));
    assertTrue(lines.get(3).startsWith("again "), lines.get(3));
    assertTrue(lines.get(4).startsWith("wave "), "errors behind accuracies: " + lines.get(4));
    assertTrue(lines.get(4).contains(" 0.500 1.500 ± 0.0200 "), lines.get(4));
    assertTrue(r.out().contains("  stopped   2023-11-"), r.out());
    assertTrue(r.out().contains("  40/100  "), r.out());
    assertTrue(lines.getLast().startsWith("(n=...): the mean over seeds"), lines.getLast());
    assertTrue(r.err().contains("broken' is broken: Configuration '"), r.err());
    assertTrue(r.err().contains("empty-run' is broken: Folder '"), r.err());
    assertTrue(
        r.err().contains("9 runs in '" + runs + "', and 1 other folder that is none"), r.err());
  }

  @Test
  void eachRunMayHaveItsLineSortedByAnything() {
    Ran r = Ran.of("runs", runs.toString(), "--each", "--sort=name");
    List<String> names = r.lines().stream().skip(1).map(l -> l.replaceAll(" .*", "")).toList();
    assertEquals(
        List.of("a", "again", "b", "broken", "c", "empty-run", "other", "stopped", "wave"), names);
    assertFalse(r.out().contains("n="), r.out());
    for (String by : List.of("when", "learner", "data", "state", "steps", "val", "test", "time")) {
      assertEquals(
          10, Ran.of("runs", runs.toString(), "--each", "--sort=" + by).lines().size(), by);
    }
    List<String> val = Ran.of("runs", runs.toString(), "--each", "--sort=val").lines();
    assertTrue(val.getLast().contains("broken"), val.getLast());
    Ran wrong = Ran.of("runs", runs.toString(), "--sort=tset");
    assertEquals(2, wrong.code());
    assertTrue(wrong.err().contains("did you mean 'test'?"), wrong.err());
    assertEquals(2, Ran.of("runs", runs.resolve("file").toString()).code());
    assertTrue(Ran.of("runs", runs.resolve("file").toString()).err().contains("is a file"));
    assertEquals(2, Ran.of("runs", runs.resolve("a").toString()).lines().size(), "one run alone");
  }

  @Test
  void aRunThatIsTrainedIsRunning() {
    Path stopped = runs.resolve("stopped");
    try (RunLock lock = new RunLock(stopped)) {
      lock.take(m -> {});
      assertTrue(Ran.of("runs", stopped.toString()).out().contains("  running  "));
    }
    assertTrue(Ran.of("runs", stopped.toString()).out().contains("  stopped  "));
  }

  @Test
  void machinesGetAllOfThem() throws IOException {
    JsonNode all = new ObjectMapper().readTree(Ran.of("runs", runs.toString(), "--json").out());
    assertEquals(9, all.get("runs").size());
    JsonNode seeds = all.get("over_seeds");
    assertEquals(1, seeds.size());
    assertEquals("[3,2,1]", seeds.at("/0/seeds").toString());
    assertEquals(0.84, seeds.at("/0/mean").asDouble(), 1e-12);
    assertEquals(0.1315, seeds.at("/0/ci95").asDouble(), 1e-4);
    for (JsonNode r : all.get("runs")) {
      boolean broken = r.get("state").asText().equals("broken");
      assertEquals(broken, r.has("fault"), r.toString());
      assertEquals(broken, !r.has("step"), r.toString());
    }
  }

  @Test
  void intervalsAreThoseOfStudentsT() {
    assertEquals(new OverSeeds(1, 3, Double.NaN), OverSeeds.of(List.of(3.0)));
    assertEquals(12.706, OverSeeds.of(List.of(-1.0, 1.0)).ci95(), 1e-9);
    double large = OverSeeds.of(java.util.Collections.nCopies(40, 1.0)).ci95();
    assertEquals(0, large);
  }
}
