package io.quickstudy.backend.cuda.kernels;

import java.util.Optional;

/**
 * How a product of matrices is started that is too small for cuBLAS. For those of a classifier of
 * five classes cuBLAS took 3 to 17 microseconds on an H200, and this 2.5 to 6; with 16 rows of an
 * LSTM's batch cuBLAS was twice as fast. Where loops are generated, so is the product; else {@code
 * kernels/product.cu} has the same way. A product's own extents decide how its sums are made.
 *
 * @param slices threads that share an element of the result, a power of two
 * @param blocks of the launch
 */
public record SmallProduct(int slices, long blocks) {
  /** Multiplications up to which this was the faster one. */
  private static final long MOST = 1 << 21;

  /** The same where no extent is small, so that cuBLAS's tiles are full. */
  private static final long MOST_OF_MANY = 1 << 18;

  /** Extents from which on a tile is used well. */
  private static final long SMALL = 8;

  /** Multiplications of a thread below which another slice is not worth its place. */
  private static final long SLICE = 8;

  private static final int MOST_SLICES = 64;

  /** Threads of one product that keep a large GPU busy. */
  private static final long BUSY = 1 << 15;

  /**
   * For products of [m, k] and [k, n], or nothing where they are left to cuBLAS.
   *
   * @param batch how many
   */
  public static Optional<SmallProduct> of(long batch, long m, long n, long k) {
    long least = Math.min(m, Math.min(n, k));
    if (batch * m * n * k > (least <= SMALL ? MOST : MOST_OF_MANY)) {
      return Optional.empty();
    }
    long slices = 1;
    while (2 * slices <= MOST_SLICES && 2 * slices * SLICE <= k && 2 * slices * m * n <= BUSY) {
      slices *= 2;
    }
    return Optional.of(
        new SmallProduct((int) slices, Grid.divide(batch * m * n * slices, Grid.BLOCK)));
  }
}
