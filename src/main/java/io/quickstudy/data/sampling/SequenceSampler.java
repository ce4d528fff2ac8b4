package io.quickstudy.data.sampling;

import io.quickstudy.data.ExampleSet;
import io.quickstudy.data.Rotations;
import io.quickstudy.random.RandomStream;
import io.quickstudy.random.RandomUse;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Draws sequences for memory-augmented networks (Santoro et al. 2016): the images of a few classes
 * in random order, under labels that are shuffled anew for every sequence, each image moved by a
 * small random shift. A turned character is a class of its own. The small random rotations of the
 * paper are left out.
 *
 * <p>Images of a class do not repeat before all have appeared.
 */
public final class SequenceSampler implements TaskSampler {
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
      ExampleSet set,
      int[] classes,
      Rotations rotations,
      int maxShift,
      SequenceSpec spec,
      long seed) {
    this.pool =
        new ClassPool(
            set,
            classes,
            rotations,
            new ClassPool.Demand(
                "a sequence", spec.ways(), spec.examplesPerClass(), "ask for fewer shots, or "));
    this.spec = spec;
    this.moves = PixelMoves.shifted(rotations, maxShift, set);
    this.seed = seed;
  }

  /** The form of the sequences. */
  public SequenceSpec spec() {
    return spec;
  }

  /** Those of {@link DrawnSequence} but for the instance: "index", "move" and "label". */
  @Override
  public Map<String, Integer> sizes() {
    Map<String, Integer> m = new LinkedHashMap<>();
    TaskBatch.addImages(m, "", spec.length());
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

  /** Sequence {@code i}, any number. */
  public DrawnSequence sequence(long i) {
    return DrawnSequence.of(one(i), 0);
  }

  @Override
  public void draw(long i, TaskBatch into, int task) {
    RandomStream random = new RandomStream(seed, RandomUse.SEQUENCE, i);
    int[] drawn = random.distinct(spec.ways(), pool.size());
    int[] angles = pool.angles(drawn, random);
    int[][] orders = new int[spec.ways()][];
    for (int label = 0; label < spec.ways(); label++) {
      orders[label] = random.permutation(pool.imageClass(drawn[label]).count());
    }
    int[] labels = labels(random);
    int[] named = spec.labels() == spec.ways() ? null : random.distinct(spec.ways(), spec.labels());
    int[] seen = new int[spec.ways()];
    int s = moves.maxShift();
    int at = task * spec.length();
    for (int t = 0; t < spec.length(); t++) {
      int label = labels[t];
      int[] order = orders[label];
      int example = order[seen[label]++ % order.length];
      into.all("index")[at + t] = pool.imageClass(drawn[label]).first() + example;
      into.all("move")[at + t] =
          moves.row(angles[label], random.between(-s, s), random.between(-s, s));
      into.all("label")[at + t] = named == null ? label : named[label];
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
