package io.quickstudy.learners.gradient;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.quickstudy.graph.DType;
import io.quickstudy.graph.Ops;
import io.quickstudy.graph.Shape;
import io.quickstudy.graph.Tensor;
import io.quickstudy.learner.Criterion;
import io.quickstudy.learner.Learner;
import io.quickstudy.learner.MetaBatch;
import io.quickstudy.learners.inner.MiniBatches;
import io.quickstudy.nn.Init;
import io.quickstudy.nn.Model;
import io.quickstudy.nn.Norm;
import io.quickstudy.optim.Optimiser;
import io.quickstudy.optim.Schedule;
import io.quickstudy.reference.Reference;
import io.quickstudy.task.Batch;
import io.quickstudy.task.Drawn;
import io.quickstudy.task.Task;
import io.quickstudy.transform.Params;
import java.util.List;
import java.util.function.BiFunction;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

/** Its inner steps, its direction and its mini-batches by numbers worked out by hand. */
class ReptileTest {
  private static final double EXACT = 1e-12;
  private static final double ALPHA = 0.05;
  private static final double BETA2 = 0.999;

  /** One number that is the prediction everywhere: L is (w - mean y)^2 and a constant. */
  private record OneNumber() implements Model {
    @Override
    public Params init(Init draw) {
      return Params.of("w", Ops.fill(0, Shape.of(1)));
    }

    @Override
    public Pass pass(Params theta, Tensor x, Norm norm) {
      Tensor y = Ops.broadcast(theta.get("w"), Shape.of(x.dim(0), 1), List.of(0));
      return new Pass(y, Params.empty());
    }
  }

  /** Tasks that are at hand. */
  private record Tasks(List<Task> all) implements MetaBatch {
    @Override
    public Direction gradientOfMeanLoss(Params theta) {
      throw new UnsupportedOperationException();
    }

    @Override
    public Direction gradientOfMean(Params theta, BiFunction<Params, Drawn, Learner.Outcome> loss) {
      throw new UnsupportedOperationException();
    }

    @Override
    public Tensor step() {
      return Ops.scalar(0);
    }

    @Override
    public Params buffers() {
      return Params.empty();
    }

    @Override
    public Params mean(Function<Drawn, Params> each) {
      Params sum = each.apply(all.getFirst());
      for (Task t : all.subList(1, all.size())) {
        sum = sum.plus(each.apply(t));
      }
      return sum.times(1.0 / all.size());
    }
  }

  private static Reptile reptile(int steps, int batch, Reptile.InnerOptimiser u) {
    Reptile.Options o = new Reptile.Options(steps, ALPHA, batch, u);
    return new Reptile(new OneNumber(), Criterion.SQUARED_ERROR, o, Norm.Policy.NONE);
  }

  private static Batch points(double... y) {
    Shape s = Shape.of(y.length, 1);
    return new Batch(Ops.fill(0, s), Ops.literal(s, y));
  }

  private static Params at(double w) {
    return Params.of("w", Ops.literal(Shape.of(1), w));
  }

  private static double number(Params p, String name) {
    return Reference.eval(p.get(name))[0];
  }

  /** W after one step of SGD on the loss whose least is at c. */
  private static double descend(double w, double c) {
    return w - ALPHA * 2 * (w - c);
  }

  @Test
  void itsGradientIsTheSumOfTheInnerOnes() {
    int k = 4;
    double w = 3;
    double[] c = {1, -2};
    double move = 0;
    for (double target : c) {
      double fast = w;
      double sum = 0;
      for (int i = 0; i < k; i++) {
        sum += 2 * (fast - target);
        fast = descend(fast, target);
      }
      // of a quadratic loss: (phi - W) = (1 - (1 - 2 alpha)^k) (phi - c)
      assertEquals((1 - Math.pow(1 - 2 * ALPHA, k)) * (w - target), ALPHA * sum, EXACT);
      move += ALPHA * sum / c.length;
    }
    Tasks tasks =
        new Tasks(List.of(new Task(points(1, 1), points(0)), new Task(points(-2, -2), points(0))));
    MetaBatch.Direction d = reptile(k, 2, Reptile.InnerOptimiser.SGD).direction(at(w), tasks);
    assertEquals(move, number(d.gradient(), "w"), EXACT);
  }

  @Test
  void miniBatchesGoRoundTheSet() {
    double w = 3;
    for (double[] c : new double[][] {{1, 2}, {4, -2}, {1, 2}}) {
      w = descend(w, (c[0] + c[1]) / 2);
    }
    Params fast = reptile(3, 2, Reptile.InnerOptimiser.SGD).adapt(at(3), points(1, 2, 4, -2));
    assertEquals(w, number(fast, "w"), EXACT);
    double all = descend(descend(3, 1.25), 1.25);
    Params few = reptile(2, 9, Reptile.InnerOptimiser.SGD).adapt(at(3), points(1, 2, 4, -2));
    assertEquals(all, number(few, "w"), EXACT);
  }

