package io.quickstudy.data.sampling;

import io.quickstudy.data.ImageSet;
import io.quickstudy.data.Rotations;
import io.quickstudy.random.RandomStream;
import io.quickstudy.random.RandomUse;

/**
 * Draws sequences for memory-augmented networks (Santoro et al. 2016): the images of a few classes
 * in random order, under labels that are shuffled anew for every sequence, each image moved by a
 * small random shift. A turned character is a class of its own. The small random rotations of the
 * paper are left out.
 *
 * <p>Images of a class do not repeat before all have appeared. Sequence {@code i} depends on the
 * seed, {@code i} and the arguments of the constructor alone. Safe for use by several threads.
 */
public final class SequenceSampler {
  private final ClassPool pool;
  private final SequenceSpec spec;
  private final PixelMoves moves;
  private final long seed;

  /**
   * A sampler.
   *
   * @param set the images
   * @param classes numbers of the classes to draw from
   * @param rotations what turning means
   * @param maxShift the largest shift of an image in pixels, 0 for none
   * @param spec the form of the sequences
   * @param seed the seed
   * @throws IllegalArgumentException if a class has too few examples for a balanced sequence, if
   *     there are fewer classes than ways, or if images that are not square are to be turned
   */
  public SequenceSampler(
      ImageSet set,
      int[] classes,
      Rotations rotations,
      int maxShift,
      SequenceSpec spec,
      long seed) {
    this.pool = new ClassPool(set, classes, rotations, spec.ways(), spec.examplesPerClass());
    this.spec = spec;
    this.moves = PixelMoves.shifted(rotations, maxShift, set.height(), set.width());
    this.seed = seed;
  }

  /** The form of the sequences. */
  public SequenceSpec spec() {
    return spec;
  }

  /** The table that the sequences' moves refer to. */
  public PixelMoves moves() {
    return moves;
  }

  /** The number of classes to draw from, rotated ones included. */
  public int poolSize() {
    return pool.size();
  }

  /** Sequence {@code i}, any number. */
  public DrawnSequence sequence(long i) {
    SequenceBatch batch = SequenceBatch.allocate(1, spec);
    fill(i, batch);
    return new DrawnSequence(
        batch.index().array(),
        batch.move().array(),
        batch.label().array(),
        batch.instance().array());
  }

  /**
   * Writes sequences {@code first} to {@code first + tasks - 1} into a batch.
   *
   * @throws IllegalArgumentException if the batch was made for another form of sequence
   */
  public void fill(long first, SequenceBatch batch) {
    if (!batch.spec().equals(spec)) {
      throw new IllegalArgumentException(
          "A batch for %s: expected one for %s.".formatted(batch.spec(), spec));
    }
    for (int task = 0; task < batch.tasks(); task++) {
      fill(first + task, task * spec.length(), batch);
    }
  }

  private void fill(long i, int at, SequenceBatch batch) {
    RandomStream random = new RandomStream(seed, RandomUse.SEQUENCE, i);
    int[] drawn = random.distinct(spec.ways(), pool.size());
    int[] angles = pool.angles(drawn, random);
    int[][] orders = new int[spec.ways()][];
    for (int label = 0; label < spec.ways(); label++) {
      orders[label] = random.permutation(pool.imageClass(drawn[label]).count());
    }
    int[] labels = labels(random);
    int[] seen = new int[spec.ways()];
    int s = moves.maxShift();
    for (int t = 0; t < spec.length(); t++) {
      int label = labels[t];
      int[] order = orders[label];
      int example = order[seen[label] % order.length];
      seen[label]++;
      batch.index().put(at + t, pool.imageClass(drawn[label]).first() + example);
      int move = moves.row(angles[label], random.between(-s, s), random.between(-s, s));
      batch.move().put(at + t, move);
      batch.label().put(at + t, label);
      batch.instance().put(at + t, seen[label]);
    }
  }

  private int[] labels(RandomStream random) {
    int[] labels = new int[spec.length()];
    int[] order = random.permutation(spec.length());
    for (int t = 0; t < labels.length; t++) {
      labels[t] =
          switch (spec.mixture()) {
            case BALANCED -> order[t] % spec.ways();
            case INDEPENDENT -> random.nextInt(spec.ways());
          };
    }
    return labels;
  }
}
