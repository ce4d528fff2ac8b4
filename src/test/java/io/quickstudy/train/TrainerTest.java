package io.quickstudy.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.quickstudy.data.Metric;
import io.quickstudy.run.Checkpoint;
import io.quickstudy.run.Overrides;
import io.quickstudy.run.RunConfig;
import io.quickstudy.run.RunException;
import io.quickstudy.run.RunFolder;
import io.quickstudy.runtime.Array;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Small runs that must learn, stop, go on and be the same every time. */
class TrainerTest {
  @TempDir private Path temporary;

  private static void assertSame(Trainer.Result a, Trainer.Result b) {
    assertEquals(a.theta().keySet(), b.theta().keySet());
    a.theta().forEach((n, v) -> assertArrayEquals(v.data(), b.theta().get(n).data(), 0f, () -> n));
  }

  @Test
  void mamlLearnsSineWaves() {
    RunConfig c = RunFixtures.sinusoid("steps", "1500", "meta-batch", "10", "rate", "0.003");
    Evaluation e = RunFixtures.measure(c, RunFixtures.train(temporary.resolve("r"), c));
    assertEquals(Metric.MSE, e.metric());
    assertEquals(10, e.byStep().size());
    assertEquals(e.value(), e.byStep().get(9));
    assertTrue(e.value() < 1, e::toString);
    assertTrue(e.byStep().get(0) < e.before() / 2, e::toString);
  }

  @Test
  void protonetLearnsGlyphs() {
    RunConfig c = RunFixtures.glyphs("steps", "60", "filters", "16");
    Evaluation e = RunFixtures.measure(c, RunFixtures.train(temporary.resolve("r"), c));
    assertEquals(Metric.ACCURACY, e.metric());
    assertTrue(e.value() > 0.5, e::toString);
    assertTrue(e.ci95() > 0 && e.ci95() < 0.1, e::toString);
  }

  /** The largest of logits that are no numbers is some class, and would be a wrong answer. */
  @Test
  void logitsThatAreNoNumbersAreNoAnswers() {
    RunConfig c = RunFixtures.glyphs("learner", "maml", "steps", "1", "ways", "5");
    Trainer.Result r = RunFixtures.train(temporary.resolve("r"), c);
    assertTrue(RunFixtures.measure(c, r).value() >= 0);
    Map<String, Array> theta = new LinkedHashMap<>(r.theta());
    Array bias = theta.get("classifier.bias");
    float[] damaged = bias.data().clone();
    damaged[0] = Float.NaN;
    theta.put("classifier.bias", new Array(bias.shape(), damaged));
    RunException e =
        assertThrows(
            RunException.class,
            () -> RunFixtures.measure(c, new Trainer.Result(1, Trainer.Ending.STEPS, theta)));
    assertTrue(e.getMessage().startsWith("The accuracy on 64 tasks is NaN"), e.getMessage());
    assertTrue(e.getMessage().contains("a smaller --inner-rate"), e.getMessage());
  }

  @Test
  void runningStatisticsMove() {
    Trainer.Result r = RunFixtures.train(temporary.resolve("r"), RunFixtures.glyphs());
    float[] mean = r.theta().get("norm1.running_mean").data();
    assertTrue(mean[0] != 0, "the running mean is still 0");
  }

  @Test
  void lstmRunsOnSequences() {
    RunConfig c =
        RunFixtures.config(
            "learner",
            "lstm",
            "size",
            "8",
            "hidden",
            "16",
            "ways",
            "3",
            "shots",
            "4",
            "steps",
            "30",
            "meta-batch",
            "4",
            "rate",
            "0.001",
            "split",
            "random");
    Evaluation e = RunFixtures.measure(c, RunFixtures.train(temporary.resolve("r"), c));
    assertEquals(4, e.byInstance().size());
    double mean = e.byInstance().stream().mapToDouble(x -> x).average().orElseThrow();
    assertEquals(e.value(), mean, 1e-9);
  }

