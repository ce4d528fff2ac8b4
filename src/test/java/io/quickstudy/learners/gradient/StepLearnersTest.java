package io.quickstudy.learners.gradient;

import static io.quickstudy.graph.Ops.literal;
import static io.quickstudy.graph.Ops.scalar;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.quickstudy.graph.DType;
import io.quickstudy.graph.Shape;
import io.quickstudy.graph.Tensor;
import io.quickstudy.learner.Criterion;
import io.quickstudy.learner.Learner;
import io.quickstudy.learner.MetaBatch;
import io.quickstudy.learner.Setup;
import io.quickstudy.learners.inner.InnerLoop;
import io.quickstudy.learners.inner.Order;
import io.quickstudy.learners.inner.Part;
import io.quickstudy.learners.inner.Rates;
import io.quickstudy.learners.inner.StepNorm;
import io.quickstudy.nn.ConvNet;
import io.quickstudy.nn.FeatureScale;
import io.quickstudy.nn.Init;
import io.quickstudy.nn.Linear;
import io.quickstudy.nn.Mlp;
import io.quickstudy.nn.Model;
import io.quickstudy.nn.Norm;
import io.quickstudy.nn.WithClassifier;
import io.quickstudy.optim.Optimiser;
import io.quickstudy.optim.Schedule;
import io.quickstudy.random.RandomStream;
import io.quickstudy.random.RandomUse;
import io.quickstudy.reference.Reference;
import io.quickstudy.task.Batch;
import io.quickstudy.task.Drawn;
import io.quickstudy.task.Task;
import io.quickstudy.task.TaskKind;
import io.quickstudy.transform.Params;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

/** Learners that adapt by steps, against their papers' equations on y = w x + b in plain Java. */
class StepLearnersTest {
  private static final double CLOSE = 1e-12;
  private static final double ALPHA = 0.1;

  private static final double[] X = {0.5, -1, 2};
  private static final double[] Y = {1, 0.25, -0.5};
  private static final double[] QUERY = {1.5, -0.75};
  private static final double[] ANSWER = {0.5, 2};

  private static final Mlp LINE = new Mlp(List.of(1, 1));
  private static final double[] START = {0.75, -0.25};

  private static Tensor column(double... x) {
    return literal(Shape.of(x.length, 1), x);
  }

  private static Task task() {
    return new Task(new Batch(column(X), column(Y)), new Batch(column(QUERY), column(ANSWER)));
  }

  private static Params line(double w, double b) {
    return Params.of(
        "layer1.weight", literal(Shape.of(1, 1), w), "layer1.bias", literal(Shape.of(1), b));
  }

  private static double value(Tensor t) {
    return Reference.eval(t)[0];
  }

  private static double[] line(Params p) {
    return new double[] {value(p.get("layer1.weight")), value(p.get("layer1.bias"))};
  }

  /** The mean squared error. */
  private static double loss(double[] p, double[] x, double[] y) {
    double sum = 0;
    for (int i = 0; i < x.length; i++) {
      double e = p[0] * x[i] + p[1] - y[i];
      sum += e * e / x.length;
    }
    return sum;
  }

  private static double[] gradient(double[] p, double[] x, double[] y) {
    double[] g = new double[2];
    for (int i = 0; i < x.length; i++) {
      double e = p[0] * x[i] + p[1] - y[i];
      g[0] += 2 * e * x[i] / x.length;
      g[1] += 2 * e / x.length;
    }
    return g;
  }

  private static double[] step(double[] p, double... alpha) {
    double[] g = gradient(p, X, Y);
    return new double[] {p[0] - alpha[0] * g[0], p[1] - alpha[alpha.length - 1] * g[1]};
  }

  private static InnerLoop loop(int steps, Rates rates, double stopLoss) {
    return new InnerLoop(
        LINE,
        Criterion.SQUARED_ERROR,
        steps,
        Part.all(),
        rates,
        Order.SECOND,
        StepNorm.shared(),
        Norm.Policy.NONE,
        stopLoss);
  }

  private static Setup setup() {
    return new Setup(
        TaskKind.REGRESSION,
        Shape.of(1),
        1,
        0,
        Norm.Policy.NONE,
        Optional.of(Mlp.KIND.build(new Mlp.Options(List.of(3, 2), FeatureScale.RAW))));
  }

