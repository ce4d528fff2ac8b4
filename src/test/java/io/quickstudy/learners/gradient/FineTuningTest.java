package io.quickstudy.learners.gradient;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.quickstudy.graph.DType;
import io.quickstudy.graph.Ops;
import io.quickstudy.graph.Shape;
import io.quickstudy.graph.Tensor;
import io.quickstudy.nn.Backbone;
import io.quickstudy.nn.Init;
import io.quickstudy.nn.Norm;
import io.quickstudy.reference.Reference;
import io.quickstudy.task.Batch;
import io.quickstudy.transform.Params;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Its classifiers and its fine-tuning by numbers worked out by hand. */
class FineTuningTest {
  private static final double EXACT = 1e-12;
  private static final double RATE = 0.5;

  /** Features that are an example times a number. */
  private record Times() implements Backbone {
    @Override
    public int features() {
      return 2;
    }

    @Override
    public Params init(Init draw) {
      return Params.of("by", Ops.fill(1, Shape.of(1)));
    }

    @Override
    public Pass pass(Params theta, Tensor x, Norm norm) {
      return new Pass(Ops.mul(x, theta.get("by")), Params.empty());
    }
  }

  private static FineTuning tuned(
      FineTuning.Classifier classifier, FineTuning.Adaptation adaptation, int steps) {
    FineTuning.Options o = new FineTuning.Options(classifier, 3, adaptation, steps, RATE, 4);
    return new FineTuning(new Times(), 2, 3, o, Norm.Policy.NONE);
  }

  private static Batch batch(double[] x, double... y) {
    return new Batch(
        Ops.literal(Shape.of(y.length, 2), x), Ops.literal(DType.I32, Shape.of(y.length), y));
  }

  @Test
  void itLearnsAllBaseClasses() {
    FineTuning b = tuned(FineTuning.Classifier.LINEAR, FineTuning.Adaptation.HEAD, 1);
    Params theta =
        b.init(new Init(1))
            .with("classifier.weight", Ops.literal(Shape.of(2, 3), 1, 0, 2, 0, -1, 1))
            .with("classifier.bias", Ops.literal(Shape.of(3), 0, 0.5, 0));
    double[] scores = {1, 0.5 - 2, 4};
    double sum = 0;
    for (double s : scores) {
      sum += Math.exp(s);
    }
    Batch one = batch(new double[] {1, 2}, 2);
    assertArrayEquals(scores, Reference.eval(b.loss(theta, one).outputs()), EXACT);
    assertEquals(Math.log(sum) - 4, Reference.eval(b.loss(theta, one).loss())[0], EXACT);
  }

  @Test
  void cosinesAreScaled() {
    FineTuning b = tuned(FineTuning.Classifier.COSINE, FineTuning.Adaptation.HEAD, 1);
    Params theta =
        b.init(new Init(1))
            .with("classifier.weight", Ops.literal(Shape.of(2, 3), 2, 0, 1, 0, -1, 1));
    double half = Math.sqrt(0.5);
    double[] y = Reference.eval(b.loss(theta, batch(new double[] {5, 5}, 0)).outputs());
    assertArrayEquals(new double[] {3 * half, -3 * half, 3}, y, EXACT);
  }

  @Test
  void theNearestCentroidAnswers() {
    Batch support = batch(new double[] {0, 0, 2, 2, 4, 0}, 0, 0, 1);
    Tensor query = Ops.literal(Shape.of(1, 2), 3, 1);
    FineTuning linear = tuned(FineTuning.Classifier.LINEAR, FineTuning.Adaptation.CENTROID, 1);
    Params theta = linear.init(new Init(1));
    double[] near = Reference.eval(linear.predict(theta, support, query));
    assertArrayEquals(new double[] {-4, -2}, near, EXACT);
    FineTuning cosine = tuned(FineTuning.Classifier.COSINE, FineTuning.Adaptation.CENTROID, 1);
    double[] angles = Reference.eval(cosine.predict(theta, support, query));
    double length = Math.sqrt(10);
    assertArrayEquals(
        new double[] {3 * 4 / (Math.sqrt(2) * length), 3 * 3 / length}, angles, EXACT);
  }

