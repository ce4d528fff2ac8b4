package io.quickstudy.backend.cuda.tasks;

import io.quickstudy.backend.plan.Step;

/**
 * How a product is shared out over the threads of a block: each makes some rows and columns of the
 * results, and some neighbours share the summands of one. Chosen by counting, by shapes alone.
 *
 * @param rows results of a thread, one below the other
 * @param columns results of a thread, side by side
 * @param along threads that share summands, a power of two of at most a warp
 * @param cycles what it takes, counted
 */
record ProductShare(int rows, int columns, int along, double cycles) {
  private static final int WARP = 32;
  private static final int BANKS = 32;
  private static final int MOST = 4;

  /** Cycles of a block's memory behind a load, shared by as many loads as are on their way. */
  private static final double LATENCY = 30;

  /** Steps of the sum that are loaded together. */
  private static final double UNROLLED = 4;

  /** Cycles of an exchange between lanes. */
  private static final double EXCHANGE = 26;

  /** Cycles of a pass besides its sum. */
  private static final double PASS = 60;

  /** Multiplications and additions that a multiprocessor does in a cycle. */
  private static final double FMAS = 128;

  /** The cheapest. */
  static ProductShare of(Step.Gemm s, int threads) {
    ProductShare best = null;
    for (int along = 1; along <= WARP; along *= 2) {
      for (int rows = 1; rows <= MOST && rows <= s.m(); rows *= 2) {
        for (int columns = 1; columns <= MOST && columns <= s.n(); columns *= 2) {
          ProductShare p =
              new ProductShare(rows, columns, along, cycles(s, threads, rows, columns, along));
          if (best == null || p.cycles < best.cycles) {
            best = p;
          }
        }
      }
      if (along >= s.k()) {
        break;
      }
    }
    return best;
  }

  private static double cycles(Step.Gemm s, int threads, int rows, int columns, int along) {
    long down = (s.m() + rows - 1) / rows;
    long across = (s.n() + columns - 1) / columns;
    long tiles = s.batch() * down * across;
    long passes = (tiles * along + threads - 1) / threads;
    double warps = Math.ceil((double) tiles * along / WARP);
    double summands = Math.ceil((double) s.k() / along);
    double left = conflicts(s.a(), s, false, across, along);
    double right = conflicts(s.b(), s, true, across, along);
    double memory = warps * summands * (rows * left + columns * right);
    double arithmetic = warps * summands * rows * columns * WARP / FMAS;
    double chain = passes * (summands * (LATENCY / UNROLLED + 4.0 * rows * columns / 4) + PASS);
    double join = passes * EXCHANGE * (Integer.numberOfTrailingZeros(along) + 0.5 * rows * columns);
    return Math.max(memory, arithmetic) + chain + (along > 1 ? join : 0);
  }

  /** How often the memory is asked for what a warp reads of an operand. */
  private static double conflicts(
      Step.Gemm.Matrix x, Step.Gemm s, boolean right, long across, int along) {
    long[] found = new long[WARP];
    int[] ways = new int[BANKS];
    int distinct = 0;
    int worst = 1;
    for (int i = 0; i < WARP; i++) {
      long tile = i / along;
      long k = Math.min(i % along, s.k() - 1);
      long index = right ? tile % across : tile / across % s.m();
      boolean rowMajor = right == x.transposed(); // whether k is the index within a row
      long at = rowMajor ? index * x.ld() + k : k * x.ld() + index;
      boolean known = false;
      for (int j = 0; j < distinct; j++) {
        known |= found[j] == at;
      }
      if (!known) {
        found[distinct++] = at;
        worst = Math.max(worst, ++ways[(int) (at % BANKS)]);
      }
    }
    return worst;
  }
}
