package io.quickstudy.backend.plan;

import io.quickstudy.graph.Tensor;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;

/** Disjoint sets of nodes. */
final class UnionFind {
  private final Map<Tensor, Integer> numbers = new IdentityHashMap<>();
  private final List<Integer> parent = new ArrayList<>();

  int number(Tensor t) {
    return numbers.computeIfAbsent(
        t,
        k -> {
          parent.add(parent.size());
          return parent.size() - 1;
        });
  }

  int find(int i) {
    int root = i;
    while (parent.get(root) != root) {
      root = parent.get(root);
    }
    int at = i;
    while (parent.get(at) != root) {
      int next = parent.get(at);
      parent.set(at, root);
      at = next;
    }
    return root;
  }

  void merge(int a, int b) {
    parent.set(find(b), find(a));
  }
}
