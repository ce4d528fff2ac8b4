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

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
