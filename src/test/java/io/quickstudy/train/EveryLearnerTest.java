package io.quickstudy.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import io.quickstudy.backend.Precision;
import io.quickstudy.backend.cuda.EmulatedBackend;
import io.quickstudy.data.DataSource;
import io.quickstudy.data.source.DataSources;
import io.quickstudy.data.source.Glyphs;
import io.quickstudy.data.source.Sinusoids;
import io.quickstudy.learner.LearnerKind;
import io.quickstudy.learners.Learners;
import io.quickstudy.run.Catalogue;
import io.quickstudy.run.RunConfig;
import io.quickstudy.run.RunFolder;
import io.quickstudy.run.RunKeys;
import io.quickstudy.runtime.Array;
import io.quickstudy.runtime.Engine;
import io.quickstudy.settings.Key;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/**
 * Every learner of {@link Learners#ALL} trains for a few steps, on each kind of built-in data that
 * it takes, and the CUDA backend (on the emulator) goes where the CPU goes. A new learner is
 * covered without a line here.
 */
class EveryLearnerTest {
  private static final int STEPS = 3;

  /** How much of a loss the order of sums may make up: what was seen is a fifteenth of it. */
  private static final double ROUNDING = 1e-5;

  /**
   * Options that say how large a network is are cut to this, so that the emulator takes seconds.
   */
  private static final int WIDTH = 8;

  private static final DataSource COPY =
      DataSources.of("copy", EveryLearnerTest.class.getClassLoader());

  @TempDir private Path runs;

  /** The losses of all steps, and what was learned. */
  private record Trained(List<Double> losses, Map<String, Array> theta) {}

  @TestFactory
  Stream<DynamicTest> bothBackendsTrainIt() {
    List<DynamicTest> tests = new ArrayList<>();
    for (LearnerKind<?> l : Learners.ALL) {
      Stream.of(new Glyphs(), Sinusoids.DATA, COPY)
          .filter(d -> Catalogue.data(l).stream().anyMatch(o -> o.name().equals(d.name())))
          .forEach(d -> tests.add(dynamicTest(l + " on " + d.name(), () -> compare(l, d))));
    }
    return tests.stream();
  }

  private void compare(LearnerKind<?> learner, DataSource data) {
    RunConfig c = small(learner, data);
    Trained cpu = train(c, "cpu", Engine.open("cpu", 2, Precision.FP32));
    Trained cuda = train(c, "cuda", Engine.on(EmulatedBackend.open()));
    assertEquals(STEPS, cpu.losses().size());
    for (int i = 0; i < STEPS; i++) {
      double expected = cpu.losses().get(i);
      assertEquals(
          expected, cuda.losses().get(i), ROUNDING * Math.abs(expected), "loss of step " + (i + 1));
    }
    assertEquals(cpu.theta().keySet(), cuda.theta().keySet());
    cpu.theta().forEach(EveryLearnerTest::finite);
    cuda.theta().forEach(EveryLearnerTest::finite);
  }

  private static void finite(String name, Array a) {
    for (float v : a.data()) {
      assertTrue(Float.isFinite(v), name + " has " + v);
    }
  }

  /** A run as small as its options allow it: those that have a name like a width are cut. */
  private static RunConfig small(LearnerKind<?> learner, DataSource data) {
    Map<String, String> given =
        RunFixtures.map("learner", learner.name(), "data", data.name(), "meta-batch", "2");
    given.putAll(RunFixtures.map("steps", Integer.toString(STEPS), "log-every", "1"));
    if (data.kind() == DataSource.Kind.CLASSES) {
      given.putAll(RunFixtures.map("size", "12", "ways", "3"));
      if (Catalogue.entry(learner).options().contains("shots")) {
        given.put("shots", "2");
      }
    } else if (data.kind() == DataSource.Kind.SIGNALS) {
      given.put("shots", "3");
    }
    RunConfig usual = RunFixtures.config(flat(given));
    Map<String, Object> values = RunKeys.values(usual);
    List<Key> own = new ArrayList<>(learner.keys());
    usual.model().ifPresent(m -> own.addAll(m.keys()));
    for (Key k : own) {
      switch (values.get(k.name())) {
        case Integer n when n > 2 * WIDTH -> given.put(k.name(), Integer.toString(WIDTH));
        case List<?> widths -> given.put(k.name(), WIDTH + "," + WIDTH);
        default -> {}
      }
    }
    if (values.containsKey("blocks")) {
      given.put("blocks", "2");
    }
    return RunFixtures.config(flat(given));
  }

  private static String[] flat(Map<String, String> m) {
    return m.entrySet().stream()
        .flatMap(e -> Stream.of(e.getKey(), e.getValue()))
        .toArray(String[]::new);
  }

  private Trained train(RunConfig c, String name, Engine engine) {
    List<Double> losses = new ArrayList<>();
    TrainListener listener =
        new TrainListener() {
          @Override
          public void step(Progress p) {
            losses.add(p.loss());
          }
        };
    Path run = runs.resolve(name + "-" + c.learner() + "-" + c.data().name());
    try (Session session = Session.open(c, RunFixtures.data(c), engine);
        Trainer trainer = new Trainer(session, RunFolder.create(run, c), listener)) {
      Trainer.Result r = trainer.run(() -> false);
      return new Trained(List.copyOf(losses), new LinkedHashMap<>(r.theta()));
    }
  }
}
