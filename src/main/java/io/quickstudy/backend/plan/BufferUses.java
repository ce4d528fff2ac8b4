package io.quickstudy.backend.plan;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Where the temporaries of a list of steps are written and read, and what that takes. */
final class BufferUses {
  /** The steps that touch a buffer, in order, and the last of them that writes it. */
  record Use(List<Integer> steps, int[] written) {
    int first() {
      return steps.get(0);
    }

    int last() {
      return steps.get(steps.size() - 1);
    }

    int lastWrite() {
      return written[0];
    }

    boolean isRead() {
      return last() > lastWrite();
    }

    /** The first step behind another that touches it. */
    int after(int step) {
      return steps.stream().filter(s -> s > step).findFirst().orElseThrow();
    }

    /** The last step in front of another that touches it. */
    int before(int step) {
      int b = -1;
      for (int s : steps) {
        b = s < step ? s : b;
      }
      return b;
    }
  }

  private final Map<Buffer, Use> uses = new LinkedHashMap<>();
  private final long[] live;

  BufferUses(List<Step> steps, Collection<Buffer> temporaries) {
    temporaries.forEach(b -> uses.put(b, new Use(new ArrayList<>(), new int[] {-1})));
    for (int i = 0; i < steps.size(); i++) {
      for (Step.Place p : steps.get(i).operands()) {
        Use u = uses.get(p.buffer());
        if (u != null && (u.steps.isEmpty() || u.last() != i)) {
          u.steps.add(i);
        }
      }
      for (Step.Place p : steps.get(i).written()) {
        Use u = uses.get(p.buffer());
        if (u != null) {
          u.written[0] = i;
        }
      }
    }
    uses.values().removeIf(u -> u.steps.isEmpty());
    live = new long[steps.size()];
    uses.forEach(
        (b, u) -> {
          for (int i = u.first(); i <= u.last(); i++) {
            live[i] += size(b);
          }
        });
  }

  /** What a buffer takes in the arena. */
  static long size(Buffer b) {
    return MemoryPlan.align(b.bytes());
  }

  /** Whether a buffer is one of the temporaries and touched. */
  boolean has(Buffer b) {
    return uses.containsKey(b);
  }

  /** Where a buffer is touched. */
  Use of(Buffer b) {
    return uses.get(b);
  }

  /** Every temporary that is touched. */
  Collection<Buffer> all() {
    return uses.keySet();
  }

  /** Bytes that are wanted while a step runs. */
  long live(int step) {
    return live[step];
  }

  /** The first step at which the most is wanted. */
  int peak() {
    int p = 0;
    for (int i = 1; i < live.length; i++) {
      p = live[i] > live[p] ? i : p;
    }
    return p;
  }
}
