package io.quickstudy.transform;

import static io.quickstudy.graph.Ops.*;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.quickstudy.backend.Precision;
import io.quickstudy.graph.DType;
import io.quickstudy.graph.Op;
import io.quickstudy.graph.Ops;
import io.quickstudy.graph.Product.Form;
import io.quickstudy.graph.Shape;
import io.quickstudy.graph.Tensor;
import io.quickstudy.reference.Reference;
import io.quickstudy.runtime.Compiled;
import io.quickstudy.runtime.Engine;
import io.quickstudy.runtime.Signature;
import io.quickstudy.transform.LinearSolver.ConjugateGradients;
import io.quickstudy.transform.LinearSolver.Damped;
import io.quickstudy.transform.LinearSolver.Dense;
import io.quickstudy.transform.LinearSolver.NeumannSeries;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

/** Gradients of solutions against those of their formulas and of unrolled solvers. */
class ImplicitTest {
  private static Tensor numbers(long seed, int... dims) {
    SplittableRandom r = new SplittableRandom(seed);
    Shape s = Shape.of(dims);
    return literal(s, r.doubles(s.size(), -1, 1).toArray());
  }

  private static Tensor squares(Tensor v) {
    return sum(mul(v, v));
  }

  private static void agree(
      Function<Params, Tensor> expected,
      Function<Params, Tensor> actual,
      Params at,
      double within) {
    Params e = Grad.grad(expected, at);
    Params a = Grad.grad(actual, at);
    for (String n : at.names()) {
      assertArrayEquals(Reference.eval(e.get(n)), Reference.eval(a.get(n)), within, n);
    }
  }

  /** The derivative along a fixed direction. */
  private static Function<Params, Tensor> along(Function<Params, Tensor> f) {
    return p ->
        Grad.grad(f, p).map(g -> sum(mul(g, numbers(7, g.shape().dims())))).values().stream()
            .reduce(scalar(0), Ops::add);
  }

  // ---- optima

  private static final Params FEATURES =
      Params.of("x", numbers(1, 5, 3), "t", numbers(2, 5, 2)).with("l", scalar(0.5));

  /** (X'X + l I)^-1 X'T. */
  private static Tensor ridge(Params p) {
    Tensor x = p.get("x");
    Tensor gram = add(dot(t(x), x), mul(p.get("l"), diagonal(Shape.of(3, 3))));
    Tensor l = cholesky(gram);
    return triangularSolve(
        l, triangularSolve(l, dot(t(x), p.get("t")), Form.PLAIN), Form.TRANSPOSED);
  }

  private static Tensor ridgeLoss(Params p, Tensor w) {
    Tensor off = squares(sub(dot(p.get("x"), w), p.get("t")));
    return scale(add(off, mul(p.get("l"), squares(w))), 0.5);
  }

  private static Tensor outer(Tensor w) {
    return sum(mul(numbers(3, 3, 2), add(w, mul(w, mul(w, w)))));
  }

  private static Function<Params, Tensor> implicitRidge(LinearSolver solver) {
    return p ->
        outer(
            Implicit.optimum(q -> ridgeLoss(p, q.get("w")), Params.of("w", ridge(p)), solver)
                .get("w"));
  }

  @Test
  void ridgeRegressionAsInClosedFormToTheThirdOrder() {
    Function<Params, Tensor> closed = p -> outer(ridge(p));
    for (LinearSolver s :
        new LinearSolver[] {new ConjugateGradients(6), Dense.CHOLESKY, Dense.LU}) {
      Function<Params, Tensor> implicit = implicitRidge(s);
      agree(closed, implicit, FEATURES, 1e-10);
      agree(along(closed), along(implicit), FEATURES, 1e-9);
      agree(along(along(closed)), along(along(implicit)), FEATURES, 1e-7);
    }
  }

  private static double[] all(Params g) {
    return g.values().stream()
        .flatMapToDouble(v -> java.util.Arrays.stream(Reference.eval(v)))
        .toArray();
  }

