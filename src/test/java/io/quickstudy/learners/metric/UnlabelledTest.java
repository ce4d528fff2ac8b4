package io.quickstudy.learners.metric;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.quickstudy.check.CheckOptions;
import io.quickstudy.check.CheckReport;
import io.quickstudy.check.LearnerCheck;
import io.quickstudy.check.Subject;
import io.quickstudy.check.TaskShape;
import io.quickstudy.graph.DType;
import io.quickstudy.graph.Ops;
import io.quickstudy.graph.Shape;
import io.quickstudy.graph.Tensor;
import io.quickstudy.learner.Learner;
import io.quickstudy.nn.Backbone;
import io.quickstudy.nn.Init;
import io.quickstudy.nn.Norm;
import io.quickstudy.reference.Reference;
import io.quickstudy.task.Batch;
import io.quickstudy.transform.Params;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Mixtures and graphs by hand: what opens a cluster, and what unlabelled examples change. */
class UnlabelledTest {

  /** Points are their own features. */
  private record Identity(int features) implements Backbone {
    @Override
    public Params init(Init draw) {
      return Params.empty();
    }

    @Override
    public Pass pass(Params theta, Tensor x, Norm norm) {
      return new Pass(x, Params.empty());
    }
  }

  private static MixturePrototypes mixtures(double sigma) {
    return new MixturePrototypes(
        new Identity(1), 2, new MixturePrototypes.Options(0.1, sigma), Norm.Policy.NONE);
  }

  private static Batch batch(double[] x, double... labels) {
    return new Batch(
        Ops.literal(Shape.of(x.length, 1), x),
        Ops.literal(DType.I32, Shape.of(labels.length), labels));
  }

  private static double[] value(Tensor t) {
    return Reference.eval(List.of(t), Map.of()).get(t);
  }

  private static double[] logits(Learner l, Batch support, double... queries) {
    Params theta = l.init(new Init(1));
    return value(l.predict(theta, support, Ops.literal(Shape.of(queries.length, 1), queries)));
  }

  /** Class 0 lies at -10 and 10, class 1 at 0 and 1: their means are 0 and 0.5. */
  private static final double[] POINTS = {-10, 0, -10.2, 1, 10, 10.2};

  private static final double[] LABELS = {0, 1, 0, 1, 0, 0};

  @Test
  void aClassOfTwoHeapsIsTwoClusters() {
    MixturePrototypes l = mixtures(0.5);
    Params made = l.adapt(l.init(new Init(1)), batch(POINTS, LABELS));
    double[] owners = value(made.get(MixturePrototypes.OWNERS));
    // rows: the two class means, then the examples; the mean of class 0 has nothing near it
    double[] expected = {0, 0, 0, 1, 1, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0};
    assertArrayEquals(expected, owners, Arrays.toString(owners));
    double[] centres = value(made.get(MixturePrototypes.CLUSTERS));
    assertEquals(-10.1, centres[2], 1e-9);
    assertEquals(10.1, centres[6], 1e-9);
    assertEquals(0.5, centres[1], 1e-9);
    double[] y = logits(l, batch(POINTS, LABELS), -9, 0.2, 9);
    assertTrue(y[0] > y[1] && y[2] < y[3] && y[4] > y[5], Arrays.toString(y));
    // -(9 - 10.1)^2 / (2 sigma): the log density of the closest cluster
    assertEquals(-1.1 * 1.1 / 2 / 0.5, y[4], 1e-9);
  }

  @Test
  void withWideClustersItIsAPrototypicalNetwork() {
    double[] y = logits(mixtures(1e4), batch(POINTS, LABELS), 3);
    assertArrayEquals(new double[] {-9 / 2e4, -6.25 / 2e4}, y, 1e-12);
  }

  @Test
  void anUnlabelledHeapFarOffIsNobodys() {
    MixturePrototypes l = mixtures(0.5);
    double[] x = Arrays.copyOf(POINTS, 8);
    double[] labels = Arrays.copyOf(LABELS, 8);
    x[6] = 60;
    x[7] = 60.1;
    labels[6] = labels[7] = -1;
    double[] with = logits(l, batch(x, labels), -9, 0.2, 9);
    assertArrayEquals(logits(l, batch(POINTS, LABELS), -9, 0.2, 9), with, 1e-9);
  }

  @Test
  void unlabelledExamplesMoveAPrototype() {
    MixturePrototypes l = mixtures(0.5);
    double[] few = logits(l, batch(new double[] {0, 4}, 0, 1), 2);
    double[] more = logits(l, batch(new double[] {0, 4, 0.5, 0.6}, 0, 1, -1, -1), 2);
    assertEquals(few[0], few[1], 1e-12, "in the middle");
    assertTrue(more[0] > more[1] + 0.1, "class 0 has moved: " + Arrays.toString(more));
  }

  @Test
  void aGraphHasUnlabelledNodesInAnyOrder() {
    GraphNet l =
        new GraphNet(new Identity(1), 2, new GraphNet.Options(4, 4, 3, 2), Norm.Policy.NONE);
    double[] few = logits(l, batch(new double[] {0, 4}, 0, 1), 2, 3);
    double[] more = logits(l, batch(new double[] {0, 4, 0.5}, 0, 1, -1), 2, 3);
    double[] turned = logits(l, batch(new double[] {0.5, 4, 0}, -1, 1, 0), 2, 3);
    assertTrue(Math.abs(few[0] - more[0]) > 1e-6, Arrays.toString(few));
    assertArrayEquals(more, turned, 1e-12, "order of the support set");
    double[] apart = logits(l, batch(new double[] {0, 4, 0.5}, 0, 1, -1), 3);
    assertArrayEquals(new double[] {more[2], more[3]}, apart, 1e-12, "each query on its own");
  }

  /** So narrow that nearly every example opens a cluster, which the usual check has not. */
  @Test
  void theGradientOfOpenedClustersIsRight() {
    MixturePrototypes l =
        new MixturePrototypes(
            new Identity(2), 3, new MixturePrototypes.Options(0.5, 0.05), Norm.Policy.NONE);
    TaskShape task = new TaskShape.Episode(3, 3, 2, Shape.of(2)).withUnlabelled(4);
    CheckReport r = LearnerCheck.once(Subject.of(l, task), CheckOptions.usual());
    assertTrue(r.passed(), r.text());
  }
}
