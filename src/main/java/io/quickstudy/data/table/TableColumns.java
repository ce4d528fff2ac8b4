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
 * class of a row, "group" the class's group, "id" or "file" the row itself, all others are the
 * vector.
 *
 * @param headings of all columns
 * @param form what the table holds
 * @param key the column of the task or the class; -1 for none, of vectors whose class stands
 *     elsewhere or is not known
 * @param group that of the group; -1 for none
 * @param name that of the rows' names; -1 for none
 * @param numbers the columns of numbers: the inputs, then the values
 */
public record TableColumns(
    List<String> headings, TableForm form, int key, int group, int name, List<Integer> numbers) {
  private static final String TASK = "task";
  private static final String CLASS = "class";
  private static final String GROUP = "group";

  /** Those that name a row, the first that is there; as {@code embed} writes, and as people do. */
  private static final List<String> NAMES = List.of("id", "file");

  /** Beside "file", why there are no numbers, as {@code embed} writes it. */
  private static final String ERROR = "error";

  /** Copies the lists. */
  public TableColumns {
    headings = List.copyOf(headings);
    numbers = List.copyOf(numbers);
  }

  /** Whether the table is to be regressed. */
  public boolean curves() {
    return form.kind() == Kind.CURVES;
  }

  /** The headings of the numbers, in their order. */
  public List<String> names() {
    return numbers.stream().map(headings::get).toList();
  }

  /** The same with some of the numbers, in an order of their own. */
  TableColumns ordered(List<String> names) {
    return new TableColumns(
        headings,
        new TableForm(form.kind(), names.size(), form.outputs()),
        key,
        group,
        name,
        names.stream().map(headings::indexOf).toList());
  }

  /**
   * The columns of some headings of vectors, of which a class may be said or not.
   *
   * @param file for the errors
   * @param line where the headings are, from 1
   * @throws DataException if one is there twice, or none is of a number
   */
  static TableColumns ofVectors(String file, int line, List<String> headings) {
    distinct(file, line, headings);
    return vectors(file, line, headings, named(headings, CLASS));
  }

  private static TableColumns vectors(String file, int line, List<String> headings, int type) {
    int group = type < 0 ? -1 : named(headings, GROUP);
    int name =
        NAMES.stream().mapToInt(n -> named(headings, n)).filter(i -> i >= 0).findFirst().orElse(-1);
    int error = named(headings, NAMES.getLast()) < 0 ? -1 : named(headings, ERROR);
    List<Integer> numbers = new ArrayList<>();
    for (int i : IntStream.range(0, headings.size()).toArray()) {
      if (i != type && i != group && i != name && i != error) {
        numbers.add(i);
      }
    }
    if (numbers.isEmpty()) {
      throw inputless(file, line, "'class'");
    }
    return new TableColumns(
        headings, new TableForm(Kind.CLASSES, numbers.size(), 1), type, group, name, numbers);
  }

  private static DataException inputless(String file, int line, String besides) {
    return wrong(
        file,
        line,
        "no heading of an input",
        "a column of numbers besides %s; add one".formatted(besides));
  }

  /**
   * The columns of some headings of a table that says for each row what it belongs to.
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
              "no heading 'task' or 'class'",
              "one%s; name the column that says which task or class a row is of".formatted(only))
          : wrong(
              file,
              line,
              "both headings 'task' and 'class'",
              "one of them; rename the column that does not say what a row belongs to");
    }
    if (type >= 0) {
      return vectors(file, line, headings, type);
    }
    List<Integer> values = new ArrayList<>();
    List<Integer> inputs = new ArrayList<>();
    for (int i : IntStream.range(0, headings.size()).toArray()) {
      if (i == task) {
        continue;
      }
      boolean value = headings.get(i).toLowerCase(Locale.ROOT).matches("y\\d*");
      (value ? values : inputs).add(i);
    }
    if (values.isEmpty()) {
      throw wrong(
          file,
          line,
          "no heading 'y'",
          "one for the values to regress, or 'y1', 'y2' and so on; rename their columns");
    }
    if (inputs.isEmpty()) {
      throw inputless(file, line, "'task' and 'y'");
    }
    TableForm form = new TableForm(Kind.CURVES, inputs.size(), values.size());
    inputs.addAll(values);
    return new TableColumns(headings, form, task, -1, -1, inputs);
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
