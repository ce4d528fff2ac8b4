package io.quickstudy.backend.cuda.kernels;

import io.quickstudy.backend.Precision;
import java.util.List;
import java.util.Locale;

/**
 * How a convolution, seen as a product of matrices, is cut into blocks: each makes one tile of a
 * result, from all of what is summed over or from a slice. It depends on shapes alone, so that sums
 * are made in the same order on every device that multiplies in the same way.
 *
 * @param kernel that makes the tiles
 * @param slices of what is summed over; with more than one, a second pass adds up
 * @param blocks of the launch
 */
public record Tiling(Kernel kernel, long slices, long blocks) {
  /** Threads of a block. */
  public static final int THREADS = 128;

  /** What a slice's depth is a multiple of. */
  static final long DEPTH = 16;

  /** Multiprocessors of a large GPU. */
  private static final long PROCESSORS = 132;

  private static final long MOST_SLICES = 256;

  /** Of the oldest GPUs whose tensor cores know TF32. */
  public static final int TF32_CAPABILITY = 80;

  /**
   * Microseconds, fitted to 6,900 launches on an H200 of the layers that Quickstudy is made for: a
   * launch; a second pass, and of it each slice and each number of a slice. What these choose took
   * 4 % longer than the best of all tiles and slices.
   */
  private static final double LAUNCH = 3.6;

  private static final double SECOND = 0.93;
  private static final double SLICE = 0.012;
  private static final double NUMBER = 4.1e-7;

  /** What a block's beginning and end take, in steps. */
  private static final double EDGES = 1.7;

  /** Sums of fewer products are as exact or more so the plain way, and take no longer. */
  private static final long SHORT = 24;

  /** Numbers of all slices, that memory is not spent on them. */
  private static final long MOST_NUMBERS = 1 << 24;

  /** How operands are multiplied. */
  public enum Way {
    /** As 32-bit floats are. */
    PLAIN(""),
    /** By tensor cores, three products of a big and a small TF32, as exact as 32-bit floats. */
    SPLIT("_3xtf32"),
    /** By tensor cores, rounded to TF32. */
    TF32("_tf32");

    private final String suffix;

    Way(String suffix) {
      this.suffix = suffix;
    }

    /**
     * Those that a device may choose from.
     *
     * @param capability its compute capability, 90 for 9.0
     */
    public static List<Way> of(Precision precision, int capability) {
      return switch (precision) {
        case FP32 -> capability < TF32_CAPABILITY ? List.of(PLAIN) : List.of(PLAIN, SPLIT);
        case TF32 -> List.of(TF32);
      };
    }
  }

  /** A tile's extents. */
  public enum Tile {
    T256X32(256, 32),
    T128X64(128, 64),
    T128X32(128, 32),
    T64X64(64, 64),
    T32X32(32, 32),
    T16X64(16, 64);

    private final int rows;
    private final int columns;

    Tile(int rows, int columns) {
      this.rows = rows;
      this.columns = columns;
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
  }

  /**
   * A kernel, and what it takes of a multiprocessor.
   *
   * @param step microseconds for a depth of 16 of each block, where it has as many as it can
   * @param alone the same for one block alone
   * @param resident how many blocks it can have at once
   */
  public record Kernel(Way way, Tile tile, double step, double alone, int resident) {
    /** Its name. */
    public String name(String operation) {
      return operation + "_" + tile.name().substring(1).toLowerCase(Locale.ROOT) + way.suffix;
    }

    /** Microseconds for blocks of so much depth. */
    private double time(long blocks, long depth) {
      long each = Grid.divide(blocks, PROCESSORS);
      double full = Math.max(alone, resident * step);
      double rest = each % resident == 0 ? 0 : Math.max(alone, each % resident * step);
      return LAUNCH
          + (Grid.divide(depth, DEPTH) + EDGES) * (Math.floorDiv(each, resident) * full + rest);
    }
  }