  @Test
  void mamlDescendsOnTheSupportSetAndIsMeasuredOnTheQueries() {
    Maml maml = new Maml(loop(2, Rates.fixed(ALPHA), 0));
    double[] expected = step(step(START, ALPHA), ALPHA);
    Params theta = line(START[0], START[1]);
    assertArrayEquals(expected, line(maml.adapt(theta, task().support())), CLOSE);
    assertEquals(loss(expected, QUERY, ANSWER), value(maml.loss(theta, task()).loss()), CLOSE);
    List<Tensor> by = maml.predictByStep(theta, task().support(), column(QUERY));
    assertEquals(3, by.size());
    assertEquals(START[0] * QUERY[0] + START[1], value(by.getFirst()), CLOSE);
    assertEquals(expected[0] * QUERY[0] + expected[1], value(by.getLast()), CLOSE);
  }

  @Test
  void metaSgdHasARateForEachNumber() {
    MetaSgd m = new MetaSgd(loop(1, Rates.Learned.PARAMETER.rates(1, 0.3), 0));
    Params theta = m.init(new Init(1));
    assertEquals(0.3, value(theta.get("inner.rate.layer1.weight")), 1e-7);
    Params given =
        line(START[0], START[1])
            .with("inner.rate.layer1.weight", literal(Shape.of(1, 1), 0.2))
            .with("inner.rate.layer1.bias", literal(Shape.of(1), -0.1));
    double[] expected = step(START, 0.2, -0.1);
    assertArrayEquals(expected, line(m.adapt(given, task().support())), CLOSE);
  }

  @Test
  void stepsMayHaveRatesOfTheirOwn() {
    Maml maml = new Maml(loop(2, Rates.Learned.LAYER_STEP.rates(2, 0.3), 0));
    assertEquals(
        Shape.of(2), maml.init(new Init(1)).get("inner.rate.layer1").shape(), "a rate a step");
    Params theta =
        line(START[0], START[1]).with("inner.rate.layer1", literal(Shape.of(2), 0.2, 0.05));
    double[] expected = step(step(START, 0.2), 0.05);
    assertArrayEquals(expected, line(maml.adapt(theta, task().support())), CLOSE);
    Maml longer = new Maml(loop(3, Rates.Learned.LAYER_STEP.rates(3, 0.3), 0));
    Exception e =
        assertThrows(IllegalArgumentException.class, () -> longer.adapt(theta, task().support()));
    assertTrue(e.getMessage().startsWith("Inner step 3 has no learned rate"), e.getMessage());
  }

  @Test
  void oneLearnedRateMustStayAboveZero() {
    Rates one = Rates.Learned.ONE.rates(1, 0.3);
    Maml maml = new Maml(loop(1, one, 0));
    assertTrue(maml.objection(Map.of("inner-rate", 0.1)).isEmpty());
    assertTrue(maml.objection(Map.of("inner-rate", -0.01)).orElseThrow().contains("-0.01"));
    assertTrue(maml.objection(Map.of("inner-rate", Double.NaN)).isPresent());
    Params theta = maml.init(new Init(1));
    assertEquals(0.3, value(maml.watched(theta).get("inner-rate")), 1e-7);
  }

  @Test
  void stepsStopWhereTheLossIsLow() {
    double after = loss(step(START, ALPHA), X, Y);
    double before = loss(START, X, Y);
    assertTrue(after < before);
    Params theta = line(START[0], START[1]);
    Maml one = new Maml(loop(4, Rates.fixed(ALPHA), (after + before) / 2));
    assertArrayEquals(
        step(START, ALPHA), line(one.adapt(theta, task().support())), CLOSE, "after one step");
    Maml none = new Maml(loop(4, Rates.fixed(ALPHA), 2 * before));
    assertArrayEquals(START, line(none.adapt(theta, task().support())), CLOSE, "before any");
  }

  @Test
  void anilChangesTheLastLayer() {
    Learner anil = Anil.KIND.build(new Anil.Options(2, ALPHA, Part.HEAD, 0), setup());
    Params theta = anil.init(new Init(3));
    Params adapted = anil.adapt(theta, task().support());
    assertEquals(List.of("layer3.weight", "layer3.bias"), List.copyOf(adapted.names()));
    Learner boil = Anil.KIND.build(new Anil.Options(2, ALPHA, Part.BODY, 0), setup());
    assertEquals(
        List.of("layer1.weight", "layer1.bias", "layer2.weight", "layer2.bias"),
        List.copyOf(boil.adapt(theta, task().support()).names()));
    Learner bias = Anil.KIND.build(new Anil.Options(2, ALPHA, ".*bias", 0), setup());
    assertEquals(3, bias.adapt(theta, task().support()).count());
  }

