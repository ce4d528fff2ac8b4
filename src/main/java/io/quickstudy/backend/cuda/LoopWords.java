package io.quickstudy.backend.cuda;

import io.quickstudy.backend.plan.Step;
import io.quickstudy.backend.plan.View;
import io.quickstudy.graph.DType;
import io.quickstudy.graph.Elementwise;
import io.quickstudy.graph.Elementwise.Binary;
import io.quickstudy.graph.Elementwise.Unary;
import io.quickstudy.graph.Shape;
import java.util.Arrays;
import java.util.function.ToLongFunction;

/**
 * Every loop of a program as {@code qs_loop} reads it in device memory: the payload of LOOP in
 * {@code native/quickstudy.h}, where an operand is one word, its address.
 */
final class LoopWords {
  static final int MAX_DIMS = 8;

  private static final int SELECT = 64;

  private final ToLongFunction<Step.Place> address;
  private long[] data = new long[1024];
  private int size;

  LoopWords(ToLongFunction<Step.Place> address) {
    this.address = address;
  }

  /** All words so far. */
  long[] array() {
    return Arrays.copyOf(data, size);
  }

  int size() {
    return size;
  }

  /** Appends a loop; returns the number of its first word. */
  int add(Step.Loop s) {
    int first = size;
    dims(s.space());
    word(s.inputs().size());
    for (Step.Loop.Input i : s.inputs()) {
      word(dtype(i.as()));
      strided(i.view());
    }
    word(s.constants().size());
    for (double c : s.constants()) {
      word(Float.floatToRawIntBits((float) c) & 0xffffffffL);
    }
    word(s.ops().size());
    int value = s.inputs().size() + s.constants().size();
    for (Step.Loop.Apply a : s.ops()) {
      word(function(a.op()));
      word(value++);
      for (int k = 0; k < 3; k++) {
        word(k < a.operands().size() ? a.operands().get(k) : 0);
      }
    }
    word(s.outputs().size());
    for (Step.Loop.Output o : s.outputs()) {
      word(o.value());
      word(mode(o.mode()));
      word(dtype(o.as()));
      strided(o.view());
    }
    return first;
  }

  private void word(long w) {
    if (size == data.length) {
      data = Arrays.copyOf(data, size * 2);
    }
    data[size++] = w;
  }

  /** A loop has at least one dimension. */
  private void dims(Shape s) {
    checkRank(s);
    word(Math.max(1, s.rank()));
    if (s.rank() == 0) {
      word(1);
    }
    for (int d : s.dims()) {
      word(d);
    }
  }

  static void checkRank(Shape s) {
    if (s.rank() > MAX_DIMS) {
      throw new IllegalArgumentException(
          "a tensor of shape %s has more axes than the %d that the CUDA backend takes; reshape it"
              .formatted(s, MAX_DIMS));
    }
  }

  private void strided(View v) {
    word(address.applyAsLong(v.place()));
    if (v.strides().length == 0) {
      word(1);
    }
    for (int s : v.strides()) {
      word(s);
    }
  }

  private static int dtype(DType t) {
    return switch (t) {
      case F32 -> 0;
      case I32 -> 1;
      case U8 -> 2;
    };
  }

  private static int mode(Step.Loop.Mode mode) {
    return switch (mode) {
      case STORE -> 0;
      case SUM -> 1;
      case MAX -> 2;
    };
  }

  private static int function(Elementwise op) {
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
