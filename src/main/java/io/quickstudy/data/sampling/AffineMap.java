package io.quickstudy.data.sampling;

/**
 * Where each pixel of a changed image comes from: the pixel x to the right of and y below the
 * middle shows what is a x + b y + c to the right and d x + e y + f below in the source.
 */
record AffineMap(double a, double b, double c, double d, double e, double f) {
  /** Everything stays where it is. */
  static final AffineMap IDENTITY = new AffineMap(1, 0, 0, 0, 1, 0);

  /** The map of what {@code changed} makes of an image that this makes of its source. */
  AffineMap then(AffineMap changed) {
    return new AffineMap(
        a * changed.a + b * changed.d,
        a * changed.b + b * changed.e,
        a * changed.c + b * changed.f + c,
        d * changed.a + e * changed.d,
        d * changed.b + e * changed.e,
        d * changed.c + e * changed.f + f);
  }

  /**
   * Writes {@link Distortion#INTEGERS} integers, the numbers times {@link Distortion#ONE}.
   *
   * @param at where the first goes
   */
  void write(int[] into, int at) {
    double[] numbers = {a, b, c, d, e, f};
    for (int i = 0; i < numbers.length; i++) {
      into[at + i] = Math.toIntExact(Math.round(Distortion.ONE * numbers[i]));
    }
  }
}