  @Test
  void aPatternHasToMatchSomething() {
    Learner none = Anil.KIND.build(new Anil.Options(2, ALPHA, "conv9.*", 0), setup());
    Exception e = assertThrows(IllegalArgumentException.class, () -> none.init(new Init(1)));
    assertTrue(e.getMessage().startsWith("Option --adapts is 'conv9.*': expected"), e.getMessage());
    Exception bad =
        assertThrows(
            IllegalArgumentException.class,
            () -> Anil.KIND.build(new Anil.Options(2, ALPHA, "conv(", 0), setup()));
    assertTrue(bad.getMessage().startsWith("Option --adapts is 'conv('"), bad.getMessage());
  }

  @Test
  void alphaFallsAlongItsHypergradient() {
    AlphaMaml m = new AlphaMaml(loop(1, Rates.Learned.ONE.rates(1, ALPHA), 0), options(0.5, 0.25));
    Params theta = line(START[0], START[1]).with("inner.rate", scalar(ALPHA));
    double[] g0 = gradient(START, X, Y);
    double[] g1 = gradient(step(START, ALPHA), QUERY, ANSWER);
    Params g = io.quickstudy.transform.Grad.grad(p -> m.loss(p, task()).loss(), theta);
    double dot = g0[0] * g1[0] + g0[1] * g1[1];
    assertEquals(-dot, value(g.get("inner.rate")), CLOSE);

    Optimiser rule = m.optimiser(new Optimiser.Sgd(new Schedule.Constant(0.125), 0));
    Params slots = rule.init(theta);
    Optimiser.Update first = rule.step(theta, g, slots, scalar(0));
    assertEquals(ALPHA + 0.5 * dot, value(first.theta().get("inner.rate")), CLOSE);
    double w = value(g.get("layer1.weight"));
    double b = value(g.get("layer1.bias"));
    assertEquals(START[0] - 0.125 * w, value(first.theta().get("layer1.weight")), CLOSE);
    Optimiser.Update second = rule.step(first.theta(), g, first.slots(), scalar(1));
    double beta = 0.125 + 0.25 * (w * w + b * b);
    assertEquals(beta, value(rule.watched(second.slots()).get("outer-rate")), CLOSE);
    assertEquals(START[0] - (0.125 + beta) * w, value(second.theta().get("layer1.weight")), 1e-11);
    // against the direction before: the rate would be below 0
    Optimiser.Update back = rule.step(theta, g.times(-100), first.slots(), scalar(1));
    assertEquals(0, value(rule.watched(back.slots()).get("outer-rate")));
    assertArrayEquals(START, line(back.theta()), CLOSE);
    assertTrue(m.objection(Map.of("outer-rate", Double.NaN, "inner-rate", 0.1)).isPresent());
    assertTrue(m.objection(Map.of("outer-rate", 0.5, "inner-rate", 0.1)).isEmpty());
    assertThrows(
        IllegalArgumentException.class,
        () -> m.optimiser(new Optimiser.Adam(new Schedule.Constant(0.1))));
  }

  private static AlphaMaml.Options options(double innerHyper, double outerHyper) {
    return new AlphaMaml.Options(1, ALPHA, innerHyper, outerHyper);
  }

  private static MamlPlusPlus plus(int steps, int multiStepSteps, int firstOrderSteps) {
    MamlPlusPlus.Options o =
        new MamlPlusPlus.Options(
            steps,
            ALPHA,
            Rates.Learned.FIXED,
            StepNorm.Gains.SHARED,
            multiStepSteps,
            firstOrderSteps);
    return new MamlPlusPlus(loop(steps, Rates.fixed(ALPHA), 0), o, MamlPlusPlus.MultiStep.ALL);
  }

  /** One task at a step of training, whose direction is its loss. */
  private record At(double at) implements MetaBatch {
    @Override
    public Direction gradientOfMeanLoss(Params theta) {
      throw new AssertionError("another loss was expected");
    }

    @Override
    public Direction gradientOfMean(Params theta, BiFunction<Params, Drawn, Learner.Outcome> loss) {
      return new Direction(Params.empty(), Params.of(LOSS, loss.apply(theta, task()).loss()));
    }

    @Override
    public Tensor step() {
      return scalar(at);
    }

    @Override
    public Params buffers() {
      return Params.empty();
    }

    @Override
    public Params mean(Function<Drawn, Params> each) {
      throw new AssertionError("a gradient was expected");
    }
  }

  @Test
  void lossesOfAllStepsCountAtFirst() {
    Params theta = line(START[0], START[1]);
    double[] one = step(START, ALPHA);
    double[] two = step(one, ALPHA);
    double l1 = loss(one, QUERY, ANSWER);
    double l2 = loss(two, QUERY, ANSWER);
    MamlPlusPlus m = plus(2, 100, 0);
    assertEquals((l1 + l2) / 2, value(m.loss(theta, task()).loss()), CLOSE);
    // 1/2 falls by 1/2 / 100 a step, to 0.03 / 2
    assertEquals(0.25 * l1 + 0.75 * l2, multiStep(m, theta, 50), CLOSE);
    assertEquals(0.015 * l1 + 0.985 * l2, multiStep(m, theta, 99), CLOSE);
    MamlPlusPlus last = (MamlPlusPlus) m.trainedAt(100);
    assertEquals(l2, multiStep(last, theta, 100), CLOSE);
  }