  @Test
  void errorFallsWithTheStepsOfConjugateGradients() {
    double[] exact = all(Grad.grad(p -> outer(ridge(p)), FEATURES));
    double last = Double.POSITIVE_INFINITY;
    for (int steps : new int[] {1, 2, 3}) {
      double[] g = all(Grad.grad(implicitRidge(new ConjugateGradients(steps)), FEATURES));
      double error = 0;
      for (int i = 0; i < g.length; i++) {
        error += (g[i] - exact[i]) * (g[i] - exact[i]);
      }
      error = Math.sqrt(error);
      assertTrue(error < 0.7 * last, steps + " steps: error " + error + " after " + last);
      last = error;
    }
    assertTrue(last < 1e-10, "three distinct eigenvalues, yet the error is " + last);
    // and no step does harm once the residual is 0
    double[] more = all(Grad.grad(implicitRidge(new ConjugateGradients(40)), FEATURES));
    assertArrayEquals(exact, more, 1e-10);
  }

  /** Of A = diag(2, -1), which conjugate gradients cannot have, with 3 added: diag(5, 2). */
  @Test
  void dampingMakesAnIndefiniteSystemDefinite() {
    Params b = Params.of("x", literal(Shape.of(2), 10, 4));
    Params w =
        new Damped(new ConjugateGradients(2), 3)
            .solve(v -> v.map(x -> mul(x, literal(Shape.of(2), 2, -1))), b);
    assertArrayEquals(new double[] {2, 2}, Reference.eval(w.get("x")), 1e-12);
  }

  private static double[] solved(ConjugateGradients by, double[] diagonal, double[] b) {
    Shape n = Shape.of(b.length);
    Params w =
        by.solve(v -> v.map(x -> mul(x, literal(n, diagonal))), Params.of("x", literal(n, b)));
    return Reference.eval(w.get("x"));
  }

  /** What curves less than nine tenths of what is flat is the last direction, taken as flat. */
  @Test
  void directionsThatBendDownEndConjugateGradients() {
    ConjugateGradients by = new ConjugateGradients(5, 1);
    // p = b: p'Ap = -1 is less than 0.9 p'p = 1.8, so that w is b / 1
    assertArrayEquals(new double[] {1, 1}, solved(by, new double[] {1, -2}, new double[] {1, 1}));
    // a little less than flat changes nothing
    assertArrayEquals(
        new double[] {0.25, 1 / 0.95},
        solved(by, new double[] {4, 0.95}, new double[] {1, 1}),
        1e-12);
    // nothing of what bends down is seen
    assertArrayEquals(
        new double[] {0.25, 0.5, 0},
        solved(by, new double[] {4, 2, -2}, new double[] {1, 1, 0}),
        1e-12);
    // the first direction is as it should be, the second is not
    double[] a = {10, -1};
    double first = 1.01 / (10 - 0.01);
    double[] w = {first, 0.1 * first};
    double[] r = {1 - 10 * first, 0.1 + 0.1 * first};
    double rr = r[0] * r[0] + r[1] * r[1];
    double[] p = {r[0] + rr / 1.01, r[1] + 0.1 * rr / 1.01};
    double pp = p[0] * p[0] + p[1] * p[1];
    assertTrue(a[0] * p[0] * p[0] + a[1] * p[1] * p[1] < 0.9 * pp);
    w = new double[] {w[0] + p[0] * rr / pp, w[1] + p[1] * rr / pp};
    assertArrayEquals(w, solved(by, a, new double[] {1, 0.1}), 1e-12);
    // without a least curvature it goes on, whatever it meets
    assertArrayEquals(
        new double[] {0.1, -0.1},
        solved(new ConjugateGradients(2), a, new double[] {1, 0.1}),
        1e-12);
  }

  // ---- implicit MAML

  private static final Tensor POINTS = numbers(4, 6, 3);
  private static final Params THETA =
      Params.of("w", numbers(5, 3, 2)).with("v", numbers(6, 2, 1)).with("b", numbers(8, 1));

  private static Tensor inner(Params p) {
    Tensor y = add(dot(tanh(dot(POINTS, p.get("w"))), p.get("v")), p.get("b"));
    return scale(squares(sub(y, numbers(9, 6, 1))), 1.0 / 6);
  }

  private static Tensor proximal(Params p, Params theta) {
    Tensor far =
        p.minus(theta).map(ImplicitTest::squares).values().stream().reduce(scalar(0), Ops::add);
    return add(inner(p), far); // lambda = 2
  }

