package io.quickstudy.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.quickstudy.backend.FactorException;
import io.quickstudy.backend.Precision;
import io.quickstudy.backend.cuda.EmulatedBackend;
import io.quickstudy.graph.Shape;
import io.quickstudy.run.RunConfig;
import io.quickstudy.run.RunFolder;
import io.quickstudy.runtime.Array;
import io.quickstudy.runtime.Engine;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is said where a head cannot be solved. */
class UnsolvedTest {
  @TempDir private Path runs;

  private static RunConfig config(String... more) {
    Map<String, String> m =
        RunFixtures.map("learner", "r2-d2", "data", "glyphs", "size", "12", "ways", "3");
    m.putAll(RunFixtures.map("blocks", "2", "filters", "8", "steps", "6", "meta-batch", "2"));
    m.putAll(RunFixtures.map("eval-ways", "3", "eval-episodes", "20", "eval-every", "0"));
    m.putAll(RunFixtures.map(more));
    return RunConfig.of(m);
  }

  private void trainingSaysTheStep(String name, Engine engine) {
    RunConfig c = config("rate", "1e20", "queries", "2");
    Path run = runs.resolve(name);
    try (Session session = Session.open(c, RunFixtures.data(c), engine);
        Trainer trainer = new Trainer(session, RunFolder.create(run, c), new TrainListener() {})) {
      String said =
          assertThrows(DivergedException.class, () -> trainer.run(() -> false)).getMessage();
      assertTrue(
          said.matches(
              "By step [23] of '.*', whose last good checkpoint is that of step 0: The matrix \\[3,"
                  + " 3\\] of task [12] holds no numbers or infinite ones: .*"),
          said);
    }
  }

  @Test
  void trainingSaysTheStepOnTheCpu() {
    trainingSaysTheStep("cpu", Engine.open("cpu", 2, Precision.FP32));
  }

  @Test
  void trainingSaysTheStepOnCuda() {
    trainingSaysTheStep("cuda", Engine.on(EmulatedBackend.open()));
  }

  @Test
  void measuringSaysTheTask() {
    RunConfig c = config();
    Path run = runs.resolve("measured");
    try (Session session =
            Session.open(c, RunFixtures.data(c), Engine.open("cpu", 1, Precision.FP32));
        Trainer trainer = new Trainer(session, RunFolder.create(run, c), new TrainListener() {})) {
      Map<String, Array> theta = new LinkedHashMap<>(trainer.run(() -> false).theta());
      theta.put("head.log_lambda", new Array(Shape.of(), new float[] {Float.NaN}));
      try (Evaluator e = new Evaluator(session, EvalSpec.test(c), theta)) {
        FactorException said =
            assertThrows(FactorException.class, () -> e.measure(theta, new TrainListener() {}));
        assertTrue(said.sentence().startsWith("The matrix [3, 3] of task "), said.sentence());
      }
    }
  }

  @Test
  void tasksAreCountedFromTheFirstOfAll() {
    FactorException e = new FactorException("scores", 5, OptionalLong.of(2), true);
    assertEquals(
        "scores: The matrix [5, 5] of task 103 is not positive definite: expected one that is, to"
            + " the precision of the device; raise what is added to its diagonal, such as a ridge.",
        e.from(100).getMessage());
    FactorException none = new FactorException("scores", 5, OptionalLong.empty(), true);
    assertEquals(none.getMessage(), none.from(100).getMessage());
  }
}
