package io.quickstudy.backend.plan;

import java.util.IdentityHashMap;
import java.util.Map;

/** From which moment to which each buffer of a segment is wanted. */
final class LiveRanges {
  private final Map<Buffer, int[]> spans = new IdentityHashMap<>();

  LiveRanges(LoweredSegment segment) {
    for (int i = 0; i < segment.steps().size(); i++) {
      int at = segment.moments().get(i);
      for (Step.Place p : segment.steps().get(i).operands()) {
        spans.computeIfAbsent(p.buffer(), k -> new int[] {at, at})[1] = at;
      }
    }
  }

  /** Whether at some moment one is used while the other's value is wanted too. */
  boolean meet(Buffer a, Buffer b) {
    int[] x = spans.get(a);
    int[] y = spans.get(b);
    return x != null && y != null && x[0] <= y[1] && y[0] <= x[1];
  }
}