  private static Params descend(Params theta, int steps) {
    Params phi = theta;
    for (int i = 0; i < steps; i++) {
      phi = phi.minus(Grad.grad(q -> proximal(q, theta), phi).times(0.35));
    }
    return phi;
  }

  private static Tensor query(Params phi) {
    Tensor y = add(dot(tanh(dot(numbers(10, 4, 3), phi.get("w"))), phi.get("v")), phi.get("b"));
    return squares(y);
  }

  @Test
  void implicitMamlAsUnrolled() {
    Function<Params, Tensor> unrolled = p -> query(descend(p, 60));
    Function<Params, Tensor> implicit =
        p ->
            query(Implicit.optimum(q -> proximal(q, p), descend(p, 60), new ConjugateGradients(9)));
    agree(unrolled, implicit, THETA, 1e-9);
  }

  /** Tasks that differ, each with its own system: batched as in a loop. */
  @Test
  void tasksHaveSystemsOfTheirOwn() {
    Tensor scales = literal(Shape.of(3), 1, 2, 5);
    Function<Params, Tensor> one =
        p ->
            outer(
                Implicit.optimum(
                        q -> ridgeLoss(p.with("l", p.get("s")), q.get("w")),
                        Params.of("w", ridge(p.with("l", p.get("s")))),
                        new ConjugateGradients(2)) // not exact: per-task norms show
                    .get("w"));
    Params g =
        Grad.grad(
            p -> sum(Vmap.vmap(task -> one.apply(p.with(task)), Params.of("s", scales))), FEATURES);
    double[] sum = new double[15];
    for (double s : new double[] {1, 2, 5}) {
      double[] each =
          Reference.eval(Grad.grad(p -> one.apply(p.with("s", scalar(s))), FEATURES).get("x"));
      for (int i = 0; i < sum.length; i++) {
        sum[i] += each[i];
      }
    }
    assertArrayEquals(sum, Reference.eval(g.get("x")), 1e-12);
  }

  // ---- memory

  private static long memory(Engine engine, int steps, boolean implicit) {
    Map<String, Op.Type> state = Map.of("w", new Op.Type(Shape.of(64, 64), DType.F32));
    Signature signature = new Signature(state, Map.of(), Map.of(), 1, Set.of());
    Function<Params, Tensor> outer =
        p -> {
          Function<Params, Tensor> loss =
              q ->
                  add(
                      scale(squares(tanh(dot(q.get("w"), q.get("w")))), 0.01),
                      squares(sub(q.get("w"), p.get("w"))));
          Params phi = p;
          for (int i = 0; i < steps; i++) {
            phi = phi.minus(Grad.grad(loss, phi).times(0.1));
          }
          Params best = implicit ? Implicit.optimum(loss, phi, new ConjugateGradients(3)) : phi;
          return squares(best.get("w"));
        };
    try (Compiled c =
        engine.compile(
            "memory",
            signature,
            (s, inputs, residents) ->
                new io.quickstudy.runtime.Function.Result(Grad.grad(outer, s), Params.empty()))) {
      return c.memory().bytes();
    }
  }

  @Test
  void memoryIsFlatInTheStepsOfTheSolver() {
    try (Engine engine = Engine.open("cpu", 1, Precision.FP32)) {
      assertEquals(memory(engine, 5, true), memory(engine, 50, true));
      assertTrue(memory(engine, 50, false) > 3 * memory(engine, 50, true));
    }
  }

  // ---- fixed points

  @Test
  void fixedPointAsUnrolled() {
    Params at = Params.of("w", numbers(11, 4, 4), "u", numbers(12, 4, 1));
    Function<Params, java.util.function.UnaryOperator<Params>> f =
        p -> q -> q.map(x -> add(scale(tanh(dot(p.get("w"), x)), 0.4), p.get("u")));
    Function<Params, Params> iterate =
        p -> {
          Params x = Params.of("x", fill(0, Shape.of(4, 1)));
          for (int i = 0; i < 80; i++) {
            x = f.apply(p).apply(x);
          }
          return x;
        };
    Function<Params, Tensor> unrolled = p -> sum(exp(iterate.apply(p).get("x")));
    for (LinearSolver s : new LinearSolver[] {Dense.LU, new NeumannSeries(80)}) {
      Function<Params, Tensor> implicit =
          p -> sum(exp(Implicit.fixedPoint(f.apply(p), iterate.apply(p), s).get("x")));
      agree(unrolled, implicit, at, 1e-10);
      agree(along(unrolled), along(implicit), at, 1e-9);
    }
  }

