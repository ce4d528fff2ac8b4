package io.quickstudy.backend.plan;

import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;

/** From which step to which each buffer of a list of steps is wanted. */
final class Lives {
  private final Map<Buffer, int[]> spans = new IdentityHashMap<>();

  Lives(List<Step> steps) {
    for (int i = 0; i < steps.size(); i++) {
      int at = i;
      for (Step.Place p : steps.get(i).operands()) {
        spans.computeIfAbsent(p.buffer(), k -> new int[] {at, at})[1] = at;
      }
    }
  }

  /** Whether some step uses both while the other's value is wanted too. */
  boolean meet(Buffer a, Buffer b) {
    int[] x = spans.get(a);
    int[] y = spans.get(b);
    return x != null && y != null && x[0] <= y[1] && y[0] <= x[1];
  }
}
