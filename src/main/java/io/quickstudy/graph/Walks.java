package io.quickstudy.graph;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.Deque;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiConsumer;

/** Walks over a graph: its order, copies with other inputs, and reverse-mode differentiation. */
public final class Walks {
  private Walks() {}

  /** Everything the roots are computed from, the roots among it, inputs before what uses them. */
  public static List<Tensor> order(Collection<Tensor> roots) {
    Set<Tensor> seen = Collections.newSetFromMap(new IdentityHashMap<>());
    List<Tensor> out = new ArrayList<>();
    Deque<Tensor> todo = new ArrayDeque<>();
    for (Tensor r : roots) {
      if (seen.add(r)) {
        todo.push(r);
      }
      while (!todo.isEmpty()) {
        Tensor t = todo.pop();
        out.add(t);
        for (Tensor i : t.inputs()) {
          if (seen.add(i)) {
            todo.push(i);
          }
        }
      }
    }
    out.sort(Comparator.comparingLong(Tensor::id)); // inputs are always older
    return out;
  }

  /** The nodes of an order that depend on one of the sources, these among them. */
  public static Set<Tensor> dependents(List<Tensor> order, Collection<Tensor> sources) {
    Set<Tensor> out = Collections.newSetFromMap(new IdentityHashMap<>());
    out.addAll(sources);
    for (Tensor t : order) {
      for (Tensor i : t.inputs()) {
        if (out.contains(i)) {
          out.add(t);
          break;
        }
      }
    }
    return out;
  }

  /** The roots with other tensors in the places of some, all at once. */
  public static List<Tensor> replace(List<Tensor> roots, Map<Tensor, Tensor> others) {
    Map<Tensor, Tensor> done = new IdentityHashMap<>(others);
    for (Tensor t : order(roots)) {
      if (!done.containsKey(t)) {
        List<Tensor> in = t.inputs().stream().map(done::get).toList();
        done.put(t, in.equals(t.inputs()) ? t : Tensor.of(t.op(), in));
      }
    }
    return roots.stream().map(done::get).toList();
  }

  /**
   * The vector-Jacobian product: cotangents of the sources, given those of the outputs; null for a
   * source on which no output depends.
   */
  public static List<Tensor> cotangents(
      List<Tensor> outputs, List<Tensor> given, List<Tensor> sources) {
    return cotangents(outputs, given, sources, (v, live) -> {});
  }

  /**
   * As {@link #cotangents(List, List, List)}.
   *
   * @param visit called with every node that a cotangent passes, and all nodes that depend on a
   *     source
   */
  public static List<Tensor> cotangents(
      List<Tensor> outputs,
      List<Tensor> given,
      List<Tensor> sources,
      BiConsumer<Tensor, Set<Tensor>> visit) {
    List<Tensor> order = order(outputs);
    Set<Tensor> live = dependents(order, sources);
    Map<Tensor, Tensor> cotangents = new IdentityHashMap<>();
    for (int i = 0; i < outputs.size(); i++) {
      cotangents.merge(outputs.get(i), given.get(i), Ops::add);
    }
    Collections.reverse(order);
    for (Tensor v : order) {
      Tensor c = cotangents.get(v);
      if (c == null || !live.contains(v)) {
        continue;
      }
      visit.accept(v, live);
      List<Tensor> grads = v.op().vjp(c, v, v.inputs());
      for (int i = 0; i < grads.size(); i++) {
        if (grads.get(i) != null && live.contains(v.input(i))) {
          cotangents.merge(v.input(i), grads.get(i), Ops::add);
        }
      }
    }
    List<Tensor> found = new ArrayList<>();
    sources.forEach(s -> found.add(cotangents.get(s)));
    return found;
  }
}