  // ---- solvers

  @Test
  void eliminationPivots() {
    Tensor a = literal(Shape.of(3, 3), 0, 2, 1, 1e-20, 0, 3, 5, 1, 0);
    Tensor b = numbers(13, 3, 2);
    Tensor x = Dense.LU.solve(a, b);
    assertArrayEquals(Reference.eval(b), Reference.eval(dot(a, x)), 1e-13);
  }

  @Test
  void solveIsDifferentiatedInWhatItsMatrixIsMadeOf() {
    Params at = Params.of("b", numbers(14, 3, 3), "y", numbers(15, 3, 1));
    Function<Params, Tensor> matrix =
        p -> add(dot(t(p.get("b")), p.get("b")), diagonal(Shape.of(3, 3)));
    Function<Params, Tensor> direct =
        p -> sum(exp(LinearSolver.positiveDefinite(matrix.apply(p), p.get("y"))));
    Function<Params, Tensor> implicit =
        p ->
            sum(
                exp(
                    Implicit.solve(
                            v -> v.map(x -> dot(matrix.apply(p), x)),
                            Params.of("x", p.get("y")),
                            new ConjugateGradients(5))
                        .get("x")));
    agree(direct, implicit, at, 1e-10);
    agree(along(direct), along(implicit), at, 1e-9);
  }

  // ---- mistakes

  private static String refusal(Runnable f) {
    String message = assertThrows(IllegalArgumentException.class, f::run).getMessage();
    assertTrue(!message.contains("\n") && !message.contains(". "), "one sentence: " + message);
    return message;
  }

  @Test
  void mistakesAreNamed() {
    Params x = Params.of("x", fill(1, Shape.of(2)));
    assertEquals(
        "conjugate gradients with 0 steps: expected 1 or more",
        refusal(() -> new ConjugateGradients(0)));
    assertEquals(
        "conjugate gradients with a curvature of -1.0: expected a finite number of 0 or more",
        refusal(() -> new ConjugateGradients(2, -1)));
    assertEquals(
        "Neumann series with -1 terms: expected 1 or more", refusal(() -> new NeumannSeries(-1)));
    for (double damping : new double[] {-1, Double.NaN, Double.POSITIVE_INFINITY}) {
      assertEquals(
          "linear solver with damping " + damping + ": expected a finite number of 0 or more",
          refusal(() -> new Damped(Dense.LU, damping)));
    }
    assertEquals(
        "implicit gradient: the equation gives [y], expected [x]: give one tensor for each",
        refusal(() -> Implicit.root(p -> Params.of("y", p.get("x")), x, Dense.LU)));
    assertEquals(
        "implicit gradient: the fixed point's function gives 'x' as F32[], expected F32[2]: give it"
            + " that shape",
        refusal(() -> Implicit.fixedPoint(p -> p.map(Ops::sum), x, Dense.LU)));
    String unused = refusal(() -> Implicit.root(p -> x, x, Dense.LU));
    assertTrue(unused.contains("does not depend on the solution [x]"), unused);
    String flat = refusal(() -> Implicit.optimum(p -> sum(p.get("x")), x, Dense.LU));
    assertTrue(flat.contains("curvature"), flat);
    Params k = Params.of("k", literal(DType.I32, Shape.of(1), 1));
    String integers = refusal(() -> Implicit.root(p -> p, k, Dense.LU));
    assertTrue(integers.contains("'k' is I32"), integers);
    String scalar =
        refusal(
            () ->
                Implicit.constrainedOptimum(
                    p -> squares(p.get("x")), Constraints.none().equal(p -> sum(p.get("x"))), x));
    assertTrue(scalar.contains("F32[]") && scalar.contains("vector"), scalar);
    String active =
        refusal(
            () ->
                Implicit.constrainedOptimum(
                    p -> squares(p.get("x")),
                    Constraints.none().atMost(p -> p.get("x"), scalar(1)),
                    x));
    assertTrue(active.contains("'active'"), active);
  }
}
