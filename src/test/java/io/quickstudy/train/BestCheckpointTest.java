package io.quickstudy.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.quickstudy.data.Metric;
import io.quickstudy.run.BestSoFar;
import io.quickstudy.run.Checkpoint;
import io.quickstudy.run.CheckpointChoice;
import io.quickstudy.run.Overrides;
import io.quickstudy.run.RunConfig;
import io.quickstudy.run.RunException;
import io.quickstudy.run.RunFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Which checkpoint is the best and put to work, when training ends early, and that both survive.
 */
class BestCheckpointTest {
  @TempDir private Path temporary;

  private static JsonNode best(Path run) throws IOException {
    return new ObjectMapper().readTree(run.resolve("checkpoints/best.json").toFile());
  }

  /** The values on validation classes by step, as metrics.jsonl has them. */
  private static NavigableMap<Integer, Double> validated(Path run) throws IOException {
    TreeMap<Integer, Double> m = new TreeMap<>();
    for (String line : Files.readAllLines(run.resolve("metrics.jsonl"))) {
      JsonNode n = new ObjectMapper().readTree(line);
      if (n.path("split_part").asText().equals("val")) {
        m.put(n.get("step").asInt(), n.get("value").asDouble());
      }
    }
    return m;
  }

  private static Map<String, byte[]> files(Path run) throws IOException {
    Map<String, byte[]> m = new TreeMap<>();
    try (Stream<Path> all = Files.list(run.resolve("checkpoints"))) {
      for (Path f : (Iterable<Path>) all::iterator) {
        if (!f.toString().endsWith("0.json")) { // counters have the seconds that it took
          m.put(f.getFileName().toString(), Files.readAllBytes(f));
        }
      }
    }
    return m;
  }

  @Test
  void moreRightAnswersAndSmallerErrorsAreBetterAndTheEarlierOfTwoAlike() {
    assertTrue(Metric.ACCURACY.better(0.9, 0.8));
    assertFalse(Metric.ACCURACY.better(0.8, 0.9));
    assertTrue(Metric.MSE.better(0.8, 0.9));
    assertFalse(Metric.BITS.better(0.9, 0.8));
    BestSoFar b = BestSoFar.NONE.and(Metric.MSE, 10, 2, 0.1).and(Metric.MSE, 20, 2, 0.2);
    assertEquals(new BestSoFar(10, 2, 0.1, 1), b);
    assertEquals(new BestSoFar(30, 1, 0.3, 0), b.and(Metric.MSE, 30, 1, 0.3));
  }

  /** A rate so large that learning breaks down: the best is not the last. */
  private static RunConfig rising(String... more) {
    List<String> all = new ArrayList<>(List.of(more));
    all.addAll(List.of("eval-every", "2", "checkpoint-every", "5", "steps", "20"));
    all.addAll(List.of("rate", "0.02", "schedule", "linear", "rate-last", "3"));
    all.addAll(List.of("optimiser", "sgd", "momentum", "0", "clip-norm", "1"));
    return RunFixtures.sinusoid(all.toArray(String[]::new));
  }

  @Test
  void theBestIsKeptAndPutToWorkUnlessToldOtherwise() throws IOException {
    Path run = temporary.resolve("run");
    RunFixtures.train(run, rising());
    NavigableMap<Integer, Double> values = validated(run);
    assertEquals(
        IntStream.rangeClosed(1, 10).map(i -> 2 * i).boxed().toList(),
        List.copyOf(values.keySet()));
    int step = values.entrySet().stream().min(Map.Entry.comparingByValue()).orElseThrow().getKey();
    assertTrue(step < 15, values::toString);
    assertEquals(step, best(run).get("step").asInt());
    assertEquals(values.get(step), best(run).get("value").asDouble());
    RunFolder folder = RunFolder.open(run);
    assertEquals(List.of(20, 15, step), folder.checkpoints().steps());
    assertEquals(step, folder.trained(m -> {}).step());
    assertEquals(20, folder.using(CheckpointChoice.NEWEST).trained(m -> {}).step());
    assertEquals(15, folder.using(CheckpointChoice.parse("15")).trained(m -> {}).step());
    assertEquals("step %s, the best by validation".formatted(step), folder.inWords(step));
    assertEquals("step 20, the newest", folder.inWords(20));
    assertEquals("step 15", folder.inWords(15));
    String message =
        assertThrows(
                RunException.class, () -> folder.using(CheckpointChoice.of(7)).trained(m -> {}))
            .getMessage();
    assertTrue(message.contains("there are those of steps [20, 15, " + step + "]"), message);
    // what is measured of the best is what was measured of it on the way
    RunConfig c = folder.config();
    Evaluator.OfRun again =
        Evaluator.measure(
            folder, c, EvalSpec.validation(c), Evaluator.Detail.RESULT, TrainListener.NONE);
    assertEquals(step, again.step());
    assertEquals(values.get(step), again.evaluation().value());
  }

