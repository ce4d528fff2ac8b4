package io.quickstudy.backend.cuda;

import io.quickstudy.backend.BackendException;
import io.quickstudy.backend.cuda.driver.CudaDriver;
import io.quickstudy.backend.cuda.driver.DeviceMemory;
import io.quickstudy.backend.plan.Buffer;
import io.quickstudy.backend.plan.MemoryPlan;
import java.nio.ByteBuffer;
import java.util.List;

/** Marked bytes before and behind every guarded buffer of an arena. */
final class Sentinels {
  private static final byte MARK = (byte) 0xA5;

  private final String program;
  private final CudaDriver driver;
  private final DeviceMemory arena;
  private final List<Buffer> guarded;

  /** Marks the gaps; nothing is done where no buffer is guarded. */
  Sentinels(String program, CudaDriver driver, DeviceMemory arena, List<Buffer> guarded) {
    this.program = program;
    this.driver = driver;
    this.arena = arena;
    this.guarded = guarded;
    MemoryPlan.gaps(guarded, CudaPlan.GAP, (at, n) -> driver.fill(arena.address() + at, MARK, n));
  }

  /**
   * Looks at the gaps.
   *
   * @throws BackendException where one was written to
   */
  void check() {
    if (guarded.isEmpty()) {
      return;
    }
    ByteBuffer all = ByteBuffer.allocateDirect(Math.toIntExact(arena.bytes()));
    driver.copyOut(all.duplicate(), arena.address());
    MemoryPlan.gaps(
        guarded,
        CudaPlan.GAP,
        (at, n) -> {
          for (int k = 0; k < n; k++) {
            if (all.get((int) at + k) != MARK) {
              throw new BackendException(
                  program + ": a kernel wrote beyond a buffer, at byte " + (at + k));
            }
          }
        });
  }
}
