package io.quickstudy.explain;

import static io.quickstudy.graph.Ops.literal;
import static io.quickstudy.graph.Ops.mul;
import static io.quickstudy.graph.Ops.scalar;
import static io.quickstudy.graph.Ops.scale;
import static io.quickstudy.graph.Ops.sub;
import static io.quickstudy.graph.Ops.sum;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.quickstudy.graph.DType;
import io.quickstudy.graph.Shape;
import io.quickstudy.graph.Tensor;
import io.quickstudy.learner.Learner;
import io.quickstudy.nn.Init;
import io.quickstudy.nn.Model;
import io.quickstudy.nn.Norm;
import io.quickstudy.reference.Reference;
import io.quickstudy.run.Components;
import io.quickstudy.run.RunConfig;
import io.quickstudy.task.Batch;
import io.quickstudy.task.Task;
import io.quickstudy.train.RunFixtures;
import io.quickstudy.transform.Grad;
import io.quickstudy.transform.Params;
import java.util.Arrays;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

/** The directions and their terms against what they are by hand, and against the learners. */
class TwoBatchesTest {
  private static final double[] PHI = {0.5, -2, 3};
  private static final double[] H0 = {1, 2, 0.5};
  private static final double[] H1 = {3, 0.25, 1};
  private static final double[] C0 = {1, 1, -1};
  private static final double[] C1 = {-2, 0.5, 4};

  /** h (p - c)^2 / 2, summed: the gradient is h (p - c), the Hessian diag h. */
  private static Function<Params, Tensor> bowl(double[] h, double[] c) {
    return p -> {
      Tensor d = sub(p.get("p"), literal(Shape.of(3), c));
      return scale(sum(mul(literal(Shape.of(3), h), mul(d, d))), 0.5);
    };
  }

  private static double[] value(Params p) {
    return Reference.eval(p.get("p"));
  }

  private static double[] each(java.util.function.IntToDoubleFunction f) {
    double[] y = new double[3];
    Arrays.setAll(y, f);
    return y;
  }

  @Test
  void ofBowlsTheyAreWhatThePaperSays() {
    TwoBatches two = new TwoBatches(bowl(H0, C0), bowl(H1, C1));
    Params phi = Params.of("p", literal(Shape.of(3), PHI));
    double alpha = 0.125;
    double[] g0 = each(i -> H0[i] * (PHI[i] - C0[i]));
    double[] g1 = each(i -> H1[i] * (PHI[i] - C1[i]));
    // gradients of the second batch at the point after a step on the first, in both orders
    double[] after01 = each(i -> g1[i] - alpha * H1[i] * g0[i]);
    double[] after10 = each(i -> g0[i] - alpha * H0[i] * g1[i]);
    assertArrayEquals(each(i -> (g0[i] + g1[i]) / 2), value(two.gradient(phi)), 1e-12);
    assertArrayEquals(each(i -> (H0[i] * g1[i] + H1[i] * g0[i]) / 2), value(two.inner(phi)), 1e-12);
    TwoBatches.Directions d = two.directions(phi, scalar(alpha));
    assertArrayEquals(each(i -> (after01[i] + after10[i]) / 2), value(d.fomaml()), 1e-12);
    assertArrayEquals(
        each(i -> ((1 - alpha * H0[i]) * after01[i] + (1 - alpha * H1[i]) * after10[i]) / 2),
        value(d.maml()),
        1e-12);
    assertArrayEquals(
        each(i -> (g0[i] + after01[i] + g1[i] + after10[i]) / 2), value(d.reptile()), 1e-12);
  }

  private static Batch points(long seed) {
    SplittableRandom r = new SplittableRandom(seed);
    return new Batch(
        literal(Shape.of(6, 1), r.doubles(6, -5, 5).toArray()),
        literal(Shape.of(6, 1), r.doubles(6, -2, 2).toArray()));
  }

  /** The learners' own outer gradients of both orders, and the way that two steps go. */
  @Test
  void theyAreTheDirectionsOfTheLearners() {
    Batch b0 = points(1);
    Batch b1 = points(2);
    for (Map.Entry<String, Function<TwoBatches.Directions, Params>> of :
        Map.<String, Function<TwoBatches.Directions, Params>>of(
                "maml", TwoBatches.Directions::maml, "fomaml", TwoBatches.Directions::fomaml)
            .entrySet()) {
      RunConfig c =
          RunFixtures.sinusoid(
              "learner", of.getKey(), "hidden", "7,5", "inner-steps", "1", "inner-rate", "0.0625");
      Learner learner = Components.trained(c, 0);
      Params phi = learner.init(new Init(3));
      TwoBatches.Directions d = batches(learner, b0, b1).directions(phi, scalar(0.0625));
      Params there = Grad.grad(p -> learner.loss(p, new Task(b0, b1)).loss(), phi);
      Params back = Grad.grad(p -> learner.loss(p, new Task(b1, b0)).loss(), phi);
      same(there.plus(back).times(0.5), of.getValue().apply(d), 1e-11);
      // (phi - W) / alpha, W after a step on each batch
      Params w01 = learner.adapt(learner.adapt(phi, b0), b1);
      Params w10 = learner.adapt(learner.adapt(phi, b1), b0);
      Params both = phi.minus(w01).plus(phi.minus(w10));
      same(both.times(0.5 / 0.0625), d.reptile(), 1e-11);
    }
  }

  private static TwoBatches batches(Learner learner, Batch b0, Batch b1) {
    Function<Batch, Function<Params, Tensor>> loss =
        b ->
            phi -> {
              Tensor y = learner.network(phi, b.x(), Norm.batch()).get(Model.OUTPUTS);
              Tensor off = sub(y, b.y());
              return scale(sum(mul(off, off)), 1.0 / b.count());
            };
    return new TwoBatches(loss.apply(b0), loss.apply(b1));
  }

  private static void same(Params expected, Params found, double tolerance) {
    assertEquals(expected.names(), found.names());
    Map<Tensor, double[]> e = Reference.eval(expected.values(), Map.of());
    Map<Tensor, double[]> f = Reference.eval(found.values(), Map.of());
    for (String n : expected.names()) {
      assertEquals(DType.F32, found.get(n).dtype());
      assertArrayEquals(e.get(expected.get(n)), f.get(found.get(n)), tolerance, () -> n);
    }
  }
}
