package io.quickstudy.graph;

import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * One step of a {@link Recurrence}: a graph over slots of its own, on which nothing outside
 * depends. Slots are numbered, carries first, then slices, then shared ones, so that equal bodies
 * are equal however they were traced.
 *
 * @param carries slots for what the step before handed on, F32
 * @param slices slots for this step's slices
 * @param shared slots for what every step sees
 * @param next what is handed on: for each carry one of its type
 * @param stacked results of which every step's are kept, F32
 * @param summed results that are added up over the steps, F32
 */
public record Body(
    List<Tensor> carries,
    List<Tensor> slices,
    List<Tensor> shared,
    List<Tensor> next,
    List<Tensor> stacked,
    List<Tensor> summed) {

  /**
   * A body over any tensors as slots, which are replaced by numbered ones.
   *
   * @throws IllegalArgumentException one sentence, if a carry changes its type or a result is not
   *     F32
   */
  public static Body of(
      List<Tensor> carries,
      List<Tensor> slices,
      List<Tensor> shared,
      List<Tensor> next,
      List<Tensor> stacked,
      List<Tensor> summed) {
    Map<Tensor, Tensor> slots = new IdentityHashMap<>();
    List<Tensor> old = join(carries, slices, shared);
    for (Tensor t : old) {
      slots.put(t, slot(slots.size(), t));
    }
    List<Tensor> results = Walks.replace(join(next, stacked, summed), slots);
    List<Tensor> numbered = old.stream().map(slots::get).toList();
    int c = carries.size();
    int y = next.size() + stacked.size();
    Body b =
        new Body(
            numbered.subList(0, c),
            numbered.subList(c, c + slices.size()),
            numbered.subList(c + slices.size(), numbered.size()),
            results.subList(0, next.size()),
            results.subList(next.size(), y),
            results.subList(y, results.size()));
    b.check();
    return b;
  }

  private static Tensor slot(int number, Tensor like) {
    Op.Type type = new Op.Type(like.shape(), like.dtype());
    return Tensor.of(new Leaf.Argument(-1L - number, "slot" + number, type));
  }

  private void check() {
    for (int i = 0; i < next.size(); i++) {
      Tensor from = carries.get(i);
      Tensor to = next.get(i);
      if (from.dtype() != DType.F32
          || to.dtype() != DType.F32
          || !from.shape().equals(to.shape())) {
        throw new IllegalArgumentException(
            "recurrence: carry %s is %s%s and becomes %s%s; expected F32 of one shape"
                .formatted(i, from.dtype(), from.shape(), to.dtype(), to.shape()));
      }
    }
    for (Tensor t : join(stacked, summed, List.of())) {
      if (t.dtype() != DType.F32) {
        throw new IllegalArgumentException(
            "recurrence: a result is %s%s; expected F32: convert it in the body"
                .formatted(t.dtype(), t.shape()));
      }
    }
  }

  /** All slots by number. */
  public List<Tensor> slots() {
    return join(carries, slices, shared);
  }

  /** All results: what is handed on, stacked, summed. */
  public List<Tensor> results() {
    return join(next, stacked, summed);
  }

  /** The same slots with other results of the same types. */
  public Body with(List<Tensor> results) {
    int c = next.size();
    int y = c + stacked.size();
    return of(
        carries,
        slices,
        shared,
        results.subList(0, c),
        results.subList(c, y),
        results.subList(y, results.size()));
  }

  /** With every carry among the stacked results, as the step finds it; in front of the others. */
  Body keeping() {
    return of(carries, slices, shared, next, join(carries, stacked, List.of()), summed);
  }

  /** Where each carry is among the stacked results, or null if one is not there. */
  List<Integer> kept() {
    List<Integer> at = carries.stream().map(stacked::indexOf).toList();
    return at.contains(-1) ? null : at;
  }

  /**
   * The body of several tasks: slots with a leading task axis, or without where a flag says so, and
   * results with one. Carries always have it.
   */
  Body batched(int n, List<Boolean> flags) {
    Map<Tensor, Tensor> mapped = new IdentityHashMap<>();
    List<Tensor> old = slots();
    List<Tensor> slots = new ArrayList<>();
    for (int i = 0; i < old.size(); i++) {
      Tensor s = old.get(i);
      boolean has = i < carries.size() || flags.get(i);
      Tensor slot = has ? Tensor.argument("task", s.dtype(), s.shape().prepend(n)) : s;
      slots.add(slot);
      if (has) {
        mapped.put(s, slot);
      }
    }
    for (Tensor v : Walks.order(results())) {
      List<Boolean> has = v.inputs().stream().map(mapped::containsKey).toList();
      if (has.contains(true)) {
        List<Tensor> in = v.inputs().stream().map(i -> mapped.getOrDefault(i, i)).toList();
        mapped.put(v, v.op().batch(new Op.Mapped(n, in, has)));
      }
    }
    List<Tensor> results =
        results().stream()
            .map(r -> mapped.containsKey(r) ? mapped.get(r) : Ops.repeat(r, n))
            .toList();
    int c = carries.size();
    int y = c + stacked.size();
    return of(
        slots.subList(0, c),
        slots.subList(c, c + slices.size()),
        slots.subList(c + slices.size(), slots.size()),
        results.subList(0, c),
        results.subList(c, y),
        results.subList(y, results.size()));
  }

  /** The numbers of the slots that some result depends on. */
  public Set<Integer> used() {
    Set<Tensor> read = Set.copyOf(Walks.order(results()));
    List<Tensor> all = slots();
    return Set.copyOf(
        IntStream.range(0, all.size()).filter(i -> read.contains(all.get(i))).boxed().toList());
  }

  static List<Tensor> join(List<Tensor> a, List<Tensor> b, List<Tensor> c) {
    return Stream.of(a, b, c).flatMap(List::stream).toList();
  }

  @Override
  public String toString() {
    return "body of %s carries, %s slices, %s shared"
        .formatted(carries.size(), slices.size(), shared.size());
  }
}
