package io.quickstudy.suite;

import io.quickstudy.graph.Ops;
import io.quickstudy.graph.Shape;
import io.quickstudy.graph.Tensor;
import io.quickstudy.suite.Sample.Arg;
import io.quickstudy.transform.Grad;
import io.quickstudy.transform.Params;
import io.quickstudy.transform.Vmap;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/** The graphs of a sample that backends and passes are tried on. */
final class Programs {
  private static final int TASKS = 3;

  private Programs() {}

  /** Outputs and the numbers to compute them from. */
  record Program(String name, List<Tensor> outputs, Map<Tensor, double[]> arguments) {}

  /** Value, first and second gradients, and both under vmap over all and over one argument. */
  static List<Program> of(Sample s) {
    List<Program> out = new ArrayList<>();
    Params x = s.placeholders();
    Map<Tensor, double[]> values = Sample.bind(x, s.draw(0));
    Params variables = Loss.differentiable(s, x);
    out.add(new Program("value", List.of(s.f().apply(x)), values));
    if (variables.count() > 0) {
      Function<Params, Tensor> f = Loss.of(s, x);
      out.add(new Program("gradient", list(Grad.grad(f, variables)), values));
      Params direction = Loss.direction(variables, 1);
      out.add(
          new Program(
              "second gradient", list(Grad.grad(Loss.along(f, direction), variables)), values));
    }
    for (int i = 0; i < s.args().size(); i++) {
      out.add(mapped(s, i));
    }
    if (s.args().size() > 1) {
      out.add(mapped(s, -1));
    }
    return out;
  }

  /** Argument i mapped, all of them for -1. */
  private static Program mapped(Sample s, int which) {
    Params shared = Params.empty();
    Params mapped = Params.empty();
    Map<Tensor, double[]> values = new LinkedHashMap<>();
    for (int i = 0; i < s.args().size(); i++) {
      Arg a = s.args().get(i);
      boolean here = which < 0 || which == i;
      Shape shape = here ? a.shape().prepend(TASKS) : a.shape();
      Tensor t = Tensor.argument(a.name(), a.dtype(), shape);
      double[] v = new double[shape.size()];
      for (int at = 0; at < v.length; at += a.shape().size()) {
        double[] one = s.draw(a, at / a.shape().size());
        System.arraycopy(one, 0, v, at, one.length);
      }
      values.put(t, v);
      if (here) {
        mapped = mapped.with(a.name(), t);
      } else {
        shared = shared.with(a.name(), t);
      }
    }
    Params rest = shared;
    Params y =
        Vmap.vmapAll(
            q -> {
              Params x = rest.with(q);
              Params g = Grad.grad(Loss.of(s, x), Loss.differentiable(s, x));
              return Params.of("value", s.f().apply(x)).with(g.under("grad"));
            },
            mapped);
    return new Program(
        which < 0 ? "vmap" : "vmap over " + s.args().get(which).name(), list(y), values);
  }

  /** Outputs that no op computes, and one twice. */
  static Program edges() {
    Tensor x = Tensor.argument("x", io.quickstudy.graph.DType.F32, Shape.of(2, 3));
    Tensor k = Tensor.argument("k", io.quickstudy.graph.DType.I32, Shape.of(3));
    Tensor unused = Tensor.argument("unused", io.quickstudy.graph.DType.F32, Shape.of(5));
    Tensor y = Ops.exp(x);
    Map<Tensor, double[]> values = new LinkedHashMap<>();
    values.put(x, new double[] {1, 2, 3, -1, -2, -3});
    values.put(k, new double[] {7, -1, 0});
    values.put(unused, new double[5]);
    List<Tensor> outputs =
        List.of(
            x,
            y,
            k,
            y,
            Ops.fill(2, Shape.of(4)),
            Ops.literal(Shape.of(2), 1, 2),
            Ops.scalar(3),
            Ops.reshape(x, Shape.of(6)),
            Ops.stop(x),
            Ops.alias(Ops.reshape(y, Shape.of(6))),
            Ops.sum(y),
            x);
    return new Program("outputs that are arguments, constants and repeated", outputs, values);
  }

  private static List<Tensor> list(Params p) {
    return List.copyOf(p.values());
  }
}
