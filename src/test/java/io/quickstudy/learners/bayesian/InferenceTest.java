package io.quickstudy.learners.bayesian;

import static io.quickstudy.graph.Ops.literal;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.quickstudy.functions.Sampling;
import io.quickstudy.graph.DType;
import io.quickstudy.graph.Ops;
import io.quickstudy.graph.Shape;
import io.quickstudy.graph.Tensor;
import io.quickstudy.learner.Predictive;
import io.quickstudy.learner.Setup;
import io.quickstudy.nn.FeatureScale;
import io.quickstudy.nn.Init;
import io.quickstudy.nn.Mlp;
import io.quickstudy.nn.Norm;
import io.quickstudy.reference.Reference;
import io.quickstudy.task.Batch;
import io.quickstudy.task.Task;
import io.quickstudy.task.TaskKind;
import io.quickstudy.transform.Params;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.function.DoubleUnaryOperator;
import org.junit.jupiter.api.Test;

/** VERSA and the amortised variational learner, against their equations in plain Java. */
class InferenceTest {
  private static final double CLOSE = 1e-11;
  private static final int WAYS = 3;
  private static final int D = 2;
  private static final int SAMPLES = 4;
  private static final Tensor KEY = literal(DType.I32, Shape.of(2), 7, 9);

  private static double elu(double v) {
    return v > 0 ? v : Math.expm1(v);
  }

  private static double relu(double v) {
    return Math.max(v, 0);
  }

  private static double[] numbers(long seed, int n) {
    return new SplittableRandom(seed).doubles(n, -1, 1).toArray();
  }

  /** Biases begin at 0, and would hide that they are forgotten. */
  private static Params jolted(Params init) {
    long[] k = {100};
    return init.map(
        t -> {
          double[] v = Reference.eval(t);
          double[] more = numbers(k[0]++, v.length);
          Arrays.setAll(v, i -> v[i] + 0.4 * more[i]);
          return literal(t.shape(), v);
        });
  }

  private static double[] layers(Params p, int n, DoubleUnaryOperator between, double... x) {
    double[] z = x;
    for (int l = 1; l <= n; l++) {
      double[] w = Reference.eval(p.get("layer" + l + ".weight"));
      double[] next = Reference.eval(p.get("layer" + l + ".bias"));
      for (int j = 0; j < next.length; j++) {
        for (int i = 0; i < z.length; i++) {
          double in = l == 1 ? z[i] : between.applyAsDouble(z[i]);
          next[j] += in * w[i * next.length + j];
        }
      }
      z = next;
    }
    return z;
  }

  private static final double[] SUPPORT = numbers(1, 5 * 4);
  private static final int[] LABELS = {2, 0, 1, 0, 0}; // unequal shots
  private static final double[] QUERY = numbers(2, 2 * 4);
  private static final int[] ASKED = {1, 2};

  private static Task episode() {
    return new Task(
        new Batch(literal(Shape.of(5, 4), SUPPORT), literal(DType.I32, Shape.of(5), 2, 0, 1, 0, 0)),
        new Batch(literal(Shape.of(2, 4), QUERY), literal(DType.I32, Shape.of(2), 1, 2)),
        KEY);
  }

  /** The mean of a function of the examples, by class. */
  private static double[][] means(java.util.function.Function<double[], double[]> f, int d) {
    double[][] m = new double[WAYS][d];
    double[] counts = {3, 1, 1};
    for (int i = 0; i < 5; i++) {
      double[] z = f.apply(Arrays.copyOfRange(SUPPORT, i * 4, i * 4 + 4));
      for (int k = 0; k < d; k++) {
        m[LABELS[i]][k] += z[k] / counts[LABELS[i]];
      }
    }
    return m;
  }

  private static double[] softmax(double[] logits) {
    double sum = Arrays.stream(logits).map(Math::exp).sum();
    return Arrays.stream(logits).map(v -> Math.exp(v) / sum).toArray();
  }

