package io.quickstudy.data.table;

import io.quickstudy.data.DataException;
import io.quickstudy.text.Names;
import io.quickstudy.text.Text;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * The vectors of one file: a CSV file with a line of headings, or an array of NumPy.
 *
 * @param file where they are from
 * @param className the class of rows of which the file does not say it; often empty
 * @param columns what its columns are, of a CSV file; those of an array have no names
 * @param rows the vectors in the file's order, at least one, all as long
 */
public record VectorFile(
    Path file, String className, Optional<TableColumns> columns, List<TableRow> rows) {
  private static final String CSV = ".csv";
  private static final String NPY = ".npy";

  /** Copies the list. */
  public VectorFile {
    rows = List.copyOf(rows);
  }

  /** Whether a file is one of vectors by its name. */
  public static boolean named(Path file) {
    return !stem(file).equals(String.valueOf(file.getFileName()));
  }

  /** The name of a file without its ending. */
  static String stem(Path file) {
    String name = String.valueOf(file.getFileName());
    String lower = name.toLowerCase(Locale.ROOT);
    return lower.endsWith(CSV) || lower.endsWith(NPY)
        ? name.substring(0, name.length() - CSV.length())
        : name;
  }

  private static boolean isArray(Path file) {
    return String.valueOf(file.getFileName()).toLowerCase(Locale.ROOT).endsWith(NPY);
  }

  /**
   * Reads a file: an array by its name, else a CSV file.
   *
   * @throws DataException if it cannot be read, or a cell of it is wrong: with its line and column
   */
  public static VectorFile read(Path file) {
    return isArray(file) ? NumpyFile.read(file).vectors() : TableFile.readVectors(file);
  }

  /** The numbers of a vector, of which only the beginning of the file is read. */
  static int width(Path file) {
    return isArray(file) ? NumpyFile.width(file) : TableFile.vectorColumns(file).form().inputs();
  }

  /** The numbers of a vector. */
  public int width() {
    return rows.getFirst().numbers().length;
  }

  /** The headings of the numbers, in their order; none of an array. */
  public List<String> names() {
    return columns.map(TableColumns::names).orElse(List.of());
  }

  /** Whether its rows say of which class they are. */
  public boolean hasClasses() {
    return columns.map(c -> c.key() >= 0).orElse(false);
  }

  /** The class of a row, with its group before a "/"; empty where nothing says it. */
  public String classOf(TableRow row) {
    return row.belongs().isEmpty() ? className : row.belongs();
  }

  /** The same rows in a file whose name says of which class they are. */
  VectorFile of(String name) {
    return new VectorFile(file, name, columns, rows);
  }

  /** What a row is called: as the file says, else "v.csv:12" by its line, "v.npy[11]" by number. */
  public String name(TableRow row) {
    String at = columns.isPresent() ? ":" + row.at() : "[" + row.at() + "]";
    return row.id().isEmpty() ? file.getFileName() + at : row.id();
  }

  /**
   * The same with columns in another order, where both have names.
   *
   * @param wanted the headings in that order; none to leave all as it is
   * @param of whose these are, for the errors
   * @param more whether columns that are not wanted are left out; else they are refused
   * @throws DataException if a column is missing, or there are other ones
   */
  public VectorFile ordered(List<String> wanted, String of, boolean more) {
    List<String> own = names();
    if (own.isEmpty() || wanted.isEmpty()) {
      return this;
    }
    int[] at = new int[wanted.size()];
    for (int i = 0; i < at.length; i++) {
      at[i] = own.indexOf(wanted.get(i));
      if (at[i] < 0) {
        throw new DataException(
            "Table '%s' has no column '%s': expected those of %s; %s"
                .formatted(file, Names.shown(wanted.get(i)), of, hint(wanted.get(i), wanted, own)));
      }
    }
    if (!more && own.size() > wanted.size()) {
      String other = own.stream().filter(n -> !wanted.contains(n)).findFirst().orElseThrow();
      throw new DataException(
          "Table '%s' has the column '%s' beside those of %s: expected the same in each; leave it out, or add it there."
              .formatted(file, Names.shown(other), of));
    }
    if (own.equals(wanted)) {
      return this;
    }
    List<TableRow> moved = new ArrayList<>();
    for (TableRow r : rows) {
      float[] numbers = new float[at.length];
      for (int i = 0; i < at.length; i++) {
        numbers[i] = r.numbers()[at[i]];
      }
      moved.add(new TableRow(r.belongs(), r.id(), r.at(), numbers));
    }
    return new VectorFile(file, className, columns.map(c -> c.ordered(wanted)), moved);
  }

  /** What to do about a column that is missing: one that is not wanted may be meant. */
  public static String hint(String missing, List<String> wanted, List<String> own) {
    List<String> others = own.stream().filter(n -> !wanted.contains(n)).toList();
    return Names.hint("", missing, others, "add it, or rename one.");
  }

  /**
   * Checks how long the vectors are.
   *
   * @throws DataException if they are not as long as is wanted
   */
  public VectorFile wide(int wanted, String of) {
    if (width() != wanted) {
      throw new DataException(
          "Table '%s' has %s in a row: expected %s, as %s; correct the file."
              .formatted(file, Text.count(width(), "number"), wanted, of));
    }
    return this;
  }
}
