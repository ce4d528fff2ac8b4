package io.quickstudy.learners.gradient;

import static io.quickstudy.graph.Ops.literal;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.quickstudy.backend.Precision;
import io.quickstudy.graph.DType;
import io.quickstudy.graph.Op;
import io.quickstudy.graph.Shape;
import io.quickstudy.graph.Tensor;
import io.quickstudy.learner.Criterion;
import io.quickstudy.learner.Learner;
import io.quickstudy.nn.Activation;
import io.quickstudy.nn.ConvNet;
import io.quickstudy.nn.FeatureScale;
import io.quickstudy.nn.Init;
import io.quickstudy.nn.Linear;
import io.quickstudy.nn.Mlp;
import io.quickstudy.nn.Model;
import io.quickstudy.nn.Norm;
import io.quickstudy.nn.WithClassifier;
import io.quickstudy.reference.Reference;
import io.quickstudy.runtime.Compiled;
import io.quickstudy.runtime.Engine;
import io.quickstudy.runtime.Function;
import io.quickstudy.runtime.Signature;
import io.quickstudy.task.Batch;
import io.quickstudy.task.Task;
import io.quickstudy.transform.Grad;
import io.quickstudy.transform.Params;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Implicit MAML against closed forms and explicit gradients, and what memory it takes. */
class ImplicitMamlTest {
  private static final double LAMBDA = 0.5;

  private static Tensor numbers(long seed, int... dims) {
    SplittableRandom r = new SplittableRandom(seed);
    Shape s = Shape.of(dims);
    return literal(s, r.doubles(s.size(), -1, 1).toArray());
  }

  private static ImplicitMaml.Options options(
      ImplicitMaml.Solver solver, int steps, ImplicitMaml.OuterGradient outer, int cgSteps) {
    return new ImplicitMaml.Options(
        LAMBDA, solver, steps, 0.2, ImplicitMaml.Prior.EACH, outer, cgSteps, 0);
  }

  /** One step of Newton's, and the implicit gradient behind it. */
  private static ImplicitMaml.Options oneOfNewton(double lambda, int cgSteps, double damping) {
    return new ImplicitMaml.Options(
        lambda,
        ImplicitMaml.Solver.HESSIAN_FREE,
        1,
        0.2,
        ImplicitMaml.Prior.EACH,
        ImplicitMaml.OuterGradient.IMPLICIT,
        cgSteps,
        damping);
  }

  private static double[] gradient(Learner l, Params theta, Task task) {
    return flat(Grad.grad(p -> l.loss(p, task).loss(), theta));
  }

  private static double[] flat(Params p) {
    return p.values().stream().flatMapToDouble(v -> Arrays.stream(Reference.eval(v))).toArray();
  }

  // ---- a linear model, whose inner problem is quadratic

  private static final Mlp LINE = new Mlp(List.of(1, 1));
  private static final double[] X = {0.5, -1, 2};
  private static final double[] Y = {1, 0.25, -0.5};
  private static final double QUERY = 1.5;
  private static final double ANSWER = -0.75;
  private static final double[] START = {0.75, -0.25};

  private static Task line() {
    return new Task(
        new Batch(literal(Shape.of(3, 1), X), literal(Shape.of(3, 1), Y)),
        new Batch(literal(Shape.of(1, 1), QUERY), literal(Shape.of(1, 1), ANSWER)));
  }

  private static Params start() {
    return Params.of(
        "layer1.weight",
        literal(Shape.of(1, 1), START[0]),
        "layer1.bias",
        literal(Shape.of(1), START[1]));
  }

  /** (A + lambda I)^-1 v, where A is the Hessian of the mean squared error. */
  private static double[] solve(double... v) {
    return solve(LAMBDA, v);
  }

  private static double[] solve(double lambda, double[] v) {
    double xx = 0;
    double x = 0;
    for (double xi : X) {
      xx += 2 * xi * xi / X.length;
      x += 2 * xi / X.length;
    }
    double a = xx + lambda;
    double d = 2 + lambda;
    double det = a * d - x * x;
    return new double[] {(d * v[0] - x * v[1]) / det, (a * v[1] - x * v[0]) / det};
  }

  /** phi = (A + lambda I)^-1 (lambda theta + c), and its derivative (I + A / lambda)^-1. */
  @Test
  void optimumAndGradientAreThoseInClosedForm() {
    double[] c = new double[2];
    for (int i = 0; i < X.length; i++) {
      c[0] += 2 * X[i] * Y[i] / X.length;
      c[1] += 2 * Y[i] / X.length;
    }
    double[] phi = solve(LAMBDA * START[0] + c[0], LAMBDA * START[1] + c[1]);
    double error = 2 * (phi[0] * QUERY + phi[1] - ANSWER);
    double[] g = solve(LAMBDA * error * QUERY, LAMBDA * error);
    for (ImplicitMaml.Solver solver : ImplicitMaml.Solver.values()) {
      int steps = solver == ImplicitMaml.Solver.HESSIAN_FREE ? 1 : 150;
      for (ImplicitMaml.OuterGradient outer : ImplicitMaml.OuterGradient.values()) {
        Learner l =
            new ImplicitMaml(
                LINE, Criterion.SQUARED_ERROR, options(solver, steps, outer, 2), Norm.Policy.NONE);
        Params made = l.adapt(start(), line().support());
        double[] found = {
          Reference.eval(made.get("layer1.weight"))[0], Reference.eval(made.get("layer1.bias"))[0]
        };
        String of = solver + " " + outer;
        assertArrayEquals(phi, found, 1e-10, of);
        assertArrayEquals(g, gradient(l, start(), line()), 1e-10, of);
      }
    }
  }

