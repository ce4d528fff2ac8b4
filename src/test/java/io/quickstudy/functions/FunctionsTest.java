package io.quickstudy.functions;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.quickstudy.graph.DType;
import io.quickstudy.graph.Ops;
import io.quickstudy.graph.Shape;
import io.quickstudy.graph.Tensor;
import io.quickstudy.reference.Reference;
import org.junit.jupiter.api.Test;

/** Composites against plain formulas. */
class FunctionsTest {
  private static final Tensor LOGITS =
      Ops.literal(Shape.of(2, 3), 1, 2, 3, 1000, 1001, -1000); // exp(1000) overflows

  private static Tensor labels(double... y) {
    return Ops.literal(DType.I32, Shape.of(y.length), y);
  }

  private static double[] value(Tensor t) {
    return Reference.eval(t);
  }

  @Test
  void crossEntropyIsStable() {
    double first = Math.log(Math.exp(-2) + Math.exp(-1) + 1) + 1;
    double second = Math.log(Math.exp(-1) + 1) + 1;
    double loss = value(Losses.crossEntropy(LOGITS, labels(1, 0)))[0];
    assertEquals((first + second) / 2, loss, 1e-12);
    double[] p = value(Losses.softmax(LOGITS));
    assertEquals(1, p[0] + p[1] + p[2], 1e-12);
    assertEquals(1 / (1 + Math.exp(-1)), p[4], 1e-12);
    assertThrows(IllegalArgumentException.class, () -> Losses.crossEntropy(LOGITS, LOGITS));
  }

  @Test
  void accuracyCountsTheLargest() {
    assertArrayEquals(new double[] {1, 0}, value(Losses.correct(LOGITS, labels(2, 0))));
    assertEquals(0.5, value(Losses.accuracy(LOGITS, labels(2, 0)))[0]);
  }

  @Test
  void squaredErrorIsAMean() {
    Tensor a = Ops.literal(Shape.of(2, 2), 1, 2, 3, 4);
    Tensor b = Ops.literal(Shape.of(2, 2), 1, 0, 0, 3);
    assertEquals((4 + 9 + 1) / 4.0, value(Losses.meanSquaredError(a, b))[0], 1e-12);
    Tensor c = Ops.literal(Shape.of(4), 1, 2, 3, 4);
    assertThrows(IllegalArgumentException.class, () -> Losses.meanSquaredError(a, c));
  }

  @Test
  void classMeansFollowTheLabels() {
    Tensor z = Ops.literal(Shape.of(3, 2), 1, 2, 3, 4, 7, 8);
    assertArrayEquals(
        new double[] {3, 4, 4, 5}, value(Losses.classMeans(z, labels(1, 0, 1), 2)), 1e-12);
  }

  @Test
  void distances() {
    Tensor a = Ops.literal(Shape.of(2, 2), 1, 2, 0, 0);
    Tensor b = Ops.literal(Shape.of(3, 2), 1, 2, 4, 6, -2, 1);
    assertArrayEquals(
        new double[] {0, 25, 10, 5, 52, 5}, value(Distances.squaredEuclidean(a, b)), 1e-12);
    double[] c = value(Distances.cosine(a, b));
    assertEquals(1, c[0], 1e-12);
    assertEquals(16 / Math.sqrt(5 * 52), c[1], 1e-12);
    assertEquals(0, c[2], 1e-12);
    assertArrayEquals(new double[3], new double[] {c[3], c[4], c[5]});
  }

  @Test
  void batchNormCentresAndScalesChannels() {
    double[] x = new double[2 * 3 * 3 * 2];
    for (int i = 0; i < x.length; i++) {
      x[i] = Math.sin(i) * (i % 2 + 1) + 5 * (i % 2);
    }
    Tensor t = Ops.literal(Shape.of(2, 3, 3, 2), x);
    Tensor gamma = Ops.literal(Shape.of(2), 2, 3);
    Tensor beta = Ops.literal(Shape.of(2), 1, -1);
    double[] y = value(Normalisation.batchNorm(t, Normalisation.moments(t), gamma, beta));
    for (int c = 0; c < 2; c++) {
      double mean = 0;
      double square = 0;
      for (int i = c; i < y.length; i += 2) {
        mean += y[i] / 18;
        square += y[i] * y[i] / 18;
      }
      assertEquals(c == 0 ? 1 : -1, mean, 1e-12);
      double deviation = Math.sqrt(square - mean * mean);
      assertTrue(Math.abs(deviation - (c == 0 ? 2 : 3)) < 1e-3, "deviation " + deviation);
    }
  }
}
