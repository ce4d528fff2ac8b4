package io.quickstudy.data.table;

import io.quickstudy.data.DataException;
import io.quickstudy.data.ImageClass;
import io.quickstudy.data.LoadListener;
import io.quickstudy.data.Split;
import io.quickstudy.data.VectorSet;
import io.quickstudy.data.image.ClassLists;
import io.quickstudy.data.image.FileNames;
import io.quickstudy.data.image.FolderSplit;
import io.quickstudy.data.image.PartFolders;
import io.quickstudy.text.Names;
import io.quickstudy.text.Text;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Vectors by class to train on: a CSV file with a column "class", or a folder with a CSV or NPY
 * file for each class, split by class.
 *
 * <p>In a folder the name of a file is its class, and the folders above it are the class's group; a
 * file with a column "class" says so itself. The parts of a split are the folders or files train,
 * val and test, or files that list classes.
 *
 * @param set the vectors
 * @param split which classes are for what
 * @param columns the headings of the numbers, in their order; none where they have no names
 */
public record ClassTables(VectorSet set, Split split, List<String> columns) {
  /** Copies the list. */
  public ClassTables {
    columns = List.copyOf(columns);
  }

  /**
   * The numbers of a vector of a folder, of which only the beginning of a file is read.
   *
   * @throws DataException if it holds no such file, or one that cannot be read
   */
  public static int width(Path folder) {
    return VectorFile.width(VectorFolder.of(folder).files().getFirst());
  }

  /**
   * Reads a file or a folder.
   *
   * @param by how its classes are split
   * @param seed for the random split
   * @param listener told what was found, and what was left out
   * @throws DataException if a file, a folder or a list cannot be read, or a cell is wrong: with
   *     its file, line and column
   * @throws IllegalArgumentException if the split does not fit the classes
   */
  public static ClassTables load(Path where, FolderSplit by, long seed, LoadListener listener) {
    return new Reader(where, by, listener).load(seed);
  }

  /** What is collected of many files. */
  private static final class Reader {
    private final Path where;
    private final FolderSplit by;
    private final LoadListener listener;
    private final Map<String, List<float[]>> rows = new HashMap<>();
    private final Map<String, Split.Part> parts = new HashMap<>();
    private VectorFile first;
    private List<String> columns = List.of();
    private Path named;
    private long numbers;

    Reader(Path where, FolderSplit by, LoadListener listener) {
      this.where = where;
      this.by = by;
      this.listener = listener;
    }

    ClassTables load(long seed) {
      if (Files.isDirectory(where)) {
        folder();
      } else {
        file();
      }
      VectorSet set = VectorSet.of("table " + where.getFileName(), rows);
      return switch (by.rule()) {
        case RANDOM -> new ClassTables(set, Split.random(set, seed), columns);
        case HELDOUT -> new ClassTables(set, Split.heldout(set), columns);
        case FOLDERS -> parted(set);
        case FILES -> {
          if (parts.isEmpty()) {
            Path lists = by.lists() == null ? where : by.lists();
            parts.putAll(listed(lists, set));
          }
          yield parted(set);
        }
      };
    }

    private static Map<String, Split.Part> listed(Path lists, VectorSet set) {
      if (!ClassLists.in(lists)) {
        throw new DataException(
            "Folder '%s' lacks train.txt and test.txt: expected these, with a class in each line; name their folder as --split files:DIR."
                .formatted(lists));
      }
      return ClassLists.read(lists, set.classes(), "rows");
    }

    /** Those that belong to a part. */
    private ClassTables parted(VectorSet set) {
      List<String> left =
          set.classes().stream()
              .map(ImageClass::fullName)
              .filter(n -> !parts.containsKey(n))
              .toList();
      left.forEach(rows::remove);
      if (!left.isEmpty()) {
        listener.message(
            "left out %s of the classes, which are of no part, such as '%s'"
                .formatted(left.size(), Names.shown(left.getFirst())));
      }
      VectorSet rest = left.isEmpty() ? set : VectorSet.of(set.name(), rows);
      List<Split.Part> each = rest.classes().stream().map(c -> parts.get(c.fullName())).toList();
      return new ClassTables(rest, Split.of(by.rule().key(), each), columns);
    }

