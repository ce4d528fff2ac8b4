package io.quickstudy.learners.closed;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.quickstudy.graph.Ops;
import io.quickstudy.nn.Init;
import io.quickstudy.nn.Norm;
import io.quickstudy.reference.Reference;
import io.quickstudy.task.Batch;
import io.quickstudy.transform.Params;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** W and the queries' logits in plain Java, by the system of d + 1. */
class RidgeHeadTest {
  private static final double CLOSE = 1e-10;
  private static final int WAYS = 3;
  private static final double LAMBDA = 0.07;
  private static final double ALPHA = 3;
  private static final double BETA = -0.5;
  private static final int[] LABELS = {2, 0, 1, 1, 0, 2, 1};

  private static RidgeHead learner(double lambda) {
    RidgeHead.Options o = new RidgeHead.Options(lambda, ALPHA);
    return new RidgeHead(new Heads.Plain(), WAYS, o, Norm.Policy.NONE);
  }

  /** (X'X + n lambda I)^-1 X'Y. */
  private static double[][] weights(double[][] z, int[] labels, double lambda) {
    double[][] x = Heads.withOnes(z);
    double[][] y = new double[x.length][WAYS];
    for (int i = 0; i < labels.length; i++) {
      y[i][labels[i]] = 1;
    }
    double[][] xt = Heads.transposed(x);
    double[][] a = Heads.product(xt, x);
    for (int i = 0; i < a.length; i++) {
      a[i][i] += x.length * lambda;
    }
    return Heads.solved(a, Heads.product(xt, y));
  }

  /** Fewer, as many and more features than examples, of which classes have unequally many. */
  @ParameterizedTest
  @ValueSource(ints = {3, 6, 12})
  void weightsAndLogitsAreThoseOfTheNormalEquations(int features) {
    double[][] z = Heads.numbers(1, LABELS.length, features);
    double[][] queries = Heads.numbers(2, 4, features);
    RidgeHead l = learner(LAMBDA);
    Params phi = l.init(new Init(0)).with("head.beta", Ops.scalar(BETA));
    Params adapted = phi.with(l.adapt(phi, Heads.batch(z, LABELS)));
    double[][] w = weights(z, LABELS, LAMBDA);
    double[][] found = Heads.rows(adapted.get(RidgeHead.WEIGHT));
    double[][] logits = Heads.rows(l.predict(adapted, Heads.matrix(queries)));
    double[][] expected = Heads.product(Heads.withOnes(queries), w);
    for (int i = 0; i < w.length; i++) {
      assertArrayEquals(w[i], found[i], CLOSE, "row " + i);
    }
    for (int i = 0; i < expected.length; i++) {
      for (int k = 0; k < WAYS; k++) {
        assertEquals(ALPHA * expected[i][k] + BETA, logits[i][k], CLOSE, i + ", " + k);
      }
    }
  }

  /** So that lambda suits other shots than those of training. */
  @Test
  void aSupportSetTwiceIsTheSameSupportSet() {
    double[][] z = Heads.numbers(1, LABELS.length, 5);
    double[][] twice = new double[2 * z.length][];
    int[] labels = new int[2 * z.length];
    for (int i = 0; i < labels.length; i++) {
      twice[i] = z[i % z.length];
      labels[i] = LABELS[i % z.length];
    }
    RidgeHead l = learner(LAMBDA);
    Params phi = l.init(new Init(0));
    Batch once = Heads.batch(z, LABELS);
    assertArrayEquals(
        Reference.eval(l.adapt(phi, once).get(RidgeHead.WEIGHT)),
        Reference.eval(l.adapt(phi, Heads.batch(twice, labels)).get(RidgeHead.WEIGHT)),
        CLOSE);
  }

  @Test
  void lambdaAndAlphaStartAsTheySayAndAreWatched() {
    RidgeHead l = learner(LAMBDA);
    Params seen = l.watched(l.init(new Init(0)));
    assertEquals(Set.of("lambda", "alpha"), Set.copyOf(seen.names()));
    assertEquals(LAMBDA, Reference.eval(seen.get("lambda"))[0], CLOSE);
    assertEquals(ALPHA, Reference.eval(seen.get("alpha"))[0], CLOSE);
  }
}
