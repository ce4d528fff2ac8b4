package io.quickstudy.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import io.quickstudy.backend.Precision;
import io.quickstudy.backend.cuda.EmulatedBackend;
import io.quickstudy.run.RunConfig;
import io.quickstudy.run.RunFolder;
import io.quickstudy.runtime.Array;
import io.quickstudy.runtime.Engine;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Runs of models that are random while they are trained, and at no other time. */
class RandomModelTest {
  private static final int STEPS = 4;

  @TempDir private Path runs;

  private static RunConfig config(String learner, String... pairs) {
    Map<String, String> m = RunFixtures.map("learner", learner, "model", "resnet12");
    m.putAll(RunFixtures.map("size", "12", "ways", "3", "widths", "3,4,4", "meta-batch", "2"));
    m.putAll(RunFixtures.map("drop-rate", "0.4", "drop-block", "2", "drop-steps", "3"));
    m.putAll(RunFixtures.map("steps", "" + STEPS, "checkpoint-every", "2", "log-every", "1"));
    m.putAll(RunFixtures.map("batch-norm", "transductive"));
    m.putAll(RunFixtures.map(pairs));
    return RunFixtures.config(
        m.entrySet().stream()
            .flatMap(e -> java.util.stream.Stream.of(e.getKey(), e.getValue()))
            .toArray(String[]::new));
  }

  private byte[] trained(String name, int stop, RunConfig c) throws IOException {
    Path run = runs.resolve(name);
    if (stop > 0) {
      RunFixtures.train(run, c, stop);
    }
    RunFixtures.train(run, c);
    return Files.readAllBytes(run.resolve("checkpoints/step-0000004.safetensors"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"protonet", "maml", "reptile"})
  void whatIsDroppedIsThatOfTheSeedWhoeverComputesIt(String learner) throws IOException {
    byte[] one = trained("one", 0, config(learner, "workers", "1"));
    assertArrayEquals(one, trained("two", 0, config(learner, "workers", "2")), "workers");
    assertArrayEquals(one, trained("on", 2, config(learner, "workers", "1")), "going on");
    byte[] whole = trained("whole", 0, config(learner, "workers", "1", "drop-rate", "0"));
    assertFalse(Arrays.equals(one, whole), "nothing dropped");
  }

  @Test
  void bothBackendsDropTheSame() {
    List<Double> cpu = losses("cpu", Engine.open("cpu", 2, Precision.FP32));
    List<Double> cuda = losses("cuda", Engine.on(EmulatedBackend.open()));
    assertEquals(STEPS, cpu.size());
    for (int i = 0; i < STEPS; i++) {
      assertEquals(cpu.get(i), cuda.get(i), 1e-5 * cpu.get(i), "loss of step " + (i + 1));
    }
  }

  private List<Double> losses(String name, Engine engine) {
    List<Double> losses = new ArrayList<>();
    TrainListener listener =
        new TrainListener() {
          @Override
          public void step(Progress p) {
            losses.add(p.loss());
          }
        };
    RunConfig c = config("protonet");
    try (Session session = Session.open(c, RunFixtures.data(c), engine);
        Trainer trainer = new Trainer(session, RunFolder.create(runs.resolve(name), c), listener)) {
      trainer.run(() -> false);
    }
    return losses;
  }

  /** The same parameters measure the same, whatever is dropped while training. */
  @Test
  void measuringDropsNothing() {
    RunConfig dropping = config("protonet");
    Map<String, Array> theta = RunFixtures.train(runs.resolve("r"), dropping).theta();
    assertEquals(measured(dropping, theta), measured(config("protonet", "drop-rate", "0"), theta));
    assertNotEquals(
        measured(dropping, theta),
        measured(
            dropping,
            RunFixtures.train(runs.resolve("s"), config("protonet", "seed", "3")).theta()));
  }

  private static double measured(RunConfig c, Map<String, Array> theta) {
    try (Session session = RunFixtures.session(c);
        Evaluator e = new Evaluator(session, EvalSpec.test(c), theta, Evaluator.Detail.RESULT)) {
      return e.measure(theta, TrainListener.NONE).value();
    }
  }
}
