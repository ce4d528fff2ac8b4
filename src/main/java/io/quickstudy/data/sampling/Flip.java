package io.quickstudy.data.sampling;

import io.quickstudy.random.RandomStream;

/**
 * Random mirror images.
 *
 * @param horizontal how likely left and right change places, 0 to 1
 * @param vertical how likely top and bottom do, 0 to 1
 */
public record Flip(double horizontal, double vertical) {
  /** Checks the limits. */
  public Flip {
    if (!(horizontal >= 0 && horizontal <= 1) || !(vertical >= 0 && vertical <= 1)) {
      throw new IllegalArgumentException(
          "Flips with probability %s and %s: expected 0 to 1; change it."
              .formatted(horizontal, vertical));
    }
  }

  /** Draws that of one image. */
  AffineMap draw(RandomStream random) {
    double x = random.nextDouble() < horizontal ? -1 : 1;
    double y = random.nextDouble() < vertical ? -1 : 1;
    return new AffineMap(x, 0, 0, 0, y, 0);
  }
}
