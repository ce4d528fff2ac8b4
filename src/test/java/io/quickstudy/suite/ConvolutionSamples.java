package io.quickstudy.suite;

import static io.quickstudy.graph.Ops.*;

import io.quickstudy.graph.Convolution;
import io.quickstudy.graph.Shape;
import io.quickstudy.graph.Window;
import java.util.ArrayList;
import java.util.List;

/** Convolution and its gradients, each against its own definition by indices. */
final class ConvolutionSamples {
  private ConvolutionSamples() {}

  /** Where the task axis is. */
  private enum Tasks {
    NOWHERE,
    FIRST,
    SECOND,
    BOTH;

    Shape first(Shape s) {
      return this == FIRST || this == BOTH ? s.prepend(TASKS) : s;
    }

    Shape second(Shape s) {
      return this == SECOND || this == BOTH ? s.prepend(TASKS) : s;
    }

    Shape result(Shape s) {
      return this == NOWHERE ? s : s.prepend(TASKS);
    }
  }

  private static final int TASKS = 2;

  private record Case(int n, int h, int w, int c, int o, Window window, List<Tasks> tasks) {
    Shape x() {
      return Shape.of(n, h, w, c);
    }

    Shape f() {
      return Shape.of(window.height(), window.width(), c, o);
    }

    Shape y() {
      return Shape.of(n, window.outH(h), window.outW(w), o);
    }
  }

  static List<Sample> all() {
    List<Tasks> every = List.of(Tasks.values());
    List<Tasks> none = List.of(Tasks.NOWHERE);
    List<Tasks> second = List.of(Tasks.SECOND);
    List<Tasks> both = List.of(Tasks.BOTH);
    List<Case> cases =
        List.of(
            new Case(2, 5, 6, 3, 4, Window.square(3, 1, 1), every),
            new Case(2, 3, 4, 5, 3, Window.square(1, 1, 0), every),
            new Case(1, 6, 4, 2, 3, Window.square(2, 2, 0), every),
            new Case(1, 7, 6, 1, 3, new Window(3, 3, 2, 2, 0, 1, 1, 0), every),
            new Case(1, 6, 8, 2, 3, new Window(5, 3, 1, 3, 2, 1, 0, 2), every),
            new Case(1, 9, 11, 1, 2, Window.square(7, 3, 3), List.of(Tasks.NOWHERE, Tasks.FIRST)),
            new Case(2, 9, 8, 2, 1, Window.square(4, 3, 0), second),
            new Case(1, 1, 1, 2, 7, Window.square(3, 1, 1), both),
            new Case(1, 4, 4, 17, 9, Window.square(3, 1, 1), both),
            new Case(3, 5, 4, 1, 1, Window.square(3, 1, 0), none),
            new Case(1, 7, 6, 3, 2, Window.square(1, 2, 0), both),
            new Case(1, 8, 7, 2, 2, Window.square(2, 3, 0), second),
            new Case(1, 3, 2, 2, 3, Window.square(2, 1, 2), both),
            new Case(1, 5, 5, 2, 2, Window.square(5, 1, 0), both),
            new Case(1, 6, 5, 1, 2, Window.same(6, 1, 6, 5), none),
            new Case(1, 4, 4, 32, 32, Window.square(3, 1, 1), both),
            new Case(2, 2, 2, 8, 64, Window.square(3, 2, 1), both),
            // enough tiles of enough channels for the CPU's minimal algorithm
            new Case(2, 7, 6, 32, 32, Window.square(3, 1, 1), both));
    List<Sample> out = new ArrayList<>();
    for (Case c : cases) {
      for (Tasks t : c.tasks()) {
        String what = " %s %s to %s, %s, tasks %s".formatted(c.x(), c.c(), c.o(), c.window(), t);
        boolean small = c.n() * c.h() * c.w() * c.c() * c.o() <= 800;
        out.add(
            Sample.of(
                    "conv" + what,
                    Convolution.Conv.class,
                    p -> conv(p.get("x"), p.get("f"), c.window()))
                .arg("x", t.first(c.x()), Draw.any())
                .arg("f", t.second(c.f()), Draw.any())
                .linearIn("x", "f")
                .order(small ? 3 : 2)
                .equalTo(v -> forward(c, t, v.get("x"), v.get("f"))));
        out.add(
            Sample.of(
                    "conv input grad" + what,
                    Convolution.ConvInputGrad.class,
                    p -> convInputGrad(p.get("g"), p.get("f"), c.window(), c.h(), c.w()))
                .arg("g", t.first(c.y()), Draw.any())
                .arg("f", t.second(c.f()), Draw.any())
                .linearIn("g", "f")
                .equalTo(v -> inputGrad(c, t, v.get("g"), v.get("f"))));
        out.add(
            Sample.of(
                    "conv filter grad" + what,
                    Convolution.ConvFilterGrad.class,
                    p -> convFilterGrad(p.get("x"), p.get("g"), c.window()))
                .arg("x", t.first(c.x()), Draw.any())
                .arg("g", t.second(c.y()), Draw.any())
                .linearIn("x", "g")
                .equalTo(v -> filterGrad(c, t, v.get("x"), v.get("g"))));
      }
    }
    return out;
  }

