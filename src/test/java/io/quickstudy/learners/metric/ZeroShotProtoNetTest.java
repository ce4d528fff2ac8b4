package io.quickstudy.learners.metric;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.quickstudy.graph.DType;
import io.quickstudy.graph.Ops;
import io.quickstudy.graph.Shape;
import io.quickstudy.graph.Tensor;
import io.quickstudy.nn.Init;
import io.quickstudy.nn.Linear;
import io.quickstudy.nn.Mlp;
import io.quickstudy.nn.Norm;
import io.quickstudy.reference.Reference;
import io.quickstudy.task.Batch;
import io.quickstudy.transform.Params;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Prototypes and logits by numbers worked out by hand. */
class ZeroShotProtoNetTest {
  private static final ZeroShotProtoNet NET =
      new ZeroShotProtoNet(
          new Mlp(List.of(2, 2)), new Linear(2, 2), new Linear(3, 2), 2, Norm.Policy.NONE);

  private static Tensor matrix(int columns, double... numbers) {
    return Ops.literal(DType.F32, Shape.of(numbers.length / columns, columns), numbers);
  }

  private static Batch described(double... labels) {
    return new Batch(
        matrix(3, 0, 0, 5, 3, 4, 0), Ops.literal(DType.I32, Shape.of(labels.length), labels));
  }

  /** A g that leaves out the first number, and an f whose last map doubles. */
  private static Params theta() {
    Params theta = NET.init(new Init(0));
    return theta
        .with("attributes.weight", matrix(2, 1, 0, 0, 1, 0, 1))
        .with("image.weight", matrix(2, 2, 0, 0, 2));
  }

  @Test
  void prototypesHaveUnitLengthAndTheOrderOfTheLabels() {
    double[] expected = {0, 1, 0.6, 0.8};
    Tensor c = NET.adapt(theta(), described(0, 1)).get("prototypes");
    assertArrayEquals(expected, Reference.eval(c), 1e-7);
    Tensor turned = NET.adapt(theta(), described(1, 0)).get("prototypes");
    assertArrayEquals(new double[] {0.6, 0.8, 0, 1}, Reference.eval(turned), 1e-7);
  }

  @Test
  void logitsAreMinusSquaredDistancesFromAnImageOfAnyLength() {
    Params theta = theta();
    Tensor x = matrix(2, 0.3, -0.7);
    double[] z = Reference.eval(NET.network(theta, x, Norm.batch()).get("features"));
    double[] logits = Reference.eval(NET.predict(theta, described(0, 1), x));
    double first = z[0] * z[0] + (z[1] - 1) * (z[1] - 1);
    double second = (z[0] - 0.6) * (z[0] - 0.6) + (z[1] - 0.8) * (z[1] - 0.8);
    assertArrayEquals(new double[] {-first, -second}, logits, 1e-7);
  }

  @Test
  void aLongerDescriptionInOneDirectionIsTheSameClass() {
    Tensor twice = matrix(3, 0, 0, 10, 6, 8, 0);
    Batch longer = new Batch(twice, described(0, 1).y());
    assertArrayEquals(
        Reference.eval(NET.adapt(theta(), described(0, 1)).get("prototypes")),
        Reference.eval(NET.adapt(theta(), longer).get("prototypes")),
        1e-7);
    assertEquals(2, NET.ways());
  }
}
