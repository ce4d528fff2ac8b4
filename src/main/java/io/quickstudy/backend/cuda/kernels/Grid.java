package io.quickstudy.backend.cuda.kernels;

import io.quickstudy.backend.plan.View;

/**
 * How many blocks a kernel is started with, as the comments in {@code kernels/} ask for it. All of
 * it depends on shapes alone, so that sums are made in the same order on every device.
 */
public final class Grid {
  /** Threads of a block. */
  public static final int BLOCK = 256;

  /** Threads of a block where there is little to do. */
  public static final int SMALL = 64;

  /** Elements that a thread of a loop takes at a time. */
  public static final int LANES = 4;

  /** Blocks that keep a large GPU busy; work that makes fewer is cut into slices. */
  private static final long BUSY = 264;

  /** Elements for each result and thread below which a slice is not worth its second pass. */
  private static final long SLICE = 8;

  /** More are never started; kernels stride over what is left. */
  private static final long MOST = 1 << 14;

  private Grid() {}

  public static int of(long blocks) {
    return (int) Math.clamp(blocks, 1, MOST);
  }

  /** For one thread per element. */
  public static int elements(long n) {
    return of(divide(n, BLOCK));
  }

  /** A quotient, rounded up. */
  public static long divide(long a, long b) {
    return (a + b - 1) / b;
  }

  /**
   * A reduction's layout.
   *
   * @param kept how many results
   * @param groups blocks that make all of them once
   * @param slices how often these are started, each time for a part of what is removed
   */
  public record Reduction(long kept, long groups, long slices) {
    /** Of a loop whose output has stride 0 along the axes that are removed. */
    public static Reduction of(View out) {
      long kept = 1;
      long reduced = 1;
      long innermost = 1;
      boolean removed = true;
      for (int d = 0; d < out.strides().length; d++) {
        int extent = out.shape().dim(d);
        if (extent != 1) {
          innermost = extent;
          removed = out.strides()[d] == 0;
          if (removed) {
            reduced *= extent;
          } else {
            kept *= extent;
          }
        }
      }
      int side = removed ? 1 : power(innermost, 32);
      int along = power(divide(reduced, LANES), BLOCK / side);
      long groups = divide(kept, BLOCK / along);
      long most = reduced / (SLICE * along);
      return new Reduction(kept, groups, Math.clamp(BUSY / groups, 1, Math.max(1, most)));
    }

    /** The least power of two that is not below n, but at most {@code most}. */
    private static int power(long n, int most) {
      int p = 1;
      while (p < n && 2 * p <= most) {
        p *= 2;
      }
      return p;
    }
  }
}
