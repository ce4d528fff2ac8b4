package io.quickstudy.data.sampling;

import io.quickstudy.data.ClassUnit;
import io.quickstudy.data.ExampleSet;
import io.quickstudy.data.ImageClass;
import io.quickstudy.data.Rotations;
import io.quickstudy.data.Within;
import io.quickstudy.random.RandomStream;
import io.quickstudy.random.RandomUse;
import io.quickstudy.text.Text;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Draws classification episodes: {@code ways} distinct classes, of each {@code shots + queries}
 * distinct examples, all uniform; unlabelled ones of these classes, and of distractors, follow.
 *
 * <p>Within a group, the group is drawn first, each being as likely. Where a group is a class, the
 * examples of a task are of as many of its members as there are shots, or of all if there are
 * fewer: example k is of member k, and again from the first behind the last. So the queries are of
 * the members that the support set shows (Allen et al. 2019, section 4.1).
 */
public final class EpisodeSampler implements TaskSampler {
  /** The label of an example whose class is not told. */
  public static final int UNLABELLED = -1;

  private final ClassPool pool;
  private final List<int[]> groups;
  private final int turns;
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
   * @throws IllegalArgumentException if a class has fewer examples than an episode needs, if there
   *     are fewer classes than ways, or if images that are not square are to be turned; where the
   *     form is of groups, if a class belongs to none or a group has fewer classes than ways
   */
  public EpisodeSampler(
      ExampleSet set, int[] classes, Rotations rotations, EpisodeSpec spec, long seed) {
    this.pool =
        new ClassPool(
            set,
            classes,
            rotations,
            new ClassPool.Demand(
                "an episode",
                spec.unit() == ClassUnit.GROUPS ? 1 : spec.drawn(),
                spec.unit() == ClassUnit.GROUPS ? 1 : spec.examples(),
                "ask for fewer shots or queries, or "));
    this.groups =
        spec.within() == Within.ALL && spec.unit() == ClassUnit.EACH
            ? List.of()
            : pool.groups(ClassGroups.of(set, classes), spec.unit() == ClassUnit.EACH);
    this.turns = spec.unit() == ClassUnit.GROUPS && rotations == Rotations.CLASSES ? 4 : 1;
    this.spec = spec;
    this.moves = PixelMoves.of(rotations, set);
    this.seed = seed;
    if (spec.within() == Within.GROUP) {
      checkWithin(set);
    } else if (spec.unit() == ClassUnit.GROUPS) {
      checkGroups(set);
    }
  }

  private void checkWithin(ExampleSet set) {
    for (int[] g : groups) {
      if (g.length < spec.drawn()) {
        ImageClass first = pool.imageClass(g[0]);
        throw new IllegalArgumentException(
            "Group '%s' of '%s' has %s: an episode needs %s; ask for fewer ways, or leave the group out."
                .formatted(first.group(), set.name(), Text.count(g.length, "class"), spec.drawn()));
      }
    }
  }

  private void checkGroups(ExampleSet set) {
    if (spec.drawn() > groups.size() * turns) {
      throw new IllegalArgumentException(
          "%s from %s of '%s': expected at most %s; ask for fewer ways."
              .formatted(
                  Text.count(spec.drawn(), "way"),
                  Text.count(groups.size(), "group"),
                  set.name(),
                  groups.size() * turns));
    }
    for (int[] g : groups) {
      int most = examplesOf(0, members(g));
      for (int pooled : g) {
        ImageClass c = pool.imageClass(pooled);
        if (c.count() < most) {
          throw new IllegalArgumentException(
              "Class '%s' of '%s' has %s: an episode needs %s; ask for fewer shots or queries, or leave the class out."
                  .formatted(c.fullName(), set.name(), Text.count(c.count(), "example"), most));
        }
      }
    }
  }

  /** How many members of a group an episode shows. */
  private int members(int[] group) {
    return Math.min(group.length, spec.shots());
  }

