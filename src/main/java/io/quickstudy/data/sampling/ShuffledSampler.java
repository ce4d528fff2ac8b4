package io.quickstudy.data.sampling;

import io.quickstudy.random.RandomStream;
import io.quickstudy.random.RandomUse;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Another sampler's episodes with the images of each support set in a random order, all orders as
 * likely: for learners that read a support set one image after the other. What the other draws
 * stays as it is.
 */
public final class ShuffledSampler implements TaskSampler {
  private static final String SUPPORT = "support.";

  private final TaskSampler sampler;
  private final long seed;

  /**
   * A sampler.
   *
   * @param sampler draws the episodes
   * @param seed the seed
   */
  public ShuffledSampler(TaskSampler sampler, long seed) {
    this.sampler = sampler;
    this.seed = seed;
  }

  @Override
  public Map<String, Integer> sizes() {
    return new LinkedHashMap<>(sampler.sizes());
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
    int n = sizes().get(SUPPORT + "label");
    int[] order = new RandomStream(seed, RandomUse.ORDER, i).permutation(n);
    for (String name : into.names()) {
      if (name.startsWith(SUPPORT)) {
        int[] before = into.of(name, task);
        int size = before.length / n; // integers of an image
        int[] all = into.all(name);
        for (int k = 0; k < n; k++) {
          System.arraycopy(before, order[k] * size, all, (task * n + k) * size, size);
        }
      }
    }
  }
}
