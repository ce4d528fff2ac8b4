package io.quickstudy.data.sampling;

import io.quickstudy.data.ImageClass;
import io.quickstudy.data.ImageSet;
import io.quickstudy.data.Rotations;
import io.quickstudy.random.RandomStream;
import io.quickstudy.random.RandomUse;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Draws classification episodes: {@code ways} distinct classes, of each {@code shots + queries}
 * distinct examples, all uniform.
 */
public final class EpisodeSampler implements TaskSampler {
  private final ClassPool pool;
  private final EpisodeSpec spec;
  private final PixelMoves moves;
  private final long seed;

  /**
   * A sampler.
   *
   * @param set the images
   * @param classes numbers of the classes to draw from, such as those of one part of a split
   * @param rotations what turning means
   * @param spec the form of the episodes
   * @param seed the seed
   * @throws IllegalArgumentException if a class has fewer than shots + queries examples, if there
   *     are fewer classes than ways, or if images that are not square are to be turned
   */
  public EpisodeSampler(
      ImageSet set, int[] classes, Rotations rotations, EpisodeSpec spec, long seed) {
    int needed = Math.addExact(spec.shots(), spec.queries());
    this.pool =
        new ClassPool(
            set,
            classes,
            rotations,
            new ClassPool.Demand(
                "an episode", spec.ways(), needed, "ask for fewer shots or queries, or "));
    this.spec = spec;
    this.moves = PixelMoves.of(rotations, set.height(), set.width());
    this.seed = seed;
  }

  /** The form of the episodes. */
  public EpisodeSpec spec() {
    return spec;
  }

  /** Those of {@link Episode}: "support.index", "support.move" and so on. */
  @Override
  public Map<String, Integer> sizes() {
    Map<String, Integer> m = new LinkedHashMap<>();
    TaskBatch.addImages(m, "support.", spec.supportSize());
    TaskBatch.addImages(m, "query.", spec.querySize());
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

  /** Episode {@code i}, any number. */
  public Episode episode(long i) {
    return Episode.of(one(i), 0);
  }

  @Override
  public void draw(long i, TaskBatch into, int task) {
    RandomStream random = new RandomStream(seed, RandomUse.EPISODE, i);
    int[] drawn = random.distinct(spec.ways(), pool.size());
    int[] angles = pool.angles(drawn, random);
    Images support = new Images(into, "support.", task * spec.supportSize());
    Images query = new Images(into, "query.", task * spec.querySize());
    for (int label = 0; label < spec.ways(); label++) {
      ImageClass c = pool.imageClass(drawn[label]);
      int move = moves.row(angles[label], 0, 0);
      int[] examples = random.distinct(spec.shots() + spec.queries(), c.count());
      for (int k = 0; k < examples.length; k++) {
        (k < spec.shots() ? support : query).put(c.first() + examples[k], move, label);
      }
    }
  }

  /** Where the next image of one set goes. */
  private static final class Images {
    private final int[] index;
    private final int[] move;
    private final int[] label;
    private int at;

    Images(TaskBatch batch, String set, int at) {
      this.index = batch.all(set + "index");
      this.move = batch.all(set + "move");
      this.label = batch.all(set + "label");
      this.at = at;
    }

    void put(int example, int row, int of) {
      index[at] = example;
      move[at] = row;
      label[at++] = of;
    }
  }
}
