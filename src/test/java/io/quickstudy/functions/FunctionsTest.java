package io.quickstudy.functions;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.quickstudy.graph.DType;
import io.quickstudy.graph.Ops;
import io.quickstudy.graph.Shape;
import io.quickstudy.graph.Tensor;
import io.quickstudy.learner.Predictive;
import io.quickstudy.reference.Reference;
import io.quickstudy.transform.Grad;
import io.quickstudy.transform.Params;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
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

  @Test
  void normalNumbersAreNormalAndSayTheirKey() {
    Tensor key = Ops.literal(DType.I32, Shape.of(2), 3, 4);
    double[] z = value(Sampling.normal(key, Shape.of(40_000)));
    double mean = Arrays.stream(z).average().orElseThrow();
    double square = Arrays.stream(z).map(v -> v * v).average().orElseThrow();
    double fourth = Arrays.stream(z).map(v -> v * v * v * v).average().orElseThrow();
    assertEquals(0, mean, 0.02);
    assertEquals(1, square, 0.03);
    assertEquals(3, fourth, 0.2);
    Tensor keys = Ops.literal(DType.I32, Shape.of(2, 2), 9, 9, 3, 4);
    double[] both = value(Sampling.normal(keys, Shape.of(5)));
    double[] alone = value(Sampling.normal(key, Shape.of(5)));
    assertArrayEquals(alone, Arrays.copyOfRange(both, 5, 10));
  }

  /** Against the exact values, which the error function gives, on both sides and far out. */
  @Test
  void normalNumbersAreBelowWithTheRightProbability() {
    double[] z = {0, 0.5, 1, 1.96, 2.5, 4, 6, -1, -3, -5, 1e30, -1e30};
    double[] expected = {
      0.5,
      0.6914624612740131,
      0.8413447460685429,
      0.9750021048517795,
      0.9937903346742238,
      0.9999683287581669,
      0.9999999990134123,
      0.15865525393145707,
      0.0013498980316300957,
      2.866515718791946e-07,
      1,
      0
    };
    Tensor found = Distributions.normalCumulative(Ops.literal(Shape.of(z.length), z));
    assertArrayEquals(expected, value(found), 7.5e-8);
    Tensor m = Ops.literal(Shape.of(1, 1), 1);
    Tensor s = Ops.literal(Shape.of(1, 1), 2);
    Tensor y = Ops.literal(Shape.of(1, 1), 3);
    double below = value(new Predictive.Normal(m, s).cumulative(y))[0];
    assertEquals(0.8413447460685429, below, 7.5e-8);
    assertTrue(Double.isNaN(value(Distributions.normalCumulative(Ops.scalar(Double.NaN)))[0]));
  }

  @Test
  void einsumRefusesLettersThatDoNotFit() {
    Tensor a = Ops.fill(1, Shape.of(2, 3));
    Tensor b = Ops.fill(1, Shape.of(4, 5));
    String[][] wrong = {
      {"ij,jk", "expected two operands and a result, as in 'ij,jk->ik'"},
      {"ij,jk->ik", "'j' is 3 and 4, and must be one extent"},
      {"ij,kl->iz", "the result's letters must be those of operands, each once"},
      {"ij,kl->ii", "the result's letters must be those of operands, each once"},
      {"ii,kl->i", "'ii' stands for shape [2, 3], and must have a letter of its own for each axis"},
    };
    for (String[] w : wrong) {
      String message =
          assertThrows(IllegalArgumentException.class, () -> Einsum.einsum(w[0], a, b))
              .getMessage();
      assertEquals("einsum '" + w[0] + "': " + w[1], message);
    }
  }

  /** A norm of 0 has a gradient of 0, and so has its gradient. */
  @Test
  void normOfZeroHasNoSlope() {
    Params at = Params.of("x", Ops.literal(Shape.of(2, 2), 0, 0, 3, 4));
    Function<Params, Tensor> f = p -> Ops.sum(Reductions.norm(p.get("x"), List.of(1)));
    assertArrayEquals(new double[] {0, 0, 0.6, 0.8}, value(Grad.grad(f, at).get("x")), 1e-12);
    double[] second = value(Grad.grad(p -> Ops.sum(Grad.grad(f, p).get("x")), at).get("x"));
    assertArrayEquals(new double[] {0, 0}, Arrays.copyOf(second, 2));
  }

  /** Half way at 0, where the two ways to compute it meet, and no overflow far from it. */
  @Test
  void slopesOfActivationsAtTheirKinks() {
    Params at = Params.of("x", Ops.literal(Shape.of(3), 0, 1e4, -1e4));
    assertArrayEquals(
        new double[] {0.5, 1, 0},
        value(Grad.grad(p -> Ops.sum(Activations.softplus(p.get("x"))), at).get("x")));
    assertArrayEquals(
        new double[] {1, 1, 0},
        value(Grad.grad(p -> Ops.sum(Activations.elu(p.get("x"))), at).get("x")));
  }
}
