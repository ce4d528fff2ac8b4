package io.quickstudy.data.source;

import io.quickstudy.data.DataException;
import io.quickstudy.data.DataSource;
import io.quickstudy.data.Fingerprint;
import io.quickstudy.data.LoadListener;
import io.quickstudy.data.Split;
import io.quickstudy.data.VectorSet;
import io.quickstudy.data.table.TableCurves;
import io.quickstudy.data.table.TableFile;
import io.quickstudy.data.table.TableForm;
import io.quickstudy.graph.Shape;
import io.quickstudy.text.Text;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/**
 * Own numbers: a CSV file whose headings say what it is.
 *
 * @param form what the table holds
 */
public record Table(TableForm form) implements DataSource {
  /** Of no file yet. */
  public static final Table DATA = new Table(new TableForm(Kind.CURVES, 1, 1));

  private static final double UNEVEN = 10;

  @Override
  public String name() {
    return "table";
  }

  @Override
  public String about() {
    return "your own numbers: a CSV file with a column 'task' and values 'y', as table:FILE";
  }

  @Override
  public Kind kind() {
    return form.kind();
  }

  @Override
  public DataSource in(Optional<Path> where, String columns) {
    TableForm found =
        columns.isEmpty()
            ? TableFile.columns(where.orElseThrow(Table::nowhere)).form()
            : TableForm.of(columns);
    if (found.kind() != Kind.CURVES) {
      throw new IllegalArgumentException(
          "Data 'table' with a column 'class': expected one 'task' and values 'y'; name another"
              + " file.");
    }
    return new Table(found);
  }

  private static IllegalArgumentException nowhere() {
    return new IllegalArgumentException(
        "Data 'table' without a file: expected a CSV file of numbers; say --data table:FILE.");
  }

  @Override
  public String columns() {
    return form.text();
  }

  @Override
  public List<String> splits() {
    return List.of(Split.RANDOM);
  }

  @Override
  public boolean inFolder() {
    return true;
  }

  @Override
  public boolean needsFolder() {
    return true;
  }

  @Override
  public Set<String> options() {
    return Set.of("split");
  }

  @Override
  public Shape example(Request r) {
    return Shape.of(form.inputs());
  }

  @Override
  public int outputs() {
    return form.outputs();
  }

  @Override
  public String found() {
    return "as table:FILE";
  }

  @Override
  public void check(Request r) {
    DataSource.super.check(r);
    if (r.dir().isEmpty()) {
      throw nowhere();
    }
  }

  @Override
  public Loaded load(Request r, LoadListener listener) {
    Path file = r.dir().orElseThrow();
    TableFile table = TableFile.read(file);
    TableForm now = table.columns().form();
    if (!now.equals(form)) {
      throw new DataException(
          "Table '%s' is of the form '%s': expected '%s', that of the run; name a table with such columns."
              .formatted(file, now.text(), form.text()));
    }
    VectorSet set = table.rows();
    Split split = Split.random(set, r.seed());
    uneven(table, listener);
    String about = set + ", split " + split;
    return new Loaded.Curves(
        curves(about, set, split, Split.Part.TRAIN, r.seed()),
        curves(about, set, split, Split.Part.VAL, r.seed()),
        curves(about, set, split, Split.Part.TEST, r.seed()),
        Fingerprint.of(set, split));
  }

  private TableCurves curves(String about, VectorSet set, Split split, Split.Part part, long seed) {
    return new TableCurves(about, set, form.inputs(), split.classes(part), seed);
  }

  /** Says of columns that networks, whose weights start for numbers near 1, learn badly from. */
  private static void uneven(TableFile table, LoadListener listener) {
    VectorSet set = table.rows();
    int n = set.examples();
    for (int i = 0; i < set.width(); i++) {
      double sum = 0;
      double squares = 0;
      for (int row = 0; row < n; row++) {
        double v = set.values()[row * set.width() + i];
        sum += v;
        squares += v * v;
      }
      double size = Math.sqrt(squares / n);
      double deviation = Math.sqrt(Math.max(0, squares / n - sum / n * (sum / n)));
      if (size > UNEVEN || (deviation > 0 && deviation < 1 / UNEVEN)) {
        listener.message(
            String.format(
                Locale.ROOT,
                "column '%s' has the mean %s and the deviation %s: networks start best with 0 and"
                    + " 1, so scale it if training is slow",
                table.columns().headings().get(table.columns().numbers().get(i)),
                Text.number(sum / n),
                Text.number(deviation)));
        return; // one line says it of all
      }
    }
  }
}
