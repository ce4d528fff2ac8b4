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
import java.util.Optional;
import java.util.stream.IntStream;

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

  /** What is made of the first line. */
  @FunctionalInterface
  private interface Headings {
    TableColumns columns(String file, int line, List<String> cells);
  }

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
    return columns(file, TableColumns::of);
  }

  /** The same of a file of vectors, which need not say of which class they are. */
  static TableColumns vectorColumns(Path file) {
    return columns(file, TableFile::vectors);
  }

  private static TableColumns columns(Path file, Headings headings) {
    List<TableColumns> found = new ArrayList<>();
    read(
        file,
        (line, cells) -> {
          found.add(headings.columns(file.toString(), line, cells));
          return false;
        });
    return found.stream().findFirst().orElseThrow(() -> empty(file));
  }

  /** Headings, and no first row of numbers instead, which would go lost. */
  private static TableColumns vectors(String file, int line, List<String> cells) {
    boolean numbers = cells.stream().allMatch(c -> Float.isFinite(Cells.number(c)));
    if (numbers && !counted(cells)) {
      throw new DataException(
          "Line %s of '%s' has numbers alone: expected a line of headings before the first row; write one."
              .formatted(line, file));
    }
    return TableColumns.ofVectors(file, line, cells);
  }

  /** Whether these are 0, 1, 2 and so on, as pandas calls columns that have no names. */
  private static boolean counted(List<String> cells) {
    return cells.size() > 1
        && IntStream.range(0, cells.size()).allMatch(i -> cells.get(i).equals(Integer.toString(i)));
  }

  /**
   * Reads a file whose rows say what they belong to.
   *
   * @throws DataException if it cannot be read, or a line of it is wrong: with the line and the
   *     column
   */
  public static TableFile read(Path file) {
    Reading r = reading(file, TableColumns::of);
    Map<String, List<float[]>> rows = new HashMap<>();
    r.rows.forEach(
        row -> rows.computeIfAbsent(row.belongs(), n -> new ArrayList<>()).add(row.numbers()));
    String unit = r.columns.curves() ? "task" : "class";
    return new TableFile(r.columns, VectorSet.of("table " + file.getFileName(), unit, rows));
  }

  /** The vectors of a file, in its order, of which a class may be said or not. */
  static VectorFile readVectors(Path file) {
    Reading r = reading(file, TableFile::vectors);
    return new VectorFile(file, "", Optional.of(r.columns), r.rows);
  }

  private static Reading reading(Path file, Headings headings) {
    Reading r = new Reading(file, headings);
    read(file, r::next);
    if (r.columns == null || r.rows.isEmpty()) {
      throw empty(file);
    }
    return r;
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
    private final Headings headings;
    private final List<TableRow> rows = new ArrayList<>();
    private TableColumns columns;
    private long numbers;

    Reading(Path file, Headings headings) {
      this.file = file;
      this.headings = headings;
    }

    boolean next(int line, List<String> cells) {
      if (columns == null) {
        columns = headings.columns(file.toString(), line, cells);
        return true;
      }
      if (cells.size() != columns.headings().size()) {
        throw new DataException(
            "Line %s of '%s' has %s: expected %s, one for each heading; correct it."
                .formatted(
                    line, file, Text.count(cells.size(), "cell"), columns.headings().size()));
      }
      String belongs = belongs(line, cells);
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
      rows.add(new TableRow(belongs, id(cells), line, row));
      return true;
    }

    private String id(List<String> cells) {
      return columns.name() < 0 ? "" : cells.get(columns.name());
    }

    private String belongs(int line, List<String> cells) {
      if (columns.key() < 0) {
        return "";
      }
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
