package io.quickstudy.random;

import java.util.Arrays;

/**
 * The random numbers of one seed, purpose and index, from {@link Philox}: the seed is the key; the
 * counter is (block, purpose, index), so each of the 2^64 streams of a purpose holds 2^34 words.
 * Cheap to create; not for use by several threads at once. Transcendental functions come from
 * {@link StrictMath}, so every value is the same on every machine.
 */
public final class RandomStream {
  private final int key0;
  private final int key1;
  private final int purpose;
  private final int index0;
  private final int index1;
  private final int[] words = new int[4];
  private int block;
  private int used = 4;

  /**
   * A stream at its start.
   *
   * @param seed the run's seed, any value
   * @param purpose what the numbers are for
   * @param index which stream of this purpose, such as the number of the episode
   */
  public RandomStream(long seed, RandomUse purpose, long index) {
    this.key0 = (int) seed;
    this.key1 = (int) (seed >>> 32);
    this.purpose = purpose.id();
    this.index0 = (int) index;
    this.index1 = (int) (index >>> 32);
  }

  /** A uniform 32-bit word. */
  public int nextInt() {
    if (used == 4) {
      Philox.block(block++, purpose, index0, index1, key0, key1, words, 0);
      used = 0;
    }
    return words[used++];
  }

  /** A uniform 64-bit word. */
  public long nextLong() {
    long low = nextInt() & 0xFFFFFFFFL;
    return ((long) nextInt() << 32) | low;
  }

  /**
   * A uniform integer from 0 to {@code bound - 1}, without bias (D. Lemire, "Fast random integer
   * generation in an interval", ACM TOMACS 2019).
   *
   * @throws IllegalArgumentException if the bound is not positive
   */
  public int nextInt(int bound) {
    if (bound <= 0) {
      throw new IllegalArgumentException(
          "Bound %s for a random integer: expected at least 1.".formatted(bound));
    }
    long product = (nextInt() & 0xFFFFFFFFL) * bound;
    if ((product & 0xFFFFFFFFL) < bound) {
      long threshold = (1L << 32) % bound;
      while ((product & 0xFFFFFFFFL) < threshold) {
        product = (nextInt() & 0xFFFFFFFFL) * bound;
      }
    }
    return (int) (product >>> 32);
  }

  /** A uniform integer from {@code from} to {@code to}, both included. */
  public int between(int from, int to) {
    return from + nextInt(to - from + 1);
  }

  /** A uniform number in [0, 1), a multiple of 2^-53. */
  public double nextDouble() {
    return (nextLong() >>> 11) * 0x1.0p-53;
  }

  /** A uniform number from {@code from} (included) to {@code to} (excluded). */
  public double between(double from, double to) {
    return from + (to - from) * nextDouble();
  }

  /** A standard normal number (Box and Muller 1958; the second of each pair is not used). */
  public double nextGaussian() {
    double radius = StrictMath.sqrt(-2 * StrictMath.log(1 - nextDouble()));
    return radius * StrictMath.cos(2 * StrictMath.PI * nextDouble());
  }

  /** A uniform permutation of 0 to {@code n - 1}. */
  public int[] permutation(int n) {
    return distinct(n, n);
  }

  /**
   * A uniform ordered choice of {@code k} distinct integers from 0 to {@code n - 1}.
   *
   * @throws IllegalArgumentException if {@code k} is negative or above {@code n}
   */
  public int[] distinct(int k, int n) {
    if (k < 0 || k > n) {
      throw new IllegalArgumentException(
          "%s distinct choices from %s values: expected 0 to %s.".formatted(k, n, n));
    }
    return k <= 64 && 4 * k <= n ? distinctByRejection(k, n) : distinctByShuffle(k, n);
  }

  private int[] distinctByRejection(int k, int n) {
    int[] chosen = new int[k];
    for (int i = 0; i < k; i++) {
      int candidate;
      do {
        candidate = nextInt(n);
      } while (contains(chosen, i, candidate));
      chosen[i] = candidate;
    }
    return chosen;
  }

  private static boolean contains(int[] values, int length, int value) {
    for (int i = 0; i < length; i++) {
      if (values[i] == value) {
        return true;
      }
    }
    return false;
  }

  private int[] distinctByShuffle(int k, int n) {
    int[] values = new int[n];
    for (int i = 0; i < n; i++) {
      values[i] = i;
    }
    for (int i = 0; i < Math.min(k, n - 1); i++) {
      int j = i + nextInt(n - i);
      int value = values[i];
      values[i] = values[j];
      values[j] = value;
    }
    return k == n ? values : Arrays.copyOf(values, k);
  }
}
