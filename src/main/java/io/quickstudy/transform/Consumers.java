package io.quickstudy.transform;

import io.quickstudy.graph.Elementwise;
import io.quickstudy.graph.Layout;
import io.quickstudy.graph.Pooling;
import io.quickstudy.graph.Reduction;
import io.quickstudy.graph.Tensor;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Who reads what in a graph. */
final class Consumers {
  /** Parts of something that is better computed at once when there are more. */
  private static final int MOST_SLICES = 8;

  private final Map<Tensor, List<Tensor>> users = new IdentityHashMap<>();
  private final Map<Tensor, Reduction.Sum> finest = new IdentityHashMap<>();
  private final Set<Tensor> outputs;

  Consumers(List<Tensor> outputs) {
    this.outputs = new HashSet<>(outputs);
    for (Tensor t : Graphs.order(outputs)) {
      t.inputs().forEach(i -> users.computeIfAbsent(i, k -> new ArrayList<>()).add(t));
      if (t.op() instanceof Reduction.Sum s) {
        finest.merge(t.input(0), s, (a, b) -> b.axes().size() < a.axes().size() ? b : a);
      }
    }
  }

  /** Of the sums of t, of which there is one, that which leaves most numbers. */
  Reduction.Sum finestSum(Tensor t) {
    return finest.get(t);
  }

  /** Whether t is a sum that is wanted by more than one. */
  boolean isSharedSum(Tensor t) {
    return t.op() instanceof Reduction.Sum && (outputs.contains(t) || users.get(t).size() > 1);
  }

  /** Whether t is an elementwise op of which nothing is read but elements that pooling chose. */
  boolean isOnlyTaken(Tensor t) {
    return t.op() instanceof Elementwise
        && !outputs.contains(t)
        && users.get(t).stream().allMatch(u -> u.op() instanceof Pooling.PoolTake);
  }

  /**
   * Whether t is an elementwise op of which only a few parts are read, not more of them than it has
   * elements.
   */
  boolean isOnlySliced(Tensor t) {
    if (!(t.op() instanceof Elementwise)
        || outputs.contains(t)
        || users.get(t).size() > MOST_SLICES) {
      return false;
    }
    long read = 0;
    for (Tensor u : users.get(t)) {
      if (!(u.op() instanceof Layout.Slice)) {
        return false;
      }
      read += u.shape().size();
    }
    return read <= t.shape().size();
  }

  /** The slices that are all that is read of t, or null where something else reads it. */
  List<Layout.Slice> slicesOf(Tensor t) {
    List<Layout.Slice> all = new ArrayList<>();
    for (Tensor u : users.getOrDefault(t, List.of())) {
      if (!(u.op() instanceof Layout.Slice s)) {
        return null;
      }
      all.add(s);
    }
    return outputs.contains(t) ? null : all;
  }
}
