package io.quickstudy.backend.cpu;

import io.quickstudy.graph.DType;
import io.quickstudy.graph.Elementwise;
import io.quickstudy.graph.Elementwise.Binary;
import io.quickstudy.graph.Elementwise.Unary;
import io.quickstudy.graph.Leaf;
import io.quickstudy.graph.Reduction;
import io.quickstudy.graph.Shape;
import io.quickstudy.graph.Tensor;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Predicate;

/** Writes one loop: what it reads, computes, stores and reduces. */
final class LoopWriter {
  private record Input(DType as, View view) {}

  private record Step(int function, int a, int b, int c) {}

  private record Output(int value, int mode, DType as, View view) {}

  private final Shape space;
  private final Predicate<Tensor> computedHere;
  private final Function<Tensor, View> views;
  private final List<Input> inputs = new ArrayList<>();
  private final List<Double> constants = new ArrayList<>();
  private final List<Step> steps = new ArrayList<>();
  private final List<Output> outputs = new ArrayList<>();
  private final Map<Tensor, Integer> values = new IdentityHashMap<>();

  // A value is numbered by kind and place until the counts are known.
  private static final int KIND = 1 << 20;
  private static final int CONSTANT = KIND;
  private static final int STEP = 2 * KIND;

  /**
   * A loop over a shape.
   *
   * @param computedHere whether the loop computes a value itself
   * @param views where it reads the others
   */
  LoopWriter(Shape space, Predicate<Tensor> computedHere, Function<Tensor, View> views) {
    this.space = space;
    this.computedHere = computedHere;
    this.views = views;
  }

  void store(Tensor t, View into) {
    outputs.add(new Output(value(t), Format.STORE, DType.F32, into));
  }

  /** Stores t as an integer. */
  void storeInteger(Tensor t, View into) {
    outputs.add(new Output(value(t), Format.STORE, DType.I32, into));
  }

  /** Copies 32-bit words of any kind. */
  void copy(View from, View into) {
    inputs.add(new Input(DType.F32, from));
    outputs.add(new Output(inputs.size() - 1, Format.STORE, DType.F32, into));
  }

  void fill(double value, View into) {
    outputs.add(new Output(constant(value), Format.STORE, DType.F32, into));
  }

  /** Reduces into a buffer that holds the result row-major. */
  void reduce(Tensor reduction, Buffer into) {
    Reduction r = (Reduction) reduction.op();
    int mode =
        switch (r) {
          case Reduction.Sum s -> Format.REDUCE_SUM;
          case Reduction.Max m -> Format.REDUCE_MAX;
        };
    int[] kept = reduction.shape().strides();
    int[] strides = new int[space.rank()];
    int at = 0;
    for (int i = 0; i < strides.length; i++) {
      strides[i] = r.axes().contains(i) ? 0 : kept[at++];
    }
    outputs.add(
        new Output(value(reduction.input(0)), mode, DType.F32, new View(into, 0, space, strides)));
  }

  private int value(Tensor t) {
    Integer known = values.get(t);
    if (known != null) {
      return known;
    }
    int v;
    if (t.op() instanceof Leaf.Fill f) {
      v = constant(f.value());
    } else if (!computedHere.test(t)) {
      v = input(t.dtype() == DType.U8 ? DType.U8 : DType.F32, t);
    } else {
      v = compute(t);
    }
    values.put(t, v);
    return v;
  }

  private int compute(Tensor t) {
    return switch ((Elementwise) t.op()) {
      case Unary u -> step(Format.function(u), value(t.input(0)), 0, 0);
      case Binary b -> {
        int x = value(t.input(0));
        yield step(Format.function(b), x, value(t.input(1)), 0);
      }
      case Elementwise.Select s -> {
        int m = value(t.input(0));
        int x = value(t.input(1));
        yield step(Format.SELECT, m, x, value(t.input(2)));
      }
      case Elementwise.Convert c -> convert(t.input(0));
      case Elementwise.Alias a -> value(t.input(0));
      case Elementwise.Stop s -> value(t.input(0));
    };
  }

  /** Integers become floats as they are read. */
  private int convert(Tensor x) {
    return x.op() instanceof Leaf.Fill f ? constant(f.value()) : input(x.dtype(), x);
  }

  private int input(DType as, Tensor t) {
    inputs.add(new Input(as, views.apply(t)));
    return inputs.size() - 1;
  }

  private int constant(double c) {
    int i = constants.indexOf(c);
    if (i < 0) {
      i = constants.size();
      constants.add(c);
    }
    return CONSTANT + i;
  }

  private int step(int function, int a, int b, int c) {
    steps.add(new Step(function, a, b, c));
    return STEP + steps.size() - 1;
  }

  private int register(int value) {
    return switch (value / KIND) {
      case 0 -> value;
      case 1 -> inputs.size() + value - CONSTANT;
      default -> inputs.size() + constants.size() + value - STEP;
    };
  }

  /** The instruction's words. */
  void write(Instruction out) {
    int rank = Math.max(1, space.rank());
    if (rank > Format.MAX_DIMS) {
      throw new IllegalArgumentException(
          "a tensor of shape "
              + space
              + " has more axes than the "
              + Format.MAX_DIMS
              + " that the CPU backend takes; reshape it");
    }
    out.words(rank);
    if (space.rank() == 0) {
      out.words(1);
    }
    for (int d : space.dims()) {
      out.words(d);
    }
    out.words(inputs.size());
    for (Input i : inputs) {
      out.words(Format.dtype(i.as)).operand(i.view);
      strides(out, i.view);
    }
    out.words(constants.size());
    for (double c : constants) {
      out.words(Float.floatToRawIntBits((float) c) & 0xffffffffL);
    }
    out.words(steps.size());
    for (int i = 0; i < steps.size(); i++) {
      Step s = steps.get(i);
      out.words(s.function, register(STEP + i), register(s.a), register(s.b), register(s.c));
    }
    out.words(outputs.size());
    for (Output o : outputs) {
      out.words(register(o.value), o.mode, Format.dtype(o.as)).operand(o.view);
      strides(out, o.view);
    }
  }

  private void strides(Instruction out, View v) {
    if (space.rank() == 0) {
      out.words(1);
    }
    for (int s : v.strides()) {
      out.words(s);
    }
  }
}
