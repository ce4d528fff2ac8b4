package io.quickstudy.graph;

import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A primitive: its shape rule, its gradient and its task-batching rule. Rules only build graph,
 * with other primitives, so gradients exist to any order and batching nests.
 */
public sealed interface Op
    permits Leaf,
        Elementwise,
        Reduction,
        Layout,
        Product,
        Convolution,
        Pooling,
        Indexing,
        Recurrence,
        CustomVjp {

  /** What a node holds: extents and kind of number. */
  record Type(Shape shape, DType dtype) {
    /** Refuses what is not there. */
    public Type {
      if (shape == null || dtype == null) {
        throw new IllegalArgumentException(
            "a type of shape " + shape + " and kind " + dtype + "; expected both: name them");
      }
    }
  }

  /**
   * The type of the result.
   *
   * @throws IllegalArgumentException one sentence that names the shapes, if the inputs do not fit
   */
  Type infer(List<Tensor> x);

  /**
   * Cotangents of the inputs, one for each, given the cotangent g of the result y. An input without
   * a gradient (integers, or a function that is constant almost everywhere) has null.
   */
  List<Tensor> vjp(Tensor g, Tensor y, List<Tensor> x);

  /** The same op with a leading task axis of extent {@code x.n()} on its result. */
  Tensor batch(Mapped x);

  /** The inputs of an op under vmap: some carry a leading task axis, the others are shared. */
  record Mapped(int n, List<Tensor> values, List<Boolean> flags) {
    /** Input i as it is. */
    public Tensor get(int i) {
      return values.get(i);
    }

    /** Whether input i carries the task axis. */
    public boolean has(int i) {
      return flags.get(i);
    }

    /** Input i with the task axis, repeated along it where it has none. */
    public Tensor full(int i) {
      return has(i) ? get(i) : Ops.repeat(get(i), n);
    }

    /** All inputs with the task axis. */
    public List<Tensor> full() {
      return java.util.stream.IntStream.range(0, values.size()).mapToObj(this::full).toList();
    }
  }

  /** A number that no other call returns: the identity of an argument or an alias. */
  static long fresh() {
    return Fresh.NEXT.getAndIncrement();
  }

  /** Holder of the counter behind {@link #fresh}. */
  final class Fresh {
    private static final AtomicLong NEXT = new AtomicLong();

    private Fresh() {}
  }
}
