package io.quickstudy.data.table;

import io.quickstudy.data.DataException;
import io.quickstudy.data.image.FileNames;
import io.quickstudy.text.Names;
import java.io.IOException;
import java.nio.file.FileVisitOption;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The files of vectors below a folder, in the order of their paths. Hidden files and folders are
 * passed over, links are followed, folders that systems keep are left out.
 *
 * @param root the folder
 * @param files those of vectors
 * @param others how many others there are
 */
public record VectorFolder(Path root, List<Path> files, int others) {
  /** Copies the list. */
  public VectorFolder {
    files = List.copyOf(files);
  }

  /**
   * Lists a folder, or the one file that it is.
   *
   * @throws DataException if it cannot be read, or holds no such files, or two that are named alike
   */
  public static VectorFolder of(Path root) {
    if (Files.isRegularFile(root)) {
      return new VectorFolder(root, List.of(root), 0);
    }
    if (!Files.isDirectory(root)) {
      throw new DataException(
          "'%s' does not exist: expected a CSV or NPY file, or a folder of such; check the path."
              .formatted(root));
    }
    Visitor visitor = new Visitor(root);
    try {
      Files.walkFileTree(
          root, EnumSet.of(FileVisitOption.FOLLOW_LINKS), Integer.MAX_VALUE, visitor);
    } catch (IOException e) {
      throw new DataException(
          "Folder '%s' cannot be listed (%s): expected readable folders; check the path."
              .formatted(root, Names.said(e.toString())),
          e);
    }
    if (visitor.files.isEmpty()) {
      throw new DataException(
          "Folder '%s' holds no tables: expected a CSV or NPY file for each class; check the path."
              .formatted(root));
    }
    visitor.files.sort(null);
    Map<String, Path> names = new HashMap<>();
    for (Path file : visitor.files) {
      Path before = names.putIfAbsent(className(root, file), file);
      if (before != null) {
        throw new DataException(
            "'%s' and '%s' are one class by their names: expected one file for each; join them, or rename one."
                .formatted(before, file.getFileName()));
      }
    }
    return new VectorFolder(root, visitor.files, visitor.others);
  }

  /**
   * Reads all of them; rows are of the class that their file says or, in a folder, of that by the
   * file's name.
   *
   * @throws DataException if one cannot be read, or a cell of it is wrong
   */
  public List<VectorFile> read() {
    return files.stream()
        .map(f -> f.equals(root) ? VectorFile.read(f) : VectorFile.read(f).of(className(root, f)))
        .toList();
  }

  /** The class that a file is of by its name, with the folders above it as its group. */
  static String className(Path root, Path file) {
    Path below = root.relativize(file.resolveSibling(VectorFile.stem(file)));
    return FileNames.composed(below);
  }

  /** Finds them. */
  private static final class Visitor extends SimpleFileVisitor<Path> {
    private final Path root;
    private final List<Path> files = new ArrayList<>();
    private int others;

    Visitor(Path root) {
      this.root = root;
    }

    @Override
    public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes) {
      boolean none =
          !folder.equals(root)
              && folder.getFileName() != null
              && FileNames.isNoClass(folder.getFileName().toString());
      return none ? FileVisitResult.SKIP_SUBTREE : FileVisitResult.CONTINUE;
    }

    @Override
    public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
      if (file.getFileName().toString().startsWith(".")) {
        return FileVisitResult.CONTINUE;
      }
      if (attributes.isRegularFile() && VectorFile.named(file)) {
        files.add(file);
      } else {
        others++;
      }
      return FileVisitResult.CONTINUE;
    }
  }
}
