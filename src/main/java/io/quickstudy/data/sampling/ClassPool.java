package io.quickstudy.data.sampling;

import io.quickstudy.data.ExampleSet;
import io.quickstudy.data.ImageClass;
import io.quickstudy.data.Rotations;
import io.quickstudy.random.RandomStream;
import io.quickstudy.text.Text;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.stream.IntStream;

/** The classes that a sampler may draw, with their rotations. */
final class ClassPool {
  private static final int TURNS = 4;

  private final ExampleSet set;
  private final int[] classes;
  private final Rotations rotations;

  /**
   * What a task needs.
   *
   * @param task what it is called, such as "an episode"
   * @param ways how many classes
   * @param examples how many examples of each
   * @param repair what to do if a class has too few, with a comma and "or " behind it; may be empty
   * @param fewer what to do if there are too few classes
   */
  record Demand(String task, int ways, int examples, String repair, String fewer) {
    Demand(String task, int ways, int examples, String repair) {
      this(task, ways, examples, repair, "ask for fewer ways");
    }
  }

  ClassPool(ExampleSet set, int[] classes, Rotations rotations, Demand demand) {
    this.set = set;
    this.classes = classes.clone();
    this.rotations = rotations;
    BitSet seen = new BitSet();
    for (int c : classes) {
      if (c < 0 || c >= set.classes().size()) {
        throw new IllegalArgumentException(
            "Class %s of '%s': expected 0 to %s."
                .formatted(c, set.name(), set.classes().size() - 1));
      }
      if (seen.get(c)) {
        throw new IllegalArgumentException(
            "Class '%s' of '%s' is listed twice: expected distinct classes; list it once."
                .formatted(set.classes().get(c).fullName(), set.name()));
      }
      seen.set(c);
    }
    List<ImageClass> small =
        Arrays.stream(classes)
            .mapToObj(c -> set.classes().get(c))
            .filter(c -> c.count() < demand.examples())
            .toList();
    if (!small.isEmpty()) {
      throw new IllegalArgumentException(
          "Class '%s' of '%s' has %s%s: %s needs %s; %sleave the class out."
              .formatted(
                  small.getFirst().fullName(),
                  set.name(),
                  Text.count(small.getFirst().count(), "example"),
                  small.size() == 1
                      ? ""
                      : ", and %s too few"
                          .formatted(
                              small.size() == 2
                                  ? "1 other class has"
                                  : small.size() - 1 + " other classes have"),
                  demand.task(),
                  demand.examples(),
                  demand.repair()));
    }
    if (demand.ways() > size()) {
      throw new IllegalArgumentException(
          "%s from %s of '%s': expected at most %s; %s."
              .formatted(
                  Text.count(demand.ways(), "way"),
                  Text.count(size(), "class"),
                  set.name(),
                  size(),
                  demand.fewer()));
    }
  }

  /** The classes to draw from, rotated ones included. */
  int size() {
    return rotations == Rotations.CLASSES ? TURNS * classes.length : classes.length;
  }

  /**
   * The numbers to draw from of each group.
   *
   * @param of groups of the classes of this pool
   * @param turned whether the rotations that are classes of their own are members as well
   */
  List<int[]> groups(ClassGroups of, boolean turned) {
    int[] place = new int[set.classes().size()];
    for (int k = 0; k < classes.length; k++) {
      place[classes[k]] = k;
    }
    int turns = rotations == Rotations.CLASSES ? TURNS : 1;
    List<int[]> all = new ArrayList<>();
    for (List<Integer> members : of.members()) {
      IntStream.Builder b = IntStream.builder();
      for (int c : members) {
        for (int turn = 0; turn < (turned ? turns : 1); turn++) {
          b.add(place[c] * turns + turn);
        }
      }
      all.add(b.build().toArray());
    }
    return List.copyOf(all);
  }

  ImageClass imageClass(int pooled) {
    int c = rotations == Rotations.CLASSES ? pooled / TURNS : pooled;
    return set.classes().get(classes[c]);
  }

  /** The angles in quarter turns of the drawn classes; random where the protocol says so. */
  int[] angles(int[] pooled, RandomStream random) {
    int[] angles = new int[pooled.length];
    int common = rotations == Rotations.PER_EPISODE ? random.nextInt(TURNS) : 0;
    for (int i = 0; i < pooled.length; i++) {
      angles[i] = angle(pooled[i], common, random);
    }
    return angles;
  }

  /** The angle of one drawn class, where {@code common} is that of the whole task. */
  int angle(int pooled, int common, RandomStream random) {
    return switch (rotations) {
      case NONE -> 0;
      case CLASSES -> pooled % TURNS;
      case PER_CLASS -> random.nextInt(TURNS);
      case PER_EPISODE -> common;
    };
  }
}
