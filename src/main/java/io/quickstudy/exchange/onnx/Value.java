package io.quickstudy.exchange.onnx;

import io.quickstudy.graph.DType;
import io.quickstudy.graph.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/** What a node of our graph is in ONNX. */
sealed interface Value {
  /** A tensor that depends on no input. */
  record Known(Tensor tensor) implements Value {}

  /** The same number everywhere. */
  record Scalar(double number, DType dtype) implements Value {}

  /**
   * Repeated along axes: elementwise operators of ONNX do that by themselves.
   *
   * @param of what is repeated, nothing of this kind
   * @param axes of the result that it does not have, ascending
   */
  record Stretched(Value of, List<Integer> axes) implements Value {}

  /**
   * An operator's result.
   *
   * @param order which of our axes is its first, second, ...: images are [n, h, w, c] here and [n,
   *     c, h, w] there, order 0, 3, 1, 2
   */
  record Computed(String name, List<Integer> order) implements Value {}

  /** The order of a value that is laid out as ours. */
  static List<Integer> same(int rank) {
    return IntStream.range(0, rank).boxed().toList();
  }

  /** The order of images and their maps. */
  static List<Integer> channelsFirst() {
    return List.of(0, 3, 1, 2);
  }

  /** Repeats a value along axes of the result; its rank tells what it has. */
  static Value stretched(Value v, List<Integer> axes, int rank) {
    if (v instanceof Scalar || axes.isEmpty()) {
      return v;
    }
    if (!(v instanceof Stretched s)) {
      return new Stretched(v, axes);
    }
    List<Integer> kept = new ArrayList<>(same(rank));
    kept.removeAll(axes);
    List<Integer> all = new ArrayList<>(axes);
    s.axes().forEach(i -> all.add(kept.get(i)));
    return new Stretched(s.of(), all.stream().sorted().toList());
  }

  /** Axes of an order that are left when some go, renumbered. */
  static List<Integer> without(List<Integer> order, List<Integer> gone) {
    List<Integer> left = new ArrayList<>(same(order.size()));
    left.removeAll(gone);
    return order.stream().filter(left::contains).map(left::indexOf).toList();
  }
}