  /** What a descent on L alone moved, less its alpha lambda-th part. */
  @Test
  void priorOfTheLastStepDrawsBackWhatWasDescended() {
    int steps = 3;
    double[] phi = START.clone();
    for (int k = 0; k < steps; k++) {
      double[] g = new double[2];
      for (int i = 0; i < X.length; i++) {
        double error = 2 * (phi[0] * X[i] + phi[1] - Y[i]) / X.length;
        g[0] += error * X[i];
        g[1] += error;
      }
      phi[0] -= 0.2 * g[0];
      phi[1] -= 0.2 * g[1];
    }
    for (int i = 0; i < phi.length; i++) {
      phi[i] = START[i] + (1 - 0.2 * LAMBDA) * (phi[i] - START[i]);
    }
    ImplicitMaml.Options o =
        new ImplicitMaml.Options(
            LAMBDA,
            ImplicitMaml.Solver.GRADIENT_DESCENT,
            steps,
            0.2,
            ImplicitMaml.Prior.LAST,
            ImplicitMaml.OuterGradient.IMPLICIT,
            2,
            0);
    Learner l = new ImplicitMaml(LINE, Criterion.SQUARED_ERROR, o, Norm.Policy.NONE);
    Params made = l.adapt(start(), line().support());
    double[] found = {
      Reference.eval(made.get("layer1.weight"))[0], Reference.eval(made.get("layer1.bias"))[0]
    };
    assertArrayEquals(phi, found, 1e-12);
  }

  /** lambda (A + (lambda + damping) I)^-1 of the outer loss's gradient. */
  @Test
  void dampingIsAddedToLambdaInTheSystem() {
    double damping = 3;
    ImplicitMaml.Options o = oneOfNewton(LAMBDA, 2, damping);
    Learner l = new ImplicitMaml(LINE, Criterion.SQUARED_ERROR, o, Norm.Policy.NONE);
    Params made = l.adapt(start(), line().support());
    double w = Reference.eval(made.get("layer1.weight"))[0];
    double b = Reference.eval(made.get("layer1.bias"))[0];
    double error = 2 * (w * QUERY + b - ANSWER);
    double[] g = solve(LAMBDA + damping, new double[] {LAMBDA * error * QUERY, LAMBDA * error});
    assertArrayEquals(g, gradient(l, start(), line()), 1e-10);
  }

  @Test
  void refusesThePriorOfTheLastStepOfNewton() {
    IllegalArgumentException e =
        assertThrows(
            IllegalArgumentException.class,
            () ->
                new ImplicitMaml.Options(
                    LAMBDA,
                    ImplicitMaml.Solver.HESSIAN_FREE,
                    1,
                    0.2,
                    ImplicitMaml.Prior.LAST,
                    ImplicitMaml.OuterGradient.IMPLICIT,
                    2,
                    0));
    assertTrue(e.getMessage().startsWith("Option --prior is last with --solver hessian-free:"));
  }

  /**
   * phi = theta - (J' J 2 / n + lambda I)^-1 grad, with J by differences, where L is not convex.
   */
  @Test
  void newtonsStepsAreThoseOfGaussAndNewton() {
    Mlp f = new Mlp(List.of(1, 2, 1), FeatureScale.RAW, Activation.TANH);
    Params theta = f.init(new Init(5)).map(v -> literal(v.shape(), Reference.eval(v)));
    double lambda = 5;
    ImplicitMaml.Options o = oneOfNewton(lambda, 7, 0);
    Learner l = new ImplicitMaml(f, Criterion.SQUARED_ERROR, o, Norm.Policy.NONE);
    double[] at = flat(theta);
    double[] y = outputs(f, theta, at);
    double[][] j = new double[y.length][at.length];
    double step = 1e-5;
    for (int k = 0; k < at.length; k++) {
      double[] high = outputs(f, theta, moved(at, k, step));
      double[] low = outputs(f, theta, moved(at, k, -step));
      for (int i = 0; i < y.length; i++) {
        j[i][k] = (high[i] - low[i]) / (2 * step);
      }
    }
    double[] moved = flat(l.adapt(theta, line().support()));
    for (int k = 0; k < at.length; k++) {
      double left = 0; // row k of (J' J 2 / n + lambda I) (theta - phi) = grad
      double right = 0;
      for (int i = 0; i < y.length; i++) {
        double along = 0;
        for (int m = 0; m < at.length; m++) {
          along += j[i][m] * (at[m] - moved[m]);
        }
        left += j[i][k] * along * 2 / y.length;
        right += j[i][k] * (y[i] - Y[i]) * 2 / y.length;
      }
      assertEquals(right, left + lambda * (at[k] - moved[k]), 1e-8, "parameter " + k);
      assertTrue(Math.abs(at[k] - moved[k]) > 1e-4, "parameter " + k + " moved");
    }
  }

