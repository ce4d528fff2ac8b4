package io.quickstudy.data.sampling;

import io.quickstudy.random.RandomStream;

/**
 * Random crops, of two kinds. One pads the image with blank pixels and crops it to its size again
 * at random (torchvision's {@code RandomCrop} with padding), which shifts it by whole pixels. The
 * other crops a random part of random area and aspect and resizes that to the whole (Szegedy et al.
 * 2015, "Going Deeper with Convolutions", section 6; torchvision's {@code RandomResizedCrop}); both
 * together crop a part of what was shifted.
 *
 * @param leastArea the least share of the area that a resized crop may have, above 0; 1 for none
 * @param mostRatio the largest ratio of width to height, at least 1; the least is 1 through it
 * @param padding how many blank pixels each side is padded by; 0 for none
 */
public record Crop(double leastArea, double mostRatio, int padding) {
  /** How often a part that does not fit is drawn again. */
  static final int ATTEMPTS = 10;

  /** Checks the limits. */
  public Crop {
    if (!(leastArea > 0 && leastArea <= 1)
        || !(mostRatio >= 1 && mostRatio <= 1 << 10)
        || !(padding >= 0 && padding <= 1 << 10)) {
      throw new IllegalArgumentException(
          "A crop of area %s, ratio %s and padding %s: expected above 0 to 1, 1 to 1024 and 0 to 1024; change it."
              .formatted(leastArea, mostRatio, padding));
    }
  }

  /** Whether parts are resized, between pixels. */
  public boolean resizes() {
    return leastArea < 1;
  }

  /** Draws that of one image. */
  AffineMap draw(RandomStream random, int height, int width) {
    AffineMap map = AffineMap.IDENTITY;
    if (padding > 0) {
      int right = random.between(-padding, padding);
      int below = random.between(-padding, padding);
      map = new AffineMap(1, 0, right, 0, 1, below);
    }
    return resizes() ? map.then(part(random, height, width)) : map;
  }

  /** As torchvision draws it: the area evenly, the ratio evenly in its logarithm, the place. */
  private AffineMap part(RandomStream random, int height, int width) {
    double log = StrictMath.log(mostRatio);
    for (int i = 0; i < ATTEMPTS; i++) {
      double area = height * width * random.between(leastArea, 1);
      double ratio = StrictMath.exp(random.between(-log, log));
      long w = Math.round(Math.sqrt(area * ratio));
      long h = Math.round(Math.sqrt(area / ratio));
      if (w > 0 && w <= width && h > 0 && h <= height) {
        int top = random.between(0, height - (int) h);
        int left = random.between(0, width - (int) w);
        return resized(top, left, (double) h, (double) w, height, width);
      }
    }
    return AffineMap.IDENTITY; // images are square, so that the whole is within the ratios
  }

  /**
   * A part as large as the whole, pixels being squares with their colour in the middle: what is i +
   * 1/2 pixels from the edge comes from (i + 1/2) w / width in the part.
   */
  static AffineMap resized(double top, double left, double h, double w, int height, int width) {
    return new AffineMap(
        w / width, 0, left + w / 2 - width / 2.0, 0, h / height, top + h / 2 - height / 2.0);
  }
}