  @Test
  void everyLearnerRunsWithEveryModelAndNorm() {
    RunFixtures.train(temporary.resolve("a"), RunFixtures.glyphs("steps", "2", "model", "mlp"));
    RunFixtures.train(
        temporary.resolve("b"), RunFixtures.glyphs("steps", "2", "batch-norm", "support"));
    for (String learner : List.of("maml", "fomaml")) {
      for (String norm : List.of("transductive", "support")) {
        RunConfig c =
            RunFixtures.glyphs(
                "steps",
                "2",
                "learner",
                learner,
                "batch-norm",
                norm,
                "ways",
                "5",
                "meta-batch",
                "2",
                "clip-norm",
                "1",
                "optimiser",
                "sgd",
                "schedule",
                "cosine");
        RunFixtures.train(temporary.resolve(learner + norm), c);
      }
    }
    RunFixtures.train(
        temporary.resolve("c"),
        RunFixtures.glyphs(
            "steps", "2", "learner", "maml", "model", "mlp", "ways", "5", "clip-value", "1"));
  }

  @Test
  void aRunThatWasStoppedEndsWithTheSameBits() {
    for (RunConfig c :
        List.of(
            RunFixtures.sinusoid("schedule", "step", "rate-every", "7"), RunFixtures.glyphs())) {
      Path whole = temporary.resolve("whole-" + c.data());
      Path parts = temporary.resolve("parts-" + c.data());
      Trainer.Result expected = RunFixtures.train(whole, c);
      Trainer.Result stopped = RunFixtures.train(parts, c, 8);
      assertEquals(8, stopped.step());
      assertFalse(stopped.finished());
      RunFixtures.train(parts, c, 5);
      Trainer.Result resumed = RunFixtures.train(parts, c);
      assertEquals(c.run().steps(), resumed.step());
      assertTrue(resumed.finished());
      assertSame(expected, resumed);
    }
  }

  /** From first to second order, and from the losses of all inner steps to the last's. */
  @Test
  void aRuleThatChangesOnTheWayEndsWithTheSameBits() throws IOException {
    RunConfig c =
        RunFixtures.glyphs(
            "learner",
            "maml++",
            "ways",
            "5",
            "filters",
            "4",
            "meta-batch",
            "2",
            "steps",
            "6",
            "first-order-steps",
            "2",
            "multi-step-steps",
            "4",
            "checkpoint-every",
            "1",
            "log-every",
            "1");
    Path whole = temporary.resolve("whole");
    Trainer.Result once = RunFixtures.train(whole, c);
    for (int stop : List.of(1, 2, 3, 5)) {
      Path run = temporary.resolve("stopped" + stop);
      RunFixtures.train(run, c, stop);
      Trainer.Result resumed = RunFixtures.train(run, c);
      once.theta()
          .forEach(
              (n, a) ->
                  assertArrayEquals(a.data(), resumed.theta().get(n).data(), n + " at " + stop));
    }
    assertTrue(
        Files.readString(whole.resolve("metrics.jsonl")).contains("\"inner-rate.conv1\""),
        "learned rates are logged");
  }

  @Test
  void anyNumberOfWorkersGivesTheSameBits() {
    for (String learner : List.of("protonet", "maml")) {
      String[] values = {"learner", learner, "ways", "5", "steps", "5", "meta-batch", "3"};
      Trainer.Result[] r = new Trainer.Result[3];
      for (int workers = 1; workers <= 3; workers++) {
        RunConfig c = RunFixtures.glyphs(values);
        RunConfig w = Overrides.resume(c, RunFixtures.map("workers", "" + workers));
        r[workers - 1] = RunFixtures.train(temporary.resolve(learner + workers), w);
        assertSame(r[0], r[workers - 1]);
      }
    }
  }

  @Test
  void theSameTasksAreMeasuredEveryTime() {
    RunConfig c = RunFixtures.sinusoid();
    Trainer.Result r = RunFixtures.train(temporary.resolve("r"), c);
    assertEquals(RunFixtures.measure(c, r).byStep(), RunFixtures.measure(c, r).byStep());
  }

