package io.quickstudy.suite;

import static io.quickstudy.graph.Ops.*;

import io.quickstudy.graph.Body;
import io.quickstudy.graph.DType;
import io.quickstudy.graph.Recurrence;
import io.quickstudy.graph.Shape;
import io.quickstudy.graph.Tensor;
import io.quickstudy.transform.Grad;
import io.quickstudy.transform.Params;
import io.quickstudy.transform.Scan;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Loops over steps. Formulas are the loops written out in Java. */
final class RecurrenceSamples {
  private RecurrenceSamples() {}

  static List<Sample> all() {
    List<Sample> out = new ArrayList<>();
    out.add(recurrent("scan", 4, 1));
    out.add(recurrent("scan that keeps one carry in 2 of 5", 5, 2));
    out.add(sums());
    out.add(descent());
    out.add(rows());
    out.add(nested());
    out.add(bytes());
    return out;
  }

  private static Tensor all(Scan.Result r) {
    List<Tensor> flat = new ArrayList<>();
    r.carry().values().forEach(t -> flat.add(reshape(t, Shape.of(t.shape().size()))));
    r.ys().values().forEach(t -> flat.add(reshape(t, Shape.of(t.shape().size()))));
    return concatenate(0, flat);
  }

  /** h' = tanh(h W + x) with results h' x: a matrix from outside, slices and stacks. */
  private static Sample recurrent(String name, int steps, int every) {
    return Sample.of(
            name,
            Recurrence.class,
            p ->
                all(
                    Scan.scan(
                        (carry, x) -> {
                          Tensor z = add(dot(carry.get("h"), p.get("w")), x.get("x"));
                          Tensor h = tanh(z);
                          return new Scan.Step(
                              Params.of("h", h), Params.of("y", mul(h, x.get("x"))));
                        },
                        Params.of("h", p.get("h")),
                        Params.of("x", p.get("x")),
                        every)))
        .arg("h", Shape.of(1, 2), Draw.any())
        .arg("w", Shape.of(2, 2), Draw.any())
        .arg("x", Shape.of(steps, 1, 2), Draw.any())
        .equalTo(in -> recurrent(in, steps));
  }

  private static double[] recurrent(Map<String, double[]> in, int steps) {
    double[] h = in.get("h").clone();
    double[] w = in.get("w");
    double[] x = in.get("x");
    double[] y = new double[2 + 2 * steps];
    for (int t = 0; t < steps; t++) {
      double[] z = new double[2];
      for (int k = 0; k < 2; k++) {
        z[k] = Math.tanh(h[0] * w[k] + h[1] * w[2 + k] + x[2 * t + k]);
        y[2 + 2 * t + k] = z[k] * x[2 * t + k];
      }
      h = z;
    }
    y[0] = h[0];
    y[1] = h[1];
    return y;
  }

  /** Sums over steps against the order of time: c' = c x + 1, s = c w. */
  private static Sample sums() {
    return Sample.of(
            "sums over steps taken backward",
            Recurrence.class,
            p -> {
              Tensor c = Tensor.argument("c", DType.F32, Shape.of(2));
              Tensor x = Tensor.argument("x", DType.F32, Shape.of(2));
              Tensor w = Tensor.argument("w", DType.F32, Shape.of(2));
              Tensor next = add(mul(c, x), fill(1, c.shape()));
              Body body =
                  Body.of(
                      List.of(c),
                      List.of(x),
                      List.of(w),
                      List.of(next),
                      List.of(),
                      List.of(mul(c, w)));
              return Recurrence.of(
                  body,
                  3,
                  Recurrence.Direction.BACKWARD,
                  List.of(p.get("c")),
                  List.of(p.get("x")),
                  List.of(p.get("w")));
            })
        .arg("c", Shape.of(2), Draw.any())
        .arg("x", Shape.of(3, 2), Draw.any())
        .arg("w", Shape.of(2), Draw.any())
        .equalTo(
            in -> {
              double[] y = new double[4];
              for (int k = 0; k < 2; k++) {
                double c = in.get("c")[k];
                for (int t = 2; t >= 0; t--) {
                  y[2 + k] += c * in.get("w")[k];
                  c = c * in.get("x")[2 * t + k] + 1;
                }
                y[k] = c;
              }
              return y;
            });
  }

