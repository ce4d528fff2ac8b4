package io.quickstudy.backend.cuda.loops;

import io.quickstudy.backend.cuda.kernels.Grid;
import io.quickstudy.backend.cuda.kernels.SmallProduct;
import io.quickstudy.backend.plan.Step;
import java.util.Optional;

/**
 * How a product is shared out over threads, by the extents of one of its matrices alone, so that
 * sums are made in the same order however many there are.
 *
 * @param rows of the results that a thread makes
 * @param slices threads that share these, a power of two
 */
public record ProductLayout(int rows, int slices) {
  /** Multiplications above which cuBLAS's tiles are full. */
  private static final long MOST = 1 << 24;

  /** The same of results, and of rows: with more of these nothing waits for a launch. */
  private static final long MOST_RESULTS = 1 << 15;

  private static final long MOST_ROWS = 64;

  private static final int ROWS = 4;
  private static final int SLICES = 32;

  /** Products that a thread sums below which another slice is not worth its place. */
  private static final int LEAST = 4;

  /** Of a product that ours is known to be the faster for, or nothing. */
  public static Optional<ProductLayout> small(Step.Gemm s) {
    return near(s)
        ? SmallProduct.of(s.batch(), s.m(), s.n(), s.k()).map(p -> new ProductLayout(1, p.slices()))
        : Optional.empty();
  }

  /**
   * Of a product of few rows, such as a step of a recurrence over a batch, of which measurements
   * have to say who is the faster; nothing for others.
   */
  public static Optional<ProductLayout> medium(Step.Gemm s) {
    boolean few =
        s.m() <= MOST_ROWS
            && s.batch() * s.m() * s.n() <= MOST_RESULTS
            && s.batch() * s.m() * s.n() * s.k() <= MOST;
    if (!few || !near(s) || SmallProduct.of(s.batch(), s.m(), s.n(), s.k()).isPresent()) {
      return Optional.empty();
    }
    int slices = 1;
    while (2 * slices <= SLICES && 2L * slices * LEAST <= s.k()) {
      slices *= 2;
    }
    return Optional.of(new ProductLayout((int) Math.min(ROWS, s.m()), slices));
  }

  /** Whether 32 bits number all elements. */
  private static boolean near(Step.Gemm s) {
    return span(s.a(), s.m(), s.k(), s) < Integer.MAX_VALUE
        && span(s.b(), s.k(), s.n(), s) < Integer.MAX_VALUE
        && s.batch() * s.m() * s.n() < Integer.MAX_VALUE;
  }

  private static long span(Step.Gemm.Matrix x, long rows, long columns, Step.Gemm s) {
    return s.batch() * x.batchStride() + x.ld() * (x.transposed() ? columns : rows);
  }

  /** Blocks where so many results of a row go together. */
  int blocks(Step.Gemm s, int groups) {
    long tiles = s.batch() * Grid.divide(s.m(), rows) * (s.n() / groups);
    return Math.toIntExact(Grid.divide(tiles * slices, Grid.BLOCK));
  }
}
