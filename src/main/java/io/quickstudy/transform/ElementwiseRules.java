package io.quickstudy.transform;

import static io.quickstudy.graph.Ops.*;
import static io.quickstudy.transform.Simplifier.*;

import io.quickstudy.graph.DType;
import io.quickstudy.graph.Elementwise;
import io.quickstudy.graph.Elementwise.Binary;
import io.quickstudy.graph.Elementwise.Unary;
import io.quickstudy.graph.Layout;
import io.quickstudy.graph.Shape;
import io.quickstudy.graph.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Algebra of elementwise ops. */
final class ElementwiseRules {
  private ElementwiseRules() {}

  static Tensor rule(Elementwise op, Tensor t) {
    if (t.inputs().stream().allMatch(Simplifier::isFill)) {
      Tensor folded = fold(op, t);
      if (folded != t) {
        return folded;
      }
    }
    Tensor r =
        switch (op) {
          case Elementwise.Alias a -> t.input(0);
          case Elementwise.Stop s -> t.input(0);
          case Elementwise.Convert c -> t;
          case Elementwise.Select s -> t.input(1) == t.input(2) ? t.input(1) : t;
          case Unary u -> unary(u, t);
          case Binary b -> binary(b, t);
        };
    if (r == t && op instanceof Binary b) {
      r = PoolingRules.behindPut(b, t);
    }
    return r == t ? beforeBroadcast(op, t) : r;
  }

  private static Tensor unary(Unary u, Tensor t) {
    Tensor x = t.input(0);
    if (u == Unary.NEG) {
      if (x.op() == Unary.NEG) {
        return x.input(0);
      }
      if (x.op() == Binary.SUB) {
        return sub(x.input(1), x.input(0));
      }
      if (x.op() == Binary.MUL && isFill(x.input(1))) {
        return scale(x.input(0), -value(x.input(1)));
      }
    }
    return t;
  }

  private static Tensor binary(Binary op, Tensor t) {
    Tensor a = t.input(0);
    Tensor b = t.input(1);
    return switch (op) {
      case ADD -> add(t, a, b);
      case SUB -> {
        if (isFill(b, 0)) {
          yield a;
        }
        if (isFill(a, 0)) {
          yield neg(b);
        }
        yield b.op() == Unary.NEG ? Tensor.of(Binary.ADD, a, b.input(0)) : t;
      }
      case MUL -> mul(t, a, b);
      case DIV -> {
        if (isFill(b) && value(b) != 0) {
          yield scale(a, 1 / value(b));
        }
        yield isFill(a, 0) ? a : t;
      }
      case MAX, MIN -> a == b ? a : t;
      case POW, LESS, LESS_EQUAL, EQUAL -> t;
    };
  }

  private static Tensor add(Tensor t, Tensor a, Tensor b) {
    if (isFill(a, 0)) {
      return b;
    }
    if (isFill(b, 0)) {
      return a;
    }
    if (b.op() == Unary.NEG) {
      return sub(a, b.input(0));
    }
    if (a.op() == Unary.NEG) {
      return sub(b, a.input(0));
    }
    if (a == b) {
      return doubled(t, a);
    }
    Tensor joined = LayoutRules.joinPads(a, b);
    return joined != null ? joined : constantLast(t, a, b);
  }

  /** a + a where a is x times something repeated: the factor is doubled, which rounds nothing. */
  private static Tensor doubled(Tensor t, Tensor a) {
    if (a.op() == Binary.MUL) {
      for (int i = 0; i < 2; i++) {
        Tensor factor = a.input(i);
        if (factor.op() instanceof Layout.Broadcast b) {
          Tensor twice = Tensor.of(Binary.ADD, factor.input(0), factor.input(0));
          return Tensor.of(Binary.MUL, a.input(1 - i), broadcast(twice, t.shape(), b.axes()));
        }
      }
    }
    return t;
  }

