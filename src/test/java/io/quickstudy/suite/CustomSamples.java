package io.quickstudy.suite;

import static io.quickstudy.graph.Ops.*;

import io.quickstudy.graph.CustomVjp;
import io.quickstudy.graph.DType;
import io.quickstudy.graph.Ops;
import io.quickstudy.graph.Recurrence;
import io.quickstudy.graph.Shape;
import io.quickstudy.graph.Tensor;
import io.quickstudy.transform.Constraints;
import io.quickstudy.transform.CustomGradient;
import io.quickstudy.transform.Grad;
import io.quickstudy.transform.Implicit;
import io.quickstudy.transform.LinearSolver;
import io.quickstudy.transform.LinearSolver.ConjugateGradients;
import io.quickstudy.transform.LinearSolver.Dense;
import io.quickstudy.transform.LinearSolver.NeumannSeries;
import io.quickstudy.transform.Params;
import io.quickstudy.transform.Scan;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;

/** Gradients that are written down, and those of solutions. */
final class CustomSamples {
  private CustomSamples() {}

  static List<Sample> all() {
    List<Sample> out = new ArrayList<>();
    custom(out);
    fixedPoints(out);
    optima(out);
    return out;
  }

  private static void custom(List<Sample> out) {
    out.add(
        Sample.of(
                "softplus with its own gradient",
                CustomVjp.class,
                p ->
                    CustomGradient.of(
                            q -> log1p(exp(mul(q.get("x"), q.get("w")))),
                            (q, y, g) -> {
                              Tensor slope = mul(g, sub(scalar(1), exp(neg(y))));
                              return Params.of(
                                  "x", mul(slope, q.get("w")), "w", mul(slope, q.get("x")));
                            })
                        .apply(p))
            .arg("x", Shape.of(2, 3), Draw.any())
            .arg("w", Shape.of(2, 3), Draw.any())
            .order(3)
            .equalTo(
                v ->
                    Close.index(
                        Shape.of(6),
                        i -> Math.log1p(Math.exp(v.get("x")[i[0]] * v.get("w")[i[0]])))));
    out.add(
        Sample.of(
                "straight through a step",
                CustomVjp.class,
                p -> {
                  Params x = Params.of("x", p.get("x"));
                  Tensor w = p.get("w");
                  Params slope =
                      Grad.grad(
                          q -> {
                            Tensor step =
                                CustomGradient.of(
                                        r -> floor(r.get("x")), (r, y, g) -> r.map(v -> g))
                                    .apply(q);
                            return sum(mul(w, mul(step, step)));
                          },
                          x);
                  return slope.get("x");
                })
            .given("x", DType.F32, Shape.of(4), Draw.fractions())
            .arg("w", Shape.of(4), Draw.any())
            .linearIn("w")
            .equalTo(
                v ->
                    Close.index(
                        Shape.of(4), i -> 2 * v.get("w")[i[0]] * Math.floor(v.get("x")[i[0]]))));
    out.add(
        Sample.of(
                "a gradient clipped by its norm, two results",
                CustomVjp.class,
                p -> {
                  Params x = Params.of("a", p.get("a"), "b", p.get("b"));
                  Tensor w = p.get("w");
                  UnaryOperator<Params> clipped =
                      CustomGradient.ofAll(
                          q -> q,
                          (q, y, g) -> {
                            Tensor squares =
                                g.map(v -> sum(mul(v, v))).values().stream()
                                    .reduce(scalar(0.01), Ops::add);
                            return g.times(rsqrt(squares));
                          });
                  Params slope =
                      Grad.grad(
                          q -> {
                            Params y = clipped.apply(q);
                            return add(sum(mul(w, exp(y.get("a")))), sum(mul(w, y.get("b"))));
                          },
                          x);
                  return concatenate(0, slope.get("a"), slope.get("b"));
                })
            .given("a", DType.F32, Shape.of(3), Draw.any())
            .given("b", DType.F32, Shape.of(3), Draw.any())
            .arg("w", Shape.of(3), Draw.any()));
  }

  private static void fixedPoints(List<Sample> out) {
    out.add(fixedPoint("fixed point, dense adjoint", Dense.LU));
    out.add(fixedPoint("fixed point, adjoint by iteration", new NeumannSeries(24)));
    out.add(
        Sample.of(
                "system of no symmetry",
                CustomVjp.class,
                p ->
                    Implicit.solve(
                            v -> v.map(x -> product(add(p.get("a"), swap()), x)),
                            Params.of("x", p.get("b")),
                            Dense.LU)
                        .get("x"))
            .arg("a", Shape.of(3, 3), Draw.uniform(-0.5, 0.5))
            .arg("b", Shape.of(3), Draw.any())
            .linearIn("b")
            .holds(
                (v, y) -> {
                  double[] back = new double[3];
                  for (int i = 0; i < 3; i++) {
                    for (int j = 0; j < 3; j++) {
                      double swap = j == (i + 1) % 3 ? 2 : 0;
                      back[i] += (v.get("a")[3 * i + j] + swap) * y[j];
                    }
                  }
                  Close.check("A x", v.get("b"), back, Close.DOUBLE);
                }));
  }

  /** 2 where the column follows the row: its diagonal is no pivot. */
  private static Tensor swap() {
    return literal(Shape.of(3, 3), 0, 2, 0, 0, 0, 2, 2, 0, 0);
  }

