package io.quickstudy.backend.cuda.loops;

import io.quickstudy.backend.cuda.kernels.Grid;
import java.util.stream.IntStream;

/**
 * How the elements of a loop are shared out over blocks of {@link Grid#BLOCK} threads. All of it
 * depends on shapes alone, so that sums are made in the same order on every device.
 *
 * @param vector elements that a thread takes together: neighbours along the innermost axis
 * @param rounds how often a thread of a loop that only stores does so
 * @param kept results of a reduction, in vectors where {@code near} is false
 * @param reduced elements for each, in vectors where {@code near} is true
 * @param along threads that share a result, a power of two
 * @param near whether these lie next to each other, since the innermost axis is removed
 * @param slices parts that a result is made of, each in a block of its own
 */
record LoopLayout(
    int vector, int rounds, int kept, int reduced, int along, boolean near, int slices) {

  /** Elements below which each gets a thread of its own. */
  private static final int SMALL = 1 << 17;

  /** Blocks that keep a large GPU busy; reductions that make fewer are cut into slices. */
  private static final int BUSY = 528;

  /** Elements for each thread below which a slice is not worth its place. */
  private static final int SLICE = 8;

  /** Threads side by side where the innermost axis is kept: a warp, so that they read one line. */
  private static final int SIDE = 32;

  static LoopLayout of(LoopNest n) {
    int rank = n.extents().size();
    int innermost = rank == 0 ? 1 : n.extents().get(rank - 1);
    boolean quads = n.size() >= SMALL && innermost % LoopNest.QUAD == 0;
    int vector = quads ? LoopNest.QUAD : 1;
    if (!n.reduces()) {
      return new LoopLayout(vector, n.size() < SMALL || quads ? 1 : 4, n.size(), 1, 1, false, 1);
    }
    boolean near = rank == 0 || n.removed().get(rank - 1);
    int kept = product(n, false) / (near ? 1 : vector);
    int reduced = product(n, true) / (near ? vector : 1);
    int side = near ? 1 : power(innermost / vector, SIDE);
    int along = power(ceil(reduced, LoopNest.QUAD), Grid.BLOCK / side);
    int groups = ceil(kept, Grid.BLOCK / along);
    int most = reduced / (Math.max(1, SLICE / vector) * along);
    int slices = Math.clamp(BUSY / groups, 1, Math.max(1, most));
    return new LoopLayout(vector, 1, kept, reduced, along, near, slices);
  }

  private static int product(LoopNest n, boolean removed) {
    return IntStream.range(0, n.extents().size())
        .filter(d -> n.removed().get(d) == removed)
        .map(n.extents()::get)
        .reduce(1, (a, b) -> a * b);
  }

  private static int ceil(int a, int b) {
    return (a - 1) / b + 1;
  }

  /** The least power of two that is not below n, but at most {@code most}. */
  private static int power(int n, int most) {
    int p = 1;
    while (p < n && 2 * p <= most) {
      p *= 2;
    }
    return p;
  }

  /** Results that a block makes at a time. */
  int across() {
    return Grid.BLOCK / along;
  }

  /** Blocks that make all results once. */
  int groups() {
    return ceil(kept, across());
  }

  /** What one slice takes of {@link #reduced}. */
  int each() {
    return ceil(reduced, slices);
  }

  /** Neighbouring results that one thread makes. */
  int width() {
    return near ? 1 : vector;
  }

  /** All results; of a loop that only stores, all elements. */
  int results() {
    return kept * width();
  }

  /** Whether each thread of a loop that only stores has one element. */
  boolean single() {
    return vector == 1 && rounds == 1;
  }

  int blocks(boolean reduces) {
    return reduces ? groups() * slices : ceil(kept, vector * rounds * Grid.BLOCK);
  }
}
