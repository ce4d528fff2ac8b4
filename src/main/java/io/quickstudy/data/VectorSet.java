package io.quickstudy.data;

import io.quickstudy.text.Text;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Rows of numbers by class, such as embeddings of texts, or by task, as the points of curves. The
 * numbers are not copied and not to be changed.
 *
 * @param name what the set is called
 * @param width the numbers of a row
 * @param values [examples, width]
 * @param classes in the order of their rows: each a run of consecutive ones
 * @param unit what a class of it is called, "class" or "task"
 */
public record VectorSet(
    String name, int width, float[] values, List<ImageClass> classes, String unit)
    implements ExampleSet {
  /** Checks the sizes. */
  public VectorSet {
    classes = List.copyOf(classes);
    int examples = 0;
    for (ImageClass c : classes) {
      if (c.first() != examples || c.count() < 1) {
        throw new IllegalArgumentException(
            "Class '%s' of '%s' with rows %s to %s: expected at least one, from row %s on."
                .formatted(
                    c.fullName(), name, c.first(), (long) c.first() + c.count() - 1, examples));
      }
      examples += c.count();
    }
    if (width < 1 || classes.isEmpty() || values.length != (long) examples * width) {
      throw new IllegalArgumentException(
          "Set '%s' of %s numbers in rows of %s: expected at least one class, and %s rows of at least 1."
              .formatted(name, values.length, width, examples));
    }
  }

  @Override
  public String example() {
    return "row";
  }

  @Override
  public String more() {
    return "rows of other " + Text.plural(unit);
  }

  /**
   * A set from single vectors, which are copied. Classes are ordered by name, so that a seed means
   * the same tasks whatever the map.
   *
   * @param name what the set is called
   * @param vectors by class the vectors of it, all of one length; what stands before the last "/"
   *     of a class's name is its group
   * @throws IllegalArgumentException if there is no class, a class has no vector or a vector has
   *     another length
   */
  public static VectorSet of(String name, Map<String, ? extends Collection<float[]>> vectors) {
    return of(name, "class", vectors);
  }

  /**
   * As {@link #of(String, Map)}.
   *
   * @param unit what a class of it is called, "class" or "task"
   */
  public static VectorSet of(
      String name, String unit, Map<String, ? extends Collection<float[]>> vectors) {
    List<ImageClass> classes = new ArrayList<>();
    Map<String, Collection<float[]>> sorted = new TreeMap<>(vectors);
    int width = -1;
    int examples = 0;
    for (Map.Entry<String, Collection<float[]>> e : sorted.entrySet()) {
      int slash = unit.equals("task") ? -1 : e.getKey().lastIndexOf('/');
      String group = slash < 0 ? "" : e.getKey().substring(0, slash);
      int count = e.getValue().size();
      classes.add(new ImageClass(e.getKey().substring(slash + 1), group, examples, count));
      examples = Math.addExact(examples, count);
      for (float[] v : e.getValue()) {
        width = width < 0 ? v.length : width;
        if (v.length != width) {
          throw new IllegalArgumentException(
              "A vector of '%s' of '%s' has %s numbers: expected %s, as those before."
                  .formatted(e.getKey(), name, v.length, width));
        }
      }
    }
    float[] values = new float[Math.multiplyExact(examples, Math.max(width, 0))];
    int at = 0;
    for (Collection<float[]> each : sorted.values()) {
      for (float[] v : each) {
        System.arraycopy(v, 0, values, at, width);
        at += width;
      }
    }
    return new VectorSet(name, width, values, classes, unit);
  }

  /** A copy of a row. */
  public float[] row(int example) {
    return Arrays.copyOfRange(values, example * width, (example + 1) * width);
  }

  @Override
  public int examples() {
    return classes.getLast().first() + classes.getLast().count();
  }

  @Override
  public String toString() {
    return "%s (%s, %s of %s)"
        .formatted(
            name,
            Text.count(classes.size(), unit),
            Text.count(examples(), "row"),
            Text.count(width, "number"));
  }
}