  // ---- VERSA

  private static final Versa VERSA =
      new Versa(
          new Mlp(List.of(4, D)),
          WAYS,
          new Versa.Options(List.of(3, 3), SAMPLES),
          Norm.Policy.NONE);

  /** Means, then log variances, of each class's row with its bias. */
  private static double[][][] rows(Params theta) {
    double[][] m = means(x -> layers(theta.sub("features"), 1, InferenceTest::elu, x), D);
    double[][][] rows = new double[WAYS][2][D + 1];
    String[] kinds = {"mean", "log_variance"};
    for (int c = 0; c < WAYS; c++) {
      for (int k = 0; k < 2; k++) {
        double[] w = layers(theta.sub("inference.weight_" + kinds[k]), 3, InferenceTest::elu, m[c]);
        System.arraycopy(w, 0, rows[c][k], 0, D);
        rows[c][k][D] =
            layers(theta.sub("inference.bias_" + kinds[k]), 3, InferenceTest::elu, m[c])[0];
      }
    }
    return rows;
  }

  private static double[] withOne(Params theta, String features, int query) {
    double[] x = Arrays.copyOfRange(QUERY, query * 4, query * 4 + 4);
    double[] z = Arrays.copyOf(layers(theta.sub(features), 1, InferenceTest::elu, x), D + 1);
    z[D] = 1;
    return z;
  }

  @Test
  void versaSamplesLogitsInTraining() {
    Params theta = jolted(VERSA.init(new Init(3)));
    double[][][] rows = rows(theta);
    double[] e = Reference.eval(Sampling.normal(KEY, Shape.of(SAMPLES, 2, WAYS)));
    double loss = 0;
    double[] outputs = new double[2 * WAYS];
    for (int q = 0; q < 2; q++) {
      double[] z = withOne(theta, "features", q);
      double[] mean = new double[WAYS];
      for (int l = 0; l < SAMPLES; l++) {
        double[] logits = new double[WAYS];
        for (int c = 0; c < WAYS; c++) {
          double variance = 0;
          for (int i = 0; i <= D; i++) {
            logits[c] += z[i] * rows[c][0][i];
            variance += z[i] * z[i] * Math.exp(rows[c][1][i]);
          }
          logits[c] += Math.sqrt(variance) * e[(l * 2 + q) * WAYS + c];
        }
        double[] p = softmax(logits);
        for (int c = 0; c < WAYS; c++) {
          mean[c] += p[c] / SAMPLES;
        }
      }
      loss -= Math.log(mean[ASKED[q]]) / 2;
      for (int c = 0; c < WAYS; c++) {
        outputs[q * WAYS + c] = Math.log(mean[c]);
      }
    }
    assertEquals(loss, Reference.eval(VERSA.loss(theta, episode()).loss())[0], CLOSE);
    assertArrayEquals(outputs, Reference.eval(VERSA.loss(theta, episode()).outputs()), CLOSE);
  }