  private static Tensor mul(Tensor t, Tensor a, Tensor b) {
    if (isFill(a, 0) || isFill(b, 0)) {
      return fillLike(t, 0);
    }
    if (isFill(a, 1)) {
      return b;
    }
    if (isFill(b, 1)) {
      return a;
    }
    if (isFill(b, -1)) {
      return neg(a);
    }
    if (a.op() == Unary.NEG) {
      return isFill(b) ? scale(a.input(0), -value(b)) : neg(Tensor.of(Binary.MUL, a.input(0), b));
    }
    if (b.op() == Unary.NEG) {
      return neg(Tensor.of(Binary.MUL, a, b.input(0)));
    }
    if (isFill(b) && a.op() == Binary.MUL && isFill(a.input(1))) {
      return scale(a.input(0), value(a.input(1)) * value(b));
    }
    return constantLast(t, a, b);
  }

  /** A constant operand of a commutative op comes last. */
  private static Tensor constantLast(Tensor t, Tensor a, Tensor b) {
    return isFill(a) && !isFill(b) ? Tensor.of(t.op(), b, a) : t;
  }

  /**
   * Operands of a commutative op in the order in which a graph has them, so that equal ones meet.
   */
  static Tensor ordered(Tensor t, Map<Tensor, Integer> numbers) {
    if (t.op() != Binary.ADD && t.op() != Binary.MUL) {
      return t;
    }
    Integer a = numbers.get(t.input(0));
    Integer b = numbers.get(t.input(1));
    boolean swap = a != null && b != null && a > b && !isFill(t.input(1));
    return swap ? Tensor.of(t.op(), t.input(1), t.input(0)) : t;
  }

  /** f(broadcast x, broadcast y) = broadcast f(x, y), where both repeat along the same axes. */
  private static Tensor beforeBroadcast(Elementwise op, Tensor t) {
    List<Integer> axes = null;
    Shape small = null;
    for (Tensor x : t.inputs()) {
      if (x.op() instanceof Layout.Broadcast b) {
        if (axes != null && !axes.equals(b.axes())) {
          return t;
        }
        axes = b.axes();
        small = x.input(0).shape();
      } else if (!isFill(x)) {
        return t;
      }
    }
    if (axes == null) {
      return t;
    }
    List<Tensor> in = new ArrayList<>();
    for (Tensor x : t.inputs()) {
      in.add(isFill(x) ? fill(value(x), small) : x.input(0));
    }
    return broadcast(Tensor.of(op, in), t.shape(), axes);
  }

  private static Tensor fold(Elementwise op, Tensor t) {
    double[] x = t.inputs().stream().mapToDouble(Simplifier::value).toArray();
    return switch (op) {
      case Elementwise.Alias a -> t.input(0);
      case Elementwise.Stop s -> t.input(0);
      case Elementwise.Convert c ->
          fillLike(t, c.to() == DType.I32 ? (x[0] < 0 ? Math.ceil(x[0]) : Math.floor(x[0])) : x[0]);
      case Elementwise.Select s -> t.input(x[0] != 0 ? 1 : 2);
      case Unary u -> fillLike(t, unary(u, x[0]));
      case Binary b -> fillLike(t, binary(b, x[0], x[1]));
    };
  }

  private static double unary(Unary u, double x) {
    return switch (u) {
      case NEG -> -x;
      case EXP -> Math.exp(x);
      case EXPM1 -> Math.expm1(x);
      case LOG -> Math.log(x);
      case LOG1P -> Math.log1p(x);
      case TANH -> Math.tanh(x);
      case SIGMOID -> 1 / (1 + Math.exp(-x));
      case SQRT -> Math.sqrt(x);
      case RSQRT -> 1 / Math.sqrt(x);
      case RECIPROCAL -> 1 / x;
      case SIN -> Math.sin(x);
      case COS -> Math.cos(x);
      case ABS -> Math.abs(x);
      case SIGN -> Math.signum(x);
      case FLOOR -> Math.floor(x);
    };
  }

  private static double binary(Binary b, double x, double y) {
    return switch (b) {
      case ADD -> x + y;
      case SUB -> x - y;
      case MUL -> x * y;
      case DIV -> x / y;
      case MAX -> Math.max(x, y);
      case MIN -> Math.min(x, y);
      case POW -> Math.pow(x, y);
      case LESS -> x < y ? 1 : 0;
      case LESS_EQUAL -> x <= y ? 1 : 0;
      case EQUAL -> x == y ? 1 : 0;
    };
  }
}
