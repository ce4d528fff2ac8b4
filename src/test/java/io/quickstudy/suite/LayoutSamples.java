package io.quickstudy.suite;

import static io.quickstudy.graph.Ops.*;

import io.quickstudy.graph.DType;
import io.quickstudy.graph.Layout;
import io.quickstudy.graph.Shape;
import io.quickstudy.graph.Tensor;
import io.quickstudy.transform.Params;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import java.util.stream.IntStream;

final class LayoutSamples {
  private LayoutSamples() {}

  static List<Sample> all() {
    List<Sample> out = new ArrayList<>();
    reshapes(out);
    transposes(out);
    broadcasts(out);
    slices(out);
    pads(out);
    concatenations(out);
    return out;
  }

  /** The sample with a differentiable argument, and once with each other kind of number. */
  private static void kinds(
      List<Sample> out,
      String name,
      Object op,
      Shape shape,
      Function<Params, Tensor> f,
      Sample.Formula formula,
      boolean integers) {
    out.add(Sample.of(name, op, f).arg("x", shape, Draw.any()).linearIn("x").equalTo(formula));
    for (DType type : integers ? List.of(DType.I32, DType.U8) : List.<DType>of()) {
      out.add(
          Sample.of(name + " " + type, op, f)
              .given("x", type, shape, Draw.below(200))
              .equalTo(formula));
    }
  }

  private static void reshapes(List<Sample> out) {
    Shape[][] cases = {
      {Shape.of(2, 3), Shape.of(6)},
      {Shape.of(1), Shape.of()},
      {Shape.of(), Shape.of(1, 1, 1)},
      {Shape.of(4, 3, 5), Shape.of(2, 2, 15)},
      {Shape.of(7), Shape.of(7, 1)}
    };
    for (Shape[] c : cases) {
      kinds(
          out,
          "reshape " + c[0] + " to " + c[1],
          Layout.Reshape.class,
          c[0],
          p -> Tensor.of(new Layout.Reshape(c[1]), p.get("x")),
          x -> x.get("x"),
          c[0].rank() == 2);
    }
  }

  private static void transposes(List<Sample> out) {
    List<List<Integer>> perms =
        List.of(
            List.of(),
            List.of(0),
            List.of(1, 0),
            List.of(0, 1, 2),
            List.of(2, 0, 1),
            List.of(0, 2, 1),
            List.of(1, 0, 2),
            List.of(3, 1, 0, 2),
            List.of(0, 2, 3, 1),
            List.of(4, 2, 0, 3, 1));
    int[] extents = {3, 5, 2, 4, 2};
    for (List<Integer> perm : perms) {
      Shape from = Shape.of(Arrays.copyOf(extents, perm.size()));
      Shape to = Shape.of(perm.stream().mapToInt(from::dim).toArray());
      kinds(
          out,
          "transpose " + perm,
          Layout.Transpose.class,
          from,
          p -> Tensor.of(new Layout.Transpose(perm), p.get("x")),
          x ->
              Close.index(
                  to,
                  i -> {
                    int[] back = new int[i.length];
                    for (int k = 0; k < i.length; k++) {
                      back[perm.get(k)] = i[k];
                    }
                    return Close.at(x.get("x"), from, back);
                  }),
          perm.size() == 2);
    }
    out.add(
        Sample.of("transpose large", Layout.Transpose.class, p -> t(p.get("x")))
            .arg("x", Shape.of(37, 19), Draw.any())
            .linearIn("x")
            .equalTo(
                x ->
                    Close.index(
                        Shape.of(19, 37),
                        i -> Close.at(x.get("x"), Shape.of(37, 19), i[1], i[0]))));
  }

  private static void broadcasts(List<Sample> out) {
    record Case(Shape to, List<Integer> axes) {}
    List<Case> cases =
        List.of(
            new Case(Shape.of(7), List.of(0)),
            new Case(Shape.of(3, 5), List.of(0)),
            new Case(Shape.of(3, 5), List.of(1)),
            new Case(Shape.of(3, 5), List.of(0, 1)),
            new Case(Shape.of(2, 3, 4), List.of(1)),
            new Case(Shape.of(2, 3, 4), List.of(0, 2)),
            new Case(Shape.of(2, 3, 4), List.of(0, 1)),
            new Case(Shape.of(2, 3, 2, 5), List.of(0, 1, 2)),
            new Case(Shape.of(2, 3, 2, 5), List.of(1, 3)),
            new Case(Shape.of(1, 4), List.of(0)));
    for (Case c : cases) {
      Shape from = c.to().without(c.axes());
      kinds(
          out,
          "broadcast " + from + " to " + c.to() + " along " + c.axes(),
          Layout.Broadcast.class,
          from,
          p -> Tensor.of(new Layout.Broadcast(c.to(), c.axes()), p.get("x")),
          x ->
              Close.index(
                  c.to(),
                  i ->
                      Close.at(
                          x.get("x"),
                          from,
                          IntStream.range(0, i.length)
                              .filter(k -> !c.axes().contains(k))
                              .map(k -> i[k])
                              .toArray())),
          c.to().rank() == 2);
    }
  }

