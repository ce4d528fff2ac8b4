package io.quickstudy.backend.plan;

import io.quickstudy.graph.DType;
import io.quickstudy.graph.Elementwise;
import io.quickstudy.graph.Elementwise.Binary;
import io.quickstudy.graph.Elementwise.Unary;
import io.quickstudy.graph.Shape;
import java.util.function.Consumer;

/**
 * Writes loops as the kernels of every backend read them: the payload of LOOP in {@code
 * native/quickstudy.h}, where a backend says what an operand looks like. A test holds the numbers
 * against that file.
 */
public final class LoopEncoder {
  /** The most axes of a loop. */
  public static final int MAX_DIMS = 8;

  private static final int SELECT = 64;

  private final Words out;
  private final Consumer<Step.Place> operand;

  /**
   * A writer.
   *
   * @param out where words go
   * @param operand appends the words of an operand to them
   */
  public LoopEncoder(Words out, Consumer<Step.Place> operand) {
    this.out = out;
    this.operand = operand;
  }

  /** Appends a loop; returns the number of its first word. */
  public int add(Loop s) {
    int first = out.size();
    dims(s.space());
    out.add(s.inputs().size());
    for (Loop.Input i : s.inputs()) {
      out.add(dtype(i.as()));
      strided(i.view());
    }
    out.add(s.constants().size());
    for (double c : s.constants()) {
      out.add(Float.floatToRawIntBits((float) c) & 0xffffffffL);
    }
    out.add(s.ops().size());
    int value = s.inputs().size() + s.constants().size();
    for (Loop.Apply a : s.ops()) {
      out.add(function(a.op()));
      out.add(value++);
      for (int k = 0; k < 3; k++) {
        out.add(k < a.operands().size() ? a.operands().get(k) : 0);
      }
    }
    out.add(s.outputs().size());
    for (Loop.Output o : s.outputs()) {
      out.add(o.value());
      out.add(mode(o.mode()));
      out.add(dtype(o.as()));
      strided(o.view());
    }
    return first;
  }

  /**
   * Appends the extents of a shape, at least one.
   *
   * @throws IllegalArgumentException if it has more axes than a kernel takes
   */
  public void dims(Shape s) {
    checkRank(s);
    out.add(Math.max(1, s.rank()));
    if (s.rank() == 0) {
      out.add(1);
    }
    for (int d : s.dims()) {
      out.add(d);
    }
  }

  /** Refuses a shape of more axes than a kernel takes. */
  public static void checkRank(Shape s) {
    if (s.rank() > MAX_DIMS) {
      throw new IllegalArgumentException(
          "a tensor of shape %s has more axes than the %s that a kernel takes; reshape it"
              .formatted(s, MAX_DIMS));
    }
  }

  /** Appends an operand and its strides. */
  public void strided(View v) {
    operand.accept(v.place());
    if (v.strides().length == 0) {
      out.add(1);
    }
    for (int s : v.strides()) {
      out.add(s);
    }
  }

  static int dtype(DType t) {
    return switch (t) {
      case F32 -> 0;
      case I32 -> 1;
      case U8 -> 2;
    };
  }

  static int mode(Loop.Mode mode) {
    return switch (mode) {
      case STORE -> 0;
      case SUM -> 1;
      case MAX -> 2;
    };
  }

  static int function(Elementwise op) {
    return switch (op) {
      case Unary u -> function(u);
      case Binary b -> function(b);
      case Elementwise.Select s -> SELECT;
      case Elementwise.Alias a -> throw new IllegalStateException(a + " in a loop");
      case Elementwise.Stop s -> throw new IllegalStateException(s + " in a loop");
      case Elementwise.Convert c -> throw new IllegalStateException(c + " in a loop");
    };
  }

  private static int function(Unary u) {
    return switch (u) {
      case NEG -> 0;
      case EXP -> 1;
      case EXPM1 -> 2;
      case LOG -> 3;
      case LOG1P -> 4;
      case TANH -> 5;
      case SIGMOID -> 6;
      case SQRT -> 7;
      case RSQRT -> 8;
      case RECIPROCAL -> 9;
      case SIN -> 10;
      case COS -> 11;
      case ABS -> 12;
      case SIGN -> 13;
      case FLOOR -> 14;
    };
  }

  private static int function(Binary b) {
    return switch (b) {
      case ADD -> 32;
      case SUB -> 33;
      case MUL -> 34;
      case DIV -> 35;
      case MAX -> 36;
      case MIN -> 37;
      case POW -> 38;
      case LESS -> 39;
      case LESS_EQUAL -> 40;
      case EQUAL -> 41;
    };
  }
}
