package io.quickstudy.data;

import java.util.Locale;

/** What is measured on tasks. */
public enum Metric {
  /** The fraction of right answers. */
  ACCURACY,
  /** The mean squared error. */
  MSE,
  /** Bits that are wrong in an answer. */
  BITS;

  /**
   * Whether a value is better than another: more right answers, or a smaller error. Of two that are
   * equal neither is, so that the earlier of them stays the best.
   */
  public boolean better(double value, double than) {
    return this == ACCURACY ? value > than : value < than;
  }

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