  @Test
  void adaptedVersaHasFixedSamplesOfRows() {
    Params theta = jolted(VERSA.init(new Init(3)));
    double[][][] rows = rows(theta);
    double[] e = Reference.eval(Samples.fixed(Shape.of(SAMPLES, WAYS, D + 1)));
    Params adapted = theta.with(VERSA.adapt(theta, episode().support()));
    double[] found = Reference.eval(VERSA.predict(adapted, episode().query().x()));
    double[] each = Reference.eval(VERSA.samples(adapted, episode().query().x()).orElseThrow());
    for (int q = 0; q < 2; q++) {
      double[] z = withOne(theta, "features", q);
      double[] mean = new double[WAYS];
      for (int l = 0; l < SAMPLES; l++) {
        double[] logits = new double[WAYS];
        for (int c = 0; c < WAYS; c++) {
          for (int i = 0; i <= D; i++) {
            double deviation = Math.exp(rows[c][1][i] / 2);
            logits[c] += z[i] * (rows[c][0][i] + deviation * e[(l * WAYS + c) * (D + 1) + i]);
          }
          assertEquals(logits[c], each[(l * 2 + q) * WAYS + c], CLOSE);
        }
        double[] p = softmax(logits);
        for (int c = 0; c < WAYS; c++) {
          mean[c] += p[c] / SAMPLES;
        }
      }
      for (int c = 0; c < WAYS; c++) {
        assertEquals(Math.log(mean[c]), found[q * WAYS + c], CLOSE);
      }
    }
    // what is answered to a query depends on no other
    double[] alone =
        Reference.eval(VERSA.predict(adapted, Ops.slice(episode().query().x(), 0, 1, 2)));
    assertArrayEquals(Arrays.copyOfRange(found, WAYS, 2 * WAYS), alone, CLOSE);
  }

  // ---- the amortised variational learner

  private static final int LATENT = 3;

  private static AmortisedVariational built(TaskKind kind, Shape example, int outputs, int width) {
    AmortisedVariational.Options o =
        new AmortisedVariational.Options(LATENT, List.of(5), SAMPLES, 0.7, 0.2);
    Mlp.Options hidden = new Mlp.Options(List.of(width), FeatureScale.RAW);
    Setup s =
        new Setup(kind, example, outputs, 0, Norm.Policy.NONE, Optional.of(Mlp.KIND.build(hidden)));
    return (AmortisedVariational) AmortisedVariational.KIND.build(o, s);
  }

  private static double divergence(double mu, double log) {
    return 0.5 * (Math.exp(2 * log) + mu * mu - 1 - 2 * log);
  }

  private static double[] linear(Params p, double... x) {
    double[] w = Reference.eval(p.get("weight"));
    double[] y = Reference.eval(p.get("bias"));
    for (int j = 0; j < y.length; j++) {
      for (int i = 0; i < x.length; i++) {
        y[j] += x[i] * w[i * y.length + j];
      }
    }
    return y;
  }

  @Test
  void theBoundOfImages() {
    AmortisedVariational f = built(TaskKind.EPISODES, Shape.of(4), WAYS, D);
    Params theta = jolted(f.init(new Init(5)));
    double[][] m = means(x -> layers(theta.sub("encoder"), 1, InferenceTest::relu, x), D);
    double[][] both = new double[WAYS][];
    double kl = 0;
    for (int c = 0; c < WAYS; c++) {
      both[c] = linear(theta.sub("posterior"), m[c]);
      for (int i = 0; i <= D; i++) {
        kl += divergence(both[c][i], both[c][D + 1 + i]);
      }
    }
    double[] e = Reference.eval(Sampling.normal(KEY, Shape.of(SAMPLES, WAYS, D + 1)));
    double[] fixed = Reference.eval(Samples.fixed(Shape.of(SAMPLES, WAYS, D + 1)));
    double log = 0;
    double[] answers = new double[2 * WAYS];
    for (int q = 0; q < 2; q++) {
      double[] z = withOne(theta, "encoder", q);
      for (int l = 0; l < SAMPLES; l++) {
        double[] logits = new double[WAYS];
        double[] later = new double[WAYS];
        for (int c = 0; c < WAYS; c++) {
          for (int i = 0; i <= D; i++) {
            int at = (l * WAYS + c) * (D + 1) + i;
            double sigma = Math.exp(both[c][D + 1 + i]);
            logits[c] += z[i] * (both[c][i] + sigma * e[at]);
            later[c] += z[i] * (both[c][i] + sigma * fixed[at]);
          }
        }
        log += Math.log(softmax(logits)[ASKED[q]]) / (2 * SAMPLES);
        for (int c = 0; c < WAYS; c++) {
          answers[q * WAYS + c] += softmax(later)[c] / SAMPLES;
        }
      }
    }
    double found = Reference.eval(f.loss(theta, episode()).loss())[0];
    assertEquals(-log + 0.7 * kl / 2, found, CLOSE);
    double[] said = Reference.eval(f.predict(theta, episode().support(), episode().query().x()));
    assertArrayEquals(Arrays.stream(answers).map(Math::log).toArray(), said, CLOSE);
  }

