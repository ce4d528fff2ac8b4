package io.quickstudy.data.sampling;

import io.quickstudy.random.RandomStream;

/**
 * Random erasing: Zhong, Zheng, Kang, Li and Yang (2020), "Random Erasing Data Augmentation",
 * algorithm 1: a rectangle of random area, aspect and place is painted over. The ratio is drawn
 * evenly in its logarithm, as torchvision does, so that wide and tall are as likely.
 *
 * @param probability how likely an image has one, above 0 and at most 1
 * @param leastArea the least share of the image's area, above 0
 * @param mostArea the largest share, below 1
 * @param mostRatio the largest ratio of height to width, at least 1; the least is 1 through it
 * @param paint what it is painted with
 */
public record Erasing(
    double probability, double leastArea, double mostArea, double mostRatio, Paint paint) {
  /** Integers of one image: top, left, height, width; no height where nothing is erased. */
  public static final int INTEGERS = 4;

  /** Integers of one image's key for {@link Paint#NOISE}. */
  public static final int KEY = 2;

  private static final int ATTEMPTS = 100; // as the authors' program

  /** What a rectangle is painted with. */
  public enum Paint {
    /** Random numbers, other ones for each pixel and channel: the paper's RE-R. */
    NOISE,
    /** The image's own mean in each channel. */
    MEAN,
    /** 0: the paper's RE-0. */
    BLACK,
    /** 1: the paper's RE-255. */
    WHITE
  }

  /** Checks the limits. */
  public Erasing {
    if (!(probability > 0 && probability <= 1)
        || !(leastArea > 0 && leastArea <= mostArea && mostArea < 1)
        || !(mostRatio >= 1 && mostRatio <= 1 << 10)) {
      throw new IllegalArgumentException(
          "Erasing with probability %s, areas %s to %s and ratio %s: expected above 0 to 1, above 0 to below 1, the least first, and 1 to 1024; change it."
              .formatted(probability, leastArea, mostArea, mostRatio));
    }
  }

  /** Draws that of one image: a rectangle, none if none fits in a hundred attempts. */
  void draw(RandomStream random, int height, int width, int[] into, int at) {
    java.util.Arrays.fill(into, at, at + INTEGERS, 0);
    if (random.nextDouble() >= probability) {
      return;
    }
    double log = StrictMath.log(mostRatio);
    for (int i = 0; i < ATTEMPTS; i++) {
      double area = height * width * random.between(leastArea, mostArea);
      double ratio = StrictMath.exp(random.between(-log, log));
      long h = Math.round(Math.sqrt(area * ratio));
      long w = Math.round(Math.sqrt(area / ratio));
      if (h > 0 && h < height && w > 0 && w < width) {
        into[at] = random.between(0, height - (int) h);
        into[at + 1] = random.between(0, width - (int) w);
        into[at + 2] = (int) h;
        into[at + 3] = (int) w;
        return;
      }
    }
  }
}
