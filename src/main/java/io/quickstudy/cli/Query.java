package io.quickstudy.cli;

import io.quickstudy.adapt.Adapter;
import io.quickstudy.adapt.Image;
import io.quickstudy.adapt.Input;
import io.quickstudy.adapt.Row;
import io.quickstudy.adapt.Support;
import io.quickstudy.data.DataException;
import io.quickstudy.data.image.ImageDecoder;
import io.quickstudy.data.table.VectorFolder;
import io.quickstudy.run.RunException;
import io.quickstudy.text.Text;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * An image to classify, which is read when that is its turn, or a row of numbers.
 *
 * @param file where it is
 * @param name its path within the folder; of a row what its file calls it
 * @param parent the path of the folder it is in, which may name its class; of a row its class
 * @param row the numbers, of a row
 */
record Query(Path file, String name, String parent, Optional<Row> row) {
  /** What a run takes. */
  enum Kind {
    /** Image files. */
    IMAGES("image"),
    /** CSV and NPY files. */
    ROWS("row");

    private final String noun;

    Kind(String noun) {
      this.noun = noun;
    }

    static Kind of(Adapter adapter) {
      return adapter.config().pictures() ? IMAGES : ROWS;
    }

    /** "image" or "row". */
    String noun() {
      return noun;
    }

    /** "3 images". */
    String count(int n) {
      return Text.count(n, noun);
    }

    /** What the first column of a table of answers is called. */
    String place() {
      return this == IMAGES ? "file" : noun;
    }
  }

  /** The images of a folder, or the rows of its files, in order; or those of a single file. */
  static List<Query> list(Kind kind, Path where) {
    return kind == Kind.IMAGES ? images(where) : rows(where);
  }

  private static List<Query> rows(Path where) {
    return Row.read(where).stream()
        .map(r -> new Query(where, r.name(), r.label().orElse(""), Optional.of(r)))
        .toList();
  }

  private static List<Query> images(Path folder) {
    if (Files.isRegularFile(folder)) {
      return List.of(image(folder, String.valueOf(folder.getFileName()), ""));
    }
    List<Query> out = new ArrayList<>();
    ImageDecoder.list(folder)
        .byFolder()
        .forEach(
            (parent, files) ->
                files.forEach(
                    f -> out.add(image(f, ImageDecoder.name(folder.relativize(f)), parent))));
    return out;
  }

  private static Query image(Path file, String name, String parent) {
    return new Query(file, name, parent, Optional.empty());
  }

  /** What is learned from: class folders of images, or rows with their class. */
  static Support support(Kind kind, Path where) {
    return kind == Kind.IMAGES ? Support.ofFolder(where) : Support.ofTable(where);
  }

  /** The same with what lies elsewhere, whose class is not known. */
  static Support withUnlabelled(Kind kind, Support support, Path where) {
    return kind == Kind.IMAGES
        ? support.withUnlabelled(where)
        : support.withUnlabelled(Row.read(where));
  }

  /**
   * As the run takes it.
   *
   * @throws DataException if it is an image that cannot be read, which others may be without
   * @throws RunException if it is a row that does not fit, as no other of its file does
   */
  Input prepared(Adapter adapter) {
    if (row.isEmpty()) {
      return adapter.prepared(Image.read(file));
    }
    try {
      return adapter.prepared(row.get());
    } catch (DataException | IllegalArgumentException e) {
      throw new RunException(e.getMessage(), e);
    }
  }

  /** Says what is left out of a folder, and how many files are of another kind. */
  static void leftOut(Kind kind, Path folder, Consumer<String> messages) {
    if (Files.isRegularFile(folder)) {
      return;
    }
    int n;
    if (kind == Kind.ROWS) {
      n = VectorFolder.of(folder).others();
    } else {
      ImageDecoder.Pictures found = ImageDecoder.list(folder);
      found.notes().forEach(note -> messages.accept("in '%s': %s".formatted(folder, note)));
      n = found.others();
    }
    String what = kind == Kind.ROWS ? "a table" : "an image";
    String whats = kind == Kind.ROWS ? "tables" : "images";
    if (n > 0) {
      messages.accept(
          "left out of '%s': %s %s"
              .formatted(
                  folder,
                  n,
                  n == 1
                      ? "file whose name is not that of " + what
                      : "files whose names are not those of " + whats));
    }
  }
}
