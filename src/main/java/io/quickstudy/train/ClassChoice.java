package io.quickstudy.train;

import io.quickstudy.data.ClassUnit;
import io.quickstudy.data.ExampleSet;
import io.quickstudy.data.ImageClass;
import io.quickstudy.data.Rotations;
import io.quickstudy.data.Split;
import io.quickstudy.data.Within;
import io.quickstudy.data.sampling.ClassGroups;
import io.quickstudy.run.RunConfig;
import io.quickstudy.settings.ConfigException;
import io.quickstudy.settings.Values;
import io.quickstudy.text.Names;
import io.quickstudy.text.Text;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/**
 * Which classes of a part of a split a task may be of. Those that have too few images, and groups
 * that have too few classes, are left out, which is said.
 *
 * @param config what is asked for
 * @param turns what turning makes of images
 * @param set the images
 * @param split which classes are for what
 * @param say told what is left out
 */
record ClassChoice(
    RunConfig config, Rotations turns, ExampleSet set, Split split, Consumer<String> say) {
  private static final int NAMED = 10;

  /**
   * Checks that there are enough.
   *
   * @param ways classes of a task
   * @param option the one that says so
   * @throws ConfigException if there are not
   */
  void enough(Split.Part part, int ways, String option) {
    boolean groups = config.tasks().classes() == ClassUnit.GROUPS;
    int units = groups ? groups(part).size() : split.classes(part).length;
    int all = RunConfig.classes(units, turns);
    if (ways + config.tasks().distractors() > all) {
      String name = Values.format(part);
      throw new ConfigException(
          ("Option --%s is %s%s: expected at most %s, the %s %s of '%s' in split %s of train,"
                  + " val and test%s; choose fewer or add %s%s.")
              .formatted(
                  option,
                  ways,
                  config.tasks().distractors() == 0
                      ? ""
                      : ", with " + Text.count(config.tasks().distractors(), "distractor"),
                  all,
                  name,
                  groups ? "groups" : "classes",
                  set.name(),
                  split,
                  all == units ? "" : ", each in 4 rotations",
                  groups ? "groups" : "classes",
                  part == Split.Part.VAL ? ", or say --eval-every 0" : ""));
    }
  }

  private ClassGroups groups(Split.Part part) {
    try {
      return ClassGroups.of(set, split.classes(part));
    } catch (IllegalArgumentException e) {
      throw new ConfigException(e.getMessage(), e);
    }
  }

  /**
   * The classes that have as many images as a task needs; all of them where too few are left, so
   * that the sampler says what is wrong.
   *
   * @param ways classes of a task
   * @param needed images of each
   */
  int[] large(Split.Part part, int ways, int needed) {
    int[] all = split.classes(part);
    List<String> small = new ArrayList<>();
    List<Integer> large = new ArrayList<>();
    for (int k : all) {
      ImageClass c = set.classes().get(k);
      if (c.count() < needed) {
        small.add(named(c.fullName(), c.count()));
      } else {
        large.add(k);
      }
    }
    if (small.isEmpty() || ways > RunConfig.classes(large.size(), turns)) {
      return all;
    }
    say.accept(
        "left out %s of the %s %s classes, which have fewer than the %s %ss that a task needs: %s"
            .formatted(
                small.size(),
                all.length,
                Values.format(part),
                needed,
                set.example(),
                first(small)));
    return numbers(large);
  }

  /**
   * Those of some classes whose groups have as many of them as an episode within a group needs; all
   * of them for other episodes.
   *
   * @param classes numbers of classes of a part
   * @param ways classes of a task, distractors included
   * @throws ConfigException if no group has as many, or classes belong to none
   */
  int[] within(Split.Part part, int[] classes, int ways) {
    if (config.tasks().within() == Within.ALL) {
      return classes;
    }
    ClassGroups groups = ClassGroups.of(set, classes);
    List<String> small = new ArrayList<>();
    List<Integer> large = new ArrayList<>();
    int most = 0;
    for (int g = 0; g < groups.size(); g++) {
      int size = RunConfig.classes(groups.members().get(g).size(), turns);
      most = Math.max(most, size);
      if (size < ways) {
        small.add(named(groups.names().get(g), size));
      } else {
        large.addAll(groups.members().get(g));
      }
    }
    if (large.isEmpty()) {
      throw new ConfigException(
          "Option --within is group: expected a group of %s %s classes, and the largest of '%s' has %s; ask for fewer ways, or leave --within out."
              .formatted(ways, Values.format(part), set.name(), most));
    }
    if (!small.isEmpty()) {
      say.accept(
          "left out %s of the %s groups of %s classes, which have fewer than the %s classes that a task needs: %s"
              .formatted(small.size(), groups.size(), Values.format(part), ways, first(small)));
    }
    return numbers(large);
  }

  private static int[] numbers(List<Integer> classes) {
    return classes.stream().mapToInt(Integer::intValue).toArray();
  }

  private static String named(String name, int count) {
    return "'" + Names.shown(name) + "' (" + count + ")";
  }

  private static String first(List<String> names) {
    return names.stream().limit(NAMED).collect(Collectors.joining(", "))
        + (names.size() > NAMED ? ", ..." : "");
  }
}