  /**
   * The number at an index that may be outside (0) and has a task axis only where the array has.
   */
  private static double at(double[] x, Shape shape, boolean tasks, int task, int... index) {
    for (int k = 0; k < index.length; k++) {
      if (index[k] < 0 || index[k] >= shape.dim(k)) {
        return 0;
      }
    }
    int at = 0;
    for (int k = 0; k < index.length; k++) {
      at = at * shape.dim(k) + index[k];
    }
    return x[(tasks ? task * shape.size() : 0) + at];
  }

  private static double[] each(Tasks t, Shape shape, java.util.function.ToDoubleFunction<int[]> f) {
    return t == Tasks.NOWHERE ? Close.index(shape.prepend(1), f) : Close.index(t.result(shape), f);
  }

  private static double[] forward(Case c, Tasks t, double[] x, double[] f) {
    Window v = c.window();
    return each(
        t,
        c.y(),
        i -> {
          double sum = 0;
          for (int q = 0; q < c.f().size() / c.o(); q++) {
            int channel = q % c.c();
            int s = q / c.c() % v.width();
            int r = q / c.c() / v.width();
            int h = i[2] * v.strideH() - v.top() + r;
            int w = i[3] * v.strideW() - v.left() + s;
            sum +=
                at(x, c.x(), t == Tasks.FIRST || t == Tasks.BOTH, i[0], i[1], h, w, channel)
                    * at(f, c.f(), t == Tasks.SECOND || t == Tasks.BOTH, i[0], r, s, channel, i[4]);
          }
          return sum;
        });
  }

  private static double[] inputGrad(Case c, Tasks t, double[] g, double[] f) {
    Window v = c.window();
    return each(
        t,
        c.x(),
        i -> {
          double sum = 0;
          for (int a = 0; a < c.y().dim(1); a++) {
            for (int b = 0; b < c.y().dim(2); b++) {
              int r = i[2] + v.top() - a * v.strideH();
              int s = i[3] + v.left() - b * v.strideW();
              for (int o = 0; o < c.o(); o++) {
                sum +=
                    at(g, c.y(), t == Tasks.FIRST || t == Tasks.BOTH, i[0], i[1], a, b, o)
                        * at(f, c.f(), t == Tasks.SECOND || t == Tasks.BOTH, i[0], r, s, i[4], o);
              }
            }
          }
          return sum;
        });
  }

  private static double[] filterGrad(Case c, Tasks t, double[] x, double[] g) {
    Window v = c.window();
    return each(
        t,
        c.f(),
        i -> {
          double sum = 0;
          for (int n = 0; n < c.n(); n++) {
            for (int a = 0; a < c.y().dim(1); a++) {
              for (int b = 0; b < c.y().dim(2); b++) {
                int h = a * v.strideH() + i[1] - v.top();
                int w = b * v.strideW() + i[2] - v.left();
                sum +=
                    at(x, c.x(), t == Tasks.FIRST || t == Tasks.BOTH, i[0], n, h, w, i[3])
                        * at(g, c.y(), t == Tasks.SECOND || t == Tasks.BOTH, i[0], n, a, b, i[4]);
              }
            }
          }
          return sum;
        });
  }
}
