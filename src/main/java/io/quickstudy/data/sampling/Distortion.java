package io.quickstudy.data.sampling;

import io.quickstudy.random.RandomStream;

/**
 * Random affine maps of images: Koch, Zemel and Salakhutdinov (2015), section 3.2 (affine
 * distortions), T = (theta, rho_x, rho_y, s_x, s_y, t_x, t_y), each component drawn uniformly with
 * some probability and else left out.
 *
 * @param probability of each component, above 0 and at most 1
 * @param rotation the largest angle theta in degrees, 0 to 180
 * @param shear the largest shear rho, 0 or more and below 1
 * @param scaling how much larger or smaller s may be: 0.2 for 0.8 to 1.2, below 1
 * @param translation the largest shift t in pixels, 0 or more
 */
public record Distortion(
    double probability, double rotation, double shear, double scaling, double translation) {
  /** Integers of one map of an image: an {@link AffineMap}. */
  public static final int INTEGERS = 6;

  /** What a map's numbers are times, so that they are integers. */
  public static final int ONE = 1 << 16;

  // so small that nothing of a map leaves the integers
  private static final double LEAST_SCALE = 0.1;

  /** Checks the limits. */
  public Distortion {
    if (!(probability > 0 && probability <= 1)
        || !(rotation >= 0 && rotation <= 180)
        || !(shear >= 0 && shear < 1)
        || !(scaling >= 0 && scaling <= 1 - LEAST_SCALE)
        || !(translation >= 0 && translation <= 1 << 10)) {
      throw new IllegalArgumentException(
          ("A distortion with probability %s, rotation %s, shear %s, scaling %s and translation %s:"
                  + " expected above 0 to 1, 0 to 180, 0 to below 1, 0 to 0.9 and 0 to 1024; change"
                  + " it.")
              .formatted(probability, rotation, shear, scaling, translation));
    }
  }

  /**
   * Draws the map of one image, as what the image is sampled by. That is the inverse of: scaled,
   * then sheared, then turned, then shifted.
   */
  AffineMap draw(RandomStream random) {
    double theta = StrictMath.toRadians(symmetric(random, rotation));
    double shearX = symmetric(random, shear);
    double shearY = symmetric(random, shear);
    double scaleX = 1 + symmetric(random, scaling);
    double scaleY = 1 + symmetric(random, scaling);
    double shiftX = symmetric(random, translation);
    double shiftY = symmetric(random, translation);
    // the map forward is R(theta) [1 shearX; shearY 1] diag(scaleX, scaleY), then the shift
    double cos = StrictMath.cos(theta);
    double sin = StrictMath.sin(theta);
    double a = (cos - sin * shearY) * scaleX;
    double b = (cos * shearX - sin) * scaleY;
    double d = (sin + cos * shearY) * scaleX;
    double e = (sin * shearX + cos) * scaleY;
    double det = a * e - b * d; // (1 - shearX shearY) scaleX scaleY, above 0
    double[] inverse = {e / det, -b / det, -d / det, a / det};
    return new AffineMap(
        inverse[0],
        inverse[1],
        -(inverse[0] * shiftX + inverse[1] * shiftY),
        inverse[2],
        inverse[3],
        -(inverse[2] * shiftX + inverse[3] * shiftY));
  }

  /** Uniform between minus and plus the limit, or 0 where it is left out. */
  private double symmetric(RandomStream random, double limit) {
    // two numbers of each in any case, so that one limit does not change what others draw
    boolean takes = random.nextDouble() < probability;
    double value = random.between(-limit, limit);
    return takes ? value : 0;
  }
}
