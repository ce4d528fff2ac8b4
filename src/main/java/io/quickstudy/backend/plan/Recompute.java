package io.quickstudy.backend.plan;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.IdentityHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Computes values again where they are wanted late, rather than keeping them, so that a part takes
 * less memory. Where the most is wanted at once, the value that saves most for its cost goes first,
 * loops and pooling before products and convolutions. What is computed again is bitwise the same:
 * the same step, on the same numbers.
 */
public final class Recompute {
  /** Savings below this part of the most that is wanted are not worth a step. */
  private static final int WORTH = 512;

  /** Between two looks at how buffers fall into place, the most wanted sinks by this part. */
  private static final int LOOK = 64;

  /** Times as many steps as there were are not exceeded. */
  private static final int MOST = 4;

  private final Part part;
  private final List<Step> steps;
  private final Set<Buffer> temporaries;
  private final Map<Buffer, List<Buffer>> same = new IdentityHashMap<>();
  private Uses uses;

  private Recompute(Part part) {
    this.part = part;
    this.steps = new ArrayList<>(part.steps());
    this.temporaries = new LinkedHashSet<>(part.temporaries());
    this.uses = new Uses(steps, temporaries);
  }

  /**
   * The part with as few steps repeated as it takes to fit into so many bytes, or the smallest that
   * was found where it does not fit.
   */
  public static Part into(long bytes, Part part) {
    return steps(part) == 0 ? part : new Recompute(part).shrunk(bytes);
  }

  private static int steps(Part part) {
    return part.steps().size();
  }

  private Part shrunk(long room) {
    Part best = part;
    long least = MemoryPlan.share(part, 0);
    long looked = most();
    boolean more = least > room;
    while (more) {
      more = steps.size() < MOST * steps(part) && once();
      long most = most();
      if (most <= room || most <= looked - looked / LOOK || !more) {
        looked = most;
        Part now = now();
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

  private Part now() {
    List<Buffer> left = temporaries.stream().filter(uses::has).toList();
    return new Part(
        part.chunks(),
        List.copyOf(steps),
        left,
        part.repeated() + Math.max(0, steps.size() - steps(part)));
  }

  /** Makes the most that is wanted less; false where nothing does. */
  private boolean once() {
    int peak = uses.peak();
    long most = uses.live(peak);
    record Choice(Buffer value, int at, Repeat how) {}
    List<Choice> choices = new ArrayList<>();
    for (Buffer b : temporaries) {
      Uses.Use u = uses.has(b) ? uses.of(b) : null;
      if (u == null
          || Uses.size(b) < most / WORTH
          || u.first() >= peak
          || u.last() <= peak
          || u.steps().contains(peak)) {
        continue;
      }
      int at = u.after(peak);
      Repeat r = u.lastWrite() < peak ? Repeat.of(steps, uses, same, b, at) : null;
      if (r != null && r.saving(peak) > most / WORTH && r.staysBelow(most)) {
        choices.add(new Choice(b, at, r));
      }
    }
    Comparator<Choice> cheap = Comparator.comparingInt(c -> c.how.heavy() ? 1 : 0);
    var best = choices.stream().min(cheap.thenComparingDouble(c -> -c.how.worth(peak)));
    best.ifPresent(c -> apply(c.value, c.at, c.how));
    return best.isPresent();
  }

  private void apply(Buffer value, int at, Repeat how) {
    Buffer copy = how.fresh().get(value);
    for (int i : uses.of(value).steps()) {
      if (i >= at) {
        steps.set(i, Rewiring.moved(steps.get(i), b -> b == value ? copy : b));
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
    uses = new Uses(steps, temporaries);
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
        Step.Loop rest = null;
        if (s instanceof Step.Loop l) {
          if (l.outputs().stream().anyMatch(o -> o.mode() != Step.Loop.Mode.STORE)) {
            continue; // its sums are to stay as they are
          }
          rest = Rewiring.only(l, x -> x != b);
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
      uses = new Uses(steps, temporaries);
      todo.remove(b);
    }
  }

  /** Whether a step writes something besides that is read, or lasts. */
  private boolean isWanted(Step s, Buffer but) {
    return Rewiring.written(s).stream()
        .map(Step.Place::buffer)
        .anyMatch(x -> x != but && (!uses.has(x) || uses.of(x).isRead()));
  }
}