  private static void slices(List<Sample> out) {
    record Case(Shape from, List<Integer> starts, List<Integer> limits, List<Integer> steps) {}
    List<Case> cases =
        List.of(
            new Case(Shape.of(9), List.of(2), List.of(7), List.of(1)),
            new Case(Shape.of(9), List.of(0), List.of(9), List.of(4)),
            new Case(Shape.of(9), List.of(1), List.of(8), List.of(3)),
            new Case(Shape.of(9), List.of(8), List.of(9), List.of(5)),
            new Case(Shape.of(9), List.of(1), List.of(9), List.of(3)),
            new Case(Shape.of(4, 7), List.of(0, 1), List.of(4, 7), List.of(2, 4)),
            new Case(Shape.of(4, 7), List.of(1, 2), List.of(3, 7), List.of(1, 2)),
            new Case(Shape.of(4, 7), List.of(0, 0), List.of(4, 7), List.of(1, 1)),
            new Case(Shape.of(3, 4, 5), List.of(1, 0, 1), List.of(2, 4, 4), List.of(1, 3, 2)),
            new Case(
                Shape.of(2, 3, 4, 5),
                List.of(0, 1, 0, 2),
                List.of(2, 3, 3, 5),
                List.of(1, 1, 2, 1)));
    for (Case c : cases) {
      Layout.Slice op = new Layout.Slice(c.starts(), c.limits(), c.steps());
      Shape to =
          Shape.of(
              IntStream.range(0, c.from().rank())
                  .map(
                      k ->
                          (int)
                              IntStream.range(c.starts().get(k), c.limits().get(k))
                                  .filter(i -> (i - c.starts().get(k)) % c.steps().get(k) == 0)
                                  .count())
                  .toArray());
      kinds(
          out,
          "slice " + c.from() + " " + c.starts() + " " + c.limits() + " " + c.steps(),
          Layout.Slice.class,
          c.from(),
          p -> Tensor.of(op, p.get("x")),
          x ->
              Close.index(
                  to,
                  i ->
                      Close.at(
                          x.get("x"),
                          c.from(),
                          IntStream.range(0, i.length)
                              .map(k -> c.starts().get(k) + i[k] * c.steps().get(k))
                              .toArray())),
          c.from().rank() == 2);
    }
  }

  private static void pads(List<Sample> out) {
    record Case(Shape from, List<Integer> low, List<Integer> high, List<Integer> interior) {}
    List<Case> cases =
        List.of(
            new Case(Shape.of(5), List.of(2), List.of(0), List.of(0)),
            new Case(Shape.of(5), List.of(0), List.of(3), List.of(2)),
            new Case(Shape.of(1), List.of(1), List.of(1), List.of(4)),
            new Case(Shape.of(3, 4), List.of(1, 0), List.of(0, 2), List.of(0, 1)),
            new Case(Shape.of(3, 4), List.of(0, 0), List.of(0, 0), List.of(0, 0)),
            new Case(Shape.of(2, 3, 2), List.of(0, 1, 2), List.of(1, 0, 1), List.of(3, 0, 1)),
            new Case(
                Shape.of(2, 3, 2, 3),
                List.of(0, 1, 1, 0),
                List.of(0, 1, 2, 0),
                List.of(0, 0, 1, 0)));
    for (Case c : cases) {
      Layout.Pad op = new Layout.Pad(c.low(), c.high(), c.interior());
      Shape to =
          Shape.of(
              IntStream.range(0, c.from().rank())
                  .map(
                      k ->
                          c.low().get(k)
                              + c.high().get(k)
                              + c.from().dim(k)
                              + (c.from().dim(k) - 1) * c.interior().get(k))
                  .toArray());
      kinds(
          out,
          "pad " + c.from() + " " + c.low() + " " + c.high() + " " + c.interior(),
          Layout.Pad.class,
          c.from(),
          p -> Tensor.of(op, p.get("x")),
          x ->
              Close.index(
                  to,
                  i -> {
                    int[] at = new int[i.length];
                    for (int k = 0; k < at.length; k++) {
                      int step = c.interior().get(k) + 1;
                      int past = i[k] - c.low().get(k);
                      if (past < 0 || past % step != 0 || past / step >= c.from().dim(k)) {
                        return 0;
                      }
                      at[k] = past / step;
                    }
                    return Close.at(x.get("x"), c.from(), at);
                  }),
          c.from().rank() == 2);
    }
  }

  private static void concatenations(List<Sample> out) {
    List<String> names = List.of("a", "b", "c");
    for (Shape s : List.of(Shape.of(2), Shape.of(3, 2), Shape.of(2, 3, 4))) {
      for (int axis = 0; axis < s.rank(); axis++) {
        for (int parts = 1; parts <= 3; parts++) {
          int k = axis;
          List<String> used = names.subList(0, parts);
          List<Shape> shapes =
              IntStream.range(0, parts).mapToObj(i -> s.with(k, s.dim(k) + i % 2)).toList();
          Sample sample =
              Sample.of(
                  "concatenate " + shapes + " axis " + axis,
                  Layout.Concatenate.class,
                  p -> Tensor.of(new Layout.Concatenate(k), used.stream().map(p::get).toList()));
          for (int i = 0; i < parts; i++) {
            sample = sample.arg(names.get(i), shapes.get(i), Draw.any());
          }
          int total = shapes.stream().mapToInt(v -> v.dim(k)).sum();
          out.add(
              sample.equalTo(
                  x ->
                      Close.index(
                          s.with(k, total),
                          i -> {
                            int part = 0;
                            while (i[k] >= shapes.get(part).dim(k)) {
                              i[k] -= shapes.get(part++).dim(k);
                            }
                            return Close.at(x.get(names.get(part)), shapes.get(part), i);
                          })));
        }
      }
    }
    for (DType type : List.of(DType.I32, DType.U8)) {
      out.add(
          Sample.of(
                  "concatenate " + type,
                  Layout.Concatenate.class,
                  p -> concatenate(0, p.get("a"), p.get("b"), p.get("a")))
              .given("a", type, Shape.of(2, 1), Draw.below(250))
              .given("b", type, Shape.of(1, 1), Draw.below(250))
              .equalTo(
                  x -> {
                    double[] a = x.get("a");
                    return new double[] {a[0], a[1], x.get("b")[0], a[0], a[1]};
                  }));
    }
  }
}
