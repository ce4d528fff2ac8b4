package io.quickstudy.data.image;

/** What the brightness of a picture is like, as far as its histogram tells. */
final class Levelling {
  private static final int LEVELS = 256;
  private static final int MIDDLE = 128;
  private static final int HUNDREDTH = 100;
  private static final int LEAST_RANGE = 16;
  private static final int BLANK_RANGE = 8;

  private Levelling() {}

  private static int[] histogram(byte[] values) {
    int[] counts = new int[LEVELS];
    for (byte v : values) {
      counts[v & 255]++;
    }
    return counts;
  }

  /** The level that so many values are below or at. */
  private static int level(int[] counts, long rank) {
    long sum = 0;
    for (int v = 0; v < LEVELS; v++) {
      sum += counts[v];
      if (sum > rank) {
        return v;
      }
    }
    return LEVELS - 1;
  }

  /**
   * Whether a picture seems to be dark ink on light paper, and not bright ink on a dark ground: it
   * is light for the most part, or what differs from most of it is darker, as ink on grey paper.
   */
  static boolean isDarkOnLight(byte[] values) {
    int[] counts = histogram(values);
    long sum = 0;
    for (int v = 0; v < LEVELS; v++) {
      sum += (long) v * counts[v];
    }
    if (sum >= (long) MIDDLE * values.length) {
      return true;
    }
    long median = level(counts, values.length / 2);
    double skew = 0; // the third power, so that a little ink counts for more than uneven light
    for (int v = 0; v < LEVELS; v++) {
      double away = v - median;
      skew += counts[v] * away * away * away;
    }
    return skew < 0;
  }

  /**
   * Makes the darkest and the brightest hundredth 0 and 255, and what is between them in
   * proportion; all channels alike, so that colours stay. A blank picture stays as it is.
   */
  static byte[] stretched(byte[] values) {
    int[] counts = histogram(values);
    int skipped = values.length / HUNDREDTH;
    int low = level(counts, skipped);
    int high = level(counts, values.length - 1L - skipped);
    if (high - low < LEAST_RANGE) {
      low = level(counts, 0); // what is there is smaller than a hundredth
      high = level(counts, values.length - 1L);
    }
    if (high - low < BLANK_RANGE) {
      return values;
    }
    byte[] stretched = new byte[values.length];
    for (int i = 0; i < values.length; i++) {
      int range = high - low;
      int value = (((values[i] & 255) - low) * 255 + range / 2) / range;
      stretched[i] = (byte) Math.clamp(value, 0, 255);
    }
    return stretched;
  }

  /** Whether there is nothing to be seen in it. */
  static boolean isBlank(byte[] values) {
    int[] counts = histogram(values);
    return level(counts, values.length - 1L) - level(counts, 0) < BLANK_RANGE;
  }
}
