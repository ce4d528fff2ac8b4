package io.quickstudy.data;

/** What the brightness of a data set's images means. */
public enum Ink {
  /** Pixels stay as they are. */
  BRIGHT,
  /** Dark ink on light paper: pixels are inverted, so that ink is 255 as in Omniglot. */
  DARK
}
