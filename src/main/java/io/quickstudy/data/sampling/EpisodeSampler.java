package io.quickstudy.data.sampling;

import io.quickstudy.data.ImageClass;
import io.quickstudy.data.ImageSet;
import io.quickstudy.data.Rotations;
import io.quickstudy.random.RandomStream;
import io.quickstudy.random.RandomUse;

/**
 * Draws classification episodes: {@code ways} distinct classes, of each {@code shots + queries}
 * distinct examples, all uniform. Episode {@code i} depends on the seed, {@code i} and the
 * arguments of the constructor alone. Safe for use by several threads.
 */
public final class EpisodeSampler {
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
    this.pool = new ClassPool(set, classes, rotations, spec.ways(), needed);
    this.spec = spec;
    this.moves = PixelMoves.of(rotations, set.height(), set.width());
    this.seed = seed;
  }

  /** The form of the episodes. */
  public EpisodeSpec spec() {
    return spec;
  }

  /** The table that the episodes' moves refer to. */
  public PixelMoves moves() {
    return moves;
  }

  /** The number of classes to draw from, rotated ones included. */
  public int poolSize() {
    return pool.size();
  }

  /** Episode {@code i}, any number. */
  public Episode episode(long i) {
    EpisodeBatch batch = EpisodeBatch.allocate(1, spec);
    fill(i, batch);
    return new Episode(
        batch.supportIndex().array(),
        batch.supportMove().array(),
        batch.supportLabel().array(),
        batch.queryIndex().array(),
        batch.queryMove().array(),
        batch.queryLabel().array());
  }

  /**
   * Writes episodes {@code first} to {@code first + tasks - 1} into a batch.
   *
   * @throws IllegalArgumentException if the batch was made for another form of episode
   */
  public void fill(long first, EpisodeBatch batch) {
    if (!batch.spec().equals(spec)) {
      throw new IllegalArgumentException(
          "A batch for %s: expected one for %s.".formatted(batch.spec(), spec));
    }
    for (int task = 0; task < batch.tasks(); task++) {
      fill(first + task, task, batch);
    }
  }

  private void fill(long i, int task, EpisodeBatch batch) {
    RandomStream random = new RandomStream(seed, RandomUse.EPISODE, i);
    int[] drawn = random.distinct(spec.ways(), pool.size());
    int[] angles = pool.angles(drawn, random);
    int support = task * spec.supportSize();
    int query = task * spec.querySize();
    for (int label = 0; label < spec.ways(); label++) {
      ImageClass c = pool.imageClass(drawn[label]);
      int move = moves.row(angles[label], 0, 0);
      int[] examples = random.distinct(spec.shots() + spec.queries(), c.count());
      for (int k = 0; k < examples.length; k++) {
        int example = c.first() + examples[k];
        if (k < spec.shots()) {
          batch.supportIndex().put(support, example);
          batch.supportMove().put(support, move);
          batch.supportLabel().put(support++, label);
        } else {
          batch.queryIndex().put(query, example);
          batch.queryMove().put(query, move);
          batch.queryLabel().put(query++, label);
        }
      }
    }
  }
}
