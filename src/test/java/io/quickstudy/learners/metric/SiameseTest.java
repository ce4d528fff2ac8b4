package io.quickstudy.learners.metric;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

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
import io.quickstudy.task.Pairs;
import io.quickstudy.transform.Params;
import org.junit.jupiter.api.Test;

/** Its distances and its judgement of pairs and of classes by numbers worked out by hand. */
class SiameseTest {
  private static final double EXACT = 1e-12;
  private static final double BIAS = 0.5;

  /** Features that are the example itself. */
  private record Plain() implements Backbone {
    @Override
    public int features() {
      return 2;
    }

    @Override
    public Params init(Init draw) {
      return Params.empty();
    }

    @Override
    public Pass pass(Params theta, Tensor x, Norm norm) {
      return new Pass(x, Params.empty());
    }
  }

  private static Tensor rows(double... numbers) {
    return Ops.literal(Shape.of(numbers.length / 2, 2), numbers);
  }

  private static Tensor labels(double... numbers) {
    return Ops.literal(DType.I32, Shape.of(numbers.length), numbers);
  }

  private static Siamese net(Siamese.Distance d) {
    Siamese.Options o = Siamese.Options.of(d, Siamese.Start.DISTANCE);
    return new Siamese(new Plain(), 2, o, Norm.Policy.NONE);
  }

  private static Params theta(double... weights) {
    return Params.of(
        "similarity.weight",
        Ops.literal(Shape.of(weights.length), weights),
        "similarity.bias",
        Ops.literal(Shape.of(1), BIAS));
  }

  @Test
  void theLossIsThatOfTheSigmoid() {
    Pairs pairs = new Pairs(rows(1, 2, 0, 0), rows(3, 5, 1, -1), labels(1, 0));
    double[] odds = {-2 * 2 + 0.25 * 3 + BIAS, -2 * 1 + 0.25 * 1 + BIAS};
    Learner.Outcome o = net(Siamese.Distance.L1).loss(theta(-2, 0.25), pairs);
    assertArrayEquals(new double[] {0, odds[0], 0, odds[1]}, Reference.eval(o.outputs()), EXACT);
    double p = 1 / (1 + Math.exp(-odds[0]));
    double q = 1 / (1 + Math.exp(-odds[1]));
    assertEquals(-(Math.log(p) + Math.log(1 - q)) / 2, Reference.eval(o.loss())[0], EXACT);
  }

  @Test
  void theOtherDistancesAreTheirFormulas() {
    Pairs pairs = new Pairs(rows(1, 2, 3, 4), rows(3, 5, -4, 3), labels(1, 0));
    double[] squares = {4 + 9, 49 + 1};
    double[] l2 = Reference.eval(net(Siamese.Distance.L2).outputs(theta(-2), pairs));
    assertArrayEquals(
        new double[] {0, -2 * squares[0] + BIAS, 0, -2 * squares[1] + BIAS}, l2, EXACT);
    double[] cosines = {13 / Math.sqrt(5 * 34), 0};
    double[] cosine = Reference.eval(net(Siamese.Distance.COSINE).outputs(theta(-2), pairs));
    assertArrayEquals(
        new double[] {0, -2 * cosines[0] + BIAS, 0, -2 * cosines[1] + BIAS}, cosine, EXACT);
  }

  @Test
  void classesAreTheMeanOddsOfTheirImages() {
    Batch support = new Batch(rows(0, 0, 4, 0, 1, 1), labels(0, 0, 1));
    Tensor y = net(Siamese.Distance.L1).predict(theta(-1, -1), support, rows(0, 0, 1, 1));
    assertArrayEquals(
        new double[] {-2 + BIAS, -2 + BIAS, -(2 + 4) / 2.0 + BIAS, BIAS}, Reference.eval(y), EXACT);
  }

  @Test
  void thePapersStartIsNormal() {
    Siamese.Options o = Siamese.Options.of(Siamese.Distance.L1, Siamese.Start.NORMAL);
    Params p = new Siamese(new Wide(), 2, o, Norm.Policy.NONE).init(new Init(4));
    double[] w = Reference.eval(p.get("similarity.weight"));
    double square = 0;
    for (double v : w) {
      square += v * v / w.length;
    }
    assertEquals(0.04, square, 0.04 * 4 * Math.sqrt(2.0 / w.length)); // four standard errors
    assertTrue(Math.abs(Reference.eval(p.get("similarity.bias"))[0] - 0.5) < 0.06);
  }

  /** Many features, of which only the number is asked for. */
  private record Wide() implements Backbone {
    @Override
    public int features() {
      return 4096;
    }

    @Override
    public Params init(Init draw) {
      return Params.empty();
    }

    @Override
    public Pass pass(Params theta, Tensor x, Norm norm) {
      throw new UnsupportedOperationException();
    }
  }
}