  @Test
  void theBoundOfCurves() {
    AmortisedVariational f = built(TaskKind.REGRESSION, Shape.of(1), 1, D);
    Params theta = jolted(f.init(new Init(6)));
    double[] x = {0.3, -1, 0.8};
    double[] y = {1, 0.5, -0.2};
    double[] qx = {-0.4, 2};
    double[] qy = {0.1, -0.6};
    Batch support = new Batch(literal(Shape.of(3, 1), x), literal(Shape.of(3, 1), y));
    Batch query = new Batch(literal(Shape.of(2, 1), qx), literal(Shape.of(2, 1), qy));
    double[] r = new double[D];
    for (int i = 0; i < 3; i++) {
      double[] z = layers(theta.sub("encoder"), 1, InferenceTest::relu, x[i], y[i]);
      for (int k = 0; k < D; k++) {
        r[k] += z[k] / 3;
      }
    }
    double[] both = linear(theta.sub("posterior"), r);
    double kl = 0;
    for (int i = 0; i < LATENT; i++) {
      kl += divergence(both[i], both[LATENT + i]);
    }
    double[] e = Reference.eval(Sampling.normal(KEY, Shape.of(SAMPLES, 1, LATENT)));
    double log = 0;
    double[] mean = new double[2];
    for (int l = 0; l < SAMPLES; l++) {
      for (int q = 0; q < 2; q++) {
        double[] in = new double[LATENT + 1];
        for (int i = 0; i < LATENT; i++) {
          in[i] = both[i] + Math.exp(both[LATENT + i]) * e[l * LATENT + i];
        }
        in[LATENT] = qx[q];
        double[] out = layers(theta.sub("decoder"), 2, InferenceTest::relu, in);
        double sigma = 0.2 + Math.log1p(Math.exp(out[1]));
        double z = (qy[q] - out[0]) / sigma;
        log -= (0.5 * Math.log(2 * Math.PI) + Math.log(sigma) + z * z / 2) / (2 * SAMPLES);
        mean[q] += out[0] / SAMPLES;
      }
    }
    Task task = new Task(support, query, KEY);
    assertEquals(-log + 0.7 * kl / 2, Reference.eval(f.loss(theta, task).loss())[0], CLOSE);
    assertArrayEquals(mean, Reference.eval(f.loss(theta, task).outputs()), CLOSE);
    Params adapted = theta.with(f.adapt(theta, support));
    Predictive p = f.predictive(adapted, query.x()).orElseThrow();
    double[] said = Reference.eval(f.predict(adapted, query.x()));
    assertArrayEquals(Reference.eval(p.mean()), said, CLOSE);
    double[] each = Reference.eval(f.samples(adapted, query.x()).orElseThrow());
    for (int q = 0; q < 2; q++) {
      double sum = 0;
      for (int l = 0; l < SAMPLES; l++) {
        sum += each[l * 2 + q] / SAMPLES;
      }
      assertEquals(said[q], sum, CLOSE);
    }
  }

  @Test
  void networksWithoutLayersAreRefused() {
    String versa =
        assertThrows(IllegalArgumentException.class, () -> new Versa.Options(List.of(), 3))
            .getMessage();
    assertTrue(versa.contains("--inference is empty"), versa);
    String decoder =
        assertThrows(
                IllegalArgumentException.class,
                () -> new AmortisedVariational.Options(2, List.of(), 3, 1, 0.1))
            .getMessage();
    assertTrue(decoder.contains("--decoder is empty"), decoder);
  }
}
