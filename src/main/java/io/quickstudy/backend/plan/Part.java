package io.quickstudy.backend.plan;

import java.util.List;

/**
 * A segment as steps.
 *
 * @param chunks how often it runs, each time on its own slice of the task axis
 * @param steps what to run, in order; each buffer is written before it is read
 * @param temporaries the buffers that only this part uses
 * @param repeated how many of the steps compute again what was computed before
 */
public record Part(int chunks, List<Step> steps, List<Buffer> temporaries, int repeated) {
  /** Lowers a segment; the tables it reads are added to the constants. */
  static Part of(Segment segment, Constants constants) {
    Lowering l = new Lowering(segment, constants);
    return new Part(segment.chunks(), l.steps(), l.temporaries(), 0);
  }
}
