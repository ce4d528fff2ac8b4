package io.quickstudy.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.quickstudy.adapt.AdaptOptions;
import io.quickstudy.adapt.Adapter;
import io.quickstudy.adapt.Estimate;
import io.quickstudy.adapt.Regressor;
import io.quickstudy.run.RunConfig;
import io.quickstudy.settings.ConfigException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs of learners that draw random numbers. */
class SampledRunTest {
  @TempDir private Path runs;

  private static RunConfig config(String... pairs) {
    String[] all = {
      "learner", "platipus", "inner-steps", "1", "hidden", "8", "checkpoint-every", "2"
    };
    String[] both = Arrays.copyOf(all, all.length + pairs.length);
    System.arraycopy(pairs, 0, both, all.length, pairs.length);
    return RunFixtures.sinusoid(both);
  }

  private byte[] trained(String name, int steps, RunConfig c) throws IOException {
    Path run = runs.resolve(name);
    if (steps > 0) {
      RunFixtures.train(run, c, steps);
    }
    RunFixtures.train(run, c);
    return Files.readAllBytes(run.resolve("checkpoints/step-0000006.safetensors"));
  }

  @Test
  void samplesAreThoseOfTheSeedWhoeverComputesThem() throws IOException {
    byte[] one = trained("one", 0, config("steps", "6", "workers", "1"));
    assertArrayEquals(one, trained("two", 0, config("steps", "6", "workers", "2")), "workers");
    assertArrayEquals(one, trained("on", 3, config("steps", "6", "workers", "1")), "going on");
    RunConfig other = config("steps", "6", "workers", "1", "seed", "1");
    assertFalse(Arrays.equals(one, trained("other", 0, other)), "seed");
  }

  @Test
  void anAdaptedLearnerAlwaysSaysTheSame() {
    Path run = runs.resolve("said");
    RunFixtures.train(run, config("steps", "6"));
    float[] x = {-1, 0, 2};
    float[] y = {0.5f, 1, -1};
    try (Adapter a = Adapter.load(run, AdaptOptions.usual());
        Adapter b = Adapter.load(run, AdaptOptions.usual().learner("samples", "3"))) {
      Regressor first = a.adapt(x, y);
      List<Estimate> said = first.estimate(0.3f, 1.5f);
      assertEquals(said, a.adapt(x, y).estimate(0.3f, 1.5f));
      assertEquals(said.get(0).value(), first.predict(0.3f)[0], 1e-6);
      assertTrue(said.get(0).deviation() > 0.1, "noise and the models' spread");
      assertFalse(said.equals(b.adapt(x, y).estimate(0.3f, 1.5f)), "fewer samples");
      List<float[]> each = first.samples(0.3f, 1.5f);
      assertEquals(10, each.size());
      for (int i = 0; i < 2; i++) {
        int at = i;
        double mean = each.stream().mapToDouble(row -> row[at]).average().orElseThrow();
        assertEquals(said.get(i).value(), mean, 1e-5);
      }
      assertEquals(3, b.adapt(x, y).samples(0.3f).size());
      assertEquals(List.of(), first.samples());
    }
  }

  @Test
  void oneModelHasNoSamples() {
    Path run = runs.resolve("single");
    RunFixtures.train(run, RunFixtures.sinusoid("steps", "2", "hidden", "8"));
    try (Adapter a = Adapter.load(run, AdaptOptions.usual())) {
      Regressor r = a.adapt(new float[] {0}, new float[] {1});
      String message =
          assertThrows(UnsupportedOperationException.class, () -> r.samples(1)).getMessage();
      assertTrue(message.contains("answers by one model"), message);
    }
  }

  @Test
  void fewCurvesAreForCurves() {
    RunFixtures.train(runs.resolve("few"), config("steps", "2", "train-tasks", "3"));
    String message =
        assertThrows(ConfigException.class, () -> RunFixtures.glyphs("train-tasks", "3"))
            .getMessage();
    assertTrue(message.contains("--train-tasks is 3: expected 0 for 'glyphs'"), message);
  }
}
