package io.quickstudy.data.table;

import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.dataformat.csv.CsvMapper;
import com.fasterxml.jackson.dataformat.csv.CsvParser;
import io.quickstudy.data.Cells;
import io.quickstudy.data.DataException;
import io.quickstudy.data.VectorSet;
import io.quickstudy.text.Names;
import io.quickstudy.text.Text;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.text.Normalizer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A CSV file in UTF-8: a line of headings, then lines of as many cells. What the columns are,
 * {@link TableColumns} says. Rows of one task or class need not stand together.
 *
 * @param columns what its columns are
 * @param rows its numbers by task or class, the inputs before the values
 */
public record TableFile(TableColumns columns, VectorSet rows) {
  /** The most numbers of a table. */
  static final int MOST_NUMBERS = 1 << 28;

  private static final int MOST_COLUMNS = 1 << 16;
  private static final int[] MARK = {0xEF, 0xBB, 0xBF}; // of UTF-8, as some programs write it

  private static final CsvMapper CSV =
      CsvMapper.builder()
          .enable(CsvParser.Feature.TRIM_SPACES)
          .enable(CsvParser.Feature.SKIP_EMPTY_LINES)
          .enable(CsvParser.Feature.WRAP_AS_ARRAY)
          .build();

  /** What is done with the cells of a line. */
  @FunctionalInterface
  private interface Lines {
    /** Takes a line, numbered from 1; whether to go on. */
    boolean next(int line, List<String> cells);
  }

  /**
   * What the columns of a file are, of which only the headings are read.
   *
   * @throws DataException if it cannot be read, or has no such headings
   */
  public static TableColumns columns(Path file) {
    List<TableColumns> found = new ArrayList<>();
    read(
        file,
        (line, cells) -> {
          found.add(TableColumns.of(file.toString(), line, cells));
          return false;
        });
    return found.stream().findFirst().orElseThrow(() -> empty(file));
  }

  /**
   * Reads a file.
   *
   * @throws DataException if it cannot be read, or a line of it is wrong: with the line and the
   *     column
   */
  public static TableFile read(Path file) {
    Reading r = new Reading(file);
    read(file, r::next);
    if (r.columns == null || r.rows.isEmpty()) {
      throw empty(file);
    }
    String unit = r.columns.curves() ? "task" : "class";
    return new TableFile(r.columns, VectorSet.of("table " + file.getFileName(), unit, r.rows));
  }

  private static DataException empty(Path file) {
    return new DataException(
        "Table '%s' has no rows: expected a line of headings and a line for each row; fill it."
            .formatted(file));
  }

  private static void read(Path file, Lines to) {
    if (Files.isDirectory(file) || !Files.exists(file)) {
      throw new DataException(
          "Table '%s' %s: expected a CSV file; check the path."
              .formatted(file, Files.exists(file) ? "is a folder" : "does not exist"));
    }
    try (InputStream in = unmarked(new BufferedInputStream(Files.newInputStream(file)));
        CsvParser parser = (CsvParser) CSV.createParser(in)) {
      parser.nextToken(); // of the whole file
      boolean more = true;
      while (more && parser.nextToken() == JsonToken.START_ARRAY) {
        int line = parser.currentLocation().getLineNr(); // that of the first cell
        List<String> cells = new ArrayList<>();
        while (parser.nextToken() != JsonToken.END_ARRAY && parser.currentToken() != null) {
          cells.add(parser.getText());
          if (cells.size() > MOST_COLUMNS) {
            throw new DataException(
                "Line %s of '%s' has more than %s cells: expected at most so many; leave columns out."
                    .formatted(line, file, MOST_COLUMNS));
          }
        }
        more = to.next(line, cells);
      }
    } catch (IOException | UncheckedIOException e) {
      String message = e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
      throw new DataException(
          "Table '%s' cannot be read (%s): expected a CSV file in UTF-8; correct it."
              .formatted(file, Names.said(message).replaceAll("\\.$", "")),
          e);
    }
  }

  private static InputStream unmarked(InputStream in) throws IOException {
    in.mark(MARK.length);
    for (int b : MARK) {
      if (in.read() != b) {
        in.reset();
        break;
      }
    }
    return in;
  }

  /** A file that is being read. */
  private static final class Reading {
    private final Path file;
    private final Map<String, List<float[]>> rows = new HashMap<>();
    private TableColumns columns;
    private long numbers;

    Reading(Path file) {
      this.file = file;
    }

    boolean next(int line, List<String> cells) {
      if (columns == null) {
        columns = TableColumns.of(file.toString(), line, cells);
        return true;
      }
      if (cells.size() != columns.headings().size()) {
        throw new DataException(
            "Line %s of '%s' has %s: expected %s, one for each heading; correct it."
                .formatted(
                    line, file, Text.count(cells.size(), "cell"), columns.headings().size()));
      }
      String name = name(line, cells);
      float[] row = new float[columns.numbers().size()];
      for (int i = 0; i < row.length; i++) {
        int column = columns.numbers().get(i);
        row[i] = number(line, column, cells.get(column));
      }
      numbers += row.length;
      if (numbers > MOST_NUMBERS) {
        throw new DataException(
            "Table '%s' has more than %s numbers: expected at most so many; leave rows or columns out."
                .formatted(file, MOST_NUMBERS));
      }
      rows.computeIfAbsent(name, n -> new ArrayList<>()).add(row);
      return true;
    }

    private String name(int line, List<String> cells) {
      String name = Normalizer.normalize(cells.get(columns.key()), Normalizer.Form.NFC);
      if (name.isEmpty()) {
        throw new DataException(
            "Line %s of '%s' has an empty cell in column %s ('%s'): expected the name of what the row belongs to; write it."
                .formatted(line, file, columns.key() + 1, heading(columns.key())));
      }
      if (columns.group() < 0) {
        return name;
      }
      String group = Normalizer.normalize(cells.get(columns.group()), Normalizer.Form.NFC);
      return group.isEmpty() ? name : group + "/" + name;
    }

    private String heading(int column) {
      return Names.shown(columns.headings().get(column));
    }

    private float number(int line, int column, String text) {
      float value = Cells.number(text);
      if (!Float.isFinite(value)) {
        throw new DataException(
            "Line %s of '%s' has %s in column %s ('%s'): expected a number%s."
                .formatted(
                    line,
                    file,
                    text.isEmpty() ? "an empty cell" : "'" + Names.shown(text) + "'",
                    column + 1,
                    heading(column),
                    Float.isNaN(value)
                        ? ", such as -0.5; write one, or leave the row or the column out"
                        : " up to 3.4e38; divide the column"));
      }
      return value;
    }
  }
}
