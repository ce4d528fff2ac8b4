package io.quickstudy.transform;

import static io.quickstudy.graph.Ops.*;
import static io.quickstudy.transform.Simplifier.*;

import io.quickstudy.graph.Body;
import io.quickstudy.graph.Layout;
import io.quickstudy.graph.Leaf;
import io.quickstudy.graph.Op;
import io.quickstudy.graph.Recurrence;
import io.quickstudy.graph.Tensor;
import io.quickstudy.graph.Walks;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.IntStream;

/**
 * Loops of which no more is left than what is wanted, with bodies that are simplified themselves.
 */
final class RecurrenceRules {
  private RecurrenceRules() {}

  /** The body simplified; inputs that are one number everywhere or that nothing reads gone. */
  static Tensor rule(Recurrence op, Tensor t) {
    Body b = op.body();
    List<Tensor> results = b.results();
    Map<Tensor, Tensor> numbers = new IdentityHashMap<>();
    for (int i = b.carries().size(); i < t.inputs().size(); i++) {
      Tensor slot = b.slots().get(i);
      if (isFill(t.input(i))) {
        Op.Type type = new Op.Type(slot.shape(), slot.dtype());
        numbers.put(slot, Tensor.of(new Leaf.Fill(value(t.input(i)), type)));
      }
    }
    List<Tensor> simple = simplify(numbers.isEmpty() ? results : Walks.replace(results, numbers));
    Body now = simple.equals(results) ? b : b.with(simple);
    Set<Integer> read = new HashSet<>(now.used());
    IntStream.range(0, b.carries().size()).forEach(read::add);
    if (read.size() == t.inputs().size()) {
      return now.equals(b) ? t : Tensor.of(op.with(now), t.inputs());
    }
    return over(op, t, now, new TreeSet<>(read));
  }

  /** The recurrence over some of its inputs, all carries among them. */
  private static Tensor over(Recurrence op, Tensor t, Body b, Set<Integer> inputs) {
    int c = b.carries().size();
    int firstShared = c + b.slices().size();
    List<Tensor> slices = new ArrayList<>();
    List<Tensor> shared = new ArrayList<>();
    for (int i : inputs) {
      if (i >= c) {
        (i < firstShared ? slices : shared).add(b.slots().get(i));
      }
    }
    Body less = Body.of(b.carries(), slices, shared, b.next(), b.stacked(), b.summed());
    return Tensor.of(onInputs(op, less, inputs), inputs.stream().map(t::input).toList());
  }

  private static Recurrence onInputs(Recurrence op, Body b, Set<Integer> inputs) {
    List<List<Boolean>> flags =
        op.mapped().stream().map(m -> inputs.stream().map(m::get).toList()).toList();
    return new Recurrence(b, op.steps(), op.direction(), op.extents(), flags);
  }

  /**
   * A recurrence that computes what slices take of it, put where it was, with zeros for the rest;
   * null where all is wanted or it is not known what.
   */
  static Tensor wanted(Recurrence op, Tensor t, List<Layout.Slice> slices) {
    if (slices == null) {
      return null;
    }
    List<Recurrence.Place> places = op.places();
    Set<Integer> taken = new HashSet<>();
    for (Layout.Slice s : slices) {
      int last = t.rank() - 1;
      int found =
          IntStream.range(0, places.size())
              .filter(
                  i ->
                      places.get(i).from() == s.starts().get(last)
                          && places.get(i).to() == s.limits().get(last))
              .findFirst()
              .orElse(-1);
      if (found < 0) {
        return null;
      }
      taken.add(found);
    }
    Body b = op.body();
    int c = b.carries().size();
    Set<Integer> carries = carries(b, taken);
    Set<Integer> kept = new TreeSet<>(taken);
    kept.addAll(carries);
    if (kept.size() == places.size()) {
      return null;
    }
    List<Tensor> next = new ArrayList<>();
    List<Tensor> stacked = new ArrayList<>();
    List<Tensor> summed = new ArrayList<>();
    int firstSum = c + b.stacked().size();
    for (int i : kept) {
      (i < c ? next : i < firstSum ? stacked : summed).add(b.results().get(i));
    }
    Set<Integer> inputs = new TreeSet<>(carries);
    IntStream.range(c, t.inputs().size()).forEach(inputs::add);
    List<Tensor> left = carries.stream().map(b.carries()::get).toList();
    Body less = Body.of(left, b.slices(), b.shared(), next, stacked, summed);
    Recurrence r = onInputs(op, less, inputs);
    Tensor all = Tensor.of(r, inputs.stream().map(t::input).toList());

    List<Tensor> parts = new ArrayList<>();
    int axis = t.rank() - 1;
    int at = 0;
    for (int i = 0; i < places.size(); i++) {
      if (kept.contains(i)) {
        Recurrence.Place p = r.places().get(at++);
        parts.add(slice(all, axis, p.from(), p.to()));
      } else {
        parts.add(fill(0, t.shape().with(axis, places.get(i).to() - places.get(i).from())));
      }
    }
    return concatenate(axis, parts);
  }

  /** The carries on which some of the results depend. */
  private static Set<Integer> carries(Body b, Set<Integer> results) {
    int c = b.carries().size();
    Set<Integer> needed = new TreeSet<>();
    List<Integer> todo = new ArrayList<>(results);
    while (!todo.isEmpty()) {
      List<Tensor> roots = todo.stream().map(b.results()::get).toList();
      todo.stream().filter(i -> i < c).forEach(needed::add);
      Set<Tensor> read = Set.copyOf(Walks.order(roots));
      todo.clear();
      for (int i = 0; i < c; i++) {
        if (read.contains(b.carries().get(i)) && needed.add(i)) {
          todo.add(i);
        }
      }
    }
    return needed;
  }
}