  @Test
  void aDamagedBestIsToldAndTheNewestUsed() throws IOException {
    Path run = temporary.resolve("run");
    RunFixtures.train(run, rising());
    int step = best(run).get("step").asInt();
    String name = String.format(java.util.Locale.ROOT, "checkpoints/step-%07d.safetensors", step);
    Files.write(run.resolve(name), new byte[9]);
    List<String> lines = new ArrayList<>();
    assertEquals(20, RunFolder.open(run).trained(lines::add).step());
    assertEquals(1, lines.size(), lines::toString);
    assertTrue(lines.getFirst().contains("is damaged"), lines::toString);
    Files.writeString(run.resolve("checkpoints/best.json"), "{");
    lines.clear();
    assertEquals(20, RunFolder.open(run).trained(lines::add).step());
  }

  @Test
  void eachDamagedCheckpointIsToldOnce() throws IOException {
    Path run = temporary.resolve("run");
    RunFixtures.train(run, rising());
    RunFolder folder = RunFolder.open(run);
    List<Integer> steps = folder.checkpoints().steps();
    for (int step : steps) {
      String name = String.format(java.util.Locale.ROOT, "checkpoints/step-%07d.json", step);
      Files.delete(run.resolve(name));
    }
    List<String> lines = new ArrayList<>();
    assertThrows(RunException.class, () -> folder.trained(lines::add));
    assertEquals(steps.size(), lines.size(), lines::toString);
  }

  /** However often it was stopped, with all that has a memory: the average, the best, patience. */
  @Test
  void aRunThatWasStoppedHasTheSameBest() throws IOException {
    RunConfig c = rising("average", "0.5", "warm-up", "4", "patience", "3");
    Path whole = temporary.resolve("whole");
    Trainer.Result expected = RunFixtures.train(whole, c);
    assertEquals(Trainer.Ending.PATIENCE, expected.ending(), validated(whole)::toString);
    assertEquals(best(whole).get("step").asInt() + 6, expected.step());
    assertTrue(expected.step() < 20);
    for (int each : new int[] {2, 5}) {
      Path parts = temporary.resolve("parts" + each);
      Trainer.Result last;
      int sessions = 0;
      do {
        last = RunFixtures.train(parts, c, each);
        sessions++;
      } while (!last.finished());
      assertTrue(sessions > 2);
      assertEquals(expected.ending(), last.ending());
      assertEquals(expected.step(), last.step());
      assertEquals(best(whole), best(parts));
      assertEquals(validated(whole), validated(parts));
      String name = String.format(java.util.Locale.ROOT, "step-%07d.safetensors", expected.step());
      assertArrayEquals(files(whole).get(name), files(parts).get(name));
      String of =
          String.format(
              java.util.Locale.ROOT, "step-%07d.safetensors", best(whole).get("step").asInt());
      assertArrayEquals(files(whole).get(of), files(parts).get(of));
    }
    // and nothing changes where there is nothing left to do
    assertEquals(expected.step(), RunFixtures.train(whole, c).step());
  }

  /** Where training ends between two of them, one more is made, and forgotten by a longer run. */
  @Test
  void aLongerRunIsAsIfItHadBeenLongerFromTheStart() throws IOException {
    RunConfig five = RunFixtures.sinusoid("eval-every", "2", "steps", "5", "log-every", "2");
    RunConfig nine = Overrides.resume(five, Map.of("steps", "9"));
    Path parts = temporary.resolve("parts");
    RunFixtures.train(parts, five);
    assertEquals(List.of(2, 4, 5), List.copyOf(validated(parts).keySet()));
    RunFixtures.train(parts, nine);
    Path whole = temporary.resolve("whole");
    RunFixtures.train(whole, nine);
    assertEquals(List.of(2, 4, 6, 8, 9), List.copyOf(validated(whole).keySet()));
    assertEquals(validated(whole), validated(parts));
    assertEquals(best(whole).get("step"), best(parts).get("step"));
  }

