package io.quickstudy.graph;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;

/**
 * A loop over steps: from a first carry c_0, (c_{t+1}, y_t, s_t) = body(c_t, x_t, w) for t = 0, 1,
 * ... in the order of time or against it. Inputs are the first carries, then x_t of all steps
 * stacked [T, ...], then w, which every step sees. The result holds, one behind the other along one
 * axis, the last carries, all y_t [T, ...], and the sums of s_t over the steps; {@link #part} takes
 * one out.
 *
 * <p>The kinds are each other's transpose: the gradient is a recurrence against the order of time,
 * that carries the carry's cotangent, slices those of y_t and what c_t was, stacks the cotangents
 * of x_t and sums those of w. What the body computes besides is computed again.
 *
 * @param body one step of one task
 * @param steps T, at least 1
 * @param extents of the task axes in front of the result, outermost first
 * @param mapped for each task axis, which inputs have it
 */
public record Recurrence(
    Body body, int steps, Direction direction, List<Integer> extents, List<List<Boolean>> mapped)
    implements Op {

  /** In which order the steps are taken. */
  public enum Direction {
    /** t = 0, 1, ..., T - 1. */
    FORWARD,
    /** t = T - 1, ..., 1, 0. */
    BACKWARD;

    Direction opposite() {
      return this == FORWARD ? BACKWARD : FORWARD;
    }
  }

  /** Where one of the results lies: elements from (inclusive) to to (exclusive), of a shape. */
  public record Place(int from, int to, Shape shape) {}

  /** A recurrence of one task. */
  public static Tensor of(
      Body body,
      int steps,
      Direction direction,
      List<Tensor> carries,
      List<Tensor> slices,
      List<Tensor> shared) {
    Recurrence op = new Recurrence(body, steps, direction, List.of(), List.of());
    return Tensor.of(op, Body.join(carries, slices, shared));
  }

  @Override
  public Type infer(List<Tensor> x) {
    List<Tensor> slots = body.slots();
    if (steps < 1 || x.size() != slots.size()) {
      throw new IllegalArgumentException(
          "recurrence of %s steps on %s inputs; expected at least 1 step and %s inputs"
              .formatted(steps, x.size(), slots.size()));
    }
    for (int i = 0; i < x.size(); i++) {
      Shape expected = inputShape(i);
      if (!x.get(i).shape().equals(expected) || x.get(i).dtype() != slots.get(i).dtype()) {
        throw new IllegalArgumentException(
            "recurrence: input %s is %s%s; expected %s%s"
                .formatted(i, x.get(i).dtype(), x.get(i).shape(), slots.get(i).dtype(), expected));
      }
    }
    List<Place> places = places();
    int total = places.get(places.size() - 1).to;
    return new Type(
        prefix(IntStream.range(0, extents.size()).boxed().toList()).append(total), DType.F32);
  }

  /** The shape of an input: task axes that it has, steps if it is sliced, then its slot's. */
  public Shape inputShape(int i) {
    Shape slot = body.slots().get(i).shape();
    Shape one = isSliced(i) ? slot.prepend(steps) : slot;
    return prefix(levels(i)).append(one.dims());
  }

  private boolean isSliced(int i) {
    int x = i - body.carries().size();
    return x >= 0 && x < body.slices().size();
  }

  /** The task axes that an input has, by number. */
  public List<Integer> levels(int i) {
    return IntStream.range(0, extents.size()).filter(l -> mapped.get(l).get(i)).boxed().toList();
  }

  private Shape prefix(List<Integer> levels) {
    return Shape.of(levels.stream().map(extents::get).toList());
  }

  /** How many tasks there are in all. */
  public int tasks() {
    return extents.stream().mapToInt(Integer::intValue).reduce(1, Math::multiplyExact);
  }

  /**
   * Where each result of one task lies: last carries, stacked, sums.
   *
   * @throws IllegalArgumentException if they are 2^31 numbers or more
   */
  public List<Place> places() {
    List<Place> all = new ArrayList<>();
    long at = 0;
    List<Tensor> results = body.results();
    int stacked = body.next().size() + body.stacked().size();
    for (int i = 0; i < results.size(); i++) {
      Shape s = results.get(i).shape();
      boolean stacks = i >= body.next().size() && i < stacked;
      long end = at + (stacks ? (long) steps * s.size() : s.size());
      if (end > Integer.MAX_VALUE) {
        throw new IllegalArgumentException(
            String.format(
                Locale.ROOT,
                "recurrence: %,d steps of %s results hold %,d numbers; expected fewer than 2^31:"
                    + " keep fewer carries or take fewer steps",
                steps,
                results.size(),
                end));
      }
      all.add(new Place((int) at, (int) end, stacks ? s.prepend(steps) : s));
      at = end;
    }
    if (all.isEmpty()) {
      throw new IllegalArgumentException(
          "recurrence: the body has no result; hand on or stack one");
    }
    return all;
  }

  /** One of the results out of all: [tasks..., T if stacked, ...]. */
  public Tensor part(Tensor all, int i) {
    Place p = places().get(i);
    Tensor flat = Ops.slice(all, all.rank() - 1, p.from, p.to);
    return Ops.reshape(flat, all.shape().sub(0, all.rank() - 1).append(p.shape.dims()));
  }

  /** Slots, inputs and the inputs' task axes of a recurrence that is being put together. */
  private static final class Draft {
    final List<Tensor> slots = new ArrayList<>();
    final List<Tensor> values = new ArrayList<>();
    final List<List<Integer>> levels = new ArrayList<>();

    void add(Tensor slot, Tensor value, List<Integer> has) {
      slots.add(slot);
      values.add(value);
      levels.add(has);
    }

    int size() {
      return slots.size();
    }
  }

  @Override
  public List<Tensor> vjp(Tensor g, Tensor y, List<Tensor> x) {
    if (body.kept() == null) {
      Recurrence keeps = new Recurrence(body.keeping(), steps, direction, extents, mapped);
      return keeps.vjp(keeps.moreZeros(g, body.carries().size()), Tensor.of(keeps, x), x);
    }
    int carries = body.carries().size();
    List<Integer> everywhere = IntStream.range(0, extents.size()).boxed().toList();
    List<Tensor> seeds = new ArrayList<>();
    List<Tensor> results = body.results();
    for (Tensor r : results) {
      seeds.add(Tensor.argument("cotangent", DType.F32, r.shape()));
    }
    Draft in = new Draft();
    for (int i = 0; i < carries; i++) {
      in.add(seeds.get(i), part(g, i), everywhere);
    }
    for (int i = 0; i < carries; i++) {
      in.add(body.carries().get(i), part(y, carries + body.kept().get(i)), everywhere);
    }
    int firstShared = carries + body.slices().size();
    for (int i = carries; i < firstShared; i++) {
      in.add(body.slots().get(i), x.get(i), levels(i));
    }
    int firstSum = carries + body.stacked().size();
    for (int i = carries; i < firstSum; i++) {
      in.add(seeds.get(i), part(g, i), everywhere);
    }
    int sliced = in.size() - carries;
    for (int i = firstShared; i < x.size(); i++) {
      in.add(body.slots().get(i), x.get(i), levels(i));
    }
    for (int i = firstSum; i < results.size(); i++) {
      in.add(seeds.get(i), part(g, i), everywhere);
    }

    List<Tensor> found = Walks.cotangents(results, seeds, body.slots());
    List<Tensor> next = new ArrayList<>();
    List<Tensor> stacked = new ArrayList<>(seeds.subList(0, carries)); // kept for its own gradient
    List<Tensor> summed = new ArrayList<>();
    for (int i = 0; i < x.size(); i++) {
      Tensor c = x.get(i).dtype() == DType.F32 ? found.get(i) : null;
      if (i < carries) {
        next.add(c == null ? Ops.fill(0, body.carries().get(i).shape()) : c);
      } else if (c != null) {
        (i < firstShared ? stacked : summed).add(c);
      }
    }
    Body back =
        Body.of(
            in.slots.subList(0, carries),
            in.slots.subList(carries, carries + sliced),
            in.slots.subList(carries + sliced, in.size()),
            next,
            stacked,
            summed);
    List<List<Boolean>> flags =
        everywhere.stream().map(l -> in.levels.stream().map(h -> h.contains(l)).toList()).toList();
    Recurrence op = new Recurrence(back, steps, direction.opposite(), extents, flags);
    Tensor all = Tensor.of(op, in.values);

    List<Tensor> out = new ArrayList<>();
    int at = 0;
    for (int i = 0; i < x.size(); i++) {
      boolean none = i >= carries && (x.get(i).dtype() != DType.F32 || found.get(i) == null);
      out.add(none ? null : overTasks(op.part(all, at++), i));
      if (i == carries - 1) {
        at += carries;
      }
    }
    return out;
  }

  /**
   * The cotangent of a result that has more stacked in front of what it had, on which nothing
   * depends.
   */
  private Tensor moreZeros(Tensor g, int more) {
    List<Place> places = places();
    int carries = body.carries().size();
    int from = carries == 0 ? 0 : places.get(carries - 1).to;
    int to = more == 0 ? from : places.get(carries + more - 1).to;
    int axis = g.rank() - 1;
    List<Tensor> parts = new ArrayList<>();
    if (from > 0) {
      parts.add(Ops.slice(g, axis, 0, from));
    }
    parts.add(Ops.fill(0, g.shape().with(axis, to - from)));
    if (from < g.dim(axis)) {
      parts.add(Ops.slice(g, axis, from, g.dim(axis)));
    }
    return Ops.concatenate(axis, parts);
  }

  /** Summed over the tasks that share an input. */
  private Tensor overTasks(Tensor c, int input) {
    List<Integer> has = levels(input);
    return Ops.sum(
        c, IntStream.range(0, extents.size()).filter(l -> !has.contains(l)).boxed().toList());
  }

  @Override
  public Tensor batch(Mapped x) {
    List<Integer> all = new ArrayList<>(List.of(x.n()));
    all.addAll(extents);
    List<List<Boolean>> flags = new ArrayList<>(List.of(List.copyOf(x.flags())));
    flags.addAll(mapped);
    return Tensor.of(
        new Recurrence(body, steps, direction, List.copyOf(all), List.copyOf(flags)), x.values());
  }

  /** The same with another body, of the same slots and types of results. */
  public Recurrence with(Body other) {
    return new Recurrence(other, steps, direction, extents, mapped);
  }

  /** The same for another number of tasks along the outermost axis. */
  public Recurrence withTasks(int n) {
    List<Integer> all = new ArrayList<>(extents);
    all.set(0, n);
    return new Recurrence(body, steps, direction, List.copyOf(all), mapped);
  }

  /** One step of all tasks: its slots and results have the task axes in front. */
  public Body allTasks() {
    Body b = body;
    for (int l = extents.size() - 1; l >= 0; l--) {
      b = b.batched(extents.get(l), mapped.get(l));
    }
    return b;
  }

  /** The numbers of the steps in the order in which they are taken. */
  public List<Integer> order() {
    List<Integer> t = new ArrayList<>(IntStream.range(0, steps).boxed().toList());
    if (direction == Direction.BACKWARD) {
      Collections.reverse(t);
    }
    return t;
  }

  @Override
  public String toString() {
    String of = extents.isEmpty() ? "" : " for " + extents + " tasks";
    return "recurrence of " + steps + " steps " + direction + of + ", " + body;
  }
}
