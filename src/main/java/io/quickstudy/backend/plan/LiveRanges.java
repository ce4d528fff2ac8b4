package io.quickstudy.backend.plan;

import java.util.IdentityHashMap;
import java.util.Map;

/** From which moment to which each buffer of a segment is wanted. */
final class LiveRanges {
  private static final int NEVER = Integer.MAX_VALUE;

  private final Map<Buffer, int[]> spans = new IdentityHashMap<>();

  private final int slack;

  LiveRanges(LoweredSegment segment, int slack) {
    this.slack = slack;
    visit(segment, 0);
  }

  /** Counts moments from a number on; what is repeated takes those of its own. Returns the next. */
  private int visit(LoweredSegment segment, int from) {
    int now = from;
    int end = from;
    int moment = -1;
    for (int i = 0; i < segment.steps().size(); i++) {
      if (segment.moments().get(i) != moment) {
        moment = segment.moments().get(i);
        now = end;
        end = now + 1;
      }
      Step s = segment.steps().get(i);
      touch(s, now);
      if (s instanceof Repeated r) {
        end = Math.max(end, visit(r.body(), now));
        touch(s, end - 1); // what it reads and writes outside lasts from the first time to the last
      }
    }
    return end;
  }

  private void touch(Step s, int at) {
    for (Step.Place p : s.operands()) {
      int[] span = spans.computeIfAbsent(p.buffer().root(), k -> new int[] {at, at});
      span[0] = Math.min(span[0], at);
      span[1] = Math.max(span[1], at);
    }
  }

  /** The first moment at which a buffer is wanted, or one behind all where nothing wants it. */
  int first(Buffer b) {
    int[] span = spans.get(b);
    return span == null ? NEVER : span[0];
  }

  /** The last moment for which its memory is left alone, or one in front of all. */
  int last(Buffer b) {
    int[] span = spans.get(b);
    return span == null ? -NEVER : span[1] + slack;
  }
}
