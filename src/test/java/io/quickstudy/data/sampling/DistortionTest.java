package io.quickstudy.data.sampling;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.quickstudy.data.Rotations;
import io.quickstudy.data.Sets;
import io.quickstudy.random.RandomStream;
import io.quickstudy.random.RandomUse;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

/** Affine maps by hand, and tasks that are the same but for them. */
class DistortionTest {
  private static final double NEAR = 2.0 / Distortion.ONE;
  private static final int[] CLASSES = {0, 1, 2, 3, 4, 5};

  private static double[] drawn(Distortion d, long i) {
    int[] map = new int[Distortion.INTEGERS];
    d.draw(new RandomStream(3, RandomUse.DISTORTION, i)).write(map, 0);
    return Arrays.stream(map).mapToDouble(v -> (double) v / Distortion.ONE).toArray();
  }

  @Test
  void aRotationIsOne() {
    boolean both = false;
    for (int i = 0; i < 20; i++) {
      double[] m = drawn(new Distortion(1, 30, 0, 0, 0), i);
      assertEquals(1, m[0] * m[0] + m[1] * m[1], 4 * NEAR);
      assertEquals(m[0], m[4], NEAR);
      assertEquals(m[1], -m[3], NEAR);
      assertTrue(m[0] >= Math.cos(Math.toRadians(30)) - NEAR);
      both |= m[1] > 0.1;
    }
    assertTrue(both, "some turn the other way");
  }

  @Test
  void aTranslationShowsWhatWasThere() {
    for (int i = 0; i < 20; i++) {
      double[] m = drawn(new Distortion(1, 0, 0, 0, 2), i);
      assertArrayEquals(new double[] {1, 0, 0, 1}, new double[] {m[0], m[1], m[3], m[4]}, NEAR);
      assertTrue(Math.abs(m[2]) <= 2 && Math.abs(m[5]) <= 2);
      assertNotEquals(m[2], m[5]);
    }
  }

  @Test
  void aScaledImageIsSampledByTheInverse() {
    for (int i = 0; i < 20; i++) {
      double[] m = drawn(new Distortion(1, 0, 0, 0.2, 0), i);
      assertTrue(m[0] >= 1 / 1.2 - NEAR && m[0] <= 1 / 0.8 + NEAR, "1 / s: " + m[0]);
      assertEquals(0, m[1], NEAR);
      assertNotEquals(m[0], m[4]);
    }
  }

  /** The inverse times R(theta) times the shear times the scale is 1, for whatever was drawn. */
  @Test
  void allPartsMakeTheMapOfTheirProduct() {
    Distortion whole = new Distortion(1, 10, 0.3, 0.2, 2);
    RandomStream r = new RandomStream(3, RandomUse.DISTORTION, 5);
    double[] parts = new double[7];
    double[] limits = {Math.toRadians(10), 0.3, 0.3, 0.2, 0.2, 2, 2};
    for (int k = 0; k < 7; k++) {
      r.nextDouble();
      parts[k] = limits[k] * (2 * r.nextDouble() - 1);
    }
    double[][] rotation = {
      {Math.cos(parts[0]), -Math.sin(parts[0])}, {Math.sin(parts[0]), Math.cos(parts[0])}
    };
    double[][] shear = {{1, parts[1]}, {parts[2], 1}};
    double[][] scale = {{1 + parts[3], 0}, {0, 1 + parts[4]}};
    double[][] forward = times(rotation, times(shear, scale));
    double[] m = drawn(whole, 5);
    double[][] one = times(new double[][] {{m[0], m[1]}, {m[3], m[4]}}, forward);
    assertArrayEquals(new double[] {1, 0}, one[0], 4 * NEAR);
    assertArrayEquals(new double[] {0, 1}, one[1], 4 * NEAR);
    assertEquals(0, m[0] * parts[5] + m[1] * parts[6] + m[2], 8 * NEAR);
    assertEquals(0, m[3] * parts[5] + m[4] * parts[6] + m[5], 8 * NEAR);
  }

  private static double[][] times(double[][] a, double[][] b) {
    double[][] c = new double[2][2];
    for (int i = 0; i < 2; i++) {
      for (int j = 0; j < 2; j++) {
        c[i][j] = a[i][0] * b[0][j] + a[i][1] * b[1][j];
      }
    }
    return c;
  }

  @Test
  void eachPartIsLeftOutAsOftenAsItIsSaid() {
    int turned = 0;
    int moved = 0;
    for (int i = 0; i < 2000; i++) {
      turned += Math.abs(drawn(new Distortion(0.25, 10, 0, 0, 0), i)[1]) > 0 ? 1 : 0;
      moved += Math.abs(drawn(new Distortion(0.75, 0, 0, 0, 2), i)[2]) > 0 ? 1 : 0;
    }
    double deviation = Math.sqrt(2000 * 0.25 * 0.75);
    assertEquals(500, turned, 5 * deviation);
    assertEquals(1500, moved, 5 * deviation);
  }

  @Test
  void theTasksStayAndEveryImageHasAMapOfItsOwn() {
    PairSampler pairs = new PairSampler(Sets.random(6, 5), CLASSES, Rotations.CLASSES, 4, 7);
    AugmentedSampler sampler =
        new AugmentedSampler(pairs, Augmentation.of(new Distortion(1, 10, 0.3, 0.2, 2)), 7);
    TaskBatch two = sampler.batch(2);
    sampler.fill(10, two);
    for (String name : pairs.sizes().keySet()) {
      assertArrayEquals(pairs.one(11).of(name, 0), two.of(name, 1), name);
    }
    for (String name : new String[] {"left.warp", "right.warp"}) {
      assertArrayEquals(sampler.one(11).of(name, 0), two.of(name, 1), name);
      int[] all = two.all(name);
      assertEquals(8 * Distortion.INTEGERS, all.length);
      assertEquals(all.length / Distortion.INTEGERS, distinct(all));
    }
  }

  private static long distinct(int[] maps) {
    return java.util.stream.IntStream.range(0, maps.length / Distortion.INTEGERS)
        .mapToObj(
            k ->
                Arrays.toString(
                    Arrays.copyOfRange(
                        maps, k * Distortion.INTEGERS, (k + 1) * Distortion.INTEGERS)))
        .distinct()
        .count();
  }

  @Test
  void limitsOutsideAreRefused() {
    double[][] wrong = {
      {0, 10, 0.3, 0.2, 2},
      {1.5, 10, 0.3, 0.2, 2},
      {1, 200, 0.3, 0.2, 2},
      {1, 10, 1, 0.2, 2},
      {1, 10, 0.3, 1, 2},
      {1, 10, 0.3, 0.2, -1},
      {1, Double.NaN, 0, 0, 0}
    };
    for (double[] w : wrong) {
      assertThrows(
          IllegalArgumentException.class,
          () -> new Distortion(w[0], w[1], w[2], w[3], w[4]),
          Arrays.toString(w));
    }
  }
}
