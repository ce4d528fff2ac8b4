package io.quickstudy.adapt;

import io.quickstudy.data.DataException;
import io.quickstudy.data.table.VectorFile;
import io.quickstudy.data.table.VectorFolder;
import io.quickstudy.text.Names;
import io.quickstudy.text.Text;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * A row of numbers to learn from or to classify, for a run on tables of vectors. Immutable: the
 * numbers are copied.
 */
public final class Row implements Input {
  private final float[] values;
  private final List<String> columns;
  private final String name;
  private final String label;

  private Row(float[] values, List<String> columns, String name, String label) {
    this.values = values;
    this.columns = columns;
    this.name = name;
    this.label = label;
  }

  /** Numbers in the order of the columns that the run was trained on. */
  public static Row of(float... values) {
    return new Row(values.clone(), List.of(), "a row of %s numbers".formatted(values.length), "");
  }

  /**
   * The rows of a CSV or NPY file, or of all such files of a folder, as {@code train} takes them:
   * columns may be in any order, as the run knows them by their headings.
   *
   * @throws DataException if one cannot be read, or a cell of it is wrong: with its line and column
   */
  public static List<Row> read(Path where) {
    List<Row> rows = new ArrayList<>();
    for (VectorFile f : VectorFolder.of(where).read()) {
      List<String> columns = f.names();
      f.rows().forEach(r -> rows.add(new Row(r.numbers(), columns, f.name(r), f.classOf(r))));
    }
    return rows;
  }

  /** The class that its file says it is of; nothing where it does not. */
  public Optional<String> label() {
    return Optional.of(label).filter(l -> !l.isEmpty());
  }

  @Override
  public String name() {
    return name;
  }

  /** What its numbers are called; empty where they have no names. */
  List<String> columns() {
    return columns;
  }

  /**
   * Where the numbers of a run are among those of rows with some columns.
   *
   * @param name of the first of the rows, for the error
   * @param own their columns; none for those without names
   * @param wanted those of the run; none likewise
   * @param size how many numbers the run takes
   * @throws DataException if a column is missing
   */
  static int[] places(String name, List<String> own, List<String> wanted, int size) {
    int[] at = new int[size];
    Arrays.setAll(at, i -> i);
    for (int i = 0; i < wanted.size() && !own.isEmpty(); i++) {
      at[i] = own.indexOf(wanted.get(i));
      if (at[i] < 0) {
        throw new DataException(
            "'%s' has no column '%s': expected those that the run was trained on, in any order; %s"
                .formatted(
                    Names.shown(name),
                    Names.shown(wanted.get(i)),
                    VectorFile.hint(wanted.get(i), wanted, own)));
      }
    }
    return at;
  }

  /**
   * Writes the numbers that a model takes.
   *
   * @param places where they are among this row's, as {@link #places} says
   * @param exact whether these are all that there are
   * @throws IllegalArgumentException if they are too few or too many, or not finite
   */
  void write(int[] places, boolean exact, float[] into, int at) {
    if (exact ? values.length != places.length : values.length < places.length) {
      throw new IllegalArgumentException(
          "'%s' has %s: expected %s, as the rows that the run was trained on; give as many."
              .formatted(Names.shown(name), Text.count(values.length, "number"), places.length));
    }
    Finite.check("'%s'".formatted(name), values);
    for (int i = 0; i < places.length; i++) {
      into[at + i] = values[places[i]];
    }
  }
}
