package io.quickstudy.backend.plan;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * A segment as steps.
 *
 * @param chunks how often it runs, each time on its own slice of the task axis
 * @param steps what to run, in order; each buffer is written before it is read
 * @param moments when each step runs, ascending; those of one moment run at the same time
 * @param temporaries the buffers that only this segment uses
 * @param repeated how many of the steps compute again what was computed before
 */
public record LoweredSegment(
    int chunks, List<Step> steps, List<Integer> moments, List<Buffer> temporaries, int repeated) {

  /** Of steps that run one after the other. */
  LoweredSegment(int chunks, List<Step> steps, List<Buffer> temporaries, int repeated) {
    this(chunks, steps, IntStream.range(0, steps.size()).boxed().toList(), temporaries, repeated);
  }

  /** Lowers a segment; the tables it reads are added to the constants. */
  static LoweredSegment of(Segment segment, Constants constants, Scarce scarce) {
    Lowering l = new Lowering(segment, constants, scarce);
    return new LoweredSegment(segment.chunks(), l.steps(), l.temporaries(), 0);
  }

  /** The temporaries, and those of what is repeated inside. */
  List<Buffer> allTemporaries() {
    List<Buffer> all = new ArrayList<>(temporaries);
    for (Step s : steps) {
      if (s instanceof Repeated r) {
        all.addAll(r.body().allTemporaries());
      }
    }
    return all;
  }

  /**
   * The same with steps in groups that run at the same time.
   *
   * @param groups in order
   * @param more buffers that these use besides
   */
  public LoweredSegment together(List<List<Step>> groups, List<Buffer> more) {
    List<Step> all = new ArrayList<>();
    List<Integer> when = new ArrayList<>();
    for (int i = 0; i < groups.size(); i++) {
      for (Step s : groups.get(i)) {
        all.add(s);
        when.add(i);
      }
    }
    List<Buffer> buffers = new ArrayList<>(temporaries);
    buffers.addAll(more);
    return new LoweredSegment(chunks, all, when, buffers, repeated);
  }
}
