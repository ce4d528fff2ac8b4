package io.quickstudy.backend.cuda.kernels;

import io.quickstudy.backend.Precision;
import java.util.List;
import java.util.Locale;

/**
 * How a convolution, seen as a product of matrices, is cut into blocks: each makes one tile of a
 * result, from all of what is summed over or from a slice. It depends on shapes alone, so that sums
 * are made in the same order on every device.
 *
 * @param slices of what is summed over; with more than one, a second pass adds up
 * @param blocks of the launch
 */
public record Tiling(Tile tile, long slices, long blocks) {
  /** Threads of a block. */
  public static final int THREADS = 128;

  /** What a slice's depth is a multiple of. */
  static final long DEPTH = 16;

  /** Multiprocessors of a large GPU. */
  private static final long PROCESSORS = 132;

  private static final long MOST_SLICES = 256;

  /**
   * What a second pass costs, in multiplications of one multiprocessor, 128 for each cycle: another
   * launch, the latency of a read for each slice, and for each number of a slice its part of the
   * memory's bandwidth, once written and once read. Taken from an H200's data sheet, not measured.
   */
  private static final double LAUNCH = 300_000;

  private static final double SLICE = 20_000;
  private static final double NUMBER = 0.4;

  /** A tile that there is a kernel for. */
  public enum Tile {
    T256X32(256, 32, 0.76),
    T128X64(128, 64, 0.79),
    T64X64(64, 64, 0.73),
    T64X32(64, 32, 0.65),
    T32X32(32, 32, 0.50),
    T16X64(16, 64, 0.50);

    private final int rows;
    private final int columns;

    /** About the part of a thread's instructions that multiplies, counted in the code for sm_90. */
    private final double useful;

    Tile(int rows, int columns, double useful) {
      this.rows = rows;
      this.columns = columns;
      this.useful = useful;
    }

    public int rows() {
      return rows;
    }

    public int columns() {
      return columns;
    }

    private long tiles(long height, long width) {
      return Grid.divide(height, rows) * Grid.divide(width, columns);
    }

    /**
     * The time for blocks of so much depth, in multiplications of one multiprocessor. Half a block
     * more stands for what a multiprocessor waits where it has few.
     */
    private double time(long blocks, long depth) {
      long each = Grid.divide(depth, DEPTH) * DEPTH * rows * columns;
      return (Grid.divide(blocks, PROCESSORS) + 0.5) * each / useful;
    }
  }

  /** Where pixels are rows. */
  public static final List<Tile> PIXELS =
      List.of(Tile.T256X32, Tile.T128X64, Tile.T64X64, Tile.T64X32, Tile.T32X32);

  /** Where taps and channels are. */
  public static final List<Tile> TAPS =
      List.of(Tile.T128X64, Tile.T64X64, Tile.T64X32, Tile.T32X32, Tile.T16X64);

  /** The kernel's name. */
  public String kernel(String operation, Precision precision) {
    String name = operation + "_" + tile.name().substring(1).toLowerCase(Locale.ROOT);
    return switch (precision) {
      case FP32 -> name;
      case TF32 -> name + "_tf32";
    };
  }

  /**
   * Of a convolution or its gradient by the input.
   *
   * @param results how many there are
   * @param rows pixels of each
   * @param columns channels of each
   */
  public static Tiling pixels(long results, long rows, long columns) {
    Tiling best = null;
    double least = Double.POSITIVE_INFINITY;
    for (Tile tile : PIXELS) {
      long blocks = results * tile.tiles(rows, columns);
      double time = tile.time(blocks, DEPTH);
      if (time < least) {
        least = time;
        best = new Tiling(tile, 1, blocks);
      }
    }
    return best;
  }

  /**
   * Of a convolution's gradient by the filter.
   *
   * @param rows taps and channels of a filter
   * @param columns its results
   * @param pixels of a task, which are summed over
   */
  public static Tiling taps(long tasks, long rows, long columns, long pixels) {
    Tiling best = null;
    double least = Double.POSITIVE_INFINITY;
    long most = Math.clamp(pixels / (4 * DEPTH), 1, MOST_SLICES);
    for (Tile tile : TAPS) {
      for (long slices = 1; slices <= most; slices++) {
        long parts = tasks * slices;
        long blocks = tile.tiles(rows, columns) * parts;
        double numbers = (double) parts * rows * columns;
        double second = slices == 1 ? 0 : LAUNCH + slices * SLICE + numbers * NUMBER;
        double time = tile.time(blocks, Grid.divide(pixels, slices)) + second;
        if (time < least) {
          least = time;
          best = new Tiling(tile, slices, blocks);
        }
      }
    }
    return best;
  }
}
