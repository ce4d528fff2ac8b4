package io.quickstudy.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import io.quickstudy.adapt.AdaptOptions;
import io.quickstudy.adapt.Adapter;
import io.quickstudy.backend.Precision;
import io.quickstudy.backend.cuda.EmulatedBackend;
import io.quickstudy.learner.LearnerKind;
import io.quickstudy.learners.Learners;
import io.quickstudy.nn.Frozen;
import io.quickstudy.run.Checkpoint;
import io.quickstudy.run.RunConfig;
import io.quickstudy.run.RunFolder;
import io.quickstudy.run.TensorFile;
import io.quickstudy.runtime.Array;
import io.quickstudy.runtime.Engine;
import io.quickstudy.settings.ConfigException;
import io.quickstudy.task.TaskKind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/** A frozen model: its features are computed once, and what is trained upon them is one run. */
class FreezeTest {
  @TempDir private static Path runs;
  private static Path weights;

  @BeforeAll
  static void aModelIsTrained() {
    RunConfig c = config("learner", "protonet", "batch-norm", "running");
    RunFixtures.train(runs.resolve("base"), c);
    weights = runs.resolve("base/checkpoints/step-0000003.safetensors");
  }

  private static RunConfig config(String... pairs) {
    Map<String, String> m = RunFixtures.map("data", "glyphs", "size", "12", "ways", "3");
    m.putAll(RunFixtures.map("model", "resnet12", "widths", "4,6", "drop-rate", "0.2"));
    m.putAll(RunFixtures.map("steps", "3", "checkpoint-every", "1", "meta-batch", "2"));
    m.putAll(RunFixtures.map("eval-episodes", "10"));
    m.putAll(RunFixtures.map(pairs));
    return RunFixtures.config(
        m.entrySet().stream()
            .flatMap(e -> Stream.of(e.getKey(), e.getValue()))
            .toArray(String[]::new));
  }

  private static RunConfig frozen(String learner, String... more) {
    Map<String, String> m = RunFixtures.map(more);
    Map<String, String> all = new LinkedHashMap<>(RunFixtures.map("learner", learner));
    all.putAll(RunFixtures.map("freeze", "linear", "weights", weights.toString()));
    all.putAll(m);
    return config(
        all.entrySet().stream()
            .flatMap(e -> Stream.of(e.getKey(), e.getValue()))
            .toArray(String[]::new));
  }

  private static double measured(Session session, RunConfig c, Map<String, Array> theta) {
    try (Evaluator e = new Evaluator(session, EvalSpec.test(c), theta)) {
      return e.measure(theta, TrainListener.NONE).value();
    }
  }

  @TestFactory
  Stream<DynamicTest> everyLearnerTrainsUponIt() {
    return Learners.ALL.stream()
        .filter(l -> l.backbone() != LearnerKind.Backbones.NONE && l.freezes())
        .filter(l -> l.tasks().stream().anyMatch(FreezeTest::ofImages))
        .map(l -> dynamicTest(l.name(), () -> trainsUponIt(l)));
  }

  private static boolean ofImages(TaskKind k) {
    return k != TaskKind.REGRESSION && k != TaskKind.SIGNALS;
  }

  /** Features that were computed before give what images give, and what is frozen stays. */
  private static void trainsUponIt(LearnerKind<?> l) throws IOException {
    boolean few = // has shots alone
        Stream.of(TaskKind.PAIRS, TaskKind.BATCHES, TaskKind.SEQUENCES).anyMatch(l::takes);
    RunConfig c = frozen(l.name(), few ? "shots" : "queries", "4");
    Path path = runs.resolve("l-" + l.name());
    Map<String, Array> theta;
    double upon;
    try (Session session = RunFixtures.session(c);
        Trainer trainer = new Trainer(session, RunFolder.create(path, c), TrainListener.NONE)) {
      theta = trainer.run(() -> false).theta();
      upon = measured(session, c, theta);
    }
    try (Session images = RunFixtures.session(c)) {
      assertEquals(measured(images, c, theta), upon, 0.02, "an answer in fifty may be a tie");
    }
    try (TensorFile base = TensorFile.open(weights)) {
      for (String n : theta.keySet()) {
        if (Frozen.holds(n) && !n.matches(".*frozen\\.(scale|mean)")) {
          String own = n.substring(n.indexOf("frozen.") + "frozen.".length());
          assertArrayEquals(base.numbers(own), theta.get(n).data(), n);
        }
      }
    }
    RunFolder run = RunFolder.open(path);
    Checkpoint kept = run.checkpoints().newest(line -> {}).orElseThrow();
    assertEquals(theta.keySet(), kept.theta().keySet());
  }

