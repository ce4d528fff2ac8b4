package io.quickstudy.graph;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Deque;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiConsumer;

/** Walks over a graph: its order, copies with other inputs, and reverse-mode differentiation. */
public final class Walks {
  private Walks() {}

  /**
   * Everything the roots are computed from, the roots among it, inputs before what uses them: root
   * by root and input by input. Nothing but the graph decides, not which of its nodes were made
   * first, so that sums are made in the same order by every process.
   */
  public static List<Tensor> order(Collection<Tensor> roots) {
    return order(roots, 0);
  }

  /** Those of the order that were made no earlier than a number; they are used by no others. */
  private static List<Tensor> order(Collection<Tensor> roots, long from) {
    Set<Tensor> seen = Collections.newSetFromMap(new IdentityHashMap<>());
    List<Tensor> out = new ArrayList<>();
    Deque<Visit> path = new ArrayDeque<>();
    for (Tensor r : roots) {
      if (r.id() >= from && seen.add(r)) {
        path.push(new Visit(r));
      }
      while (!path.isEmpty()) {
        Visit v = path.peek();
        if (v.next == v.of.inputs().size()) {
          out.add(path.pop().of);
        } else {
          Tensor i = v.of.input(v.next++);
          if (i.id() >= from && seen.add(i)) {
            path.push(new Visit(i));
          }
        }
      }
    }
    return out;
  }

  /** A node whose inputs are looked at one after the other. */
  private static final class Visit {
    final Tensor of;
    int next;

    Visit(Tensor of) {
      this.of = of;
    }
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
    // what depends on a source is younger, so that a step of many looks at no other
    List<Tensor> order = order(outputs, sources.stream().mapToLong(Tensor::id).min().orElse(0));
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
