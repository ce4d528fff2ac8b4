package io.quickstudy.graph;

import static io.quickstudy.graph.Ops.*;

import java.util.Arrays;
import java.util.Collections;
import java.util.List;

/** Functions applied element by element to operands of one shape. They see no axes. */
public sealed interface Elementwise extends Op {

  @Override
  default Type infer(List<Tensor> x) {
    for (Tensor t : x) {
      if (!t.shape().equals(x.get(0).shape()) || t.dtype() != DType.F32) {
        throw new IllegalArgumentException(
            this
                + ": operands must be F32 of one shape, got "
                + x.stream().map(v -> "" + v.dtype() + v.shape()).toList());
      }
    }
    return new Type(x.get(0).shape(), DType.F32);
  }

  @Override
  default Tensor batch(Mapped x) {
    return Tensor.of(this, x.full());
  }

  /** Functions of one operand. */
  enum Unary implements Elementwise {
    /** -x. */
    NEG,
    /** e^x. */
    EXP,
    /** e^x - 1, exact near 0. */
    EXPM1,
    /** Natural logarithm. */
    LOG,
    /** log(1 + x), exact near 0. */
    LOG1P,
    /** Hyperbolic tangent. */
    TANH,
    /** 1 / (1 + e^-x). */
    SIGMOID,
    /** Square root. */
    SQRT,
    /** 1 / sqrt(x). */
    RSQRT,
    /** 1 / x. */
    RECIPROCAL,
    /** Sine. */
    SIN,
    /** Cosine. */
    COS,
    /** |x|; its gradient at 0 is 0. */
    ABS,
    /** -1, 0 or 1; gradient 0. */
    SIGN,
    /** The largest whole number not above x; gradient 0. */
    FLOOR;

    @Override
    public List<Tensor> vjp(Tensor g, Tensor y, List<Tensor> in) {
      Tensor x = in.get(0);
      return Collections.singletonList(
          switch (this) {
            case NEG -> neg(g);
            case EXP -> mul(g, y);
            case EXPM1 -> mul(g, add(y, fill(1, y.shape())));
            case LOG -> div(g, x);
            case LOG1P -> div(g, add(x, fill(1, x.shape())));
            case TANH -> sub(g, mul(g, mul(y, y)));
            case SIGMOID -> mul(g, sub(y, mul(y, y)));
            case SQRT -> div(scale(g, 0.5), y);
            case RSQRT -> mul(scale(g, -0.5), mul(y, mul(y, y)));
            case RECIPROCAL -> neg(mul(g, mul(y, y)));
            case SIN -> mul(g, cos(x));
            case COS -> neg(mul(g, sin(x)));
            case ABS -> mul(g, sign(x));
            case SIGN, FLOOR -> null;
          });
    }
  }

  /** Functions of two operands. */
  enum Binary implements Elementwise {
    /** a + b. */
    ADD,
    /** a - b. */
    SUB,
    /** a b. */
    MUL,
    /** a / b. */
    DIV,
    /**
     * The larger, NaN if either is; where equal, the gradient goes to b, so that max(x, 0) has
     * slope 0 at 0.
     */
    MAX,
    /** The smaller, NaN if either is; where equal, the gradient goes to b. */
    MIN,
    /** a^b for a &gt; 0. */
    POW,
    /** 1 where a &lt; b, else 0; gradient 0. */
    LESS,
    /** 1 where a &lt;= b, else 0; gradient 0. */
    LESS_EQUAL,
    /** 1 where a = b, else 0; gradient 0. */
    EQUAL;

    @Override
    public List<Tensor> vjp(Tensor g, Tensor y, List<Tensor> x) {
      Tensor a = x.get(0);
      Tensor b = x.get(1);
      return switch (this) {
        case ADD -> List.of(g, g);
        case SUB -> List.of(g, neg(g));
        case MUL -> List.of(mul(g, b), mul(g, a));
        case DIV -> List.of(div(g, b), neg(div(mul(g, y), b)));
        case MAX -> split(g, less(b, y)); // y > b where a > b; y is kept anyway
        case MIN -> split(g, less(y, b));
        case POW ->
            List.of(mul(g, mul(b, pow(a, sub(b, fill(1, b.shape()))))), mul(g, mul(y, log(a))));
        case LESS, LESS_EQUAL, EQUAL -> Arrays.asList(null, null);
      };
    }

    private static List<Tensor> split(Tensor g, Tensor toFirst) {
      Tensor zero = fill(0, g.shape());
      return List.of(where(toFirst, g, zero), where(toFirst, zero, g));
    }
  }

  /** Second operand where the first is not 0, third where it is. */
  record Select() implements Elementwise {
    @Override
    public List<Tensor> vjp(Tensor g, Tensor y, List<Tensor> x) {
      Tensor zero = fill(0, g.shape());
      return Arrays.asList(null, where(x.get(0), g, zero), where(x.get(0), zero, g));
    }
  }

  /**
   * The same value under a new identity: a closure over the original stays constant to a gradient.
   */
  record Alias(long id) implements Elementwise {
    @Override
    public Type infer(List<Tensor> x) {
      return new Type(x.get(0).shape(), x.get(0).dtype());
    }

    @Override
    public List<Tensor> vjp(Tensor g, Tensor y, List<Tensor> x) {
      return List.of(g);
    }
  }

  /** The same value, through which no gradient passes. */
  record Stop() implements Elementwise {
    @Override
    public Type infer(List<Tensor> x) {
      return new Type(x.get(0).shape(), x.get(0).dtype());
    }

    @Override
    public List<Tensor> vjp(Tensor g, Tensor y, List<Tensor> x) {
      return Collections.singletonList(null);
    }
  }

  /**
   * Conversion between kinds of number: exact to F32 up to 2^24, towards zero to I32. No gradient.
   */
  record Convert(DType to) implements Elementwise {
    @Override
    public Type infer(List<Tensor> x) {
      DType from = x.get(0).dtype();
      boolean known =
          (to == DType.F32 && from != DType.F32) || (to == DType.I32 && from == DType.F32);
      if (!known) {
        throw new IllegalArgumentException(
            "convert: " + from + " to " + to + "; expected I32 or U8 to F32, or F32 to I32");
      }
      return new Type(x.get(0).shape(), to);
    }

    @Override
    public List<Tensor> vjp(Tensor g, Tensor y, List<Tensor> x) {
      return Collections.singletonList(null);
    }
  }
}
