package io.quickstudy.suite;

import static io.quickstudy.graph.Ops.*;

import io.quickstudy.graph.DType;
import io.quickstudy.graph.Pooling;
import io.quickstudy.graph.Shape;
import io.quickstudy.graph.Tensor;
import io.quickstudy.graph.Window;
import io.quickstudy.reference.Reference;
import java.util.ArrayList;
import java.util.List;

final class PoolingSamples {
  private PoolingSamples() {}

  private record Case(Shape x, Window window) {
    Shape y() {
      return x.with(-3, window.outH(x.dim(-3))).with(-2, window.outW(x.dim(-2)));
    }

    int h() {
      return x.dim(-3);
    }

    int w() {
      return x.dim(-2);
    }
  }

  static List<Sample> all() {
    List<Case> cases =
        List.of(
            new Case(Shape.of(1, 4, 6, 3), Window.square(2, 2, 0)),
            new Case(Shape.of(2, 5, 7, 2), Window.square(2, 2, 0)),
            new Case(Shape.of(1, 6, 5, 2), Window.square(3, 2, 1)),
            new Case(Shape.of(1, 5, 4, 3), Window.square(3, 1, 1)),
            new Case(Shape.of(5, 6, 1), new Window(3, 2, 1, 2, 1, 0, 0, 1)),
            new Case(Shape.of(4, 5, 17), new Window(2, 3, 3, 1, 1, 1, 0, 2)),
            new Case(Shape.of(2, 2, 3, 3, 2), Window.square(2, 1, 0)),
            new Case(Shape.of(2, 3, 4, 1), Window.square(1, 1, 0)),
            new Case(Shape.of(1, 3, 4, 5), new Window(3, 4, 1, 1, 0, 0, 0, 0)),
            new Case(Shape.of(1, 5, 5, 2), Window.square(1, 3, 0)));
    List<Sample> out = new ArrayList<>();
    for (Case c : cases) {
      add(out, c);
    }
    out.add(
        Sample.of(
                "pool position of ties",
                Pooling.PoolArgMax.class,
                p -> Tensor.of(new Pooling.PoolArgMax(Window.square(2, 2, 0)), p.get("x")))
            .given("x", DType.F32, Shape.of(2, 4, 1), Draw.fixed(1, 1, 0, 2, 1, 1, 2, 2))
            .equalTo(x -> new double[] {0, 1}));
    out.add(
        Sample.of(
                "pool position beside padding",
                Pooling.PoolArgMax.class,
                p -> Tensor.of(new Pooling.PoolArgMax(Window.square(3, 2, 1)), p.get("x")))
            .given("x", DType.F32, Shape.of(2, 2, 1), Draw.fixed(-5, -7, -8, -6))
            .equalTo(x -> new double[] {4}));
    for (DType type : List.of(DType.I32, DType.U8)) {
      out.add(
          Sample.of(
                  "max pool of converted " + type,
                  Pooling.PoolTake.class,
                  p -> maxPool(convert(p.get("x"), DType.F32), Window.square(2, 2, 0)))
              .given("x", type, Shape.of(2, 4, 1), Draw.fixed(1, 7, 0, 2, 3, 1, 9, 255))
              .equalTo(x -> new double[] {7, 255}));
    }
    for (Case c : cases) {
      scaled(out, c);
    }
    Window two = Window.square(2, 2, 0);
    out.add(
        Sample.of(
                "pool take at given positions",
                Pooling.PoolTake.class,
                p -> Tensor.of(new Pooling.PoolTake(two), p.get("x"), p.get("k")))
            .arg("x", Shape.of(2, 4, 6, 3), Draw.any())
            .given("k", DType.I32, Shape.of(2, 2, 3, 3), Draw.below(4))
            .linearIn("x")
            .equalTo(
                x ->
                    Close.index(
                        Shape.of(2, 2, 3, 3),
                        i -> {
                          int k = (int) Close.at(x.get("k"), Shape.of(2, 2, 3, 3), i);
                          return Close.at(
                              x.get("x"),
                              Shape.of(2, 4, 6, 3),
                              i[0],
                              2 * i[1] + k / 2,
                              2 * i[2] + k % 2,
                              i[3]);
                        })));
    return out;
  }

