package io.quickstudy.data.sampling;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/**
 * Room for the integers that describe several tasks, by name, made once and filled for every step.
 * A {@link TaskSampler} says which there are and what they mean.
 */
public final class TaskBatch {
  private final int tasks;
  private final Map<String, Integer> sizes;
  private final Map<String, int[]> values = new LinkedHashMap<>();

  /**
   * Room in fresh arrays.
   *
   * @param tasks how many tasks
   * @param sizes how many integers each of them has, by name
   * @throws IllegalArgumentException if there is no task
   */
  public TaskBatch(int tasks, Map<String, Integer> sizes) {
    if (tasks < 1) {
      throw new IllegalArgumentException(
          "A batch of %s tasks: expected at least 1.".formatted(tasks));
    }
    this.tasks = tasks;
    this.sizes = new LinkedHashMap<>(sizes);
    sizes.forEach((name, size) -> values.put(name, new int[Math.multiplyExact(tasks, size)]));
  }

  /**
   * What so many labelled images of a task need: "index", "move" and "label" behind a prefix.
   *
   * @param sizes to which they are added
   */
  static void addImages(Map<String, Integer> sizes, String prefix, int images) {
    for (String part : new String[] {"index", "move", "label"}) {
      sizes.put(prefix + part, images);
    }
  }

  /** How many tasks there is room for. */
  public int tasks() {
    return tasks;
  }

  /** The names, in the sampler's order. */
  public Set<String> names() {
    return values.keySet();
  }

  /** The integers of a name themselves, [tasks, size]. */
  public int[] all(String name) {
    int[] all = values.get(name);
    if (all == null) {
      throw new IllegalArgumentException(
          "Integers '%s': expected one of %s.".formatted(name, values.keySet()));
    }
    return all;
  }

  /** A copy of one task's integers of a name, [size]. */
  public int[] of(String name, int task) {
    int[] all = all(name);
    int size = all.length / tasks;
    return Arrays.copyOfRange(all, task * size, (task + 1) * size);
  }

  /**
   * Checks that it was made for these sizes.
   *
   * @throws IllegalArgumentException if it was made for others
   */
  void check(Map<String, Integer> expected) {
    if (!sizes.equals(expected)) {
      throw new IllegalArgumentException(
          "A batch for tasks of %s: expected one for %s.".formatted(sizes, expected));
    }
  }
}
