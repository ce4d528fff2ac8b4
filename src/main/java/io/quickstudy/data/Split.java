package io.quickstudy.data;

import io.quickstudy.random.RandomStream;
import io.quickstudy.random.RandomUse;
import io.quickstudy.text.Names;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.IntStream;

/** Which classes of an {@link ImageSet} are for training, validation and test. Immutable. */
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
      return named("split part", name, values());
    }
  }

  /** A named rule. */
  public enum Rule {
    /**
     * Omniglot's split of Vinyals et al. (2016) as the ProtoNet code has it: 1028 training, 172
     * validation and 423 test characters, by alphabet.
     */
    VINYALS,
    /**
     * Seeded: 1200 training and 423 test characters of Omniglot's 1623, in this proportion for
     * other sets (Santoro et al. 2016; Finn et al. 2017). As in the papers all 1200 are trained on:
     * validation, the last 100 of them (one in twelve for other sets), only shows how training goes
     * and must not choose between models. Of folders, whose parts nobody has fixed, validation is
     * apart: 64, 16 and 20 of 100 classes, as mini-ImageNet has them ({@link #random}).
     */
    RANDOM,
    /**
     * Omniglot's own halves (Lake et al. 2015): 964 background characters for training, 659
     * evaluation characters for test. All 964 are trained on: validation, the five alphabets of
     * {@link #VINYALS}, only shows how training goes and must not choose between models.
     */
    LAKE,
    /**
     * By alphabet (the set's groups, in order): the last fifth for test, the tenth before it for
     * validation, the rest for training; each part at least one. The data set glyphs draws the
     * parts by different writers.
     */
    HELDOUT,
    /** Of folders: what lies below train, val and test. */
    FOLDERS,
    /** Of folders: what the files train, val and test (.csv, .txt) list. */
    FILES;

    /**
     * The rule of a name such as "vinyals".
     *
     * @throws IllegalArgumentException if there is none, naming the nearest
     */
    public static Rule of(String name) {
      return named("split", name, values());
    }

    /** The name for files and command lines, in lower case. */
    public String key() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  private static final Set<String> VINYALS_VAL =
      Set.of("Armenian", "Bengali", "Early_Aramaic", "Hebrew", "Mkhedruli_(Georgian)");
  private static final Set<String> VINYALS_TEST =
      Set.of(
          "Kannada",
          "Keble",
          "Malayalam",
          "Manipuri",
          "Mongolian",
          "Old_Church_Slavonic_(Cyrillic)",
          "Oriya",
          "Sylheti",
          "Syriac_(Serto)",
          "Tengwar",
          "Tibetan",
          "ULOG");
  private static final Set<String> GURMUKHI_TEST =
      Set.of("character42", "character43", "character44", "character45");
  private static final Set<String> EVALUATION =
      Set.of(
          "Angelic",
          "Atemayar_Qelisayer",
          "Atlantean",
          "Aurek-Besh",
          "Avesta",
          "Ge_ez",
          "Glagolitic",
          "Gurmukhi",
          "Kannada",
          "Keble",
          "Malayalam",
          "Manipuri",
          "Mongolian",
          "Old_Church_Slavonic_(Cyrillic)",
          "Oriya",
          "Sylheti",
          "Syriac_(Serto)",
          "Tengwar",
          "Tibetan",
          "ULOG");

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
   * Splits a set.
   *
   * @param rule the rule
   * @param set the images
   * @param seed for {@link Rule#RANDOM}; the other rules do not use it
   * @throws IllegalArgumentException if the rule does not fit the set
   */
  public static Split of(Rule rule, ImageSet set, long seed) {
    return switch (rule) {
      case VINYALS -> of(rule.key(), omniglot(rule, set), Split::vinyals);
      case LAKE -> lake(omniglot(rule, set));
      case RANDOM -> ofPapers(set, seed);
      case HELDOUT -> heldout(set);
      case FOLDERS, FILES ->
          throw new IllegalArgumentException(
              "Split '%s' of '%s': expected data in folders; say --data folder:DIR, or use random."
                  .formatted(rule.key(), set.name()));
    };
  }

  /**
   * A split that says of each class what it is for.
   *
   * @param name what it is called in results
   * @param set the images
   * @param part the part of a class, such as by its name or group
   * @throws IllegalArgumentException if no class trains or none tests
   */
  public static Split of(String name, ImageSet set, Function<ImageClass, Part> part) {
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
    if (!parts.contains(Part.TRAIN) || !parts.contains(Part.TEST)) {
      throw new IllegalArgumentException(
          ("Split '%s' of %d classes with no class for %s: expected at least one to train and one"
                  + " to test; give it one.")
              .formatted(name, parts.size(), parts.contains(Part.TRAIN) ? "test" : "training"));
    }
    return new Split(name, of(Part.TRAIN, parts), of(Part.VAL, parts), of(Part.TEST, parts));
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
  public static Split random(ImageSet set, long seed) {
    int n = set.classes().size();
    if (n < 3) {
      throw new IllegalArgumentException(
          ("Split 'random' of '%s' with %d classes: expected at least 3, since those that train and"
                  + " those that test are others; add class folders.")
              .formatted(set.name(), n));
    }
    int test = Math.max(1, (20 * n + 50) / 100);
    int val = Math.max(1, (16 * n + 50) / 100);
    int[] order = new RandomStream(seed, RandomUse.SPLIT, 0).permutation(n);
    return new Split(
        Rule.RANDOM.key(),
        sorted(order, 0, n - test - val),
        sorted(order, n - test - val, n - test),
        sorted(order, n - test, n));
  }

  private static ImageSet omniglot(Rule rule, ImageSet set) {
    Set<String> missing = new TreeSet<>(EVALUATION);
    missing.addAll(VINYALS_VAL);
    set.classes().forEach(c -> missing.remove(c.group()));
    if (!missing.isEmpty()) {
      throw new IllegalArgumentException(
          ("Split '%s' of '%s', which lacks %d alphabets such as '%s': expected Omniglot; "
                  + "use random or heldout.")
              .formatted(rule.key(), set.name(), missing.size(), missing.iterator().next()));
    }
    return set;
  }

  private static Part vinyals(ImageClass c) {
    if (VINYALS_VAL.contains(c.group())) {
      return Part.VAL;
    }
    boolean gurmukhi = c.group().equals("Gurmukhi") && GURMUKHI_TEST.contains(c.name());
    return gurmukhi || VINYALS_TEST.contains(c.group()) ? Part.TEST : Part.TRAIN;
  }

  private static Split lake(ImageSet set) {
    return new Split(
        Rule.LAKE.key(),
        select(set, c -> !EVALUATION.contains(c.group())),
        select(set, c -> VINYALS_VAL.contains(c.group())),
        select(set, c -> EVALUATION.contains(c.group())));
  }

  private static int[] select(ImageSet set, Predicate<ImageClass> condition) {
    return IntStream.range(0, set.classes().size())
        .filter(i -> condition.test(set.classes().get(i)))
        .toArray();
  }

  private static Split ofPapers(ImageSet set, long seed) {
    int n = set.classes().size();
    if (n < 2) {
      throw new IllegalArgumentException(
          "Split 'random' of '%s' with %d classes: expected at least 2.".formatted(set.name(), n));
    }
    int test = Math.max(1, (int) ((423L * n + 811) / 1623));
    int[] order = new RandomStream(seed, RandomUse.SPLIT, 0).permutation(n);
    int train = n - test;
    int val = Math.max(1, train / 12);
    return new Split(
        Rule.RANDOM.key(),
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
   * As {@link Rule#HELDOUT}.
   *
   * @throws IllegalArgumentException if there are fewer than 3 groups
   */
  public static Split heldout(ImageSet set) {
    List<String> groups =
        new ArrayList<>(set.classes().stream().map(ImageClass::group).distinct().toList());
    if (groups.size() < 3) {
      throw new IllegalArgumentException(
          "Split 'heldout' of '%s' with %d groups of classes: expected at least 3; use random."
              .formatted(set.name(), groups.size()));
    }
    return of(Rule.HELDOUT.key(), set, c -> heldoutPart(groups.indexOf(c.group()), groups.size()));
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

  private static <E extends Enum<E>> E named(String kind, String name, E[] values) {
    for (E value : values) {
      if (value.name().equalsIgnoreCase(name)) {
        return value;
      }
    }
    List<String> names = Arrays.stream(values).map(v -> v.name().toLowerCase(Locale.ROOT)).toList();
    throw new IllegalArgumentException(Names.unknown(kind, name, names));
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
    return "%s %d/%d/%d".formatted(name, train.length, val.length, test.length);
  }
}
