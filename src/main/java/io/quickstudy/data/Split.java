package io.quickstudy.data;

import io.quickstudy.random.RandomStream;
import io.quickstudy.random.RandomUse;
import io.quickstudy.text.Names;
import io.quickstudy.text.Text;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.IntStream;

/** Which classes of an {@link ExampleSet} are for training, validation and test. Immutable. */
public final class Split {

  /** A part of a split. */
  public enum Part {
    /** Classes to learn from. */
    TRAIN,
    /** Classes to choose between models or to watch training by. */
    VAL,
    /** Classes to report. */
    TEST;

    /**
     * The part of a name such as "test".
     *
     * @throws IllegalArgumentException if there is none, naming the nearest
     */
    public static Part of(String name) {
      for (Part part : values()) {
        if (part.name().equalsIgnoreCase(name)) {
          return part;
        }
      }
      List<String> names =
          Arrays.stream(values()).map(p -> p.name().toLowerCase(Locale.ROOT)).toList();
      throw new IllegalArgumentException(Names.unknown("split part", name, names));
    }
  }

  /** The name of splits that are drawn. */
  public static final String RANDOM = "random";

  /** The name of {@link #heldout}. */
  public static final String HELDOUT = "heldout";

  private final String name;
  private final int[] train;
  private final int[] val;
  private final int[] test;

  private Split(String name, int[] train, int[] val, int[] test) {
    this.name = name;
    this.train = train;
    this.val = val;
    this.test = test;
  }

  /**
   * A split that says of each class what it is for.
   *
   * @param name what it is called in results
   * @param set the examples
   * @param part the part of a class, such as by its name or group
   * @throws IllegalArgumentException if no class trains or none tests
   */
  public static Split of(String name, ExampleSet set, Function<ImageClass, Part> part) {
    return of(name, set.classes().stream().map(part).toList());
  }

  /**
   * A split that says of each class what it is for.
   *
   * @param name what it is called in results
   * @param parts the part of each of the set's classes, in their order
   * @throws IllegalArgumentException if no class trains or none tests
   */
  public static Split of(String name, List<Part> parts) {
    Split s = new Split(name, of(Part.TRAIN, parts), of(Part.VAL, parts), of(Part.TEST, parts));
    s.enough(parts.size());
    return s;
  }

  private void enough(int classes) {
    if (train.length == 0 || test.length == 0) {
      throw new IllegalArgumentException(
          ("Split '%s' of %s with no class for %s: expected at least one to train and one"
                  + " to test; give it one.")
              .formatted(
                  name, Text.count(classes, "class"), train.length > 0 ? "test" : "training"));
    }
  }

  private static int[] of(Part part, List<Part> parts) {
    return IntStream.range(0, parts.size()).filter(i -> parts.get(i) == part).toArray();
  }

  /**
   * Seeded, all three parts apart: of 100 classes 64 for training, 16 for validation and 20 for
   * test, as mini-ImageNet has them (Ravi and Larochelle 2017); of others in this proportion, but
   * at least one each.
   *
   * @throws IllegalArgumentException if there are fewer than 3 classes
   */
  public static Split random(ExampleSet set, long seed) {
    int n = set.classes().size();
    if (n < 3) {
      throw new IllegalArgumentException(
          ("Split 'random' of '%s' with %s: expected at least 3, since those that train and"
                  + " those that test are others; add %s.")
              .formatted(set.name(), Text.count(n, set.unit()), set.more()));
    }
    int test = Math.max(1, (20 * n + 50) / 100);
    int val = Math.max(1, (16 * n + 50) / 100);
    int[] order = new RandomStream(seed, RandomUse.SPLIT, 0).permutation(n);
    return new Split(
        RANDOM,
        sorted(order, 0, n - test - val),
        sorted(order, n - test - val, n - test),
        sorted(order, n - test, n));
  }

  /**
   * A split whose parts may share classes, as where validation only shows how training goes.
   *
   * @param name what it is called in results
   * @param set the examples
   * @param train which classes train
   * @param val which classes validate
   * @param test which classes test
   * @throws IllegalArgumentException if no class trains or none tests
   */
  public static Split of(
      String name,
      ExampleSet set,
      Predicate<ImageClass> train,
      Predicate<ImageClass> val,
      Predicate<ImageClass> test) {
    Split s = new Split(name, select(set, train), select(set, val), select(set, test));
    s.enough(set.classes().size());
    return s;
  }

  private static int[] select(ExampleSet set, Predicate<ImageClass> condition) {
    return IntStream.range(0, set.classes().size())
        .filter(i -> condition.test(set.classes().get(i)))
        .toArray();
  }

  /**
   * Seeded, test apart: of 1623 classes 1200 for training and 423 for test, as papers split
   * Omniglot (Santoro et al. 2016; Finn et al. 2017); of others in this proportion. As in the
   * papers all training classes are trained on: validation, the last 100 of them (one in twelve),
   * only shows how training goes and must not choose between models. {@link #random} has it apart.
   *
   * @throws IllegalArgumentException if there are fewer than 2 classes
   */
  public static Split randomTrainAndTest(ExampleSet set, long seed) {
    int n = set.classes().size();
    if (n < 2) {
      throw new IllegalArgumentException(
          "Split 'random' of '%s' with %s: expected at least 2."
              .formatted(set.name(), Text.count(n, "class")));
    }
    int test = Math.max(1, (int) ((423L * n + 811) / 1623));
    int[] order = new RandomStream(seed, RandomUse.SPLIT, 0).permutation(n);
    int train = n - test;
    int val = Math.max(1, train / 12);
    return new Split(
        RANDOM,
        sorted(order, 0, train),
        sorted(order, train - val, train),
        sorted(order, train, n));
  }

  private static int[] sorted(int[] order, int from, int to) {
    int[] part = Arrays.copyOfRange(order, from, to);
    Arrays.sort(part);
    return part;
  }

  /**
   * By group, such as an alphabet, in order: the last fifth for test, the tenth before it for
   * validation, the rest for training; each part at least one. The data set glyphs draws the parts
   * by different writers.
   *
   * @throws IllegalArgumentException if there are fewer than 3 groups
   */
  public static Split heldout(ExampleSet set) {
    List<String> groups =
        new ArrayList<>(set.classes().stream().map(ImageClass::group).distinct().toList());
    if (groups.size() < 3) {
      throw new IllegalArgumentException(
          "Split 'heldout' of '%s' with %s groups of classes: expected at least 3; use random."
              .formatted(set.name(), groups.size()));
    }
    return of(HELDOUT, set, c -> heldoutPart(groups.indexOf(c.group()), groups.size()));
  }

  /** The part of one of {@code groups} groups. */
  public static Part heldoutPart(int group, int groups) {
    int test = Math.max(1, groups / 5);
    int val = Math.max(1, groups / 10);
    if (group >= groups - test) {
      return Part.TEST;
    }
    return group >= groups - test - val ? Part.VAL : Part.TRAIN;
  }

  /** The name. */
  public String name() {
    return name;
  }

  /** The numbers of a part's classes in the set, ascending; a copy. */
  public int[] classes(Part part) {
    return switch (part) {
      case TRAIN -> train.clone();
      case VAL -> val.clone();
      case TEST -> test.clone();
    };
  }

  @Override
  public String toString() {
    return "%s %s/%s/%s".formatted(name, train.length, val.length, test.length);
  }
}
