package io.quickstudy.data.glyphs;

import io.quickstudy.random.RandomStream;
import io.quickstudy.random.RandomUse;

/**
 * The habits of one procedural writer, and how a drawing comes out of them.
 *
 * @param slant horizontal shear
 * @param tilt rotation in radians
 * @param aspect the logarithm of width over height
 * @param size the logarithm of the size relative to the usual
 * @param right usual place, as a share of the canvas
 * @param down usual place, as a share of the canvas
 * @param pen stroke width relative to the usual
 * @param wobble tremor of the pen, in units of the character's box
 * @param rounding over which length corners are rounded, likewise
 * @param overshoot how far strokes go on past their ends, likewise
 * @param mess how much drawings of a character differ, relative to the usual
 */
record GlyphWriter(
    double slant,
    double tilt,
    double aspect,
    double size,
    double right,
    double down,
    double pen,
    double wobble,
    double rounding,
    double overshoot,
    double mess) {

  /** Writer {@code number} of a seed. */
  static GlyphWriter of(long seed, int number) {
    RandomStream random = new RandomStream(seed, RandomUse.GLYPH_WRITER, number);
    return new GlyphWriter(
        0.10 * random.nextGaussian(),
        0.04 * random.nextGaussian(),
        0.09 * random.nextGaussian(),
        0.07 * random.nextGaussian(),
        0.025 * random.nextGaussian(),
        0.025 * random.nextGaussian(),
        StrictMath.exp(0.07 * random.nextGaussian()),
        random.between(0.004, 0.016),
        random.between(0.01, 0.12),
        0.02 * random.nextGaussian(),
        StrictMath.exp(0.22 * random.nextGaussian()));
  }
}
