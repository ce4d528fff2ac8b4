package io.quickstudy.backend.plan;

import io.quickstudy.backend.BackendException;
import io.quickstudy.backend.MemoryLimit;
import io.quickstudy.backend.MemoryUse;

/**
 * Takes the fastest plan where it fits, and under a limit one that fits. What is taken under a
 * limit depends on the limit alone, not on what is free, so that a run gives the same numbers
 * again.
 *
 * @param <P> a backend's plan
 */
public interface MemorySearch<P> {
  /** Of what is free, the part that a proposed limit leaves to others: 1 in so many. */
  int HEAD_ROOM = 16;

  /** The fastest plan. */
  P fastest();

  /** The fastest plan that takes at most so many bytes, or the smallest where none does. */
  P within(long bytes);

  /** What a plan takes. */
  MemoryUse use(P plan);

  /** What the smallest plan takes: a limit of so many bytes is the lowest that is not refused. */
  default MemoryUse least() {
    return use(within(1));
  }

  /**
   * The plan to run.
   *
   * @param name of the program
   * @param device where it is to run
   * @param free bytes that can be had there
   * @throws BackendException if it does not fit, saying how much is needed and what would fit
   */
  default P choose(String name, String device, MemoryLimit limit, long free) {
    P plan = fastest();
    long needed = use(plan).bytes();
    if (limit.isGiven()) {
      if (needed > limit.bytes()) {
        plan = within(limit.bytes());
      }
      MemoryUse u = use(plan);
      if (u.bytes() > limit.bytes()) {
        throw new BackendException(
            "%s needs at least %s of memory (%s) and --memory-limit is %s; %s"
                .formatted(
                    name,
                    MemoryUse.text(u.bytes()),
                    u.how(),
                    MemoryUse.text(limit.bytes()),
                    "raise it, or take fewer queries, filters or inner steps"));
      }
      if (u.bytes() > free) {
        throw tooMuch(name, device, u.bytes(), free, "lower --memory-limit below that");
      }
      return plan;
    }
    if (needed <= free) {
      return plan;
    }
    long room = (free - free / HEAD_ROOM) >> 20;
    MemoryUse u = use(within(room << 20));
    String repair =
        u.bytes() <= room << 20
            ? "--memory-limit %sM would run it %s (%s)"
                .formatted(room, u.how(), MemoryUse.text(u.bytes()))
            : ("%s it still needs %s: take fewer queries, filters or inner steps, or end what else"
                    + " runs there")
                .formatted(u.how(), MemoryUse.text(u.bytes()));
    throw tooMuch(name, device, needed, free, repair);
  }

  private static BackendException tooMuch(
      String name, String device, long bytes, long free, String repair) {
    return new BackendException(
        "%s needs %s of memory on %s and %s are free; %s"
            .formatted(name, MemoryUse.text(bytes), device, MemoryUse.text(free), repair));
  }
}