  private static void add(List<Sample> out, Case c) {
    String what = " " + c.x() + " " + c.window();
    Pooling.PoolArgMax argMax = new Pooling.PoolArgMax(c.window());
    out.add(
        Sample.of(
                "pool position" + what,
                Pooling.PoolArgMax.class,
                p -> Tensor.of(argMax, p.get("x")))
            .arg("x", c.x(), Draw.apart())
            .equalTo(v -> Close.index(c.y(), i -> best(v.get("x"), c, i))));
    out.add(
        Sample.of(
                "pool take" + what,
                Pooling.PoolTake.class,
                p ->
                    Tensor.of(
                        new Pooling.PoolTake(c.window()),
                        p.get("x"),
                        Tensor.of(argMax, p.get("z"))))
            .arg("x", c.x(), Draw.any())
            .arg("z", c.x(), Draw.apart())
            .linearIn("x")
            .equalTo(
                v -> Close.index(c.y(), i -> under(v.get("x"), c, i, best(v.get("z"), c, i)))));
    out.add(
        Sample.of(
                "pool put" + what,
                Pooling.PoolPut.class,
                p ->
                    Tensor.of(
                        new Pooling.PoolPut(c.window(), c.h(), c.w()),
                        p.get("g"),
                        Tensor.of(argMax, p.get("z"))))
            .arg("g", c.y(), Draw.any())
            .arg("z", c.x(), Draw.apart())
            .linearIn("g")
            .equalTo(v -> gathered(c, v.get("g"), (i, k) -> best(v.get("z"), c, i) == k)));
    out.add(
        Sample.of("max pool" + what, Pooling.PoolTake.class, p -> maxPool(p.get("x"), c.window()))
            .arg("x", c.x(), Draw.apart())
            .order(c.x().size() < 100 ? 3 : 2)
            .equalTo(
                v -> Close.index(c.y(), i -> under(v.get("x"), c, i, best(v.get("x"), c, i)))));
    out.add(
        Sample.of(
                "pool sum" + what,
                Pooling.PoolSum.class,
                p -> Tensor.of(new Pooling.PoolSum(c.window()), p.get("x")))
            .arg("x", c.x(), Draw.any())
            .linearIn("x")
            .equalTo(
                v ->
                    Close.index(
                        c.y(),
                        i -> {
                          double sum = 0;
                          for (int k = 0; k < c.window().height() * c.window().width(); k++) {
                            double u = under(v.get("x"), c, i, k);
                            sum += Double.isNaN(u) ? 0 : u;
                          }
                          return sum;
                        })));
    out.add(
        Sample.of(
                "pool spread" + what,
                Pooling.PoolSpread.class,
                p -> Tensor.of(new Pooling.PoolSpread(c.window(), c.h(), c.w()), p.get("g")))
            .arg("g", c.y(), Draw.any())
            .linearIn("g")
            .equalTo(v -> gathered(c, v.get("g"), (i, k) -> true)));
  }

  /** The element under position k of the window that makes element i of the result; NaN outside. */
  private static double under(double[] x, Case c, int[] i, int k) {
    Window v = c.window();
    int[] at = i.clone();
    int r = i.length - 3;
    at[r] = i[r] * v.strideH() - v.top() + k / v.width();
    at[r + 1] = i[r + 1] * v.strideW() - v.left() + k % v.width();
    boolean inside = at[r] >= 0 && at[r] < c.h() && at[r + 1] >= 0 && at[r + 1] < c.w();
    return inside ? Close.at(x, c.x(), at) : Double.NaN;
  }

  private static int best(double[] x, Case c, int[] i) {
    int best = -1;
    for (int k = 0; k < c.window().height() * c.window().width(); k++) {
      double u = under(x, c, i, k);
      if (!Double.isNaN(u) && (best < 0 || u > under(x, c, i, best))) {
        best = k;
      }
    }
    return best;
  }

  private interface Reached {
    boolean by(int[] i, int k);
  }

  /** For every element of the large image the sum of g over the windows that reach it. */
  private static double[] gathered(Case c, double[] g, Reached reached) {
    Window v = c.window();
    return Close.index(
        c.x(),
        at -> {
          double sum = 0;
          int r = at.length - 3;
          int[] i = at.clone();
          for (i[r] = 0; i[r] < c.y().dim(r); i[r]++) {
            for (i[r + 1] = 0; i[r + 1] < c.y().dim(r + 1); i[r + 1]++) {
              int dh = at[r] + v.top() - i[r] * v.strideH();
              int dw = at[r + 1] + v.left() - i[r + 1] * v.strideW();
              if (dh >= 0
                  && dh < v.height()
                  && dw >= 0
                  && dw < v.width()
                  && reached.by(i, dh * v.width() + dw)) {
                sum += Close.at(g, c.y(), i);
              }
            }
          }
          return sum;
        });
  }

  /** Maxima of what has a factor for each image and channel, some of them negative. */
  private static void scaled(List<Sample> out, Case c) {
    Pooling.PoolArgMax argMax = new Pooling.PoolArgMax(c.window());
    Shape f = c.x().without(List.of(c.x().rank() - 3, c.x().rank() - 2));
    Shape large = c.x();
    int rank = large.rank();
    out.add(
        Sample.of(
                "pool scaled position " + c,
                Pooling.PoolArgMax.class,
                p -> Tensor.of(argMax, p.get("x"), p.get("f")))
            .given("x", DType.F32, large, Draw.any())
            .given("f", DType.F32, f, Draw.any())
            .equalTo(
                x -> {
                  Tensor spread =
                      broadcast(literal(f, x.get("f")), large, List.of(rank - 3, rank - 2));
                  return Reference.eval(Tensor.of(argMax, mul(literal(large, x.get("x")), spread)));
                }));
    out.add(
        Sample.of(
                "pool scaled maximum " + c,
                Pooling.PoolTake.class,
                p ->
                    Tensor.of(
                        new Pooling.PoolTake(c.window()),
                        p.get("x"),
                        Tensor.of(argMax, p.get("x"), p.get("f"))))
            .arg("x", large, Draw.apart())
            .given("f", DType.F32, f, Draw.either(0.5, 2)));
  }
}
