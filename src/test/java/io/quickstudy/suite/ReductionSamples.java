package io.quickstudy.suite;

import static io.quickstudy.graph.Ops.*;

import io.quickstudy.graph.DType;
import io.quickstudy.graph.Reduction;
import io.quickstudy.graph.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.function.DoubleBinaryOperator;

final class ReductionSamples {
  private ReductionSamples() {}

  private record Case(Shape shape, List<Integer> axes) {}

  static List<Sample> all() {
    List<Case> cases =
        List.of(
            new Case(Shape.of(1), List.of(0)),
            new Case(Shape.of(37), List.of(0)),
            new Case(Shape.of(5, 7), List.of(0)),
            new Case(Shape.of(5, 7), List.of(1)),
            new Case(Shape.of(3, 5), List.of(0, 1)),
            new Case(Shape.of(2, 3, 5), List.of(1)),
            new Case(Shape.of(2, 3, 5), List.of(0, 2)),
            new Case(Shape.of(2, 3, 1), List.of(2)),
            new Case(Shape.of(2, 3, 4, 5), List.of(0, 1, 2)),
            new Case(Shape.of(2, 3, 4, 5), List.of(1, 3)),
            new Case(Shape.of(2, 2, 3, 2, 2), List.of(1, 2, 4)));
    List<Sample> out = new ArrayList<>();
    for (Case c : cases) {
      String of = " of " + c.shape() + " over " + c.axes();
      Shape to = c.shape().without(c.axes());
      out.add(
          Sample.of("sum" + of, Reduction.Sum.class, p -> sum(p.get("x"), c.axes()))
              .arg("x", c.shape(), Draw.any())
              .linearIn("x")
              .order(c.shape().rank() == 2 ? 3 : 2)
              .equalTo(x -> fold(x.get("x"), c, to, 0, Double::sum)));
      out.add(
          Sample.of("max" + of, Reduction.Max.class, p -> max(p.get("x"), c.axes()))
              .arg("x", c.shape(), Draw.apart())
              .equalTo(
                  x -> fold(x.get("x"), c, to, Double.NEGATIVE_INFINITY, (a, b) -> a > b ? a : b)));
    }
    double nan = Double.NaN;
    double infinity = Double.POSITIVE_INFINITY;
    out.add(
        Sample.of("max ties", Reduction.Max.class, p -> max(p.get("x"), List.of(1)))
            .given(
                "x", DType.F32, Shape.of(3, 4), Draw.fixed(2, 1, 2, 0, -1, -1, -1, -1, 0, 3, 3, 3))
            .equalTo(x -> new double[] {2, -1, 3}));
    out.add(
        Sample.of("max of no numbers", Reduction.Max.class, p -> max(p.get("x"), List.of(1)))
            .given(
                "x",
                DType.F32,
                Shape.of(4, 3),
                Draw.fixed(1, nan, 2, nan, 0, 0, -infinity, -infinity, -infinity, 0, infinity, 1))
            .equalTo(x -> new double[] {nan, nan, -infinity, infinity}));
    return out;
  }

  private static double[] fold(double[] x, Case c, Shape to, double start, DoubleBinaryOperator f) {
    return Close.index(
        to,
        kept -> {
          double[] total = {start};
          Close.index(
              c.shape(),
              i -> {
                boolean here = true;
                int k = 0;
                for (int a = 0; a < i.length; a++) {
                  here &= c.axes().contains(a) || i[a] == kept[k++];
                }
                if (here) {
                  total[0] = f.applyAsDouble(total[0], Close.at(x, c.shape(), i));
                }
                return 0;
              });
          return total[0];
        });
  }
}
