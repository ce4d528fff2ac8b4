package io.quickstudy.transform;

import io.quickstudy.graph.Elementwise;
import io.quickstudy.graph.Leaf;
import io.quickstudy.graph.Tensor;
import io.quickstudy.graph.Walks;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A traced function with what it closes over made explicit, so that it can be applied again when
 * its surroundings have been mapped or differentiated.
 *
 * @param parameters placeholders
 * @param results what is computed of them
 * @param captured the tensors that the function closes over, but for constants, which are no
 *     variables of a gradient
 */
record Closure(List<Tensor> parameters, List<Tensor> results, List<Tensor> captured) {

  /** The function that computes the results from the parameters. */
  static Closure of(Collection<Tensor> parameters, Collection<Tensor> results) {
    List<Tensor> order = Graphs.order(results);
    Set<Tensor> inside = Walks.dependents(order, parameters);
    Set<Tensor> constant = Collections.newSetFromMap(new IdentityHashMap<>());
    Set<Tensor> seen = Collections.newSetFromMap(new IdentityHashMap<>());
    List<Tensor> captured = new ArrayList<>();
    for (Tensor t : order) {
      boolean variable = t.op() instanceof Leaf.Argument || t.op() instanceof Elementwise.Alias;
      if (!variable && constant.containsAll(t.inputs())) {
        constant.add(t);
      } else if (inside.contains(t)) {
        t.inputs().forEach(i -> capture(i, inside, constant, seen, captured));
      }
    }
    results.forEach(r -> capture(r, inside, constant, seen, captured));
    return new Closure(List.copyOf(parameters), List.copyOf(results), List.copyOf(captured));
  }

  private static void capture(
      Tensor t, Set<Tensor> inside, Set<Tensor> constant, Set<Tensor> seen, List<Tensor> captured) {
    if (!inside.contains(t) && !constant.contains(t) && seen.add(t)) {
      captured.add(t);
    }
  }

  /** Whether some result depends on some parameter. */
  boolean usesParameters() {
    return results.stream()
        .anyMatch(r -> Graphs.order(List.of(r)).stream().anyMatch(parameters::contains));
  }

  /** The results for other parameters and other things closed over. */
  List<Tensor> apply(Collection<Tensor> arguments, Collection<Tensor> closedOver) {
    Map<Tensor, Tensor> now = new IdentityHashMap<>();
    put(now, parameters, arguments);
    put(now, captured, closedOver);
    return Walks.replace(results, now);
  }

  private static void put(Map<Tensor, Tensor> now, List<Tensor> from, Collection<Tensor> to) {
    List<Tensor> values = List.copyOf(to);
    for (int i = 0; i < from.size(); i++) {
      now.put(from.get(i), values.get(i));
    }
  }
}
