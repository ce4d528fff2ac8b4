package io.quickstudy.data.sampling;

import io.quickstudy.data.ExampleSet;
import io.quickstudy.data.ImageClass;
import io.quickstudy.data.Rotations;
import io.quickstudy.random.RandomStream;
import io.quickstudy.random.RandomUse;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Draws tasks whose classes are described and not shown: {@code ways} distinct classes, of each
 * {@code queries} distinct examples, all uniform.
 */
public final class DescribedSampler implements TaskSampler {
  private final ExampleSet set;
  private final int[] classes;
  private final ClassPool pool;
  private final int ways;
  private final int queries;
  private final PixelMoves moves;
  private final long seed;

  /**
   * A sampler.
   *
   * @param set the images
   * @param classes numbers of the classes to draw from, such as those of one part of a split
   * @param ways classes of a task
   * @param queries examples of each
   * @param seed the seed
   * @throws IllegalArgumentException if a class has fewer than queries examples, or there are fewer
   *     classes than ways
   */
  public DescribedSampler(ExampleSet set, int[] classes, int ways, int queries, long seed) {
    if (ways < 1 || queries < 1) {
      throw new IllegalArgumentException(
          "Tasks of %s ways and %s queries: expected at least 1 of each.".formatted(ways, queries));
    }
    this.set = set;
    this.classes = classes.clone();
    this.pool =
        new ClassPool(
            set,
            classes,
            Rotations.NONE,
            new ClassPool.Demand("a task", ways, queries, "ask for fewer queries, or "));
    this.ways = ways;
    this.queries = queries;
    this.moves = PixelMoves.of(Rotations.NONE, set);
    this.seed = seed;
  }

  /** "support.class", a class's number in the set, "support.label", and the queries' images. */
  @Override
  public Map<String, Integer> sizes() {
    Map<String, Integer> m = new LinkedHashMap<>();
    m.put("support.class", ways);
    m.put("support.label", ways);
    TaskBatch.addImages(m, "query.", ways * queries);
    return m;
  }

  @Override
  public PixelMoves moves() {
    return moves;
  }

  @Override
  public int poolSize() {
    return pool.size();
  }

  @Override
  public void draw(long i, TaskBatch into, int task) {
    RandomStream random = new RandomStream(seed, RandomUse.DESCRIBED, i);
    int[] drawn = random.distinct(ways, pool.size());
    for (int label = 0; label < ways; label++) {
      int at = task * ways + label;
      into.all("support.class")[at] = classes[drawn[label]];
      into.all("support.label")[at] = label;
      ImageClass c = pool.imageClass(drawn[label]);
      int[] examples = random.distinct(queries, c.count());
      for (int k = 0; k < queries; k++) {
        int query = at * queries + k;
        into.all("query.index")[query] = c.first() + examples[k];
        into.all("query.move")[query] = 0;
        into.all("query.label")[query] = label;
      }
    }
  }

  /**
   * One task of a batch as an episode; in place of support images, which it has none of, stands the
   * first example of each class, so that one knows the classes by it.
   */
  public Episode episode(TaskBatch b, int task) {
    int[] of = b.of("support.class", task);
    int[] first = new int[of.length];
    for (int k = 0; k < of.length; k++) {
      first[k] = set.classes().get(of[k]).first();
    }
    return new Episode(
        first,
        new int[of.length],
        b.of("support.label", task),
        b.of("query.index", task),
        b.of("query.move", task),
        b.of("query.label", task));
  }
}
