package io.quickstudy.suite;

import io.quickstudy.graph.Ops;
import io.quickstudy.graph.Tensor;
import io.quickstudy.reference.Reference;
import io.quickstudy.transform.Grad;
import io.quickstudy.transform.Params;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * For f linear in one argument x: f(2u - v) = 2 f(u) - f(v), and &lt;f(x), y&gt; = &lt;x,
 * f'(y)&gt;.
 */
final class LinearCheck {
  private LinearCheck() {}

  static void check(Sample s, String name) {
    Params p = s.placeholders();
    Tensor y = s.f().apply(p);
    Map<String, double[]> first = s.draw(0);
    Map<String, double[]> second = new LinkedHashMap<>(first);
    second.put(name, s.draw(1).get(name));
    Map<String, double[]> both = new LinkedHashMap<>(first);
    both.put(name, combine(first.get(name), second.get(name)));
    double[] u = Reference.eval(y, Sample.bind(p, first));
    double[] v = Reference.eval(y, Sample.bind(p, second));
    double[] w = Reference.eval(y, Sample.bind(p, both));
    Close.check("linearity in " + name, combine(u, v), w, Close.DOUBLE);

    Tensor c = Tensor.argument("c", y.dtype(), y.shape());
    Tensor adjoint =
        Grad.grad(q -> Ops.sum(Ops.mul(s.f().apply(p.with(q)), c)), Params.of(name, p.get(name)))
            .get(name);
    double[] weights = Reference.eval(Loss.numbers(y.shape(), 3));
    Map<Tensor, double[]> values = Sample.bind(p, first);
    values.put(c, weights);
    double[] back = Reference.eval(List.of(adjoint), values).get(adjoint);
    double left = inner(u, weights);
    double right = inner(first.get(name), back);
    double size = inner(abs(u), abs(weights)) + inner(abs(first.get(name)), abs(back));
    if (!(Math.abs(left - right) <= Close.DOUBLE * size)) {
      throw new AssertionError(
          "adjoint in %s: <f(x), y> = %s, <x, f'(y)> = %s".formatted(name, left, right));
    }
  }

  private static double[] combine(double[] u, double[] v) {
    double[] w = new double[u.length];
    for (int i = 0; i < w.length; i++) {
      w[i] = 2 * u[i] - v[i];
    }
    return w;
  }

  private static double[] abs(double[] u) {
    return java.util.Arrays.stream(u).map(Math::abs).toArray();
  }

  private static double inner(double[] u, double[] v) {
    double sum = 0;
    for (int i = 0; i < u.length; i++) {
      sum += u[i] * v[i];
    }
    return sum;
  }
}
