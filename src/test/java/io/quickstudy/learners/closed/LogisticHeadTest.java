package io.quickstudy.learners.closed;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.quickstudy.graph.Ops;
import io.quickstudy.nn.Init;
import io.quickstudy.nn.Norm;
import io.quickstudy.reference.Reference;
import io.quickstudy.transform.Grad;
import io.quickstudy.transform.Params;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Steps as the paper writes them, in plain Java, and the equation that their end solves. */
class LogisticHeadTest {
  private static final double CLOSE = 1e-10;
  private static final int WAYS = 3;
  private static final double LAMBDA = 0.2;
  private static final int[] LABELS = {2, 0, 1, 1, 0, 2, 1};

  private static LogisticHead learner(int steps, LogisticHead.Through through) {
    LogisticHead.Options o = new LogisticHead.Options(LAMBDA, steps, through);
    return new LogisticHead(new Heads.Plain(), WAYS, o, Norm.Policy.NONE);
  }

  private static double sigmoid(double x) {
    return 1 / (1 + Math.exp(-x));
  }

  private static double label(int example, int way) {
    return LABELS[example] == way ? 1 : 0;
  }

  /** w of one class after some steps of w = X'(XX' + lambda diag(s)^-1)^-1 z. */
  private static double[] newton(double[][] x, int way, int steps) {
    double[] w = new double[x[0].length];
    for (int k = 0; k < steps; k++) {
      double[][] a = Heads.product(x, Heads.transposed(x));
      double[][] z = new double[x.length][1];
      for (int i = 0; i < x.length; i++) {
        double eta = Heads.dot(x[i], w);
        double mu = sigmoid(eta);
        double s = mu * (1 - mu);
        a[i][i] += LAMBDA / s;
        z[i][0] = eta + (label(i, way) - mu) / s;
      }
      w = Heads.transposed(Heads.product(Heads.transposed(x), Heads.solved(a, z)))[0];
    }
    return w;
  }

  /** By the system of 7 examples, and by that of 4 numbers of each. */
  @ParameterizedTest
  @CsvSource({"12,1", "12,3", "3,1", "3,3", "6,2"})
  void stepsAreThePapers(int features, int steps) {
    double[][] z = Heads.numbers(4, LABELS.length, features);
    for (LogisticHead.Through through : LogisticHead.Through.values()) {
      LogisticHead l = learner(steps, through);
      Params phi = l.init(new Init(0));
      Params made = l.adapt(phi, Heads.batch(z, LABELS));
      double[][] w = Heads.transposed(Heads.rows(made.get(LogisticHead.WEIGHT)));
      for (int k = 0; k < WAYS; k++) {
        assertArrayEquals(newton(Heads.withOnes(z), k, steps), w[k], CLOSE, "class " + k);
      }
    }
  }

  /** X'(mu - y) + lambda w = 0, and a query's logits are its products with every w. */
  @ParameterizedTest
  @ValueSource(ints = {12, 3})
  void stepsEndWhereTheLossIsLeast(int features) {
    double[][] x = Heads.withOnes(Heads.numbers(4, LABELS.length, features));
    double[][] z = Heads.numbers(4, LABELS.length, features);
    LogisticHead l = learner(8, LogisticHead.Through.UNROLLED);
    Params phi = l.init(new Init(0));
    Params adapted = phi.with(l.adapt(phi, Heads.batch(z, LABELS)));
    double[][] w = Heads.transposed(Heads.rows(adapted.get(LogisticHead.WEIGHT)));
    double[][] logits = Heads.rows(l.predict(adapted, Heads.matrix(z)));
    for (int k = 0; k < WAYS; k++) {
      double[] g = Arrays.stream(w[k]).map(v -> LAMBDA * v).toArray();
      for (int i = 0; i < x.length; i++) {
        assertEquals(Heads.dot(x[i], w[k]), logits[i][k], CLOSE);
        double error = sigmoid(logits[i][k]) - label(i, k);
        for (int j = 0; j < g.length; j++) {
          g[j] += error * x[i][j];
        }
      }
      assertArrayEquals(new double[g.length], g, CLOSE, "class " + k);
    }
  }

  /** Of w's first number in lambda: where steps have converged both are that of the solution. */
  @Test
  void bothGradientsAreThatOfTheSolution() {
    double[][] z = Heads.numbers(4, LABELS.length, 12);
    List<Double> found = new ArrayList<>();
    for (LogisticHead.Through through : LogisticHead.Through.values()) {
      LogisticHead l = learner(8, through);
      Params phi = l.init(new Init(0));
      Params g =
          Grad.grad(p -> Ops.sum(l.adapt(p, Heads.batch(z, LABELS)).get(LogisticHead.WEIGHT)), phi);
      found.add(Reference.eval(g.get("head.log_lambda"))[0]);
    }
    double step = 1e-5;
    double difference =
        (sum(z, LAMBDA * Math.exp(step)) - sum(z, LAMBDA * Math.exp(-step))) / (2 * step);
    assertEquals(2, found.size());
    found.forEach(f -> assertEquals(difference, f, 1e-8));
  }

  private static double sum(double[][] z, double lambda) {
    LogisticHead.Options o = new LogisticHead.Options(lambda, 8, LogisticHead.Through.UNROLLED);
    LogisticHead l = new LogisticHead(new Heads.Plain(), WAYS, o, Norm.Policy.NONE);
    Params made = l.adapt(l.init(new Init(0)), Heads.batch(z, LABELS));
    return Arrays.stream(Reference.eval(made.get(LogisticHead.WEIGHT))).sum();
  }
}
