package io.quickstudy.learners.closed;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.quickstudy.nn.Init;
import io.quickstudy.nn.Norm;
import io.quickstudy.reference.Reference;
import io.quickstudy.transform.Params;
import org.junit.jupiter.api.Test;

/** Classifiers and scores from alpha, and the ridge variant, in plain Java. */
class SvmHeadTest {
  private static final double CLOSE = 1e-10;
  private static final int WAYS = 3;
  private static final double RIDGE = 0.4;
  private static final double SCALE = 2.5;
  private static final int[] LABELS = {2, 0, 1, 1, 0, 2, 1};

  private static double[][] logits(SvmHead.Classifier head, double[][] z, double[][] queries) {
    SvmHead.Options o = new SvmHead.Options(head, 0.5, RIDGE, SCALE, 20, 1e-6);
    SvmHead l = new SvmHead(new Heads.Plain(), WAYS, o, Norm.Policy.NONE);
    Params phi = l.init(new Init(0));
    Params adapted = phi.with(l.adapt(phi, Heads.batch(z, LABELS)));
    return Heads.rows(l.predict(adapted, Heads.matrix(queries)));
  }

  private static double[][] kernel(double[][] z) {
    double[][] k = Heads.product(z, Heads.transposed(z));
    for (int i = 0; i < k.length; i++) {
      k[i][i] += RIDGE;
    }
    return k;
  }

  private static double[][] labels() {
    double[][] y = new double[LABELS.length][WAYS];
    for (int i = 0; i < LABELS.length; i++) {
      y[i][LABELS[i]] = 1;
    }
    return y;
  }

  /** Sums of alpha times products with the support examples, times gamma. */
  private static void areScores(double[][] alpha, double[][] z, double[][] q, double[][] logits) {
    double[][] scores = Heads.product(Heads.product(q, Heads.transposed(z)), alpha);
    for (int i = 0; i < q.length; i++) {
      for (int m = 0; m < WAYS; m++) {
        assertEquals(SCALE * scores[i][m], logits[i][m], CLOSE, i + ", " + m);
      }
    }
  }

  @Test
  void scoresAreOfTheDualSolution() {
    double[][] z = Heads.numbers(1, LABELS.length, 5);
    double[][] q = Heads.numbers(2, 4, 5);
    double[][] y = Heads.transposed(labels());
    double[] alpha =
        Reference.eval(
            new CrammerSinger(Heads.matrix(kernel(z)), Heads.matrix(y), 0.5, 1e-6).solve(20));
    double[][] byExample = new double[LABELS.length][WAYS];
    for (int i = 0; i < alpha.length; i++) {
      byExample[i % LABELS.length][i / LABELS.length] = alpha[i];
    }
    areScores(byExample, z, q, logits(SvmHead.Classifier.SVM, z, q));
  }

  @Test
  void theRidgeIsTwiceTheRegression() {
    double[][] z = Heads.numbers(1, LABELS.length, 5);
    double[][] q = Heads.numbers(2, 4, 5);
    double[][] alpha = Heads.solved(kernel(z), labels());
    for (double[] row : alpha) {
      for (int m = 0; m < WAYS; m++) {
        row[m] *= 2;
      }
    }
    areScores(alpha, z, q, logits(SvmHead.Classifier.RIDGE, z, q));
  }
}
