package io.quickstudy.data.sampling;

import io.quickstudy.random.RandomStream;

/**
 * Random changes of an image's colours, as torchvision's {@code ColorJitter} defines them, but
 * always in this order: brightness, contrast, saturation, hue. The first three are factors from
 * max(0, 1 - limit) to 1 + limit.
 *
 * @param brightness times the image, 0 to 10; 0 for none
 * @param contrast away from the mean of its grey values, 0 to 10
 * @param saturation away from the grey of each pixel, 0 to 10
 * @param hue how far round the circle of hues at most, 0 to 0.5
 */
public record Jitter(double brightness, double contrast, double saturation, double hue) {
  /** Integers of one image: a factor each, and how far round, times {@link Distortion#ONE}. */
  public static final int INTEGERS = 4;

  private static final double MOST = 10;

  /** Checks the limits. */
  public Jitter {
    if (!within(brightness, MOST)
        || !within(contrast, MOST)
        || !within(saturation, MOST)
        || !within(hue, 0.5)) {
      throw new IllegalArgumentException(
          "A change of brightness %s, contrast %s, saturation %s and hue %s: expected 0 to 10, of the hue to 0.5; change it."
              .formatted(brightness, contrast, saturation, hue));
    }
  }

  private static boolean within(double value, double most) {
    return value >= 0 && value <= most;
  }

  /** Draws the numbers of one image. */
  void draw(RandomStream random, int[] into, int at) {
    into[at] = factor(random, brightness);
    into[at + 1] = factor(random, contrast);
    into[at + 2] = factor(random, saturation);
    into[at + 3] = whole(random.between(-hue, hue));
  }

  private static int factor(RandomStream random, double limit) {
    return whole(random.between(Math.max(0, 1 - limit), 1 + limit));
  }

  private static int whole(double number) {
    return Math.toIntExact(Math.round(Distortion.ONE * number));
  }
}