  private static double multiStep(MamlPlusPlus m, Params theta, int step) {
    return value(m.direction(theta, new At(step)).means().get(MetaBatch.LOSS));
  }

  @Test
  void theOrderRisesOnTheWay() {
    MamlPlusPlus m = plus(2, 0, 10);
    assertEquals(Order.FIRST, ((MamlPlusPlus) m.trainedAt(9)).inner().order());
    assertEquals(Order.SECOND, ((MamlPlusPlus) m.trainedAt(10)).inner().order());
    assertEquals(m.trainedAt(10), m.trainedAt(11));
    assertNotEquals(m.trainedAt(9), m.trainedAt(10));
  }

  @Test
  void batchNormMayBeByStep() {
    ConvNet net = new ConvNet(4, 4, 1, 2, 1, ConvNet.Down.MAX_POOL, ConvNet.Head.FLATTEN);
    Model f = new WithClassifier(net, new Linear(net.features(), 2));
    InnerLoop inner =
        new InnerLoop(
            f,
            Criterion.CROSS_ENTROPY,
            2,
            Part.all(),
            Rates.fixed(ALPHA),
            Order.SECOND,
            new StepNorm(StepNorm.Gains.OWN, StepNorm.Statistics.OWN, 2),
            Norm.Policy.PER_STEP,
            0);
    Maml m = new Maml(inner);
    Params theta = m.init(new Init(2));
    assertEquals(Shape.of(3, 2), theta.get("inner.norm.norm1.weight").shape());
    assertTrue(!theta.names().contains("norm1.weight"));
    Params marked =
        theta.with("inner.norm.norm1.weight", literal(Shape.of(3, 2), 1, 2, 3, 4, 5, 6));
    Batch support = new Batch(images(2, 1), literal(DType.I32, Shape.of(2), 0, 1));
    Batch query = new Batch(images(3, 2), literal(DType.I32, Shape.of(3), 0, 1, 1));
    Params adapted = m.adapt(marked, support);
    assertArrayEquals(
        new double[] {5, 6}, Reference.eval(adapted.get("norm1.weight")), 0, "those of the last");

    Learner.Outcome o = m.loss(theta, new Task(support, query));
    List<InnerLoop.Fast> path = inner.training(theta, support);
    List<Tensor> means = new ArrayList<>();
    for (int k = 0; k <= 2; k++) {
      Params seen = path.get(k).theta().with("norm1.weight", literal(Shape.of(2), 1, 1));
      Params p = seen.with("norm1.bias", literal(Shape.of(2), 0, 0));
      Tensor x = k == 2 ? query.x() : support.x();
      means.add(f.pass(p, x, Norm.batch()).moments().get("norm1.running_mean"));
    }
    double[] moved = Reference.eval(o.buffers().get("inner.norm.norm1.running_mean"));
    for (int k = 0; k <= 2; k++) {
      double[] now = Reference.eval(means.get(k));
      for (int c = 0; c < 2; c++) {
        assertEquals(0.1 * now[c], moved[2 * k + c], CLOSE, "step " + k);
      }
    }
    InnerLoop more =
        new InnerLoop(
            f,
            Criterion.CROSS_ENTROPY,
            3,
            Part.all(),
            Rates.fixed(ALPHA),
            Order.SECOND,
            new StepNorm(StepNorm.Gains.OWN, StepNorm.Statistics.OWN, 3),
            Norm.Policy.PER_STEP,
            0);
    Exception e = assertThrows(IllegalArgumentException.class, () -> more.adapt(theta, support));
    assertTrue(e.getMessage().startsWith("Inner step 3 has no batch norm"), e.getMessage());
  }

  private static Tensor images(int n, long stream) {
    RandomStream r = new RandomStream(7, RandomUse.PARAMETERS, stream);
    double[] x = new double[n * 16];
    for (int i = 0; i < x.length; i++) {
      x[i] = r.nextDouble();
    }
    return literal(Shape.of(n, 4, 4, 1), x);
  }

  @Test
  void runningStatisticsAreRefused() {
    assertThrows(
        IllegalArgumentException.class,
        () ->
            new InnerLoop(
                LINE, Criterion.SQUARED_ERROR, 1, ALPHA, Order.SECOND, Norm.Policy.RUNNING));
  }
}