  /** How many examples of member j an episode has, labelled, to be predicted and unlabelled. */
  private int examplesOf(int j, int members) {
    return share(spec.shots(), j, members)
        + share(spec.queries(), j, members)
        + share(spec.unlabelled(), j, members);
  }

  private static int share(int all, int j, int members) {
    return (all - j + members - 1) / members;
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
    return spec.unit() == ClassUnit.GROUPS ? groups.size() * turns : pool.size();
  }

  /** Episode {@code i}, any number. */
  public Episode episode(long i) {
    return Episode.of(one(i), 0);
  }

  @Override
  public void draw(long i, TaskBatch into, int task) {
    RandomStream random = new RandomStream(seed, RandomUse.EPISODE, i);
    Sets sets = new Sets(spec, into, task);
    if (spec.unit() == ClassUnit.GROUPS) {
      groups(random, sets);
      return;
    }
    int[] drawn = drawn(random);
    int[] angles = pool.angles(drawn, random);
    for (int k = 0; k < drawn.length; k++) {
      ImageClass c = pool.imageClass(drawn[k]);
      int move = moves.row(angles[k], 0, 0);
      boolean distractor = k >= spec.ways();
      int[] examples = random.distinct(distractor ? spec.unlabelled() : spec.examples(), c.count());
      int at = 0;
      if (!distractor) {
        at = sets.put(sets.support, spec.shots(), c, examples, at, move, k);
        at = sets.put(sets.query, spec.queries(), c, examples, at, move, k);
      }
      sets.put(sets.unlabelled, spec.unlabelled(), c, examples, at, move, UNLABELLED);
    }
  }

  private int[] drawn(RandomStream random) {
    if (spec.within() == Within.ALL) {
      return random.distinct(spec.drawn(), pool.size());
    }
    int[] group = groups.get(random.nextInt(groups.size()));
    int[] drawn = random.distinct(spec.drawn(), group.length);
    Arrays.setAll(drawn, k -> group[drawn[k]]);
    return drawn;
  }

  private void groups(RandomStream random, Sets sets) {
    int[] drawn = random.distinct(spec.drawn(), groups.size() * turns);
    int[] angles = pool.angles(drawn, random);
    for (int k = 0; k < drawn.length; k++) {
      int[] group = groups.get(drawn[k] / turns);
      int move = moves.row(angles[k], 0, 0);
      int m = members(group);
      int[] shown = random.distinct(m, group.length);
      int[][] examples = new int[m][];
      ImageClass[] of = new ImageClass[m];
      for (int j = 0; j < m; j++) {
        of[j] = pool.imageClass(group[shown[j]]);
        examples[j] = random.distinct(examplesOf(j, m), of[j].count());
      }
      int[] at = new int[m];
      if (k < spec.ways()) {
        for (int n = 0; n < spec.shots(); n++) {
          int j = n % m;
          sets.put(sets.support, 1, of[j], examples[j], at[j]++, move, k);
        }
        for (int n = 0; n < spec.queries(); n++) {
          int j = n % m;
          sets.put(sets.query, 1, of[j], examples[j], at[j]++, move, k);
        }
      }
      for (int n = 0; n < spec.unlabelled(); n++) {
        int j = n % m;
        sets.put(sets.unlabelled, 1, of[j], examples[j], at[j]++, move, UNLABELLED);
      }
    }
  }

  /** Where the images of one task go. */
  private static final class Sets {
    private final Images support;
    private final Images unlabelled;
    private final Images query;

    Sets(EpisodeSpec spec, TaskBatch into, int task) {
      int first = task * spec.supportSize();
      this.support = new Images(into, "support.", first);
      this.unlabelled = new Images(into, "support.", first + spec.ways() * spec.shots());
      this.query = new Images(into, "query.", task * spec.querySize());
    }

    /** Puts some of a class's examples, from the at-th drawn on; returns the next. */
    int put(Images set, int n, ImageClass c, int[] examples, int at, int move, int label) {
      for (int k = at; k < at + n; k++) {
        set.put(c.first() + examples[k], move, label);
      }
      return at + n;
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
