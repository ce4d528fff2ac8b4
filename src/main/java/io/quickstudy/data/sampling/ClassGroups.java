package io.quickstudy.data.sampling;

import io.quickstudy.data.ExampleSet;
import io.quickstudy.data.ImageClass;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Classes by the groups that they belong to, such as characters by alphabets. Immutable.
 *
 * @param names the groups' names, in the order of their first classes
 * @param members the classes of each, as numbers in the image set
 */
public record ClassGroups(List<String> names, List<List<Integer>> members) {
  /** Copies the lists. */
  public ClassGroups {
    names = List.copyOf(names);
    members = members.stream().map(List::copyOf).toList();
  }

  /**
   * The groups of some classes.
   *
   * @param set where they are
   * @param classes their numbers
   * @throws IllegalArgumentException if a class belongs to no group
   */
  public static ClassGroups of(ExampleSet set, int[] classes) {
    Map<String, List<Integer>> groups = new LinkedHashMap<>();
    for (int c : classes) {
      ImageClass k = set.classes().get(c);
      if (k.group().isEmpty()) {
        throw new IllegalArgumentException(
            "Class '%s' of '%s' belongs to no group: expected classes in groups, such as folders in folders; leave out --within and --classes, or use data that has them."
                .formatted(k.fullName(), set.name()));
      }
      groups.computeIfAbsent(k.group(), g -> new ArrayList<>()).add(c);
    }
    return new ClassGroups(List.copyOf(groups.keySet()), List.copyOf(groups.values()));
  }

  /** How many groups. */
  public int size() {
    return names.size();
  }
}