  /** Inner steps of gradient descent on (p q - a)^2, with a gradient in the body. */
  private static Sample descent() {
    return Sample.of(
            "scan over steps of gradient descent",
            Recurrence.class,
            in ->
                all(
                    Scan.scan(
                        fast -> fast.minus(Grad.grad(q -> square(q, in), fast).times(0.1)),
                        Params.of("p", in.get("p"), "q", in.get("q")),
                        3)))
        .arg("p", Shape.of(2), Draw.any())
        .arg("q", Shape.of(2), Draw.any())
        .arg("a", Shape.of(2), Draw.any())
        .equalTo(
            in -> {
              double[] y = new double[4];
              for (int k = 0; k < 2; k++) {
                double p = in.get("p")[k];
                double q = in.get("q")[k];
                for (int t = 0; t < 3; t++) {
                  double e = 0.2 * (p * q - in.get("a")[k]);
                  double next = p - e * q;
                  q -= e * p;
                  p = next;
                }
                y[k] = p;
                y[2 + k] = q;
              }
              return y;
            });
  }

  private static Tensor square(Params q, Params in) {
    Tensor e = sub(mul(q.get("p"), q.get("q")), in.get("a"));
    return sum(mul(e, e));
  }

  /** c' = c row + row with rows of a table by a number for each step; nothing is stacked. */
  private static Sample rows() {
    return Sample.of(
            "scan over numbers of rows",
            Recurrence.class,
            p ->
                all(
                    Scan.scan(
                        (carry, x) -> {
                          Tensor row = gather(exp(p.get("table")), x.get("i"), 0);
                          return new Scan.Step(Params.of("c", add(mul(carry.get("c"), row), row)));
                        },
                        Params.of("c", fill(0.5, Shape.of(2))),
                        Params.of("i", p.get("i")))))
        .arg("table", Shape.of(3, 2), Draw.uniform(-1, 0))
        .given("i", DType.I32, Shape.of(4), Draw.below(3))
        .equalTo(
            in -> {
              double[] c = {0.5, 0.5};
              for (int t = 0; t < 4; t++) {
                for (int k = 0; k < 2; k++) {
                  double row = Math.exp(in.get("table")[2 * (int) in.get("i")[t] + k]);
                  c[k] = c[k] * row + row;
                }
              }
              return c;
            });
  }

  /** Without a carry: bytes times a number and the number of the step. */
  private static Sample bytes() {
    return Sample.of(
            "scan over bytes and positions, without a carry",
            Recurrence.class,
            p ->
                all(
                    Scan.scan(
                        (carry, x) -> {
                          Tensor t = convert(x.get("t"), DType.F32);
                          Tensor b = convert(x.get("b"), DType.F32);
                          return new Scan.Step(carry, Params.of("y", mul(mul(b, p.get("a")), t)));
                        },
                        Params.empty(),
                        Params.of("b", p.get("b"), "t", iota(Shape.of(4), 0)))))
        .arg("a", Shape.of(3), Draw.any())
        .given("b", DType.U8, Shape.of(4, 3), Draw.below(256))
        .equalTo(
            in -> {
              double[] y = new double[12];
              for (int i = 0; i < y.length; i++) {
                y[i] = in.get("b")[i] * in.get("a")[i % 3] * Math.floorDiv(i, 3);
              }
              return y;
            });
  }

  /** A loop in the body of a loop, which reads the outer carry, slice and what is outside. */
  private static Sample nested() {
    return Sample.of(
            "scan within scan",
            Recurrence.class,
            p ->
                all(
                    Scan.scan(
                        (carry, x) -> {
                          Scan.Result inner =
                              Scan.scan(
                                  (own, row) ->
                                      new Scan.Step(
                                          Params.of(
                                              "d",
                                              add(mul(own.get("d"), row.get("x")), carry.get("c"))),
                                          Params.of("z", mul(own.get("d"), p.get("w")))),
                                  Params.of("d", p.get("w")),
                                  Params.of("x", x.get("x")));
                          Tensor z = sum(inner.ys().get("z"), List.of(0));
                          return new Scan.Step(
                              Params.of("c", sin(inner.carry().get("d"))), Params.of("y", z));
                        },
                        Params.of("c", p.get("c")),
                        Params.of("x", p.get("x")))))
        .arg("c", Shape.of(2), Draw.any())
        .arg("w", Shape.of(2), Draw.any())
        .arg("x", Shape.of(3, 2, 2), Draw.any())
        .equalTo(
            in -> {
              double[] y = new double[8];
              for (int k = 0; k < 2; k++) {
                double c = in.get("c")[k];
                double w = in.get("w")[k];
                for (int t = 0; t < 3; t++) {
                  double d = w;
                  for (int s = 0; s < 2; s++) {
                    y[2 + 2 * t + k] += d * w;
                    d = d * in.get("x")[4 * t + 2 * s + k] + c;
                  }
                  c = Math.sin(d);
                }
                y[k] = c;
              }
              return y;
            });
  }
}
