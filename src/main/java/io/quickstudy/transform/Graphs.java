package io.quickstudy.transform;

import io.quickstudy.graph.Tensor;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.Deque;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;

/** Walks over a graph. */
public final class Graphs {
  private Graphs() {}

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
  static Set<Tensor> dependents(List<Tensor> order, Collection<Tensor> sources) {
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
}
