package io.quickstudy.backend.plan;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.IdentityHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Computes values again where they are wanted late, rather than keeping them, so that a segment
 * takes less memory. Where the most is wanted at once, the value that saves most for its cost goes
 * first, loops and pooling before products and convolutions. What is computed again is bitwise the
 * same: the same step, on the same numbers.
 */
public final class Recompute {
  /** Savings below this part of the most that is wanted are not worth a step. */
  private static final int WORTH = 512;

  /** Between two looks at how buffers fall into place, the most wanted sinks by this part. */
  private static final int LOOK = 64;

  /** Times as many steps as there were are not exceeded. */
  private static final int MOST = 4;

  private final LoweredSegment segment;
  private final List<Step> steps;
  private final Set<Buffer> temporaries;
  private final Map<Buffer, List<Buffer>> same = new IdentityHashMap<>();
  private BufferUses uses;

  private Recompute(LoweredSegment segment) {
    this.segment = segment;
    this.steps = new ArrayList<>(segment.steps());
    this.temporaries = new LinkedHashSet<>(segment.temporaries());
    this.uses = new BufferUses(steps, temporaries);
  }

  /**
   * The segment with as few steps repeated as it takes to fit into so many bytes, or the smallest
   * that was found where it does not fit.
   */
  public static LoweredSegment into(long bytes, LoweredSegment segment) {
    return steps(segment) == 0 ? segment : new Recompute(segment).shrunk(bytes);
  }

  private static int steps(LoweredSegment segment) {
    return segment.steps().size();
  }

  private LoweredSegment shrunk(long room) {
    LoweredSegment best = segment;
    long least = MemoryPlan.share(segment, 0);
    long looked = most();
    boolean more = least > room;
    while (more) {
      more = steps.size() < MOST * steps(segment) && once();
      long most = most();
      if (most <= room || most <= looked - looked / LOOK || !more) {
        looked = most;
        LoweredSegment now = now();
        long end = MemoryPlan.share(now, 0);
        if (end < least) {
          least = end;
          best = now;
        }
        more &= least > room;
      }
    }
    return best;
  }

  private long most() {
    return uses.live(uses.peak());
  }

  private LoweredSegment now() {
    List<Buffer> left = temporaries.stream().filter(uses::has).toList();
    return new LoweredSegment(
        segment.chunks(),
        List.copyOf(steps),
        left,
        segment.repeated() + Math.max(0, steps.size() - steps(segment)));
  }

  /** Makes the most that is wanted less; false where nothing does. */
  private boolean once() {
    int peak = uses.peak();
    long most = uses.live(peak);
    record Choice(Buffer value, int at, RecomputedValue how) {}
    List<Choice> choices = new ArrayList<>();
    for (Buffer b : temporaries) {
      BufferUses.Use u = uses.has(b) ? uses.of(b) : null;
      if (u == null
          || BufferUses.size(b) < most / WORTH
          || u.first() >= peak
          || u.last() <= peak
          || u.steps().contains(peak)) {
        continue;
      }
      int at = u.after(peak);
      RecomputedValue r =
          u.lastWrite() < peak ? RecomputedValue.of(steps, uses, same, b, at) : null;
      if (r != null && r.saving(peak) > most / WORTH && r.staysBelow(most)) {
        choices.add(new Choice(b, at, r));
      }
    }
    Comparator<Choice> cheap = Comparator.comparingInt(c -> c.how.heavy() ? 1 : 0);
    var best = choices.stream().min(cheap.thenComparingDouble(c -> -c.how.worth(peak)));
    best.ifPresent(c -> apply(c.value, c.at, c.how));
    return best.isPresent();
  }

  private void apply(Buffer value, int at, RecomputedValue how) {
    Buffer copy = how.fresh().get(value);
    for (int i : uses.of(value).steps()) {
      if (i >= at) {
        steps.set(i, steps.get(i).with(b -> b == value ? copy : b));
      }
    }
    steps.addAll(at, how.inserted());
    how.fresh()
        .forEach(
            (b, f) -> {
              temporaries.add(f);
              List<Buffer> all = same.computeIfAbsent(b, k -> new ArrayList<>(List.of(b)));
              all.add(f);
              same.put(f, all);
            });
    uses = new BufferUses(steps, temporaries);
    forget(value);
  }

  /** Does not compute a value at first that nobody reads any more, nor what only that took. */
  private void forget(Buffer value) {
    List<Buffer> todo = new ArrayList<>(List.of(value));
    while (!todo.isEmpty()) {
      Buffer b = todo.remove(todo.size() - 1);
      if (!uses.has(b) || uses.of(b).isRead()) {
        continue;
      }
      List<Integer> writers = uses.of(b).steps();
      for (int k = writers.size() - 1; k >= 0; k--) {
        int i = writers.get(k);
        Step s = steps.get(i);
        Loop rest = null;
        if (s instanceof Loop l) {
          if (l.outputs().stream().anyMatch(o -> o.mode() != Loop.Mode.STORE)) {
            continue; // its sums are to stay as they are
          }
          rest = DeadCode.removed(l, x -> x != b);
        }
        if (rest == null && isWanted(s, b)) {
          continue;
        }
        if (rest == null || rest.outputs().isEmpty()) {
          steps.remove(i);
        } else {
          steps.set(i, rest);
        }
        s.operands().forEach(p -> todo.add(p.buffer()));
      }
      uses = new BufferUses(steps, temporaries);
      todo.remove(b);
    }
  }

  /** Whether a step writes something besides that is read, or lasts. */
  private boolean isWanted(Step s, Buffer but) {
    return s.written().stream()
        .map(Step.Place::buffer)
        .anyMatch(x -> x != but && (!uses.has(x) || uses.of(x).isRead()));
  }
}
