package io.quickstudy.data.image;

import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.dataformat.csv.CsvMapper;
import com.fasterxml.jackson.dataformat.csv.CsvParser;
import io.quickstudy.data.Attributes;
import io.quickstudy.data.Cells;
import io.quickstudy.data.DataException;
import io.quickstudy.data.ImageClass;
import io.quickstudy.text.Names;
import io.quickstudy.text.Text;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * A CSV file of what classes are like: in the first line a heading for the classes' names and one
 * for each attribute, then a line for each class with its name and a number for each attribute.
 *
 * @param file where it is
 * @param names of the attributes
 * @param rows the classes, in the file's order
 */
public record AttributeFile(Path file, List<String> names, List<Row> rows) {
  /** The name of such a file beside class folders. */
  public static final String NAME = "attributes.csv";

  private static final long MAX_BYTES = 64 << 20;

  private static final CsvMapper CSV =
      CsvMapper.builder()
          .enable(CsvParser.Feature.TRIM_SPACES)
          .enable(CsvParser.Feature.SKIP_EMPTY_LINES)
          .enable(CsvParser.Feature.WRAP_AS_ARRAY)
          .build();

  /**
   * A class.
   *
   * @param line where in the file it is, from 1
   * @param name the class's
   * @param values its attributes
   */
  public record Row(int line, String name, float[] values) {}

  /** Copies the lists. */
  public AttributeFile {
    names = List.copyOf(names);
    rows = List.copyOf(rows);
  }

  /** The one that lies beside the class folders of a folder, if there is one. */
  public static Optional<Path> in(Path folder) {
    return Optional.of(folder.resolve(NAME)).filter(Files::isRegularFile);
  }

  /**
   * Reads a file.
   *
   * @throws DataException if it cannot be read, or a line of it is wrong
   */
  public static AttributeFile read(Path file) {
    try {
      long size = Files.size(file);
      if (size > MAX_BYTES) {
        throw new DataException(
            "File '%s' has %s bytes: expected attributes of at most %s MiB; name another."
                .formatted(file, size, MAX_BYTES >> 20));
      }
      return read(file, Files.readAllBytes(file));
    } catch (IOException | UncheckedIOException e) {
      String message = e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
      throw new DataException(
          ("File '%s' cannot be read (%s): expected a CSV file in UTF-8 of classes and their"
                  + " attributes; correct it.")
              .formatted(file, Names.said(message)),
          e);
    }
  }

  private static AttributeFile read(Path file, byte[] bytes) throws IOException {
    List<String> names = null;
    List<Row> rows = new ArrayList<>();
    Map<String, Integer> lines = new HashMap<>();
    try (CsvParser parser = (CsvParser) CSV.createParser(bytes)) {
      parser.nextToken(); // of the whole file
      while (parser.nextToken() == JsonToken.START_ARRAY) {
        int line = parser.currentLocation().getLineNr(); // that of the first cell
        List<String> cells = new ArrayList<>();
        while (parser.nextToken() != JsonToken.END_ARRAY && parser.currentToken() != null) {
          cells.add(parser.getText());
          if (cells.size() > Attributes.MOST + 1) {
            throw new DataException(
                "Line %s of '%s' has more than %s attributes: expected at most so many; leave some out."
                    .formatted(line, file, Attributes.MOST));
          }
        }
        if (names == null) {
          names = headings(file, line, cells);
          continue;
        }
        Row row = row(file, line, names, cells);
        Integer before = lines.putIfAbsent(row.name, line);
        if (before != null) {
          throw new DataException(
              "Line %s of '%s' is of class '%s', as line %s is: expected each class once; remove one of them."
                  .formatted(line, file, Names.shown(row.name), before));
        }
        rows.add(row);
      }
    }
    if (rows.isEmpty()) {
      throw new DataException(
          ("File '%s' describes no class: expected a line of headings and a line for each class;"
                  + " fill it.")
              .formatted(file));
    }
    return new AttributeFile(file, names, rows);
  }

  private static List<String> headings(Path file, int line, List<String> cells) {
    if (cells.size() < 2) {
      throw new DataException(
          "Line %s of '%s' has one heading, '%s': expected that of the classes' names and one for each attribute, with commas between; correct it."
              .formatted(line, file, Names.shown(cells.isEmpty() ? "" : cells.getFirst())));
    }
    List<String> names = cells.subList(1, cells.size());
    for (int i = 0; i < names.size(); i++) {
      String name = names.get(i);
      if (name.isEmpty() || names.indexOf(name) < i) {
        throw new DataException(
            "Line %s of '%s' has the heading '%s' in column %s%s: expected a name of its own for each attribute; change it."
                .formatted(
                    line,
                    file,
                    Names.shown(name),
                    i + 2,
                    name.isEmpty() ? "" : " and in column " + (names.indexOf(name) + 2)));
      }
    }
    return List.copyOf(names);
  }