  @Test
  void metricsAreJsonByLine() throws IOException {
    RunConfig c = RunFixtures.glyphs("eval-every", "10", "log-every", "5");
    RunFixtures.train(temporary.resolve("r"), c);
    List<String> lines = Files.readAllLines(temporary.resolve("r/metrics.jsonl"));
    ObjectMapper json = new ObjectMapper();
    int logged = 0;
    int measured = 0;
    JsonNode planned = json.readTree(lines.get(0));
    assertTrue(planned.get("memory_bytes").asLong() > 0, lines.get(0));
    assertEquals("cpu", planned.get("device").asText());
    assertEquals(1, planned.get("tasks_at_once").asInt());
    for (String line : lines.subList(1, lines.size())) {
      JsonNode n = json.readTree(line);
      if (n.has("loss")) {
        logged++;
        assertTrue(n.has("accuracy") && n.has("rate") && n.has("seconds"), line);
      } else if (n.has("ended")) {
        assertEquals("steps", n.get("ended").asText());
        assertEquals(lines.getLast(), line);
      } else {
        measured++;
        assertEquals("val", n.get("split_part").asText());
      }
    }
    assertEquals(4, logged);
    assertEquals(2, measured); // one on the way, and one of the last step
  }

  @Test
  void aLossThatIsNoNumberStopsTheRunBehindItsLastGoodCheckpoint() {
    RunConfig c = RunFixtures.sinusoid("rate", "1e30", "checkpoint-every", "1");
    Path path = temporary.resolve("r");
    String message =
        assertThrows(RunException.class, () -> RunFixtures.train(path, c)).getMessage();
    assertTrue(message.contains("smaller --rate"), message);
    Checkpoint last = RunFolder.open(path).checkpoints().newest(m -> {}).orElseThrow();
    assertTrue(last.finite());
    assertTrue(message.contains("that of step " + last.step()), message);
  }

  @Test
  void aLossThatIsNoNumberBetweenCheckpointsStopsTheRunOneStepLate() {
    RunConfig c = RunFixtures.sinusoid("rate", "1e30", "checkpoint-every", "20", "log-every", "20");
    Path path = temporary.resolve("r");
    String message =
        assertThrows(RunException.class, () -> RunFixtures.train(path, c)).getMessage();
    assertTrue(message.startsWith("The loss became "), message);
    assertTrue(message.contains("that of step 0"), message);
    assertEquals(List.of(0), RunFolder.open(path).checkpoints().steps());
  }

  @Test
  void metricsHoldTheMeanOfEveryStepsLoss() throws IOException {
    ObjectMapper json = new ObjectMapper();
    List<Double> each = new ArrayList<>();
    List<Double> fifth = new ArrayList<>();
    for (List<Double> losses : List.of(each, fifth)) {
      RunConfig c = RunFixtures.sinusoid("log-every", losses == each ? "1" : "5", "steps", "15");
      Path path = temporary.resolve("every" + c.run().logEvery());
      RunFixtures.train(path, c);
      for (String line : Files.readAllLines(path.resolve("metrics.jsonl"))) {
        JsonNode n = json.readTree(line);
        if (n.has("loss")) {
          losses.add(n.get("loss").asDouble());
        }
      }
    }
    assertEquals(15, each.size());
    assertEquals(3, fifth.size());
    for (int i = 0; i < 3; i++) {
      double mean =
          each.subList(5 * i, 5 * i + 5).stream().mapToDouble(x -> x).average().orElseThrow();
      assertEquals(mean, fifth.get(i), 1e-12 * mean);
    }
  }

  @Test
  void aMemoryLimitGivesTheSameBits() throws IOException {
    Trainer.Result[] r = new Trainer.Result[2];
    int i = 0;
    for (String limit : List.of("none", "200K")) {
      RunConfig c =
          RunFixtures.glyphs(
              "learner",
              "maml",
              "ways",
              "5",
              "steps",
              "3",
              "meta-batch",
              "3",
              "memory-limit",
              limit);
      Path path = temporary.resolve("limit" + i);
      r[i++] = RunFixtures.train(path, c);
      String planned = Files.readAllLines(path.resolve("metrics.jsonl")).get(0);
      long bytes = new ObjectMapper().readTree(planned).get("memory_bytes").asLong();
      assertEquals(limit.equals("none"), bytes > 200 << 10, planned);
      assertEquals(limit, RunFolder.open(path).config().run().memoryLimit());
    }
    assertSame(r[0], r[1]);
  }
}
