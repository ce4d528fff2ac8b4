package io.quickstudy.data.sampling;

import io.quickstudy.data.ExampleSet;
import io.quickstudy.data.ImageClass;
import io.quickstudy.data.Rotations;
import io.quickstudy.data.Within;
import io.quickstudy.random.RandomStream;
import io.quickstudy.random.RandomUse;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * Draws pairs of images for verification (Koch et al. 2015, section 3): the 1st, 3rd, ... of two
 * distinct examples of one class, the 2nd, 4th, ... of two distinct classes, all uniform; or both
 * within a group, which is drawn first. Of a pair of one class both images are under the same
 * angle.
 */
public final class PairSampler implements TaskSampler {
  private final ClassPool pool;
  private final List<int[]> groups;
  private final int pairs;
  private final PixelMoves moves;
  private final long seed;

  /** A sampler of pairs of any classes. */
  public PairSampler(ExampleSet set, int[] classes, Rotations rotations, int pairs, long seed) {
    this(set, classes, rotations, Within.ALL, pairs, seed);
  }

  /**
   * A sampler.
   *
   * @param set the images
   * @param classes numbers of the classes to draw from, such as those of one part of a split
   * @param rotations what turning means; for {@link Rotations#PER_EPISODE} all pairs of a task have
   *     one angle
   * @param within where both classes of a pair are from: of a group, each group is as likely
   * @param pairs how many pairs a task has
   * @param seed the seed
   * @throws IllegalArgumentException if there are no pairs, a class has one example only, there is
   *     one class only, also of a group within which pairs are, or images that are not square are
   *     to be turned
   */
  public PairSampler(
      ExampleSet set, int[] classes, Rotations rotations, Within within, int pairs, long seed) {
    if (pairs < 1) {
      throw new IllegalArgumentException(
          "Tasks of %s pairs: expected at least 1.".formatted(pairs));
    }
    this.pool =
        new ClassPool(
            set,
            classes,
            rotations,
            new ClassPool.Demand("a pair", 2, 2, "", "add classes, since pairs are of two"));
    this.groups =
        within == Within.GROUP
            ? pool.groups(ClassGroups.of(set, classes), true)
            : List.of(IntStream.range(0, pool.size()).toArray());
    for (int[] group : groups) {
      if (group.length < 2) {
        throw new IllegalArgumentException(
            "Group '%s' of '%s' has 1 class: expected 2, since pairs within a group are of two; leave the group out."
                .formatted(pool.imageClass(group[0]).group(), set.name()));
      }
    }
    this.pairs = pairs;
    this.moves = PixelMoves.of(rotations, set);
    this.seed = seed;
  }

  /** Those of {@link DrawnPairs}: "left.index", "left.move", "right.index" and so on. */
  @Override
  public Map<String, Integer> sizes() {
    Map<String, Integer> m = new LinkedHashMap<>();
    for (String n : new String[] {"left.index", "left.move", "right.index", "right.move"}) {
      m.put(n, pairs);
    }
    m.put("label", pairs);
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

  /** Task {@code i}, any number. */
  public DrawnPairs pairs(long i) {
    return DrawnPairs.of(one(i), 0);
  }

  @Override
  public void draw(long i, TaskBatch into, int task) {
    RandomStream random = new RandomStream(seed, RandomUse.PAIR, i);
    int[] left = new int[pairs];
    int[] right = new int[pairs];
    for (int k = 0; k < pairs; k++) {
      int[] group =
          groups.size() == 1 ? groups.getFirst() : groups.get(random.nextInt(groups.size()));
      int[] two = random.distinct(same(k) ? 1 : 2, group.length);
      left[k] = group[two[0]];
      right[k] = group[two[two.length - 1]];
    }
    int common = random.nextInt(4);
    for (int k = 0; k < pairs; k++) {
      int at = task * pairs + k;
      ImageClass l = pool.imageClass(left[k]);
      ImageClass r = pool.imageClass(right[k]);
      int angle = pool.angle(left[k], common, random);
      int other = same(k) ? angle : pool.angle(right[k], common, random);
      int[] examples =
          same(k)
              ? random.distinct(2, l.count())
              : new int[] {random.nextInt(l.count()), random.nextInt(r.count())};
      into.all("left.index")[at] = l.first() + examples[0];
      into.all("left.move")[at] = moves.row(angle, 0, 0);
      into.all("right.index")[at] = r.first() + examples[1];
      into.all("right.move")[at] = moves.row(other, 0, 0);
      into.all("label")[at] = same(k) ? 1 : 0;
    }
  }

  private static boolean same(int pair) {
    return pair % 2 == 0;
  }
}
