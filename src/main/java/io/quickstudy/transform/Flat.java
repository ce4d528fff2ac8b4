package io.quickstudy.transform;

import io.quickstudy.graph.DType;
import io.quickstudy.graph.Ops;
import io.quickstudy.graph.Shape;
import io.quickstudy.graph.Tensor;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Named F32 tensors as one vector and back: how an op with one result gives several.
 *
 * @param shapes by name, in order
 */
record Flat(Map<String, Shape> shapes) {

  /** The layout of such tensors. */
  static Flat like(Params p) {
    Map<String, Shape> shapes = new LinkedHashMap<>();
    p.names().forEach(n -> shapes.put(n, p.get(n).shape()));
    return new Flat(shapes);
  }

  /** How many numbers. */
  int size() {
    return shapes.values().stream().mapToInt(Shape::size).sum();
  }

  /** All numbers one behind the other: [size]. */
  Tensor join(Params p) {
    List<Tensor> parts = new ArrayList<>();
    shapes.forEach((n, s) -> parts.add(Ops.reshape(p.get(n), Shape.of(s.size()))));
    return Ops.concatenate(0, parts);
  }

  /** The tensors of a vector [size]. */
  Params split(Tensor v) {
    Map<String, Tensor> parts = new LinkedHashMap<>();
    int at = 0;
    for (Map.Entry<String, Shape> e : shapes.entrySet()) {
      int next = at + e.getValue().size();
      Tensor part = shapes.size() == 1 ? v : Ops.slice(v, 0, at, next);
      parts.put(e.getKey(), Ops.reshape(part, e.getValue()));
      at = next;
    }
    return Params.of(parts);
  }

  /** New placeholders. */
  Params placeholders(String prefix) {
    Map<String, Tensor> p = new LinkedHashMap<>();
    shapes.forEach((n, s) -> p.put(n, Tensor.argument(prefix + n, DType.F32, s)));
    return Params.of(p);
  }

  /**
   * Refuses tensors that do not have this layout.
   *
   * @param what says whose they are, as in "custom gradient: the vjp gives"
   * @throws IllegalArgumentException in one sentence that names the difference
   */
  void check(String what, Params p) {
    if (!shapes.keySet().equals(p.names())) {
      throw new IllegalArgumentException(
          what + " " + p.names() + ", expected " + shapes.keySet() + ": give one tensor for each");
    }
    shapes.forEach(
        (n, s) -> {
          Tensor t = p.get(n);
          if (t.dtype() != DType.F32 || !t.shape().equals(s)) {
            throw new IllegalArgumentException(
                what
                    + " '"
                    + n
                    + "' as "
                    + t.dtype()
                    + t.shape()
                    + ", expected F32"
                    + s
                    + ": give it that shape");
          }
        });
  }
}
