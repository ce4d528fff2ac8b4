package io.quickstudy.nn;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.quickstudy.graph.DType;
import io.quickstudy.graph.Ops;
import io.quickstudy.graph.Shape;
import io.quickstudy.graph.Tensor;
import io.quickstudy.reference.Reference;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

/** Dropout and DropBlock: off but in training, and then as often and as large as they say. */
class TrainingNoiseTest {
  private static Tensor in(int key, int step, Supplier<Tensor> pass) {
    Tensor k = Ops.literal(DType.I32, Shape.of(2), key, 9);
    return TrainingNoise.during(k, Ops.scalar(step), pass);
  }

  private static Tensor ones(int... dims) {
    return Ops.fill(1, Shape.of(dims));
  }

  private static double share(double[] y) {
    return Arrays.stream(y).filter(v -> v == 0).count() / (double) y.length;
  }

  @Test
  void outsideOfTrainingNothingIsDropped() {
    Tensor x = ones(2, 5, 5, 3);
    assertSame(x, new Dropout(0.5).of(x));
    assertSame(x, new DropBlock(0.5, 3, 0).of(x));
    assertSame(x, in(1, 0, () -> new Dropout(0).of(x)), "a rate of 0");
    assertThrows(
        IllegalStateException.class,
        () ->
            in(
                1,
                0,
                () -> {
                  throw new IllegalStateException("in the middle");
                }));
    assertSame(x, new Dropout(0.5).of(x), "also where a trace broke off");
    assertThrows(IllegalArgumentException.class, () -> new Dropout(1));
    assertThrows(IllegalArgumentException.class, () -> new DropBlock(0.1, 0, 5));
  }

  @Test
  void dropoutDropsItsShareAndKeepsTheMean() {
    Tensor x = ones(40, 100);
    double[] y = Reference.eval(in(1, 0, () -> new Dropout(0.3).of(x)));
    assertEquals(0.3, share(y), 0.03); // four standard errors of 4,000
    assertEquals(1 / 0.7, Arrays.stream(y).max().orElseThrow(), 1e-6);
    assertArrayEquals(y, Reference.eval(in(1, 0, () -> new Dropout(0.3).of(x))), "the same key");
    double[] other = Reference.eval(in(2, 0, () -> new Dropout(0.3).of(x)));
    assertFalse(Arrays.equals(y, other), "another key");
    double[] twice = Reference.eval(in(1, 0, () -> new Dropout(0.3).of(new Dropout(0.3).of(x))));
    assertEquals(0.51, share(twice), 0.035, "each draw on its own");
  }

  @Test
  void manyDrawsAreAllDifferent() {
    Set<Double> seen = new HashSet<>();
    in(
        1,
        0,
        () -> {
          for (int i = 0; i < 150; i++) { // over more than two blocks of keys
            Tensor u = TrainingNoise.now().orElseThrow().uniform(Shape.of(1));
            seen.add(Reference.eval(u)[0]);
          }
          return Ops.scalar(0);
        });
    assertEquals(150, seen.size());
  }

  /** A square is dropped whole, and as much as the rate says where squares seldom overlap. */
  @Test
  void dropBlockDropsSquares() {
    Tensor x = ones(60, 12, 11, 4);
    int side = 3;
    double[] y = Reference.eval(in(5, 0, () -> new DropBlock(0.1, side, 0).of(x)));
    assertEquals(0.1, share(y), 0.012);
    assertEquals(1, Arrays.stream(y).average().orElseThrow(), 1e-5, "scaled by what is left");
    for (int image = 0; image < 60; image++) {
      for (int c = 0; c < 4; c++) {
        assertTrue(covered(y, image, c, side), "image %s, channel %s".formatted(image, c));
      }
    }
  }

  /** Whether every number that is 0 lies in a square of such. */
  private static boolean covered(double[] y, int image, int channel, int side) {
    boolean[][] zero = new boolean[12][11];
    boolean[][] square = new boolean[12][11];
    for (int h = 0; h < 12; h++) {
      for (int w = 0; w < 11; w++) {
        zero[h][w] = y[((image * 12 + h) * 11 + w) * 4 + channel] == 0;
      }
    }
    for (int h = 0; h + side <= 12; h++) {
      for (int w = 0; w + side <= 11; w++) {
        boolean all = true;
        for (int i = 0; i < side * side; i++) {
          all &= zero[h + i / side][w + i % side];
        }
        for (int i = 0; all && i < side * side; i++) {
          square[h + i / side][w + i % side] = true;
        }
      }
    }
    return Arrays.deepEquals(zero, square);
  }

  @Test
  void itsRateRises() {
    Tensor x = ones(200, 6, 6, 4);
    DropBlock d = new DropBlock(0.2, 1, 100);
    assertEquals(0.002, share(Reference.eval(in(1, 0, () -> d.of(x)))), 0.002, "the first step");
    assertEquals(0.1, share(Reference.eval(in(1, 49, () -> d.of(x)))), 0.01, "half of it");
    assertEquals(0.2, share(Reference.eval(in(1, 99, () -> d.of(x)))), 0.01, "all of it");
    assertEquals(0.2, share(Reference.eval(in(1, 5000, () -> d.of(x)))), 0.01, "and no more");
  }

  /** Where a square is as large as the map, whole channels go, as in the last block of 84x84. */
  @Test
  void aMapOfOneSquareIsDroppedWhole() {
    Tensor x = ones(400, 3, 2, 1);
    double[] y = Reference.eval(in(1, 0, () -> new DropBlock(0.25, 5, 0).of(x)));
    // squares have the side of the map's narrower one: of 2 places for them each is drawn seldom
    assertEquals(0.25, share(y), 0.06);
    double[] one = Reference.eval(in(1, 0, () -> new DropBlock(0.99, 5, 0).of(ones(1, 1, 1, 1))));
    assertEquals(0, one[0], "and what is gone is gone, not a division by nothing");
  }
}
