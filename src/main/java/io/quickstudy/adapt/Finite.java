package io.quickstudy.adapt;

/** Numbers that are numbers. */
final class Finite {
  private Finite() {}

  /** Whether all are. */
  static boolean all(float[] values) {
    for (float v : values) {
      if (!Float.isFinite(v)) {
        return false;
      }
    }
    return true;
  }

  /**
   * Refuses others.
   *
   * @param what has them, at the beginning of a sentence
   */
  static void check(String what, float[] values) {
    for (int i = 0; i < values.length; i++) {
      if (!Float.isFinite(values[i])) {
        throw new IllegalArgumentException(
            "%s with %s as number %s: expected finite numbers; leave it out."
                .formatted(what, values[i], i));
      }
    }
  }
}
