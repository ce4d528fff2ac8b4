package io.quickstudy.data.sampling;

import io.quickstudy.random.RandomStream;
import io.quickstudy.random.RandomUse;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Another sampler's tasks, whatever they are, with random changes of every image. Beside each
 * "index" of images there are, for each of them, {@link Distortion#INTEGERS} integers of its map as
 * "warp", {@link Jitter#INTEGERS} as "colour", {@link Erasing#INTEGERS} as "erase" and {@link
 * Erasing#KEY} as "noise", as far as the {@link Augmentation} has these. Every kind has random
 * numbers of its own, so that one does not change what others draw, and what the other sampler
 * draws stays as it is.
 */
public final class AugmentedSampler implements TaskSampler {
  /** The name of the maps of images, beside their "index". */
  public static final String WARP = "warp";

  /** The name of how colours change. */
  public static final String COLOUR = "colour";

  /** The name of the rectangles that are erased. */
  public static final String ERASE = "erase";

  /** The name of the keys of the noise that they are painted with. */
  public static final String NOISE = "noise";

  private static final String INDEX = "index";

  private final TaskSampler sampler;
  private final Augmentation augmentation;
  private final long seed;

  /**
   * A sampler.
   *
   * @param sampler draws the images
   * @param augmentation how they are changed, each for itself
   * @param seed the seed
   */
  public AugmentedSampler(TaskSampler sampler, Augmentation augmentation, long seed) {
    this.sampler = sampler;
    this.augmentation = augmentation;
    this.seed = seed;
  }

  private static String beside(String index, String name) {
    return index.substring(0, index.length() - INDEX.length()) + name;
  }

  private static boolean isIndex(String name) {
    return name.equals(INDEX) || name.endsWith("." + INDEX);
  }

  @Override
  public Augmentation augmentation() {
    return augmentation;
  }

  @Override
  public Map<String, Integer> sizes() {
    Map<String, Integer> m = new LinkedHashMap<>(sampler.sizes());
    Map<String, Integer> each = new LinkedHashMap<>();
    if (augmentation.moves()) {
      each.put(WARP, Distortion.INTEGERS);
    }
    augmentation.jitter().ifPresent(j -> each.put(COLOUR, Jitter.INTEGERS));
    augmentation.erasing().ifPresent(e -> each.put(ERASE, Erasing.INTEGERS));
    if (augmentation.paintsNoise()) {
      each.put(NOISE, Erasing.KEY);
    }
    sampler
        .sizes()
        .forEach(
            (name, images) -> {
              if (isIndex(name)) {
                each.forEach((k, n) -> m.put(beside(name, k), Math.multiplyExact(n, images)));
              }
            });
    return m;
  }

  @Override
  public PixelMoves moves() {
    return sampler.moves();
  }

  @Override
  public int poolSize() {
    return sampler.poolSize();
  }

  @Override
  public void draw(long i, TaskBatch into, int task) {
    sampler.draw(i, into, task);
    int height = moves().height();
    int width = moves().width();
    Streams streams = new Streams(i);
    for (String name : into.names()) {
      if (!isIndex(name)) {
        continue;
      }
      int images = into.all(name).length / into.tasks();
      for (int k = 0; k < images; k++) {
        int image = task * images + k;
        if (augmentation.moves()) {
          AffineMap map =
              augmentation
                  .crop()
                  .map(c -> c.draw(streams.crop, height, width))
                  .orElse(AffineMap.IDENTITY)
                  .then(
                      augmentation.flip().map(f -> f.draw(streams.flip)).orElse(AffineMap.IDENTITY))
                  .then(
                      augmentation
                          .distortion()
                          .map(d -> d.draw(streams.distortion))
                          .orElse(AffineMap.IDENTITY));
          map.write(into.all(beside(name, WARP)), image * Distortion.INTEGERS);
        }
        augmentation
            .jitter()
            .ifPresent(
                j ->
                    j.draw(
                        streams.colour, into.all(beside(name, COLOUR)), image * Jitter.INTEGERS));
        augmentation
            .erasing()
            .ifPresent(
                e ->
                    e.draw(
                        streams.erasing,
                        height,
                        width,
                        into.all(beside(name, ERASE)),
                        image * Erasing.INTEGERS));
        if (augmentation.paintsNoise()) {
          int[] keys = into.all(beside(name, NOISE));
          for (int j = 0; j < Erasing.KEY; j++) {
            keys[image * Erasing.KEY + j] = streams.noise.nextInt();
          }
        }
      }
    }
  }

  /** The random numbers of a task. */
  private final class Streams {
    private final RandomStream crop;
    private final RandomStream flip;
    private final RandomStream distortion;
    private final RandomStream colour;
    private final RandomStream erasing;
    private final RandomStream noise;

    private Streams(long i) {
      crop = new RandomStream(seed, RandomUse.CROP, i);
      flip = new RandomStream(seed, RandomUse.FLIP, i);
      distortion = new RandomStream(seed, RandomUse.DISTORTION, i);
      colour = new RandomStream(seed, RandomUse.COLOUR, i);
      erasing = new RandomStream(seed, RandomUse.ERASING, i);
      noise = new RandomStream(seed, RandomUse.ERASED_NOISE, i);
    }
  }
}
