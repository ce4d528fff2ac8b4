package io.quickstudy.exchange.onnx;

import io.quickstudy.graph.Op;
import io.quickstudy.graph.Shape;
import io.quickstudy.graph.Tensor;
import java.util.ArrayList;
import java.util.List;

/**
 * The same node of a graph traced twice, for two sizes of the batch.
 *
 * @param a traced for the first
 * @param b traced for the second
 */
record Twin(Tensor a, Tensor b) {
  /** The first size. Both are odd numbers that no layer has by chance. */
  static final int FIRST = 11;

  /** The second size. */
  static final int SECOND = 13;

  Twin in(int i) {
    return new Twin(a.input(i), b.input(i));
  }

  List<Twin> in() {
    List<Twin> l = new ArrayList<>();
    for (int i = 0; i < a.inputs().size(); i++) {
      l.add(in(i));
    }
    return l;
  }

  Op op() {
    return a.op();
  }

  int rank() {
    return a.rank();
  }

  /** Whether it is one and the same, so that nothing of it depends on the batch. */
  boolean isOne() {
    return a == b;
  }

  /** The extents; what grows with the batch is minus how many times the batch it is. */
  List<Long> extents() {
    List<Long> l = new ArrayList<>();
    for (int i = 0; i < rank(); i++) {
      l.add(extent(i));
    }
    return List.copyOf(l);
  }

  /** One extent, as in {@link #extents}. */
  long extent(int axis) {
    long x = a.dim(axis);
    long y = b.dim(axis);
    if (x == y) {
      return x;
    }
    if (x % FIRST != 0 || x / FIRST * SECOND != y) {
      throw Untranslatable.because(
          "an extent is %s for %s inputs and %s for %s".formatted(x, FIRST, y, SECOND));
    }
    return -x / FIRST;
  }

  /** Whether both are the same op on as many inputs of the same ranks. */
  boolean matches() {
    return a.op().getClass() == b.op().getClass()
        && a.inputs().size() == b.inputs().size()
        && a.rank() == b.rank()
        && a.dtype() == b.dtype();
  }

  Shape shape() {
    return a.shape();
  }
}
