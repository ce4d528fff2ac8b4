package io.quickstudy.learners.bayesian;

import static io.quickstudy.graph.Ops.literal;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.quickstudy.graph.Shape;
import io.quickstudy.graph.Tensor;
import io.quickstudy.learner.Predictive;
import io.quickstudy.learners.bayesian.Alpaca.NoiseMode;
import io.quickstudy.nn.Init;
import io.quickstudy.nn.Mlp;
import io.quickstudy.nn.Norm;
import io.quickstudy.reference.Reference;
import io.quickstudy.task.Batch;
import io.quickstudy.task.Task;
import io.quickstudy.transform.Params;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Bayesian linear regression, against the normal equations in plain Java. */
class AlpacaTest {
  private static final double CLOSE = 1e-11;
  private static final int D = 3;
  private static final int OUT = 2;
  private static final double NOISE = 0.3;

  private static double[] numbers(long seed, int n) {
    return new SplittableRandom(seed).doubles(n, -1, 1).toArray();
  }

  private static Tensor tensor(long seed, int... dims) {
    Shape s = Shape.of(dims);
    return literal(s, numbers(seed, s.size()));
  }

  private static Alpaca alpaca(NoiseMode mode, int least) {
    // one linear layer: phi(x) = W x + b
    Alpaca.Options o = new Alpaca.Options(NOISE, mode, least);
    return new Alpaca(new Mlp(List.of(1, D)), OUT, o, Norm.Policy.NONE);
  }

  private static Params theta(Alpaca a) {
    Params p = a.init(new Init(1));
    p = p.with("phi.layer1.bias", tensor(2, D)).with("prior.factor", tensor(3, D, D));
    return p.names().contains("log_noise") ? p.with("log_noise", tensor(4, OUT)) : p;
  }

  private static double[] features(Params theta, double x) {
    double[] w = Reference.eval(theta.get("phi.layer1.weight"));
    double[] b = Reference.eval(theta.get("phi.layer1.bias"));
    double[] f = new double[D];
    Arrays.setAll(f, i -> w[i] * x + b[i]);
    return f;
  }

  private static double[] noise(Params theta) {
    return theta.names().contains("log_noise")
        ? Arrays.stream(Reference.eval(theta.get("log_noise"))).map(Math::exp).toArray()
        : new double[] {NOISE, NOISE};
  }

  /** The inverse of a small matrix by Gauss and Jordan. */
  private static double[][] inverse(double[][] a) {
    int n = a.length;
    double[][] m = new double[n][2 * n];
    for (int i = 0; i < n; i++) {
      System.arraycopy(a[i], 0, m[i], 0, n);
      m[i][n + i] = 1;
    }
    for (int i = 0; i < n; i++) {
      int best = i;
      for (int r = i + 1; r < n; r++) {
        best = Math.abs(m[r][i]) > Math.abs(m[best][i]) ? r : best;
      }
      double[] swap = m[i];
      m[i] = m[best];
      m[best] = swap;
      double pivot = m[i][i];
      for (int k = 0; k < 2 * n; k++) {
        m[i][k] /= pivot;
      }
      for (int r = 0; r < n; r++) {
        double f = m[r][i];
        for (int k = 0; k < 2 * n && r != i; k++) {
          m[r][k] -= f * m[i][k];
        }
      }
    }
    double[][] out = new double[n][];
    Arrays.setAll(out, i -> Arrays.copyOfRange(m[i], n, 2 * n));
    return out;
  }

  /** The posterior of the first n points: Lambda_n^-1, then K_n by its normal equations. */
  private record Posterior(double[][] spread, double[][] mean) {
    static Posterior of(Params theta, double[] x, double[] y, int n) {
      double[] factor = Reference.eval(theta.get("prior.factor"));
      double[] k0 = Reference.eval(theta.get("prior.mean"));
      double[][] l0 = new double[D][D];
      for (int i = 0; i < D; i++) {
        for (int j = 0; j < D; j++) {
          for (int k = 0; k < D; k++) {
            l0[i][j] += factor[i * D + k] * factor[j * D + k];
          }
        }
      }
      double[][] lambda = inverse(l0);
      double[][] right = new double[D][OUT];
      for (int i = 0; i < D; i++) {
        for (int o = 0; o < OUT; o++) {
          for (int k = 0; k < D; k++) {
            right[i][o] += lambda[i][k] * k0[k * OUT + o];
          }
        }
      }
      for (int t = 0; t < n; t++) {
        double[] f = features(theta, x[t]);
        for (int i = 0; i < D; i++) {
          for (int k = 0; k < D; k++) {
            lambda[i][k] += f[i] * f[k];
          }
          for (int o = 0; o < OUT; o++) {
            right[i][o] += f[i] * y[t * OUT + o];
          }
        }
      }
      double[][] spread = inverse(lambda);
      double[][] mean = new double[D][OUT];
      for (int i = 0; i < D; i++) {
        for (int o = 0; o < OUT; o++) {
          for (int k = 0; k < D; k++) {
            mean[i][o] += spread[i][k] * right[k][o];
          }
        }
      }
      return new Posterior(spread, mean);
    }

