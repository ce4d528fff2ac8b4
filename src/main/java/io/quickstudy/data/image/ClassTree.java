package io.quickstudy.data.image;

import io.quickstudy.data.DataException;
import java.io.IOException;
import java.nio.file.FileVisitOption;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Lists class folders. A folder that holds images is a class; the folders above it are its group.
 * Hidden files and folders are passed over, links are followed.
 */
final class ClassTree extends SimpleFileVisitor<Path> {
  private final Path root;

  /** By folder; as paths, since two names that cannot be decoded may look alike. */
  private final Map<Path, List<ImageListing.Image>> found = new TreeMap<>();

  private int others;

  private ClassTree(Path root) {
    this.root = root;
  }

  /**
   * Lists all below a folder. Classes are ordered by path, their examples by file name. Images that
   * lie directly in the folder are a class with an empty name.
   *
   * @throws DataException if a folder cannot be read, or there are no images
   */
  static ImageListing of(Path root) {
    return of(root, List.of(root));
  }

  /** As {@link #of(Path)}, of some folders below the root, in their order, named from the root. */
  static ImageListing of(Path root, List<Path> starts) {
    ClassTree tree = new ClassTree(root);
    List<ImageListing.Group> groups = new ArrayList<>();
    for (Path start : starts) {
      tree.walk(start);
      tree.found.forEach((folder, files) -> groups.add(group(root.relativize(folder), files)));
      tree.found.clear();
    }
    if (groups.isEmpty()) {
      throw new DataException(
          ("Folder '%s' holds no images: expected class folders of image "
                  + "files ("
                  + ImageFormat.NAMES
                  + "); check the path.")
              .formatted(root));
    }
    return ImageListing.of(root, groups, tree.others);
  }

  private static ImageListing.Group group(Path folder, List<ImageListing.Image> files) {
    files.sort(Comparator.comparing(ImageListing.Image::path));
    Path above = folder.getParent();
    return new ImageListing.Group(
        above == null ? "" : above.toString().replace('\\', '/'),
        folder.getFileName().toString(),
        null,
        files);
  }

  private void walk(Path start) {
    if (!Files.isDirectory(start)) {
      throw new DataException(
          "Folder '%s' %s: expected one of class folders of images; %s."
              .formatted(
                  start,
                  Files.exists(start) ? "is no folder" : "does not exist",
                  root.startsWith("~")
                      ? "write $HOME for ~, which the shell leaves alone there"
                      : "check the path"));
    }
    try {
      Files.walkFileTree(start, EnumSet.of(FileVisitOption.FOLLOW_LINKS), Integer.MAX_VALUE, this);
    } catch (IOException e) {
      throw new DataException(
          "Folder '%s' cannot be listed (%s): expected readable folders; check the path."
              .formatted(root, e),
          e);
    }
  }

  @Override
  public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes) {
    boolean hidden = !folder.equals(root) && hidden(folder);
    return hidden ? FileVisitResult.SKIP_SUBTREE : FileVisitResult.CONTINUE;
  }

  @Override
  public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
    if (hidden(file)) {
      return FileVisitResult.CONTINUE;
    }
    if (!ImageFormat.named(file) || attributes.isOther()) {
      others++;
      return FileVisitResult.CONTINUE;
    }
    if (attributes.isSymbolicLink()) {
      throw new java.nio.file.NoSuchFileException(file + ", a link that leads nowhere");
    }
    found
        .computeIfAbsent(file.getParent(), f -> new ArrayList<>())
        .add(ImageListing.Image.of(root, file, attributes));
    return FileVisitResult.CONTINUE;
  }

  private static boolean hidden(Path file) {
    return file.getFileName() != null && file.getFileName().toString().startsWith(".");
  }
}
