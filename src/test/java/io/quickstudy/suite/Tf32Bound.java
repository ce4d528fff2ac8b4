package io.quickstudy.suite;

import io.quickstudy.graph.Convolution;
import io.quickstudy.graph.CustomVjp;
import io.quickstudy.graph.DType;
import io.quickstudy.graph.Elementwise;
import io.quickstudy.graph.Indexing;
import io.quickstudy.graph.Layout;
import io.quickstudy.graph.Leaf;
import io.quickstudy.graph.Pooling;
import io.quickstudy.graph.Product;
import io.quickstudy.graph.Recurrence;
import io.quickstudy.graph.Reduction;
import io.quickstudy.graph.Tensor;
import io.quickstudy.reference.Reference;
import io.quickstudy.transform.Graphs;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * How far TF32 can be from exact numbers, for each number of a program's results, worked out from
 * the roundings of operands alone.
 *
 * <p>Rounding to 11 bits moves an operand by up to u = 2^-11 of itself, and so a term a b of a sum
 * by up to (2 u + u^2) |a| |b|: of a product or convolution, which is linear in both operands, the
 * same op of |a| and |b| is the sum of all these. An error that an operand brings along, e, adds
 * the op of e and the other operand. All else is carried through: an op that moves, adds up or
 * selects numbers does so with their errors, and a function moves by no more than between the ends
 * of what its argument may be. Whatever a library or a cut of the tasks does with the order of sums
 * comes under {@link Close#FLOAT}, as in FP32.
 */
public final class Tf32Bound {
  private static final double UNIT = 0x1p-11;
  private static final double TERM = 2 * UNIT + UNIT * UNIT;

  private Tf32Bound() {}

  /**
   * Refuses results that are farther from the reference than TF32 explains.
   *
   * @param what they are of
   * @param outputs any nodes
   * @param arguments numbers for every argument
   * @param found numbers for every output
   */
  public static void check(
      String what, List<Tensor> outputs, Map<Tensor, double[]> arguments, List<double[]> found) {
    if (found.size() != outputs.size()) {
      throw new AssertionError(what + ": " + found.size() + " results");
    }
    Map<Tensor, double[]> expected = Reference.eval(outputs, arguments);
    Map<Tensor, double[]> errors = of(outputs, arguments);
    for (int i = 0; i < found.size(); i++) {
      Tensor t = outputs.get(i);
      String of = what + ", output " + i + " " + t.dtype() + t.shape();
      if (Arrays.stream(errors.get(t)).anyMatch(v -> !Double.isFinite(v))) {
        throw new AssertionError(of + ": a rounding may decide a comparison; take other numbers");
      }
      if (t.dtype() == DType.F32) {
        Close.tf32(of, expected.get(t), found.get(i), errors.get(t));
      } else {
        Close.check(of, expected.get(t), found.get(i), 0);
      }
    }
  }

  /**
   * The largest errors of the outputs; infinite where a rounding may decide a comparison, or where
   * an op is none of those that are known here.
   *
   * @param outputs any nodes
   * @param arguments numbers for every argument
   */
  static Map<Tensor, double[]> of(List<Tensor> outputs, Map<Tensor, double[]> arguments) {
    List<Tensor> nodes = Graphs.order(outputs);
    Map<Tensor, double[]> values = Reference.eval(nodes, arguments);
    Map<Tensor, double[]> errors = new HashMap<>();
    for (Tensor t : nodes) {
      List<double[]> x = t.inputs().stream().map(values::get).toList();
      List<double[]> e = t.inputs().stream().map(errors::get).toList();
      errors.put(t, error(t, values.get(t), x, e));
    }
    return errors;
  }

  private static double[] error(Tensor t, double[] y, List<double[]> x, List<double[]> e) {
    if (t.dtype() != DType.F32 || (e.stream().allMatch(Tf32Bound::isZero) && !multiplies(t))) {
      return exactIfExact(y.length, e);
    }
    return switch (t.op()) {
      case Leaf leaf -> new double[y.length];
      case Product.Dot d -> product(t, x, e);
      case Convolution c -> product(t, x, e);
      case Elementwise.Unary f -> unary(t, y, x, e);
      case Elementwise.Binary f -> binary(f, y, x, e);
      case Elementwise.Select s -> selected(x, e);
      case Elementwise.Alias a -> e.getFirst();
      case Elementwise.Stop s -> e.getFirst();
      case Elementwise.Convert c -> e.getFirst();
      case CustomVjp c -> e.getFirst();
      // |max a - max b| <= max |a - b|
      case Reduction r -> applied(t, e);
      case Layout l -> applied(t, e);
      // of what is taken, put and added up; the indices are exact, or else infinite
      case Indexing.Gather g -> indexed(t, x, e);
      case Indexing.ScatterAdd s -> indexed(t, x, e);
      case Pooling.PoolTake p -> indexed(t, x, e);
      case Pooling.PoolPut p -> indexed(t, x, e);
      case Pooling.PoolSum p -> applied(t, e);
      case Pooling.PoolSpread p -> applied(t, e);
      case Product p ->
          unknown(y.length); // factors and solves, which no sample has behind a product
      case Indexing.TopK k -> unknown(y.length);
      case Pooling.PoolArgMax p -> unknown(y.length);
      case Recurrence r -> unknown(y.length);
    };
  }

  private static boolean multiplies(Tensor t) {
    return t.op() instanceof Convolution || t.op() instanceof Product.Dot;
  }

  /** Of integers, and of what has exact inputs. */
  private static double[] exactIfExact(int length, List<double[]> e) {
    boolean exact = e.stream().allMatch(Tf32Bound::isZero);
    return exact ? new double[length] : unknown(length);
  }

  private static boolean isZero(double[] e) {
    for (double v : e) {
      if (v != 0) {
        return false;
      }
    }
    return true;
  }

  private static double[] unknown(int length) {
    return filled(length, Double.POSITIVE_INFINITY);
  }

  private static double[] filled(int length, double v) {
    double[] out = new double[length];
    Arrays.fill(out, v);
    return out;
  }

  /** The op itself, of other numbers. */
  private static double[] applied(Tensor t, List<double[]> numbers) {
    Map<Tensor, double[]> values = new HashMap<>();
    List<Tensor> inputs = new ArrayList<>();
    for (int i = 0; i < numbers.size(); i++) {
      Tensor of = t.input(i);
      Tensor a = Tensor.argument("input" + i, of.dtype(), of.shape());
      inputs.add(a);
      values.put(a, numbers.get(i));
    }
    Tensor same = Tensor.of(t.op(), inputs.toArray(Tensor[]::new));
    return Reference.eval(List.of(same), values).get(same);
  }

  /** Of a b, computed of a' and b': at most |a| e_b + e_a |b| + e_a e_b and the roundings. */
  private static double[] product(Tensor t, List<double[]> x, List<double[]> e) {
    double[] a = magnitudes(x.get(0));
    double[] b = magnitudes(x.get(1));
    double[] carried = applied(t, List.of(a, e.get(1)));
    double[] other = applied(t, List.of(e.get(0), b));
    double[] both = applied(t, e);
    double[] rounded = applied(t, List.of(plus(a, e.get(0)), plus(b, e.get(1))));
    double[] out = new double[carried.length];
    for (int i = 0; i < out.length; i++) {
      out[i] = carried[i] + other[i] + both[i] + TERM * rounded[i];
    }
    return out;
  }

  private static double[] magnitudes(double[] x) {
    return Arrays.stream(x).map(Math::abs).toArray();
  }

  private static double[] plus(double[] a, double[] b) {
    double[] out = new double[a.length];
    for (int i = 0; i < out.length; i++) {
      out[i] = a[i] + b[i];
    }
    return out;
  }

  private static double[] unary(Tensor t, double[] y, List<double[]> x, List<double[]> e) {
    Elementwise.Unary f = (Elementwise.Unary) t.op();
    double[] of = e.getFirst();
    return switch (f) {
      // no steeper than 1
      case NEG, ABS, SIN, COS -> of;
      case EXP, EXPM1, LOG, LOG1P, TANH, SIGMOID, SQRT, RSQRT, RECIPROCAL, SIGN, FLOOR ->
          between(t, y, x.getFirst(), of);
    };
  }

  /** Of a function that rises or falls wherever it is defined, from its values at both ends. */
  private static double[] between(Tensor t, double[] y, double[] x, double[] e) {
    double[] low = new double[x.length];
    double[] high = new double[x.length];
    for (int i = 0; i < x.length; i++) {
      low[i] = x[i] - e[i];
      high[i] = x[i] + e[i];
    }
    double[] atLow = applied(t, List.of(low));
    double[] atHigh = applied(t, List.of(high));
    double[] out = new double[x.length];
    for (int i = 0; i < out.length; i++) {
      double d = Math.max(Math.abs(atLow[i] - y[i]), Math.abs(atHigh[i] - y[i]));
      boolean pole = t.op() == Elementwise.Unary.RECIPROCAL && low[i] <= 0 && high[i] >= 0;
      out[i] = e[i] == 0 ? 0 : Double.isFinite(d) && !pole ? d : Double.POSITIVE_INFINITY;
    }
    return out;
  }

  private static double[] binary(
      Elementwise.Binary f, double[] y, List<double[]> x, List<double[]> e) {
    double[] out = new double[y.length];
    for (int i = 0; i < out.length; i++) {
      double a = x.get(0)[i];
      double b = x.get(1)[i];
      double ea = e.get(0)[i];
      double eb = e.get(1)[i];
      boolean exact = ea == 0 && eb == 0;
      out[i] =
          switch (f) {
            case ADD, SUB -> ea + eb;
            case MUL -> Math.abs(a) * eb + Math.abs(b) * ea + ea * eb;
            case DIV ->
                eb < Math.abs(b)
                    ? (ea + Math.abs(y[i]) * eb) / (Math.abs(b) - eb)
                    : Double.POSITIVE_INFINITY;
            case MAX, MIN -> Math.max(ea, eb);
            case LESS, LESS_EQUAL, EQUAL ->
                exact || Math.abs(a - b) > ea + eb ? 0 : Double.POSITIVE_INFINITY;
            case POW -> exact ? 0 : Double.POSITIVE_INFINITY;
          };
    }
    return out;
  }

  private static double[] selected(List<double[]> x, List<double[]> e) {
    double[] out = new double[x.get(0).length];
    for (int i = 0; i < out.length; i++) {
      double[] taken = x.get(0)[i] != 0 ? e.get(1) : e.get(2);
      out[i] = e.get(0)[i] == 0 ? taken[i] : Double.POSITIVE_INFINITY;
    }
    return out;
  }

  /** An op whose second input are indices. */
  private static double[] indexed(Tensor t, List<double[]> x, List<double[]> e) {
    return isZero(e.get(1)) ? applied(t, List.of(e.get(0), x.get(1))) : unknown(t.shape().size());
  }
}