  private static Row row(Path file, int line, List<String> names, List<String> cells) {
    if (cells.size() != names.size() + 1) {
      throw new DataException(
          "Line %s of '%s' has %s: expected %s, a class and its %s; correct it."
              .formatted(
                  line,
                  file,
                  Text.count(cells.size(), "value"),
                  names.size() + 1,
                  Text.count(names.size(), "attribute")));
    }
    String name = FileNames.composed(cells.getFirst());
    if (name.isEmpty()) {
      throw new DataException(
          "Line %s of '%s' names no class: expected its name in the first column; write it."
              .formatted(line, file));
    }
    float[] values = new float[names.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = number(file, line, names.get(i), cells.get(i + 1));
    }
    return new Row(line, name, values);
  }

  private static float number(Path file, int line, String name, String text) {
    float value = Cells.number(text);
    if (!Attributes.inRange(value)) {
      throw new DataException(
          "Line %s of '%s' has '%s' in column '%s': expected a number from -%s to %s; %s."
              .formatted(
                  line,
                  file,
                  Names.shown(text),
                  Names.shown(name),
                  (int) Attributes.LARGEST,
                  (int) Attributes.LARGEST,
                  Float.isNaN(value)
                      ? "write one, such as 0 for no and 1 for yes"
                      : "divide the column, so that it does not drown the others"));
    }
    return value;
  }

  /** All of it: what the file's classes are like, in its order. */
  public Attributes attributes() {
    return attributes(rows, rows.stream().map(Row::name).toList());
  }

  private Attributes attributes(List<Row> chosen, List<String> classes) {
    float[] values = new float[chosen.size() * names.size()];
    for (int i = 0; i < chosen.size(); i++) {
      System.arraycopy(chosen.get(i).values, 0, values, i * names.size(), names.size());
    }
    return new Attributes(names, classes, values);
  }

  /**
   * What these classes are like, in their order. A row names a class by its whole name or by the
   * end of it, behind a slash, where no other class ends so.
   *
   * @throws DataException if a row is of none of them, or one of them has no row or two
   */
  public Attributes of(List<ImageClass> classes) {
    List<String> all = classes.stream().map(ImageClass::fullName).toList();
    Map<String, List<String>> byEnd = new HashMap<>();
    for (String name : all) {
      int at = 0;
      do {
        byEnd.computeIfAbsent(name.substring(at), n -> new ArrayList<>()).add(name);
        at = name.indexOf('/', at) + 1;
      } while (at > 0);
    }
    Map<String, Row> byClass = new HashMap<>();
    for (Row row : rows) {
      String name = known(row, all, byEnd.getOrDefault(row.name, List.of()));
      Row before = byClass.putIfAbsent(name, row);
      if (before != null) {
        throw new DataException(
            "Line %s of '%s' is of class '%s', as line %s is: expected each class once; remove one of them."
                .formatted(row.line, file, Names.shown(name), before.line));
      }
    }
    List<String> missing = all.stream().filter(c -> !byClass.containsKey(c)).toList();
    if (!missing.isEmpty()) {
      throw new DataException(
          "Class '%s'%s has no line in '%s': expected one for each class that has a folder; add it."
              .formatted(
                  Names.shown(missing.getFirst()),
                  missing.size() == 1 ? "" : " (and " + (missing.size() - 1) + " more)",
                  file));
    }
    return attributes(all.stream().map(byClass::get).toList(), all);
  }

  /** Of the classes that end as a row says, the one that it means. */
  private String known(Row row, List<String> classes, List<String> same) {
    if (same.contains(row.name)) {
      return row.name;
    }
    if (same.size() == 1) {
      return same.getFirst();
    }
    if (same.isEmpty()) {
      throw new DataException(
          "Line %s of '%s' is of class '%s', which has no folder of images: expected one of %s; %s"
              .formatted(
                  row.line,
                  file,
                  Names.shown(row.name),
                  Text.count(classes.size(), "class"),
                  Names.hint("", row.name, classes, "remove the line.")));
    }
    throw new DataException(
        "Line %s of '%s' is of class '%s', which may be any of %s: expected one; write its whole name."
            .formatted(
                row.line,
                file,
                Names.shown(row.name),
                same.stream().limit(3).map(Names::shown).collect(Collectors.joining(", "))));
  }
}