  /** Where pixels are rows. */
  public static final List<Kernel> PIXELS =
      List.of(
          new Kernel(Way.PLAIN, Tile.T256X32, 0.98, 1.21, 3),
          new Kernel(Way.PLAIN, Tile.T128X64, 0.90, 0.90, 3),
          new Kernel(Way.PLAIN, Tile.T64X64, 0.54, 0.69, 3),
          new Kernel(Way.PLAIN, Tile.T32X32, 0.21, 0.46, 4),
          new Kernel(Way.SPLIT, Tile.T128X64, 0.62, 0.94, 3),
          new Kernel(Way.SPLIT, Tile.T128X32, 0.40, 0.63, 3),
          new Kernel(Way.SPLIT, Tile.T64X64, 0.38, 0.60, 3),
          new Kernel(Way.SPLIT, Tile.T32X32, 0.20, 0.50, 5),
          new Kernel(Way.TF32, Tile.T128X64, 0.43, 0.55, 3),
          new Kernel(Way.TF32, Tile.T128X32, 0.29, 0.40, 4),
          new Kernel(Way.TF32, Tile.T64X64, 0.27, 0.42, 4),
          new Kernel(Way.TF32, Tile.T32X32, 0.15, 0.35, 6));

  /** Where taps and channels are. */
  public static final List<Kernel> TAPS =
      List.of(
          new Kernel(Way.PLAIN, Tile.T128X64, 0.88, 0.58, 3),
          new Kernel(Way.PLAIN, Tile.T64X64, 0.49, 0.79, 3),
          new Kernel(Way.PLAIN, Tile.T32X32, 0.19, 0.44, 4),
          new Kernel(Way.PLAIN, Tile.T16X64, 0.19, 0.46, 4),
          new Kernel(Way.SPLIT, Tile.T128X64, 0.75, 1.10, 2),
          new Kernel(Way.SPLIT, Tile.T128X32, 0.45, 0.95, 3),
          new Kernel(Way.SPLIT, Tile.T64X64, 0.41, 0.75, 3),
          new Kernel(Way.SPLIT, Tile.T32X32, 0.20, 0.40, 5),
          new Kernel(Way.SPLIT, Tile.T16X64, 0.18, 0.48, 4),
          new Kernel(Way.TF32, Tile.T128X64, 0.37, 0.44, 3),
          new Kernel(Way.TF32, Tile.T128X32, 0.26, 0.46, 4),
          new Kernel(Way.TF32, Tile.T64X64, 0.23, 0.54, 4),
          new Kernel(Way.TF32, Tile.T32X32, 0.12, 0.38, 6),
          new Kernel(Way.TF32, Tile.T16X64, 0.12, 0.39, 6));

  /**
   * A convolution or one of its gradients, as products of matrices.
   *
   * @param products how many there are
   * @param rows of each
   * @param columns of each
   * @param depth what each sums over
   * @param numbers of all results
   */
  public record Products(long products, long rows, long columns, long depth, long numbers) {}

  /** Of a convolution or its gradient by the input, whose rows are pixels. */
  public static Tiling pixels(List<Way> ways, Products p) {
    return best(PIXELS, ways, p);
  }

  /** Of a convolution's gradient by the filter, whose rows are taps and channels. */
  public static Tiling taps(List<Way> ways, Products p) {
    return best(TAPS, ways, p);
  }

  private static Tiling best(List<Kernel> kernels, List<Way> ways, Products p) {
    Tiling best = null;
    double least = Double.POSITIVE_INFINITY;
    long most = Math.clamp(p.depth / (4 * DEPTH), 1, MOST_SLICES);
    for (Kernel k : kernels) {
      if (!ways.contains(k.way) || (k.way == Way.SPLIT && p.depth < SHORT)) {
        continue;
      }
      long tiles = p.products * k.tile.tiles(p.rows, p.columns);
      for (long slices = 1; slices <= most; slices++) {
        long numbers = p.numbers * slices;
        if (slices > 1 && numbers > MOST_NUMBERS) {
          break;
        }
        double second = slices == 1 ? 0 : SECOND + slices * SLICE + numbers * NUMBER;
        double time = k.time(tiles * slices, Grid.divide(p.depth, slices)) + second;
        if (time < least) {
          least = time;
          best = new Tiling(k, slices, tiles * slices);
        }
      }
    }
    return best;
  }

  /** How many threads share a number of {@code qs_sum_parts}. */
  public static int together(long parts) {
    return parts < 8 ? 1 : parts < 32 ? 4 : 8;
  }
}