  @Test
  void measurementsThatAreNoBetterEndTheTrainingWhenPatienceDoes() {
    // a rate that moves nothing: all measurements are alike, and the first stays the best
    RunConfig c =
        RunFixtures.sinusoid("rate", "1e-30", "eval-every", "2", "patience", "3", "steps", "100");
    Path run = temporary.resolve("run");
    Trainer.Result r = RunFixtures.train(run, c);
    assertEquals(Trainer.Ending.PATIENCE, r.ending());
    assertEquals(8, r.step());
    assertEquals(2, RunFolder.open(run).trained(m -> {}).step());
    RunConfig longer = Overrides.resume(c, Map.of("patience", "5"));
    assertEquals(12, RunFixtures.train(run, longer).step());
  }

  @Test
  void theMinutesOfAllSessionsEndIt() {
    RunConfig c = RunFixtures.sinusoid("steps", "12", "minutes", "1e-9");
    Path run = temporary.resolve("run");
    Trainer.Result r = RunFixtures.train(run, c);
    assertEquals(Trainer.Ending.MINUTES, r.ending());
    assertEquals(0, r.step());
    RunConfig more = Overrides.resume(c, Map.of("minutes", "1000"));
    Trainer.Result all = RunFixtures.train(run, more);
    assertEquals(Trainer.Ending.STEPS, all.ending());
    Trainer.Result expected =
        RunFixtures.train(temporary.resolve("whole"), Overrides.resume(c, Map.of("minutes", "0")));
    all.theta()
        .forEach((n, a) -> assertArrayEquals(expected.theta().get(n).data(), a.data(), 0f, n));
    // which took longer than no time at all
    RunConfig over = Overrides.resume(more, Map.of("steps", "20", "minutes", "1e-9"));
    assertEquals(12, RunFixtures.train(run, over).step());
  }

  @Test
  void aRunWithoutMeasurementsOnTheWayUsesTheNewest() {
    Path run = temporary.resolve("run");
    RunFixtures.train(run, RunFixtures.sinusoid("steps", "4"));
    assertFalse(Files.exists(run.resolve("checkpoints/best.json")));
    assertEquals(4, RunFolder.open(run).trained(m -> {}).step());
  }

  /** The average is that of every step's parameters and statistics, and what is measured. */
  @Test
  void theMovingAverageIsOfEveryStep() {
    RunConfig c =
        RunFixtures.glyphs(
            "average", "0.6", "steps", "6", "checkpoint-every", "1", "batch-norm", "running");
    Path run = temporary.resolve("run");
    Map<String, double[]> average = new TreeMap<>();
    for (int t = 0; t < 6; t++) {
      RunFixtures.train(run, c, 1);
      List<Checkpoint> two = new ArrayList<>();
      for (int step : List.of(t, t + 1)) {
        two.add(RunFolder.open(run).checkpoints().read(step));
      }
      double d = Math.min(0.6, (1.0 + t) / (10 + t));
      two.get(1)
          .state()
          .forEach(
              (n, a) -> {
                if (n.startsWith(Checkpoint.THETA)) {
                  String own = n.substring(Checkpoint.THETA.length());
                  float[] first = two.get(0).state().get(n).data();
                  double[] v =
                      average.computeIfAbsent(
                          own,
                          k ->
                              IntStream.range(0, first.length)
                                  .mapToDouble(i -> first[i])
                                  .toArray());
                  float[] found = two.get(1).theta().get(own).data();
                  for (int i = 0; i < v.length; i++) {
                    v[i] = d * v[i] + (1 - d) * a.data()[i];
                    assertEquals(v[i], found[i], 1e-5 * Math.max(1, Math.abs(v[i])), n);
                  }
                }
              });
    }
    Checkpoint last = RunFolder.open(run).checkpoints().read(6);
    assertTrue(
        average.keySet().stream().anyMatch(n -> n.endsWith("running_mean")),
        average.keySet()::toString);
    last.theta()
        .forEach(
            (n, a) -> assertNotEquals(List.of(a), List.of(last.state().get(Checkpoint.THETA + n))));
  }
}