    private void file() {
      VectorFile file = VectorFile.read(where);
      if (!file.hasClasses()) {
        throw new DataException(
            "Table '%s' does not say of which class its rows are: expected a column 'class', or a folder with such a file for each class; name that."
                .formatted(where));
      }
      if (by.rule() == FolderSplit.Rule.FOLDERS) {
        throw new DataException(
            "Split 'folders' of the file '%s': expected a folder with folders train and test; say --split random."
                .formatted(where));
      }
      if (by.rule() == FolderSplit.Rule.FILES && by.lists() == null) {
        throw new DataException(
            "Split 'files' of the file '%s': expected the folder of train.txt and test.txt; say --split files:DIR."
                .formatted(where));
      }
      add(file, Optional.empty());
    }

    private void folder() {
      boolean folders = by.rule() == FolderSplit.Rule.FOLDERS;
      boolean files =
          by.rule() == FolderSplit.Rule.FILES && by.lists() == null && !ClassLists.in(where);
      PartFolders found = folders ? PartFolders.in(where) : PartFolders.lists(where, ".csv");
      for (Split.Part p : List.of(Split.Part.TRAIN, Split.Part.TEST)) {
        if (folders && found.of(p).isEmpty()) {
          throw new DataException(
              "Folder '%s' has no folder '%s': expected train, val and test for split 'folders'; use --split random to have the classes split."
                  .formatted(where, PartFolders.key(p)));
        }
        if (files && found.of(p).isEmpty()) {
          throw new DataException(
              "Folder '%s' lacks train.csv and test.csv with a column 'class', and train.txt and test.txt with a class in each line: expected one of both for split 'files'; use --split random, or files:DIR."
                  .formatted(where));
        }
      }
      boolean inParts = PartFolders.in(where).size() > 1;
      VectorFolder all = VectorFolder.of(where);
      int others = all.others();
      for (Path path : all.files()) {
        Path below = where.relativize(path);
        boolean deep = below.getNameCount() > 1;
        String top = deep ? FileNames.text(below.getName(0)) : VectorFile.stem(path);
        Optional<Split.Part> part = PartFolders.part(top).filter(p -> deep ? inParts : files);
        if ((folders || files) && (part.isEmpty() || deep == files)) {
          others++;
          continue;
        }
        Path base = deep && part.isPresent() ? where.resolve(below.getName(0)) : where;
        VectorFile file = VectorFile.read(path);
        if (files && !file.hasClasses()) {
          throw new DataException(
              "Table '%s' has no heading 'class': expected one for split 'files', whose tables say of which class their rows are; name the column, or use --split random."
                  .formatted(path));
        }
        add(
            file.of(VectorFolder.className(base, path)),
            folders || files ? part : Optional.empty());
      }
      listener.message(
          "found %s of %s in %s%s"
              .formatted(
                  Text.count(rows.values().stream().mapToInt(List::size).sum(), "row"),
                  Text.count(rows.size(), "class"),
                  where,
                  others == 0 ? "" : " (%s left out)".formatted(Text.count(others, "other file"))));
    }

    /** Adds the rows of a file to its classes, or to the one that its name says. */
    private void add(VectorFile read, Optional<Split.Part> part) {
      VectorFile file = read;
      if (first == null) {
        first = file;
      }
      if (named == null && !file.names().isEmpty()) {
        named = file.file();
        columns = file.names();
      }
      file = file.ordered(columns, "'" + named + "'", false);
      file.wide(first.width(), "'" + first.file() + "' has");
      numbers += (long) file.rows().size() * file.width();
      if (numbers > TableFile.MOST_NUMBERS) {
        throw new DataException(
            "Folder '%s' has more than %s numbers: expected at most so many; leave files or columns out."
                .formatted(where, TableFile.MOST_NUMBERS));
      }
      for (TableRow r : file.rows()) {
        String of = file.classOf(r);
        rows.computeIfAbsent(of, n -> new ArrayList<>()).add(r.numbers());
        Split.Part now = part.orElse(null);
        Split.Part before = now == null ? null : parts.put(of, now);
        if (before != null && before != now) {
          throw new DataException(
              "Class '%s' is in %s and in %s of '%s': expected each class in one part, since a test on classes of training says nothing; remove it from one, or use --split random."
                  .formatted(
                      Names.shown(of), PartFolders.key(before), PartFolders.key(now), where));
        }
      }
    }
  }
}
