package io.quickstudy.data.sampling;

import io.quickstudy.random.RandomStream;
import io.quickstudy.random.RandomUse;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Another sampler's tasks, whatever they are, with random changes of every image: beside each
 * "index" of images there is a "warp", {@link Distortion#INTEGERS} integers for each of them. What
 * the other draws stays as it is. A change of another kind is another name beside "index", drawn
 * here and applied by the program behind the warp; one that moves pixels, such as a flip or a crop,
 * is part of the warp's map.
 */
public final class AugmentedSampler implements TaskSampler {
  /** The name of the maps of images, beside their "index". */
  public static final String WARP = "warp";

  private static final String INDEX = "index";

  private final TaskSampler sampler;
  private final Distortion distortion;
  private final long seed;

  /**
   * A sampler.
   *
   * @param sampler draws the images
   * @param distortion how they are distorted, each for itself
   * @param seed the seed
   */
  public AugmentedSampler(TaskSampler sampler, Distortion distortion, long seed) {
    this.sampler = sampler;
    this.distortion = distortion;
    this.seed = seed;
  }

  private static String warp(String index) {
    return index.substring(0, index.length() - INDEX.length()) + WARP;
  }

  private static boolean isIndex(String name) {
    return name.equals(INDEX) || name.endsWith("." + INDEX);
  }

  @Override
  public Map<String, Integer> sizes() {
    Map<String, Integer> m = new LinkedHashMap<>(sampler.sizes());
    sampler
        .sizes()
        .forEach(
            (name, images) -> {
              if (isIndex(name)) {
                m.put(warp(name), Math.multiplyExact(Distortion.INTEGERS, images));
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
    RandomStream random = new RandomStream(seed, RandomUse.DISTORTION, i);
    for (String name : into.names()) {
      if (isIndex(name)) {
        int images = into.all(name).length / into.tasks();
        int[] warps = into.all(warp(name));
        for (int k = 0; k < images; k++) {
          distortion.draw(random, warps, (task * images + k) * Distortion.INTEGERS);
        }
      }
    }
  }
}