  /** Three steps of PyTorch's SGD with momentum, dampening and weight decay. */
  @Test
  void aHeadIsFineTuned() {
    FineTuning start = tuned(FineTuning.Classifier.LINEAR, FineTuning.Adaptation.HEAD, 0);
    FineTuning after = tuned(FineTuning.Classifier.LINEAR, FineTuning.Adaptation.HEAD, 3);
    Params theta = start.init(new Init(1));
    double[][] x = {{1, 2}, {3, -1}};
    Batch support = batch(new double[] {1, 2, 3, -1}, 0, 1);
    Params drawn = start.adapt(theta, support);
    double[] w = Reference.eval(drawn.get("novel.weight")); // [2, 2]
    double[] b = Reference.eval(drawn.get("novel.bias"));
    double[] v = new double[6];
    for (int step = 0; step < 3; step++) {
      double[] g = new double[6];
      for (int i = 0; i < 2; i++) {
        double s0 = x[i][0] * w[0] + x[i][1] * w[2] + b[0];
        double s1 = x[i][0] * w[1] + x[i][1] * w[3] + b[1];
        double p1 = 1 / (1 + Math.exp(s0 - s1));
        double[] d = {1 - p1 - (i == 0 ? 1 : 0), p1 - (i == 1 ? 1 : 0)};
        for (int k = 0; k < 2; k++) {
          g[k] += d[k] * x[i][0] / 2;
          g[2 + k] += d[k] * x[i][1] / 2;
          g[4 + k] += d[k] / 2;
        }
      }
      for (int k = 0; k < 6; k++) {
        double[] at = k < 4 ? w : b;
        double decayed = g[k] + 0.001 * at[k % 4];
        v[k] = step == 0 ? decayed : 0.9 * v[k] + 0.1 * decayed;
      }
      for (int k = 0; k < 6; k++) {
        (k < 4 ? w : b)[k % 4] -= RATE * v[k];
      }
    }
    Params tuned = after.adapt(theta, support);
    assertArrayEquals(w, Reference.eval(tuned.get("novel.weight")), EXACT);
    assertArrayEquals(b, Reference.eval(tuned.get("novel.bias")), EXACT);
    assertEquals(List.of("novel.weight", "novel.bias"), List.copyOf(tuned.names()));
    assertEquals(4, after.predictByStep(theta, support, support.x()).size());
  }

  @Test
  void allIsFineTunedIfWanted() {
    FineTuning b = tuned(FineTuning.Classifier.LINEAR, FineTuning.Adaptation.ALL, 1);
    Params theta = b.init(new Init(1));
    Batch support = batch(new double[] {1, 2, 3, -1}, 0, 1);
    Params tuned = b.adapt(theta, support);
    assertEquals(List.of("by", "novel.weight", "novel.bias"), List.copyOf(tuned.names()));
    FineTuning before = tuned(FineTuning.Classifier.LINEAR, FineTuning.Adaptation.ALL, 0);
    Params drawn = before.adapt(theta, support);
    // dL/dby is the sum over the weights of w dL/dw, here without the decay, since by is 1
    FineTuning head = tuned(FineTuning.Classifier.LINEAR, FineTuning.Adaptation.HEAD, 1);
    double[] w = Reference.eval(drawn.get("novel.weight"));
    double[] moved = Reference.eval(head.adapt(theta, support).get("novel.weight"));
    double slope = 0;
    for (int i = 0; i < w.length; i++) {
      slope += w[i] * ((w[i] - moved[i]) / RATE - 0.001 * w[i]);
    }
    assertEquals(1 - RATE * (slope + 0.001), Reference.eval(tuned.get("by"))[0], EXACT);
  }
}
