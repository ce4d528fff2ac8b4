package io.quickstudy.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import io.quickstudy.data.sampling.Distortion;
import io.quickstudy.graph.DType;
import io.quickstudy.graph.Ops;
import io.quickstudy.graph.Shape;
import io.quickstudy.graph.Tensor;
import io.quickstudy.random.RandomStream;
import io.quickstudy.random.RandomUse;
import io.quickstudy.reference.Reference;
import io.quickstudy.run.RunConfig;
import io.quickstudy.settings.ConfigException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/** Distorted images against plain loops, and runs with them. */
class WarpTest {
  private static final int HEIGHT = 5;
  private static final int WIDTH = 7;
  private static final int CHANNELS = 2;

  @TempDir private Path temporary;

  private static double at(double[] x, int row, int column, int channel) {
    return row < 0 || row >= HEIGHT || column < 0 || column >= WIDTH
        ? 0
        : x[(row * WIDTH + column) * CHANNELS + channel];
  }

  /** Tent weights over all pixels, another way to say bilinear. */
  private static double[] expected(double[] x, double[] map) {
    double[] y = new double[x.length];
    for (int i = 0; i < HEIGHT; i++) {
      for (int j = 0; j < WIDTH; j++) {
        double right = j - 3.0;
        double below = i - 2.0;
        double sx = map[0] * right + map[1] * below + map[2] + 3;
        double sy = map[3] * right + map[4] * below + map[5] + 2;
        for (int c = 0; c < CHANNELS; c++) {
          for (int row = -1; row <= HEIGHT; row++) {
            for (int column = -1; column <= WIDTH; column++) {
              double weight =
                  Math.max(0, 1 - Math.abs(sy - row)) * Math.max(0, 1 - Math.abs(sx - column));
              y[(i * WIDTH + j) * CHANNELS + c] += weight * at(x, row, column, c);
            }
          }
        }
      }
    }
    return y;
  }

  private static double[] warped(double[] x, double... map) {
    double[] whole = Arrays.stream(map).map(v -> Math.rint(v * Distortion.ONE)).toArray();
    Tensor images = Ops.literal(Shape.of(1, HEIGHT, WIDTH, CHANNELS), x);
    return Reference.eval(
        Warp.apply(
            images, Ops.literal(DType.I32, Shape.of(Distortion.INTEGERS), whole), Warp.Kind.ANY));
  }

  private static double[] image() {
    RandomStream r = new RandomStream(1, RandomUse.PARAMETERS, 0);
    double[] x = new double[HEIGHT * WIDTH * CHANNELS];
    Arrays.setAll(x, i -> r.nextDouble());
    return x;
  }

  @Test
  void itIsBilinear() {
    double[][] maps = {
      {1, 0, 0, 0, 1, 0},
      {1, 0, 1, 0, 1, -2},
      {0.75, 0.5, 0.25, -0.5, 1.25, 0.125},
      {-1, 0, 0.5, 0, -1, 0},
      {3, 1, 0, -2, 4, 0},
      {1, 0, 100, 0, 1, 0},
      {0, 0, -2.5, 0, 0, 1.5},
    };
    double[] x = image();
    for (double[] m : maps) {
      assertArrayEquals(expected(x, m), warped(x, m), 1e-12, Arrays.toString(m));
    }
    assertArrayEquals(x, warped(x, maps[0]), 0);
    assertEquals(0, Arrays.stream(warped(x, maps[5])).sum());
  }

  @Test
  void eachImageHasItsOwnMap() {
    double[] x = image();
    double[] two = new double[2 * x.length];
    System.arraycopy(x, 0, two, 0, x.length);
    System.arraycopy(x, 0, two, x.length, x.length);
    double one = Distortion.ONE;
    Tensor maps =
        Ops.literal(DType.I32, Shape.of(12), one, 0, 0, 0, one, 0, one, 0, one, 0, one, 0);
    double[] y =
        Reference.eval(
            Warp.apply(
                Ops.literal(Shape.of(2, HEIGHT, WIDTH, CHANNELS), two), maps, Warp.Kind.ANY));
    assertArrayEquals(x, Arrays.copyOf(y, x.length));
    assertArrayEquals(
        expected(x, new double[] {1, 0, 1, 0, 1, 0}),
        Arrays.copyOfRange(y, x.length, y.length),
        1e-12);
  }

  private static byte[] last(Path run, int step) throws IOException {
    String name = String.format(java.util.Locale.ROOT, "step-%07d.safetensors", step);
    return Files.readAllBytes(run.resolve("checkpoints").resolve(name));
  }

  /** One kind of task each: episodes, sequences, pairs. */
  @TestFactory
  Stream<DynamicTest> distortedRunsResumeBitByBit() {
    return Stream.of(
            RunFixtures.glyphs("queries", "2", "ways", "3", "steps", "4", "distort", "0.5"),
            RunFixtures.sequences("steps", "4", "distort", "0.5"),
            RunFixtures.glyphs("learner", "siamese", "shots", "8", "steps", "4", "distort", "0.5"))
        .map(c -> dynamicTest(c.learner().name(), () -> resumes(c)));
  }

  private void resumes(RunConfig c) throws IOException {
    Path whole = temporary.resolve(c.learner() + "-whole");
    Path parts = temporary.resolve(c.learner() + "-parts");
    Path plain = temporary.resolve(c.learner() + "-plain");
    RunFixtures.train(whole, c);
    RunFixtures.train(parts, c, 2);
    RunFixtures.train(parts, c);
    RunFixtures.train(plain, c.with(RunFixtures.map("distort", "0")));
    assertArrayEquals(last(whole, 4), last(parts, 4));
    assertFalse(Arrays.equals(last(whole, 4), last(plain, 4)), "it changes what is trained on");
  }

  @Test
  void whatMeasuresIsNotDistorted() {
    RunConfig c = RunFixtures.glyphs("learner", "siamese", "shots", "8", "steps", "0");
    RunConfig distorted = c.with(RunFixtures.map("distort", "1"));
    Trainer.Result start = RunFixtures.train(temporary.resolve("start"), c);
    Evaluation plain = RunFixtures.measure(c, start);
    Evaluation same = RunFixtures.measure(distorted, start);
    assertEquals(plain.value(), same.value());
    assertEquals(plain.verification(), same.verification());
  }

  @Test
  void curvesAreNotDistorted() {
    ConfigException e =
        assertThrows(ConfigException.class, () -> RunFixtures.sinusoid("distort", "0.5"));
    assertEquals(
        "Option --distort is 0.5: expected 0 for 'sinusoid'; only images are distorted.",
        e.getMessage());
    for (String wrong : List.of("1.5", "-0.1")) {
      assertTrue(
          assertThrows(ConfigException.class, () -> RunFixtures.glyphs("distort", wrong))
              .getMessage()
              .contains("--distort"));
    }
  }
}