  private static Sample fixedPoint(String name, LinearSolver solver) {
    return Sample.of(
            name,
            CustomVjp.class,
            p -> {
              UnaryOperator<Params> f =
                  q -> q.map(x -> add(tanh(scale(product(p.get("w"), x), 0.3)), p.get("u")));
              Params x = Params.of("x", fill(0, Shape.of(2)));
              for (int i = 0; i < 24; i++) {
                x = f.apply(x);
              }
              return Implicit.fixedPoint(f, x, solver).get("x");
            })
        .arg("w", Shape.of(2, 2), Draw.any())
        .arg("u", Shape.of(2), Draw.any());
  }

  private static void optima(List<Sample> out) {
    out.add(
        Sample.of(
                "optimum near a prior, by conjugate gradients",
                CustomVjp.class,
                p -> {
                  Params theta = Params.of("a", p.get("a"), "b", p.get("b"));
                  Params phi = theta;
                  for (int i = 0; i < 16; i++) {
                    phi = theta.minus(Grad.grad(q -> bowl(q, p.get("x")), phi));
                  }
                  Params best =
                      Implicit.optimum(
                          q -> add(bowl(q, p.get("x")), scale(squared(q.minus(theta)), 0.5)),
                          phi,
                          new ConjugateGradients(4));
                  return concatenate(0, best.get("a"), best.get("b"));
                })
            .arg("x", Shape.of(3, 4), Draw.any())
            .arg("a", Shape.of(2), Draw.any())
            .arg("b", Shape.of(2), Draw.any()));
    out.add(
        Sample.of(
                "optimum found by a scan",
                CustomVjp.class,
                p -> {
                  Params theta = Params.of("a", p.get("a"), "b", p.get("b"));
                  Params phi =
                      Scan.scan(q -> theta.minus(Grad.grad(r -> bowl(r, p.get("x")), q)), theta, 16)
                          .carry();
                  Params best =
                      Implicit.optimum(
                          q -> add(bowl(q, p.get("x")), scale(squared(q.minus(theta)), 0.5)),
                          phi,
                          Dense.CHOLESKY);
                  return concatenate(0, best.get("a"), best.get("b"));
                })
            .arg("x", Shape.of(2, 2), Draw.any())
            .arg("a", Shape.of(1), Draw.any())
            .arg("b", Shape.of(1), Draw.any()));
    out.add(
        Sample.of(
                "systems in the steps of a scan",
                Recurrence.class,
                p ->
                    Scan.scan(
                            (carry, x) -> {
                              Tensor k = add(p.get("k"), literal(Shape.of(2, 2), 2, 0, 0, 2));
                              Tensor y = add(carry.get("y"), x.get("x"));
                              Params z =
                                  Implicit.solve(
                                      v -> v.map(u -> product(k, u)), Params.of("y", y), Dense.LU);
                              return new Scan.Step(z);
                            },
                            Params.of("y", p.get("y")),
                            Params.of("x", p.get("x")))
                        .carry()
                        .get("y"))
            .arg("k", Shape.of(2, 2), Draw.uniform(-0.5, 0.5))
            .arg("y", Shape.of(2), Draw.any())
            .arg("x", Shape.of(3, 2), Draw.any()));
    out.add(
        Sample.of(
                "optimum under constraints",
                CustomVjp.class,
                p -> {
                  Tensor b = p.get("b");
                  Tensor q = add(dot(b, t(b)), diagonal(Shape.of(3, 3)));
                  Tensor active = literal(Shape.of(3), 0, 1, 0);
                  Tensor z = stationary(q, p.get("w"), p.get("s"));
                  return Implicit.constrainedOptimum(
                          v -> {
                            Tensor x = v.get("z");
                            return sub(scale(sum(mul(x, product(q, x))), 0.5), sum(x));
                          },
                          Constraints.none()
                              .equal(
                                  v -> sub(product(p.get("w"), v.get("z")), fill(1, Shape.of(1))))
                              .atMost(v -> sub(v.get("z"), p.get("s")), active),
                          Params.of("z", z))
                      .get("z");
                })
            .arg("b", Shape.of(3, 2), Draw.any())
            .arg("w", Shape.of(1, 3), Draw.uniform(0.5, 1.5))
            .arg("s", Shape.of(), Draw.uniform(0.1, 0.3)));
  }

  /** The point z of least z'Qz / 2 - sum z where w z = 1 and the second element is s. */
  private static Tensor stationary(Tensor q, Tensor w, Tensor s) {
    Tensor second = literal(Shape.of(1, 3), 0, 1, 0);
    Tensor a = concatenate(0, w, second);
    Tensor k = concatenate(0, concatenate(1, q, t(a)), concatenate(1, a, fill(0, Shape.of(2, 2))));
    Tensor one = fill(1, Shape.of(4));
    Tensor right = concatenate(0, one, reshape(s, Shape.of(1)));
    Params y = Dense.LU.solve(v -> v.map(x -> product(k, x)), Params.of("y", right));
    return slice(y.get("y"), 0, 0, 3);
  }

  private static Tensor bowl(Params q, Tensor x) {
    Tensor y = product(x, concatenate(0, q.get("a"), q.get("b")));
    Tensor square = mul(y, y);
    return scale(sum(mul(square, square)), 0.002);
  }

  private static Tensor squared(Params p) {
    return p.values().stream().map(v -> sum(mul(v, v))).reduce(scalar(0), Ops::add);
  }

  /** [m, n] times [n]. */
  private static Tensor product(Tensor a, Tensor x) {
    return reshape(dot(a, reshape(x, x.shape().append(1))), Shape.of(a.dim(0)));
  }
}
