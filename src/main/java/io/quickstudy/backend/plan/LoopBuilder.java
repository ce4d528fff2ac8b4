package io.quickstudy.backend.plan;

import io.quickstudy.graph.DType;
import io.quickstudy.graph.Elementwise;
import io.quickstudy.graph.Elementwise.Binary;
import io.quickstudy.graph.Elementwise.Unary;
import io.quickstudy.graph.Leaf;
import io.quickstudy.graph.Ops;
import io.quickstudy.graph.Pooling;
import io.quickstudy.graph.Reduction;
import io.quickstudy.graph.Shape;
import io.quickstudy.graph.Tensor;
import io.quickstudy.graph.Window;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.IntStream;

/** Collects one loop: what it reads, computes, stores and reduces. */
final class LoopBuilder {
  private record Written(int value, Loop.Mode mode, DType as, View view) {}

  // A value is numbered by kind and place until the counts are known.
  private static final int KIND = 1 << 20;
  private static final int CONSTANT = KIND;
  private static final int OP = 2 * KIND;

  private final Shape space;
  private final Predicate<Tensor> computedHere;
  private final Function<Tensor, View> views;
  private final Predicate<Tensor> tiled;
  private final List<Loop.Input> inputs = new ArrayList<>();
  private final List<Double> constants = new ArrayList<>();
  private final List<Loop.Apply> ops = new ArrayList<>();
  private final List<Written> outputs = new ArrayList<>();
  private final Map<Tensor, Integer> values = new IdentityHashMap<>();
  private Window window;

  /**
   * A loop over a shape.
   *
   * @param computedHere whether the loop computes a value itself
   * @param views where it reads the others
   * @param tiled puts of pooling that it makes itself, all of the same windows
   */
  LoopBuilder(
      Shape space,
      Predicate<Tensor> computedHere,
      Function<Tensor, View> views,
      Predicate<Tensor> tiled) {
    this.space = space;
    this.computedHere = computedHere;
    this.views = views;
    this.tiled = tiled;
  }

  /** A loop that reads everything. */
  LoopBuilder(Shape space, Function<Tensor, View> views) {
    this(space, t -> false, views, t -> false);
  }

  void store(Tensor t, View into) {
    outputs.add(new Written(value(t), Loop.Mode.STORE, DType.F32, into));
  }

  /** Stores t as an integer. */
  void storeInteger(Tensor t, View into) {
    outputs.add(new Written(value(t), Loop.Mode.STORE, DType.I32, into));
  }

  void fill(double value, View into) {
    outputs.add(new Written(constant(value), Loop.Mode.STORE, DType.F32, into));
  }

  /** Reduces into a buffer that holds the result row-major. */
  void reduce(Tensor reduction, Buffer into) {
    Reduction r = (Reduction) reduction.op();
    Loop.Mode mode =
        switch (r) {
          case Reduction.Sum s -> Loop.Mode.SUM;
          case Reduction.Max m -> Loop.Mode.MAX;
        };
    int[] kept = reduction.shape().strides();
    int[] strides = new int[space.rank()];
    int at = 0;
    for (int i = 0; i < strides.length; i++) {
      strides[i] = r.axes().contains(i) ? 0 : kept[at++];
    }
    View view = new View(into, 0, space, strides);
    outputs.add(new Written(value(reduction.input(0)), mode, DType.F32, view));
  }

  private int value(Tensor t) {
    Integer known = values.get(t);
    if (known != null) {
      return known;
    }
    int v;
    if (t.op() instanceof Leaf.Fill f) {
      v = constant(f.value());
    } else if (tiled.test(t)) {
      v = put(t, (Pooling.PoolPut) t.op());
    } else if (!computedHere.test(t)) {
      v = input(DType.F32, t);
    } else {
      v = compute(t);
    }
    values.put(t, v);
    return v;
  }

  private int compute(Tensor t) {
    return switch ((Elementwise) t.op()) {
      case Unary u -> apply(u, t);
      case Binary b -> apply(b, t);
      case Elementwise.Select s -> apply(s, t);
      // integers become floats as they are read
      case Elementwise.Convert c ->
          t.input(0).op() instanceof Leaf.Fill f
              ? constant(f.value())
              : input(t.input(0).dtype(), t.input(0));
      case Elementwise.Alias a -> value(t.input(0));
      case Elementwise.Stop s -> value(t.input(0));
    };
  }

