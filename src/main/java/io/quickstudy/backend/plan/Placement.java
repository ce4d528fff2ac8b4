package io.quickstudy.backend.plan;

import io.quickstudy.graph.DType;
import io.quickstudy.graph.Layout;
import io.quickstudy.graph.Product;
import io.quickstudy.graph.Shape;
import io.quickstudy.graph.Tensor;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;

/**
 * Decides which values are computed right where a concatenation wants them, so that nothing is
 * copied: those that loops store, or concatenations themselves, where all that reads them takes
 * strides.
 */
final class Placement {
  private final List<Tensor> order;
  private final Set<Tensor> arguments;
  private final Set<Tensor> outputs;
  private final Map<Tensor, List<Tensor>> users = new IdentityHashMap<>();
  private final Map<Tensor, View> places = new IdentityHashMap<>();

  /**
   * Prepares it.
   *
   * @param arguments nodes whose value lies somewhere already
   * @param outputs nodes whose value has to go to a buffer of its own
   */
  Placement(List<Tensor> order, Set<Tensor> arguments, Set<Tensor> outputs) {
    this.order = order;
    this.arguments = arguments;
    this.outputs = outputs;
    for (Tensor t : order) {
      users.put(t, new ArrayList<>());
      t.inputs().forEach(i -> users.get(i).add(t));
    }
  }

  /**
   * The part of its concatenation's buffer that each of them is stored to.
   *
   * @param result gives the buffer of a concatenation that is no part of another
   */
  Map<Tensor, View> places(Function<Tensor, Buffer> result) {
    for (int i = order.size() - 1; i >= 0; i--) {
      Tensor t = order.get(i);
      if (t.op() instanceof Layout.Concatenate c && !arguments.contains(t)) {
        inputs(t, c, result);
      }
    }
    return places;
  }

  private void inputs(Tensor t, Layout.Concatenate c, Function<Tensor, Buffer> result) {
    View all = places.get(t);
    int at = 0;
    for (Tensor x : t.inputs()) {
      Tensor computed = Lowering.computed(x);
      if (isFree(computed)) {
        if (all == null) {
          all = View.of(result.apply(t), t.shape());
        }
        View place = reshaped(part(all, c, at, x.shape()), computed.shape());
        if (place != null) {
          places.put(computed, place);
        }
      }
      at += x.dim(c.axis());
    }
  }

  /** The part of a concatenation's result that begins at a place along its axis. */
  static View part(View all, Layout.Concatenate c, int at, Shape shape) {
    long start = all.start() + (long) at * all.strides()[c.axis()];
    return new View(all.buffer(), start, shape, all.strides());
  }

  private static View reshaped(View v, Shape to) {
    return v.shape().equals(to) ? v : v.through(new Layout.Reshape(to), to);
  }

  private boolean isFree(Tensor x) {
    boolean stored = Fusion.isElementwise(x) && x.dtype() == DType.F32;
    return (stored || x.op() instanceof Layout.Concatenate)
        && !arguments.contains(x)
        && !outputs.contains(x)
        && !places.containsKey(x)
        && isReadThroughStrides(x);
  }

  private boolean isReadThroughStrides(Tensor x) {
    for (Tensor u : users.get(x)) {
      boolean takes =
          Fusion.inLoop(u)
              || u.op() instanceof Product.Dot
              || u.op() instanceof Layout.Concatenate
              || (Fusion.isView(u) && isReadThroughStrides(u));
      if (!takes) {
        return false;
      }
    }
    return true;
  }
}
