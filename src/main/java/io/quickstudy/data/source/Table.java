package io.quickstudy.data.source;

import io.quickstudy.data.DataException;
import io.quickstudy.data.DataSource;
import io.quickstudy.data.Fingerprint;
import io.quickstudy.data.LoadListener;
import io.quickstudy.data.Moments;
import io.quickstudy.data.Split;
import io.quickstudy.data.VectorSet;
import io.quickstudy.data.image.FolderSplit;
import io.quickstudy.data.table.ClassTables;
import io.quickstudy.data.table.TableCurves;
import io.quickstudy.data.table.TableFile;
import io.quickstudy.data.table.TableForm;
import io.quickstudy.graph.Shape;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Own numbers: a CSV file whose headings say what it is, or a folder of files of vectors.
 *
 * @param form what the table holds
 */
public record Table(TableForm form) implements DataSource {
  /** Of no file yet. */
  public static final Table DATA = new Table(new TableForm(Kind.CURVES, 1, 1));

  @Override
  public String name() {
    return "table";
  }

  @Override
  public String about() {
    return classes()
        ? "your own rows of classes: a CSV file with a column 'class', or one for each class, as"
            + " table:FILE or :DIR"
        : "your own tasks to regress: a CSV file with columns 'task' and 'y', as table:FILE";
  }

  @Override
  public String title(Optional<Path> dir) {
    return dir.map(Path::getFileName).map(Path::toString).orElse(name());
  }

  @Override
  public Kind kind() {
    return form.kind();
  }

  @Override
  public boolean pictures() {
    return false;
  }

  @Override
  public DataSource in(Optional<Path> where, String columns) {
    return new Table(
        columns.isEmpty() ? found(where.orElseThrow(Table::nowhere)) : TableForm.of(columns));
  }

  /** By the headings, or the beginning of an array. */
  private static TableForm found(Path where) {
    return Files.isDirectory(where)
        ? new TableForm(Kind.CLASSES, ClassTables.width(where), 1)
        : TableFile.columns(where).form();
  }

  @Override
  public List<DataSource> forms() {
    return List.of(new Table(new TableForm(Kind.CLASSES, 1, 1)), DATA);
  }

  private static IllegalArgumentException nowhere() {
    return new IllegalArgumentException(
        "Data 'table' without a file: expected a CSV file of numbers, or a folder with a CSV or NPY"
            + " file for each class; say --data table:FILE.");
  }

  @Override
  public String columns() {
    return form.text();
  }

  private boolean classes() {
    return form.kind() == Kind.CLASSES;
  }

  @Override
  public List<String> splits() {
    return classes() ? FolderSplit.names() : List.of(Split.RANDOM);
  }

  /** Of a folder what lies in it says. */
  @Override
  public String usualSplit(Optional<Path> dir) {
    return dir.filter(d -> classes()).map(FolderSplit::usual).orElse(Split.RANDOM);
  }

  @Override
  public void checkSplit(String split) {
    if (classes()) {
      FolderSplit.of(split); // also "files:DIR"
    } else {
      DataSource.super.checkSplit(split);
    }
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
    return classes() ? Set.of("split", "within", "classes") : Set.of("split");
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
    return "as table:FILE or table:DIR";
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
    Path where = r.dir().orElseThrow();
    TableForm now = found(where);
    if (!now.equals(form)) {
      throw new DataException(
          "Table '%s' is of the form '%s': expected '%s', that of the run; name a table with such columns."
              .formatted(where, now.text(), form.text()));
    }
    return classes() ? classes(where, r, listener) : curves(where, r, listener);
  }

  private static Loaded classes(Path where, Request r, LoadListener listener) {
    ClassTables t = ClassTables.load(where, FolderSplit.of(r.split()), r.seed(), listener);
    return new Loaded.Vectors(t.set(), t.split(), t.columns());
  }

  private Loaded curves(Path file, Request r, LoadListener listener) {
    TableFile table = TableFile.read(file);
    VectorSet set = table.rows();
    Split split = Split.random(set, r.seed());
    Moments.of(set).uneven(table.columns().names(), "scale it").ifPresent(listener::message);
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
}
