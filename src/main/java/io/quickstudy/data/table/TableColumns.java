package io.quickstudy.data.table;

import io.quickstudy.data.DataException;
import io.quickstudy.data.DataSource.Kind;
import io.quickstudy.text.Names;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;

/**
 * What the columns of a table are, by their headings: "task" names the task that a row belongs to,
 * "y" or "y1", "y2" and so on are the values to regress, all others its inputs; "class" names the
 * class of a row, "group" the class's group, all others are the vector.
 *
 * @param headings of all columns
 * @param form what the table holds
 * @param key the column of the task or the class
 * @param group that of the group; -1 for none
 * @param numbers the columns of numbers: the inputs, then the values
 */
public record TableColumns(
    List<String> headings, TableForm form, int key, int group, List<Integer> numbers) {
  private static final String TASK = "task";
  private static final String CLASS = "class";
  private static final String GROUP = "group";

  /** Copies the lists. */
  public TableColumns {
    headings = List.copyOf(headings);
    numbers = List.copyOf(numbers);
  }

  /** Whether the table is to be regressed. */
  public boolean curves() {
    return form.kind() == Kind.CURVES;
  }

  /**
   * The columns of some headings.
   *
   * @param file for the errors
   * @param line where the headings are, from 1
   * @throws DataException if they are not those of a table of tasks or of classes
   */
  static TableColumns of(String file, int line, List<String> headings) {
    distinct(file, line, headings);
    int task = named(headings, TASK);
    int type = named(headings, CLASS);
    if ((task < 0) == (type < 0)) {
      String only =
          headings.size() == 1 && headings.getFirst().matches(".*[;\t|].*")
              ? " with commas between"
              : "";
      throw task < 0
          ? wrong(
              file,
              line,
              "no heading 'task'",
              "one%s; name the column that says which task a row is of".formatted(only))
          : wrong(
              file,
              line,
              "both headings 'task' and 'class'",
              "one of them; rename the column that does not say what a row belongs to");
    }
    List<Integer> values = new ArrayList<>();
    List<Integer> inputs = new ArrayList<>();
    int group = type < 0 ? -1 : named(headings, GROUP);
    for (int i : IntStream.range(0, headings.size()).toArray()) {
      if (i == task || i == type || i == group) {
        continue;
      }
      boolean value = task >= 0 && headings.get(i).toLowerCase(Locale.ROOT).matches("y\\d*");
      (value ? values : inputs).add(i);
    }
    if (task >= 0 && values.isEmpty()) {
      throw wrong(
          file,
          line,
          "no heading 'y'",
          "one for the values to regress, or 'y1', 'y2' and so on; rename their columns");
    }
    if (inputs.isEmpty()) {
      throw wrong(
          file,
          line,
          "no heading of an input",
          "a column of numbers besides %s; add one"
              .formatted(task >= 0 ? "'task' and 'y'" : "'class'"));
    }
    TableForm form =
        new TableForm(
            task >= 0 ? Kind.CURVES : Kind.CLASSES, inputs.size(), Math.max(1, values.size()));
    inputs.addAll(values);
    return new TableColumns(headings, form, Math.max(task, type), group, inputs);
  }

  private static void distinct(String file, int line, List<String> headings) {
    for (int i = 0; i < headings.size(); i++) {
      String name = headings.get(i);
      int before = named(headings, name);
      if (name.isEmpty() || before < i) {
        throw wrong(
            file,
            line,
            "the heading '%s' in column %s%s"
                .formatted(
                    Names.shown(name),
                    i + 1,
                    name.isEmpty() ? "" : " and in column " + (before + 1)),
            "a name of its own for each column; change it");
      }
    }
  }

  private static int named(List<String> headings, String name) {
    return IntStream.range(0, headings.size())
        .filter(i -> headings.get(i).equalsIgnoreCase(name))
        .findFirst()
        .orElse(-1);
  }

  private static DataException wrong(String file, int line, String found, String expected) {
    return new DataException(
        "Line %s of '%s' has %s: expected %s.".formatted(line, file, found, expected));
  }
}
