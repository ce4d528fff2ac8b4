package io.quickstudy.suite;

import io.quickstudy.graph.Tensor;
import io.quickstudy.reference.Reference;
import io.quickstudy.transform.Params;
import io.quickstudy.transform.Verifier;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;

/** Derivatives along random directions against central differences in double precision. */
final class GradientCheck {
  private static final double TOLERANCE = 1e-7;
  private static final double STEP = 4e-3;

  /** Central differences at one, two and three steps: their error is of the sixth order. */
  private static final double[] STENCIL = {45, -9, 1};

  private GradientCheck() {}

  static void check(Sample s) {
    Params x = s.placeholders();
    Map<Tensor, double[]> values = Sample.bind(x, s.draw(0));
    Params variables = Loss.differentiable(s, x);
    Function<Params, Tensor> f = Loss.of(s, x);
    for (int order = 1; order <= s.order(); order++) {
      Params direction = Loss.direction(variables, order);
      Function<Params, Tensor> derivative = Loss.along(f, direction);
      Tensor d = derivative.apply(variables);
      Verifier.verify("gradient of order " + order + " of " + s, List.of(d));
      double actual = Reference.eval(d, values)[0];
      compare(s, order, difference(f.apply(variables), values, variables, direction), actual);
      f = derivative;
    }
  }

  /** A difference quotient and the rounding error to expect in it. */
  private record Quotient(double value, double noise) {}

  private static void compare(Sample s, int order, Quotient expected, double actual) {
    double size = Math.max(Math.abs(expected.value()), Math.abs(actual));
    double off = Math.abs(expected.value() - actual);
    if (!(off <= TOLERANCE * size + expected.noise())) {
      throw new AssertionError(
          String.format(
              Locale.ROOT,
              "%s: derivative of order %s is %s, differences give %s (relative error %.2g)",
              s,
              order,
              actual,
              expected.value(),
              off / size));
    }
  }

  private static Quotient difference(
      Tensor y, Map<Tensor, double[]> values, Params variables, Params direction) {
    double sum = 0;
    double largest = 0;
    for (int k = 1; k <= STENCIL.length; k++) {
      double plus = Reference.eval(y, moved(values, variables, direction, k * STEP))[0];
      double minus = Reference.eval(y, moved(values, variables, direction, -k * STEP))[0];
      sum += STENCIL[k - 1] * (plus - minus);
      largest = Math.max(largest, Math.max(Math.abs(plus), Math.abs(minus)));
    }
    return new Quotient(sum / (60 * STEP), 1e-14 * largest / STEP);
  }

  private static Map<Tensor, double[]> moved(
      Map<Tensor, double[]> values, Params variables, Params direction, double step) {
    Map<Tensor, double[]> out = new LinkedHashMap<>(values);
    for (String name : variables.names()) {
      double[] v = values.get(variables.get(name)).clone();
      double[] d = Reference.eval(direction.get(name));
      for (int i = 0; i < v.length; i++) {
        v[i] += step * d[i];
      }
      out.put(variables.get(name), v);
    }
    return out;
  }
}
