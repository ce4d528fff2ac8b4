package io.quickstudy.data;

import io.quickstudy.text.Names;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * What classes are like: a row of numbers for each, under names that all of them share. Immutable.
 *
 * @param names of the columns, such as "strokes"
 * @param classes of the rows, such as "Greek/character07"
 * @param values finite, from -{@link #LARGEST} to {@link #LARGEST}: [classes, names]
 */
public record Attributes(List<String> names, List<String> classes, float[] values) {
  /** The largest value; with others, one column would drown the rest. */
  public static final float LARGEST = 10;

  /** Columns that there may be. */
  public static final int MOST = 4096;

  /**
   * Copies and checks.
   *
   * @throws IllegalArgumentException if a name is empty or there twice, or the values do not fit
   */
  public Attributes {
    names = List.copyOf(names);
    classes = List.copyOf(classes);
    values = values.clone();
    distinct("attribute", names);
    distinct("class", classes);
    if (names.size() > MOST || values.length != (long) names.size() * classes.size()) {
      throw new IllegalArgumentException(
          "Attributes of %s values for %s names and %s classes: expected one of each for each, and at most %s names."
              .formatted(values.length, names.size(), classes.size(), MOST));
    }
    for (int i = 0; i < values.length; i++) {
      if (!inRange(values[i])) {
        throw new IllegalArgumentException(
            "Attribute '%s' of class '%s' is %s: expected a number from -%s to %s; scale the attribute."
                .formatted(
                    Names.shown(names.get(i % names.size())),
                    Names.shown(classes.get(i / names.size())),
                    values[i],
                    (int) LARGEST,
                    (int) LARGEST));
      }
    }
  }

  private static void distinct(String what, List<String> texts) {
    Set<String> seen = new HashSet<>();
    for (String text : texts) {
      if (text.isEmpty() || !seen.add(text)) {
        throw new IllegalArgumentException(
            "Attributes with the %s '%s'%s: expected names that differ; change it."
                .formatted(what, Names.shown(text), text.isEmpty() ? "" : " twice"));
      }
    }
    if (seen.isEmpty()) {
      throw new IllegalArgumentException(
          "Attributes without any %s: expected one at least; add it.".formatted(what));
    }
  }

  /** Whether a number may be a value. */
  public static boolean inRange(float value) {
    return Math.abs(value) <= LARGEST; // false of NaN
  }

  /** All values: [classes, names]; a copy. */
  @Override
  public float[] values() {
    return values.clone();
  }

  /** The values of one class, by its number here. */
  public float[] row(int number) {
    int n = names.size();
    return Arrays.copyOfRange(values, number * n, (number + 1) * n);
  }

  /**
   * The columns of these names, in that order.
   *
   * @throws IllegalArgumentException if there is not one of them, naming the nearest
   */
  public Attributes select(List<String> wanted) {
    List<Integer> from = new ArrayList<>();
    for (String name : wanted) {
      int at = names.indexOf(name);
      if (at < 0) {
        throw new IllegalArgumentException(
            "Attribute '%s' is missing: expected a column for each of the %s that were trained with; %s"
                .formatted(
                    Names.shown(name), wanted.size(), Names.hint("", name, names, "add it.")));
      }
      from.add(at);
    }
    float[] chosen = new float[classes.size() * from.size()];
    for (int i = 0; i < chosen.length; i++) {
      chosen[i] = values[i / from.size() * names.size() + from.get(i % from.size())];
    }
    return new Attributes(wanted, classes, chosen);
  }
}