    double mean(double[] f, int o) {
      double sum = 0;
      for (int i = 0; i < D; i++) {
        sum += f[i] * mean[i][o];
      }
      return sum;
    }

    double variance(double[] f, double noise) {
      double far = 1;
      for (int i = 0; i < D; i++) {
        for (int k = 0; k < D; k++) {
          far += f[i] * spread[i][k] * f[k];
        }
      }
      return far * noise;
    }
  }

  private static double[] flat(double[][] a) {
    return Arrays.stream(a).flatMapToDouble(Arrays::stream).toArray();
  }

  @Test
  void updatingPointByPointIsTheWholePosterior() {
    for (NoiseMode mode : NoiseMode.values()) {
      Alpaca a = alpaca(mode, 0);
      Params theta = theta(a);
      double[] x = numbers(5, 4);
      double[] y = numbers(6, 4 * OUT);
      Batch support = new Batch(literal(Shape.of(4, 1), x), literal(Shape.of(4, OUT), y));
      Params made = a.adapt(theta, support);
      Posterior p = Posterior.of(theta, x, y, 4);
      assertArrayEquals(flat(p.mean), Reference.eval(made.get(Alpaca.MEAN)), CLOSE);
      assertArrayEquals(flat(p.spread), Reference.eval(made.get(Alpaca.SPREAD)), CLOSE);
      Params adapted = theta.with(made);
      Tensor q = literal(Shape.of(2, 1), 0.7, -2);
      double[] mean = Reference.eval(a.predict(adapted, q));
      Predictive says = a.predictive(adapted, q).orElseThrow();
      double[] deviation = Reference.eval(says.deviation());
      assertArrayEquals(mean, Reference.eval(says.mean()), CLOSE);
      double[] at = {0.7, -2};
      for (int i = 0; i < 2; i++) {
        double[] f = features(theta, at[i]);
        for (int o = 0; o < OUT; o++) {
          assertEquals(p.mean(f, o), mean[i * OUT + o], CLOSE);
          double v = p.variance(f, noise(theta)[o]);
          assertEquals(Math.sqrt(v), deviation[i * OUT + o], CLOSE);
        }
      }
    }
  }

  @Test
  void theOrderOfPointsDoesNotMatter() {
    Alpaca a = alpaca(NoiseMode.LEARNED, 0);
    Params theta = theta(a);
    Tensor x = literal(Shape.of(3, 1), 0.5, -1, 2);
    Tensor y = literal(Shape.of(3, OUT), 1, 2, 3, 4, 5, 6);
    Tensor x2 = literal(Shape.of(3, 1), 2, 0.5, -1);
    Tensor y2 = literal(Shape.of(3, OUT), 5, 6, 1, 2, 3, 4);
    Params one = a.adapt(theta, new Batch(x, y));
    Params other = a.adapt(theta, new Batch(x2, y2));
    for (String n : one.names()) {
      assertArrayEquals(Reference.eval(one.get(n)), Reference.eval(other.get(n)), CLOSE, n);
    }
  }

  @Test
  void theLossIsThatOfPredictionsFromMoreAndMorePoints() {
    double[] x = numbers(5, 3);
    double[] y = numbers(6, 3 * OUT);
    double[] qx = numbers(7, 2);
    double[] qy = numbers(8, 2 * OUT);
    Task task =
        new Task(
            new Batch(literal(Shape.of(3, 1), x), literal(Shape.of(3, OUT), y)),
            new Batch(literal(Shape.of(2, 1), qx), literal(Shape.of(2, OUT), qy)));
    for (int least = 0; least <= 3; least++) {
      Alpaca a = alpaca(NoiseMode.LEARNED, least);
      Params theta = theta(a);
      double sum = 0;
      double[] last = new double[2 * OUT];
      for (int t = least; t <= 3; t++) {
        Posterior p = Posterior.of(theta, x, y, t);
        for (int i = 0; i < 2; i++) {
          double[] f = features(theta, qx[i]);
          for (int o = 0; o < OUT; o++) {
            double v = p.variance(f, noise(theta)[o]);
            double off = qy[i * OUT + o] - p.mean(f, o);
            sum += 0.5 * Math.log(2 * Math.PI * v) + off * off / (2 * v);
            last[i * OUT + o] = p.mean(f, o);
          }
        }
      }
      double expected = sum / ((4 - least) * 2);
      assertEquals(expected, Reference.eval(a.loss(theta, task).loss())[0], CLOSE);
      assertArrayEquals(last, Reference.eval(a.loss(theta, task).outputs()), CLOSE);
    }
    Alpaca a = alpaca(NoiseMode.LEARNED, 4);
    String message =
        assertThrows(IllegalArgumentException.class, () -> a.loss(theta(a), task)).getMessage();
    assertTrue(message.contains("--min-context is 4: expected at most 3"), message);
  }
}