  private int apply(Elementwise op, Tensor t) {
    List<Integer> operands = new ArrayList<>();
    for (Tensor x : t.inputs()) {
      operands.add(value(x));
    }
    return add(op, operands);
  }

  private int op(Elementwise op, Integer... operands) {
    return add(op, List.of(operands));
  }

  private int add(Elementwise op, List<Integer> operands) {
    ops.add(new Loop.Apply(op, operands));
    return OP + ops.size() - 1;
  }

  /** What is read; of what has one number for each window, that of an element's window. */
  private int input(DType as, Tensor t) {
    View v = views.apply(t);
    return input(as, t.shape().equals(space) ? v : spread(v));
  }

  private int input(DType as, View view) {
    inputs.add(new Loop.Input(as, view));
    return inputs.size() - 1;
  }

  // ---- puts: the loop runs over [..., OH, KH, OW, KW, C]

  /** The window's number where its index names the position, zero elsewhere. */
  private int put(Tensor t, Pooling.PoolPut p) {
    window = p.window();
    int kh = window.height();
    int kw = window.width();
    double[] numbers = IntStream.range(0, kh * kw).asDoubleStream().toArray();
    View table = views.apply(Ops.literal(Shape.of(kh, kw), numbers));
    int[] strides = new int[space.rank() + 2];
    strides[space.rank() - 2] = kw;
    strides[space.rank()] = 1;
    int position = input(DType.F32, new View(table.buffer(), table.start(), tiles(space), strides));
    int index = input(DType.I32, t.input(1));
    int number = value(t.input(0));
    return op(new Elementwise.Select(), op(Binary.EQUAL, index, position), number, constant(0));
  }

  /** A shape with the windows' rows and columns as axes of their own. */
  private Shape tiles(Shape s) {
    int r = s.rank();
    return s.sub(0, r - 3)
        .append(s.dim(r - 3) / window.height(), window.height())
        .append(s.dim(r - 2) / window.width(), window.width())
        .append(s.dim(r - 1));
  }

  /** Of what has one number for each window, [..., OH, OW, C]. */
  private View spread(View v) {
    int r = space.rank();
    int[] s = Arrays.copyOf(v.strides(), r + 2);
    s[r - 3] = v.strides()[r - 3];
    s[r - 2] = 0;
    s[r - 1] = v.strides()[r - 2];
    s[r] = 0;
    s[r + 1] = v.strides()[r - 1];
    return new View(v.buffer(), v.start(), tiles(space), s);
  }

  /** Of what has a number for every element; a view that has its tiles already stays. */
  private View tiled(View v) {
    int r = space.rank();
    if (window == null || v.shape().rank() != r) {
      return v;
    }
    int[] s = Arrays.copyOf(v.strides(), r + 2);
    s[r - 3] = v.strides()[r - 3] * window.height();
    s[r - 2] = v.strides()[r - 3];
    s[r - 1] = v.strides()[r - 2] * window.width();
    s[r] = v.strides()[r - 2];
    s[r + 1] = v.strides()[r - 1];
    return new View(v.buffer(), v.start(), tiles(space), s);
  }

  private int constant(double c) {
    int i = constants.indexOf(c);
    if (i < 0) {
      i = constants.size();
      constants.add(c);
    }
    return CONSTANT + i;
  }

  private int number(int value) {
    return switch (value / KIND) {
      case 0 -> value;
      case 1 -> inputs.size() + value - CONSTANT;
      default -> inputs.size() + constants.size() + value - OP;
    };
  }

  Loop build(String what) {
    List<Loop.Apply> numbered = new ArrayList<>();
    for (Loop.Apply a : ops) {
      numbered.add(new Loop.Apply(a.op(), a.operands().stream().map(this::number).toList()));
    }
    List<Loop.Output> written = new ArrayList<>();
    for (Written w : outputs) {
      written.add(new Loop.Output(number(w.value), w.mode, w.as, tiled(w.view)));
    }
    List<Loop.Input> read =
        inputs.stream().map(i -> new Loop.Input(i.as(), tiled(i.view()))).toList();
    Shape over = window == null ? space : tiles(space);
    return new Loop(over, read, List.copyOf(constants), numbered, written, what);
  }
}
