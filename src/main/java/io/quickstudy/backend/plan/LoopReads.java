package io.quickstudy.backend.plan;

import io.quickstudy.backend.plan.Fusion.Unit;
import io.quickstudy.graph.Layout;
import io.quickstudy.graph.Leaf;
import io.quickstudy.graph.Tensor;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What loops read of the large tensors, and what they rather compute for themselves from what they
 * read anyway: a ReLU's mask from what the ReLU was applied to, a masked gradient from the
 * gradient. A large loop takes as long as its reads and writes.
 */
final class LoopReads {
  /** Ops that take less than reading their result does. */
  private static final int MOST_OPS = 8;

  private final Fusion fusion;
  private final Map<Unit, Set<Tensor>> reads = new LinkedHashMap<>();
  private final Map<Tensor, Set<Unit>> readers = new IdentityHashMap<>();

  /** What loops compute that is computed in another one too. */
  private final Map<Unit, Set<Tensor>> again = new IdentityHashMap<>();

  /**
   * How a loop computes a value of another one.
   *
   * @param made what it computes for it, the value among them
   * @param besides what it has to read for it that it does not read yet
   */
  private record Again(Set<Tensor> made, Set<Tensor> besides) {
    Again() {
      this(new LinkedHashSet<>(), new LinkedHashSet<>());
    }

    Again copy() {
      return new Again(new LinkedHashSet<>(made), new LinkedHashSet<>(besides));
    }

    void becomes(Again other) {
      made.addAll(other.made);
      besides.addAll(other.besides);
    }
  }

  /** For all loops of a graph. */
  LoopReads(Fusion fusion, List<Unit> loops) {
    this.fusion = fusion;
    for (Unit u : loops) {
      Set<Tensor> large = new LinkedHashSet<>();
      held(u, Set.of()).stream()
          .filter(t -> isLarge(t) && !fusion.isTiled(t) && !isComputed(u, t, Set.of()))
          .forEach(large::add);
      reads.put(u, large);
      large.forEach(t -> readers.computeIfAbsent(t, k -> new LinkedHashSet<>()).add(u));
    }
  }

  /**
   * Lets loops compute what they need not read.
   *
   * @param order of all tensors
   */
  void fewer(List<Tensor> order) {
    reads.keySet().forEach(this::readLess);
    order.forEach(this::storeLess);
  }

  /** Whether a loop computes a value though another one does. */
  boolean again(Unit u, Tensor t) {
    return again.getOrDefault(u, Set.of()).contains(t);
  }

  /** Whether a loop besides its own reads a value. */
  boolean isRead(Tensor t, Unit own) {
    return readers.getOrDefault(t, Set.of()).stream().anyMatch(u -> u != own);
  }

  private static boolean isLarge(Tensor t) {
    return !(t.op() instanceof Leaf.Fill || t.op() instanceof Layout.Broadcast);
  }

  /** Reads nothing that can be computed from what is read anyway. */
  private void readLess(Unit u) {
    for (Tensor t : List.copyOf(reads.get(u))) {
      again(t, u).filter(a -> a.besides.isEmpty()).ifPresent(a -> compute(t, u, a));
    }
  }

  /**
   * Does not store a value that all loops that read it can compute, where they have to read one
   * tensor in its place at most, all the same one: so no more has to be kept.
   */
  private void storeLess(Tensor t) {
    Unit own = fusion.unit(t);
    if (own == null || !Fusion.isElementwise(t) || fusion.mustStore(t)) {
      return;
    }
    Map<Unit, Again> ways = new LinkedHashMap<>();
    Set<Tensor> besides = new HashSet<>();
    for (Unit u : readers.getOrDefault(t, Set.of())) {
      Optional<Again> a = u == own ? Optional.empty() : again(t, u);
      if (a.isEmpty()) {
        return;
      }
      ways.put(u, a.get());
      besides.addAll(a.get().besides);
    }
    if (besides.size() <= 1) {
      ways.forEach((u, a) -> compute(t, u, a));
    }
  }

  private void compute(Tensor t, Unit u, Again a) {
    again.computeIfAbsent(u, k -> new HashSet<>()).addAll(a.made);
    reads.get(u).remove(t);
    readers.get(t).remove(u);
    for (Tensor r : a.besides) {
      reads.get(u).add(r);
      readers.computeIfAbsent(r, k -> new LinkedHashSet<>()).add(u);
    }
  }

  /** How a loop would compute what it reads, unless it cannot or that is too much. */
  private Optional<Again> again(Tensor t, Unit u) {
    Set<Tensor> there = held(u, Set.of());
    there.remove(t);
    Again a = new Again();
    return fusion.unit(t) != null
            && isMade(t, there, a)
            && size(held(u, a.made)) <= Fusion.MOST_VALUES
        ? Optional.of(a)
        : Optional.empty();
  }

  /** Adds what it takes to compute t behind what is there; false if that is too much. */
  private boolean isMade(Tensor t, Set<Tensor> there, Again a) {
    a.made.add(t);
    if (!Fusion.isElementwise(t) || !Fusion.isCheap(t) || a.made.size() > MOST_OPS) {
      return false;
    }
    for (Tensor i : t.inputs()) {
      if (!isLarge(i) || there.contains(i) || a.made.contains(i) || a.besides.contains(i)) {
        continue;
      }
      Again deeper = a.copy();
      boolean made = isMade(i, there, deeper);
      boolean stored = isStored(i);
      if (made && (!stored || deeper.besides.size() == a.besides.size())) {
        a.becomes(deeper);
      } else if (stored) {
        a.besides.add(i);
      } else {
        return false;
      }
    }
    return true;
  }

  private boolean isStored(Tensor t) {
    return !Fusion.isElementwise(t) || fusion.mustStore(t) || isRead(t, fusion.unit(t));
  }

  // ---- what a loop holds

  /** All values of a loop that would compute some more: what it reads and what it computes. */
  private Set<Tensor> held(Unit u, Set<Tensor> more) {
    Set<Tensor> all = new LinkedHashSet<>();
    u.members.forEach(t -> hold(t, u, more, all));
    return all;
  }

  private void hold(Tensor t, Unit u, Set<Tensor> more, Set<Tensor> into) {
    if (into.add(t) && (isComputed(u, t, more) || fusion.isTiled(t))) {
      t.inputs().forEach(i -> hold(i, u, more, into));
    }
  }

  private boolean isComputed(Unit u, Tensor t, Set<Tensor> more) {
    return fusion.unit(t) == u || fusion.computedIn(u, t) || more.contains(t);
  }

  private int size(Set<Tensor> held) {
    long puts = held.stream().filter(fusion::isTiled).count();
    return Math.toIntExact(held.size() + puts * Fusion.TILED_VALUES);
  }
}
