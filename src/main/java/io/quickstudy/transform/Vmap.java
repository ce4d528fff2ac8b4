package io.quickstudy.transform;

import io.quickstudy.graph.Op;
import io.quickstudy.graph.Ops;
import io.quickstudy.graph.Tensor;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/** Runs a function of one task on many at once, along a new leading axis. Nests. */
public final class Vmap {
  private Vmap() {}

  /** f of every slice along the leading axis of xs, stacked; what f closes over is shared. */
  public static Tensor vmap(Function<Params, Tensor> f, Params xs) {
    return vmapAll(p -> Params.of("y", f.apply(p)), xs).get("y");
  }

  /**
   * As {@link #vmap}, for a function with several results.
   *
   * @throws IllegalArgumentException if there is nothing to map or the leading axes differ
   */
  public static Params vmapAll(Function<Params, Params> f, Params xs) {
    if (xs.count() == 0 || xs.values().stream().anyMatch(v -> v.rank() == 0)) {
      throw new IllegalArgumentException(
          "vmap: arguments " + xs.names() + " must have a leading axis to map over");
    }
    int n = xs.values().iterator().next().dim(0);
    for (String name : xs.names()) {
      if (xs.get(name).dim(0) != n) {
        throw new IllegalArgumentException(
            "vmap: '"
                + name
                + "' has leading axis "
                + xs.get(name).dim(0)
                + ", others "
                + n
                + "; they must agree");
      }
    }
    Map<Tensor, Tensor> mapped = new IdentityHashMap<>();
    Map<String, Tensor> slots = new java.util.LinkedHashMap<>();
    for (String name : xs.names()) {
      Tensor x = xs.get(name);
      Tensor slot = Tensor.argument(name, x.dtype(), x.shape().sub(1, x.rank()));
      slots.put(name, slot);
      mapped.put(slot, x);
    }
    Params y = f.apply(Params.of(slots));
    if (y == null) {
      throw new IllegalArgumentException(
          "vmap: the function returned null; expected its results: return them by name");
    }
    for (Tensor v : Graphs.order(y.values())) {
      if (mapped.containsKey(v)) {
        continue;
      }
      List<Boolean> flags = v.inputs().stream().map(mapped::containsKey).toList();
      if (flags.contains(true)) {
        List<Tensor> in = v.inputs().stream().map(i -> mapped.getOrDefault(i, i)).toList();
        mapped.put(v, v.op().batch(new Op.Mapped(n, in, flags)));
      }
    }
    return y.map(v -> mapped.containsKey(v) ? mapped.get(v) : Ops.repeat(v, n));
  }
}