  @Test
  void adamHasNoMomentumAndCarriesItsSquares() {
    double w = 3;
    double v = 0;
    double power = 1;
    for (int i = 0; i < 3; i++) {
      double g = 2 * (w - 1);
      v = BETA2 * v + (1 - BETA2) * g * g;
      power *= BETA2;
      w -= ALPHA * g / (Math.sqrt(v / (1 - power)) + 1e-8);
    }
    Reptile r = reptile(3, 1, Reptile.InnerOptimiser.ADAM);
    Params theta = r.init(new Init(1)).with(at(3));
    assertEquals(w, number(r.adapt(theta, points(1)), "w"), EXACT);

    // all of the memory is carried, and epsilon = 0.25 of the move
    Optimiser rule = r.optimiser(new Optimiser.Sgd(new Schedule.Constant(0.25), 0));
    Tasks tasks = new Tasks(List.of(new Task(points(1), points(0))));
    Params g = r.direction(theta, tasks).gradient();
    Params next = rule.step(theta, g, rule.init(theta), Ops.scalar(0)).theta();
    assertEquals(3 + 0.25 * (w - 3), number(next, "w"), EXACT);
    assertEquals(v / (1 - power), number(next, "adam.squares.w"), EXACT);
    assertEquals(power, number(next, "adam.power"), EXACT);
  }

  @Test
  void theFirstStepOfAdamIsOfTheRatesLength() {
    Reptile r = reptile(1, 1, Reptile.InnerOptimiser.ADAM);
    Params theta = r.init(new Init(1)).with(at(3));
    for (double c : new double[] {-100, 2.9}) {
      assertEquals(3 - ALPHA, number(r.adapt(theta, points(c)), "w"), 1e-7);
    }
  }

  @Test
  void everyStepPredicts() {
    Reptile r = reptile(2, 1, Reptile.InnerOptimiser.SGD);
    List<Tensor> path = r.predictByStep(at(3), points(1), Ops.fill(0, Shape.of(1, 1)));
    assertEquals(3, path.size());
    assertEquals(3, Reference.eval(path.get(0))[0], EXACT);
    assertEquals(descend(3, 1), Reference.eval(path.get(1))[0], EXACT);
    assertEquals(descend(descend(3, 1), 1), Reference.eval(path.get(2))[0], EXACT);
  }

  /** What passes through, less the mean of all that does. */
  private record Centred() implements Model {
    @Override
    public Params init(Init draw) {
      return Params.of("w", Ops.fill(0, Shape.of(1)));
    }

    @Override
    public Pass pass(Params theta, Tensor x, Norm norm) {
      Tensor mean = norm.moments("norm1", x).mean();
      return new Pass(Ops.sub(x, Ops.broadcast(mean, x.shape(), List.of(0))), Params.empty());
    }
  }

  @Test
  void withoutTransductionAQueryIsNormalisedAmongTheSupportSet() {
    Reptile.Options o = new Reptile.Options(0, ALPHA, 1, Reptile.InnerOptimiser.SGD);
    Norm.Policy norm = Norm.Policy.WITH_SUPPORT;
    Reptile r = new Reptile(new Centred(), Criterion.SQUARED_ERROR, o, norm);
    Batch support = new Batch(Ops.literal(Shape.of(2, 1), 1, 4), Ops.literal(Shape.of(2, 1), 0, 0));
    Tensor queries = Ops.literal(Shape.of(3, 1), 1, 7, -2);
    double[] y = Reference.eval(r.predict(at(3), support, queries));
    assertArrayEquals(new double[] {1 - 2, 7 - 4, -2 - 1}, y, EXACT);
  }

  @Test
  void learnedStatisticsAreRefused() {
    Reptile.Options o = new Reptile.Options(1, ALPHA, 1, Reptile.InnerOptimiser.SGD);
    String said =
        assertThrows(
                IllegalArgumentException.class,
                () -> new Reptile(new OneNumber(), Criterion.CROSS_ENTROPY, o, Norm.Policy.RUNNING))
            .getMessage();
    assertTrue(said.contains("'running'"), said);
  }

  @Test
  void windowsHaveTheirClassesInTurns() {
    double[] labels = {2, 0, 0, 1, 2, 0};
    Tensor x = Ops.literal(Shape.of(6, 1), 0, 1, 2, 3, 4, 5);
    Batch set = new Batch(x, Ops.literal(DType.I32, Shape.of(6), labels));
    MiniBatches b = MiniBatches.of(set, 4);
    assertArrayEquals(new double[] {1, 3, 0, 2}, Reference.eval(b.get(0).x()), EXACT);
    assertArrayEquals(new double[] {0, 1, 2, 0}, Reference.eval(b.get(0).y()), EXACT);
    assertArrayEquals(new double[] {4, 5, 1, 3}, Reference.eval(b.get(1).x()), EXACT);
    assertArrayEquals(new double[] {2, 0, 0, 1}, Reference.eval(b.get(1).y()), EXACT);
    assertEquals(6, MiniBatches.of(set, 7).get(3).count());
  }
}
