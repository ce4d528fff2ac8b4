package io.quickstudy.random;

import java.util.stream.IntStream;

/** How far counts are from being equal. */
public final class ChiSquare {
  private ChiSquare() {}

  /** Pearson's statistic of counts that are expected to be equal. */
  public static double of(int[] counts) {
    double mean = IntStream.of(counts).average().orElseThrow();
    return IntStream.of(counts).mapToDouble(c -> (c - mean) * (c - mean) / mean).sum();
  }
}
