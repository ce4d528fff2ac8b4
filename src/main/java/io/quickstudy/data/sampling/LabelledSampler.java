package io.quickstudy.data.sampling;

import io.quickstudy.data.ExampleSet;
import io.quickstudy.data.ImageClass;
import io.quickstudy.data.Rotations;
import io.quickstudy.random.RandomStream;
import io.quickstudy.random.RandomUse;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Draws plain labelled images of all classes, as an ordinary classifier is trained on (the
 * baselines of Chen et al. 2019): each of a class drawn uniformly, so that large classes count no
 * more than small ones, and of that an example drawn uniformly. An image may come twice.
 *
 * <p>The label is the class's place among those to draw from, from 0 to {@link #poolSize} - 1. With
 * {@link Rotations#CLASSES} it is 4 times that, plus the angle in quarter turns; the others turn
 * each image ({@link Rotations#PER_CLASS}) or all images of a task ({@link Rotations#PER_EPISODE})
 * at random and keep the label.
 */
public final class LabelledSampler implements TaskSampler {
  private final ClassPool pool;
  private final int images;
  private final PixelMoves moves;
  private final long seed;

  /**
   * A sampler.
   *
   * @param set the images
   * @param classes numbers of the classes to draw from, such as those that train
   * @param rotations what turning means
   * @param images how many images a task has
   * @param seed the seed
   * @throws IllegalArgumentException if there are no images or classes, or images that are not
   *     square are to be turned
   */
  public LabelledSampler(
      ExampleSet set, int[] classes, Rotations rotations, int images, long seed) {
    if (images < 1) {
      throw new IllegalArgumentException(
          "Batches of %s images: expected at least 1.".formatted(images));
    }
    this.pool = new ClassPool(set, classes, rotations, new ClassPool.Demand("a batch", 1, 1, ""));
    this.images = images;
    this.moves = PixelMoves.of(rotations, set);
    this.seed = seed;
  }

  /** Those of {@link DrawnImages}: "index", "move" and "label". */
  @Override
  public Map<String, Integer> sizes() {
    Map<String, Integer> m = new LinkedHashMap<>();
    TaskBatch.addImages(m, "", images);
    return m;
  }

  @Override
  public PixelMoves moves() {
    return moves;
  }

  /** The number of labels: the classes to draw from, rotated ones included. */
  @Override
  public int poolSize() {
    return pool.size();
  }

  /** Batch {@code i}, any number. */
  public DrawnImages images(long i) {
    return DrawnImages.of(one(i), 0);
  }

  @Override
  public void draw(long i, TaskBatch into, int task) {
    RandomStream random = new RandomStream(seed, RandomUse.LABELLED, i);
    int common = random.nextInt(4);
    int[] index = into.all("index");
    int[] move = into.all("move");
    int[] label = into.all("label");
    for (int at = task * images; at < (task + 1) * images; at++) {
      int pooled = random.nextInt(pool.size());
      ImageClass c = pool.imageClass(pooled);
      index[at] = c.first() + random.nextInt(c.count());
      move[at] = moves.row(pool.angle(pooled, common, random), 0, 0);
      label[at] = pooled;
    }
  }
}