  private static double[] moved(double[] at, int k, double by) {
    double[] m = at.clone();
    m[k] += by;
    return m;
  }

  /** What a model answers to X, of parameters like some whose numbers are others. */
  private static double[] outputs(Mlp f, Params like, double[] numbers) {
    int[] next = {0};
    Params p =
        like.map(
            v -> {
              double[] own = Arrays.copyOfRange(numbers, next[0], next[0] + v.shape().size());
              next[0] += own.length;
              return literal(v.shape(), own);
            });
    return Reference.eval(f.apply(p, literal(Shape.of(3, 1), X), Norm.batch()));
  }

  /** Against the gradient back through a long descent; six parameters, so that six steps do. */
  @Test
  void errorFallsWithTheStepsOfConjugateGradients() {
    Mlp f = new Mlp(List.of(5, 1));
    Task task =
        new Task(
            new Batch(numbers(1, 8, 5), numbers(2, 8, 1)),
            new Batch(numbers(3, 4, 5), numbers(4, 4, 1)));
    Params theta = Params.of("layer1.weight", numbers(5, 5, 1), "layer1.bias", numbers(6, 1));
    double[] exact = null;
    double last = Double.POSITIVE_INFINITY;
    for (int cg = 0; cg <= 6; cg++) {
      ImplicitMaml.OuterGradient outer =
          cg == 0 ? ImplicitMaml.OuterGradient.EXPLICIT : ImplicitMaml.OuterGradient.IMPLICIT;
      ImplicitMaml.Options o =
          options(ImplicitMaml.Solver.GRADIENT_DESCENT, 250, outer, Math.max(1, cg));
      Learner l = new ImplicitMaml(f, Criterion.SQUARED_ERROR, o, Norm.Policy.NONE);
      double[] g = gradient(l, theta, task);
      if (cg == 0) {
        exact = g;
        continue;
      }
      double error = 0;
      for (int i = 0; i < g.length; i++) {
        error += (g[i] - exact[i]) * (g[i] - exact[i]);
      }
      error = Math.sqrt(error);
      assertTrue(error < 0.7 * last, cg + " steps: error " + error + " after " + last);
      last = error;
    }
    assertTrue(last < 1e-9, "six steps for six parameters, yet the error is " + last);
  }

  // ---- memory

  private static long memory(Engine engine, int steps, ImplicitMaml.OuterGradient outer) {
    ConvNet net = new ConvNet(12, 12, 1, 8, 2, ConvNet.Down.STRIDE, ConvNet.Head.MEAN);
    Model f = new WithClassifier(net, new Linear(net.features(), 3));
    ImplicitMaml.Options o = options(ImplicitMaml.Solver.GRADIENT_DESCENT, steps, outer, 3);
    Learner l = new ImplicitMaml(f, Criterion.CROSS_ENTROPY, o, Norm.Policy.TRANSDUCTIVE);
    Tensor labels = literal(DType.I32, Shape.of(3), 0, 1, 2);
    Task task =
        new Task(
            new Batch(numbers(7, 3, 12, 12, 1), labels),
            new Batch(numbers(8, 3, 12, 12, 1), labels));
    Map<String, Op.Type> state = new LinkedHashMap<>();
    Params theta = f.init(new Init(1)).select(n -> !Norm.isBuffer(n));
    theta.names().forEach(n -> state.put(n, new Op.Type(theta.get(n).shape(), DType.F32)));
    Signature signature = new Signature(state, Map.of(), Map.of(), 1, Set.of());
    try (Compiled c =
        engine.compile(
            "memory",
            signature,
            (s, inputs, residents) ->
                new Function.Result(Grad.grad(p -> l.loss(p, task).loss(), s), Params.empty()))) {
      return c.memory().bytes();
    }
  }

  @Test
  void memoryIsFlatInTheInnerSteps() {
    try (Engine engine = Engine.open("cpu", 1, Precision.FP32)) {
      long five = memory(engine, 5, ImplicitMaml.OuterGradient.IMPLICIT);
      assertEquals(five, memory(engine, 50, ImplicitMaml.OuterGradient.IMPLICIT));
      long explicit = memory(engine, 20, ImplicitMaml.OuterGradient.EXPLICIT);
      assertTrue(explicit > 2 * five, explicit + " explicitly, " + five + " implicitly");
    }
  }
}