  @Test
  void itGoesOnBitwiseByAnyNumberOfWorkers() throws IOException {
    byte[] one = trained("one", 0, "workers", "1");
    assertArrayEquals(one, trained("two", 0, "workers", "2"), "workers");
    assertArrayEquals(one, trained("on", 1, "workers", "1"), "going on");
  }

  private static byte[] trained(String name, int stop, String... more) throws IOException {
    RunConfig c = frozen("maml", more);
    Path run = runs.resolve(name);
    if (stop > 0) {
      RunFixtures.train(run, c, stop);
    }
    RunFixtures.train(run, c);
    return Files.readAllBytes(run.resolve("checkpoints/step-0000003.safetensors"));
  }

  @Test
  void bothBackendsComputeTheSameFeatures() {
    RunConfig c = frozen("protonet");
    float[] cpu = top(c, "cpu", Engine.open("cpu", 2, Precision.FP32));
    float[] cuda = top(c, "cuda", Engine.on(EmulatedBackend.open()));
    assertArrayEquals(cpu, cuda, 1e-4f);
  }

  private static float[] top(RunConfig c, String name, Engine engine) {
    RunFolder run = RunFolder.create(runs.resolve("on-" + name), c);
    try (Session session = Session.open(c, RunFixtures.data(c), engine);
        Trainer trainer = new Trainer(session, run, TrainListener.NONE)) {
      return trainer.run(() -> false).theta().get("top.weight").data();
    }
  }

  @Test
  void featuresAreOfNormOneAndTheTopIsTrained() {
    for (String top : new String[] {"features", "linear", "mlp"}) {
      RunConfig c = frozen("protonet", "freeze", top);
      Map<String, Array> theta = RunFixtures.train(runs.resolve("top-" + top), c).theta();
      float scale = theta.get("frozen.scale").data()[0];
      assertTrue(scale > 0 && scale != 1, "measured: " + scale);
      assertNotEquals(0, theta.get("frozen.mean").data()[0], "measured");
      switch (top) {
        case "features" -> assertTrue(theta.keySet().stream().allMatch(Frozen::holds));
        case "linear" -> assertNotEquals(1, theta.get("top.weight").data()[0], "the identity");
        default -> assertTrue(theta.containsKey("top.layer2.weight"));
      }
    }
  }

  @Test
  void theRunAdaptsAsAWhole() {
    Path path = runs.resolve("whole");
    RunFixtures.train(path, frozen("r2-d2"));
    try (Adapter a = Adapter.load(path, AdaptOptions.usual())) {
      assertEquals("none", io.quickstudy.settings.Values.format(a.config().network().batchNorm()));
    }
  }

  private static String refused(String... pairs) {
    return assertThrows(ConfigException.class, () -> frozen("protonet", pairs)).getMessage();
  }

  @Test
  void whatCannotBeFrozenIsRefused() {
    assertEquals(
        "Option --freeze is linear: expected weights of a model that was trained; say --weights"
            + " FILE, such as a checkpoint of a run, as well.",
        refused("weights", ""));
    String turned = refused("rotations", "classes");
    assertTrue(turned.contains("expected images as they are, since features of each"), turned);
    String changed = refused("distort", "0.5");
    assertTrue(changed.contains("expected images as they are, since features of each"), changed);
    String norm = refused("batch-norm", "running");
    assertTrue(norm.contains("a frozen one has its own statistics"), norm);
    String none =
        assertThrows(
                ConfigException.class,
                () -> RunFixtures.sequences("freeze", "linear", "weights", "w"))
            .getMessage();
    assertTrue(none.contains("none for learner 'lstm', which has no model"), none);
    String whole = assertThrows(ConfigException.class, () -> frozen("imaml")).getMessage();
    assertTrue(whole.contains("'imaml', which needs all of its model to be its own"), whole);
  }
}
