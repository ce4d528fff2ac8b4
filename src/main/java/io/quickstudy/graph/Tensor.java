package io.quickstudy.graph;

import java.lang.ref.WeakReference;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.WeakHashMap;
import java.util.concurrent.atomic.AtomicLong;

/**
 * One node of the graph: an op applied to other nodes. Immutable, and hash-consed: two nodes of the
 * same op on the same inputs are one object, so that common subexpressions exist once.
 */
public final class Tensor {
  private static final Map<Tensor, WeakReference<Tensor>> NODES = new WeakHashMap<>();
  private static final AtomicLong IDS = new AtomicLong();

  private final Op op;
  private final List<Tensor> inputs;
  private final Shape shape;
  private final DType dtype;
  private final long id;
  private final int hash;

  private Tensor(Op op, List<Tensor> inputs, Op.Type type) {
    this.op = op;
    this.inputs = inputs;
    this.shape = type.shape();
    this.dtype = type.dtype();
    this.id = IDS.getAndIncrement();
    int h = op.hashCode();
    for (Tensor t : inputs) {
      h = 31 * h + Long.hashCode(t.id);
    }
    this.hash = h;
  }

  /**
   * The node of an op on the given inputs.
   *
   * @throws IllegalArgumentException if the op's shape rule refuses the inputs
   */
  public static Tensor of(Op op, List<Tensor> inputs) {
    if (inputs.stream().anyMatch(t -> t == null)) {
      throw new IllegalArgumentException(
          op + ": operand " + inputs.indexOf(null) + " is null; expected a tensor: build it first");
    }
    Tensor fresh = new Tensor(op, List.copyOf(inputs), op.infer(inputs));
    synchronized (NODES) {
      WeakReference<Tensor> known = NODES.get(fresh);
      Tensor node = known == null ? null : known.get();
      if (node == null) {
        NODES.put(fresh, new WeakReference<>(fresh));
        node = fresh;
      }
      return node;
    }
  }

  /** As {@link #of(Op, List)}. */
  public static Tensor of(Op op, Tensor... inputs) {
    return of(op, Arrays.asList(inputs));
  }

  /** A placeholder for a value given later; each call makes a new one. */
  public static Tensor argument(String name, DType dtype, Shape shape) {
    return of(new Leaf.Argument(Op.fresh(), name, new Op.Type(shape, dtype)));
  }

  /** The op that makes this node. */
  public Op op() {
    return op;
  }

  /** The op's inputs in order. */
  public List<Tensor> inputs() {
    return inputs;
  }

  /** One input. */
  public Tensor input(int i) {
    return inputs.get(i);
  }

  /** The extents. */
  public Shape shape() {
    return shape;
  }

  /** Number of axes. */
  public int rank() {
    return shape.rank();
  }

  /** Extent of one axis; a negative axis counts from the end. */
  public int dim(int axis) {
    return shape.dim(axis);
  }

  /** The kind of number. */
  public DType dtype() {
    return dtype;
  }

  /** Order of creation: inputs always have smaller numbers than the nodes made from them. */
  public long id() {
    return id;
  }

  @Override
  public boolean equals(Object o) {
    if (this == o) {
      return true;
    }
    if (!(o instanceof Tensor t) || hash != t.hash || inputs.size() != t.inputs.size()) {
      return false;
    }
    for (int i = 0; i < inputs.size(); i++) {
      if (inputs.get(i).id != t.inputs.get(i).id) {
        return false;
      }
    }
    return op.equals(t.op);
  }

  @Override
  public int hashCode() {
    return hash;
  }

  @Override
  public String toString() {
    return "%" + id + " " + op + " " + dtype + shape;
  }
}
