package io.quickstudy.data.image;

import io.quickstudy.data.DataException;
import io.quickstudy.text.Text;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemLoopException;
import java.nio.file.FileVisitOption;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * Lists class folders, for every command that takes some. A folder that holds images is a class;
 * the folders above it are its group. Folders whose names are the same letters, composed (NFC) or
 * not (NFD), are one class: zips of other systems are unpacked beside the folders that are there.
 *
 * <p>Hidden files and folders are passed over, links are followed. Folders without images, those
 * that systems keep beside images, and links that lead nowhere are left out with a note.
 */
final class ClassTree extends SimpleFileVisitor<Path> {
  /** That of the bytes in UTF-8, as that of paths. */
  private static final Comparator<String> BY_BYTES =
      (a, b) ->
          Arrays.compareUnsigned(
              a.getBytes(StandardCharsets.UTF_8), b.getBytes(StandardCharsets.UTF_8));

  private final Path root;

  /** By folder; as paths, since two of them may have one name. */
  private final Map<Path, List<ImageListing.Image>> found = new TreeMap<>();

  private final List<Path> visited = new ArrayList<>();
  private final List<String> noClasses = new ArrayList<>();
  private final List<String> noEnds = new ArrayList<>();
  private final List<String> notRead = new ArrayList<>();
  private final List<String> joined = new ArrayList<>();
  private final List<String> empty = new ArrayList<>();

  private int others;

  private ClassTree(Path root) {
    this.root = root;
  }

  /**
   * Lists all below a folder. Classes are ordered by path, their examples by file name. Images that
   * lie directly in the folder are a class with an empty name.
   *
   * @throws DataException if a folder cannot be read, a name is no text, or there are no images
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
      groups.addAll(tree.groups());
      tree.found.clear();
      tree.visited.clear();
    }
    if (groups.isEmpty()) {
      throw new DataException(
          ("Folder '%s' holds no images: expected class folders of image "
                  + "files ("
                  + ImageFormat.NAMES
                  + "); check the path.")
              .formatted(root));
    }
    return ImageListing.of(root, groups, tree.others, tree.notes());
  }

  /** The classes of one walk, those of one name joined. */
  private List<ImageListing.Group> groups() {
    Map<String, List<Path>> names = new TreeMap<>(BY_BYTES);
    for (Path folder : found.keySet()) {
      String name = FileNames.composed(root.relativize(folder));
      names.computeIfAbsent(name, n -> new ArrayList<>()).add(folder);
    }
    noteEmpty();
    List<ImageListing.Group> groups = new ArrayList<>();
    names.forEach(
        (name, folders) -> {
          if (folders.size() > 1) {
            joined.add(name);
          }
          List<ImageListing.Image> files = new ArrayList<>();
          folders.forEach(f -> files.addAll(found.get(f)));
          files.sort(Comparator.comparing(ImageListing.Image::path));
          groups.add(ImageListing.Group.of(name, files));
        });
    return groups;
  }

  /** Keeps the folders below which no image is, but not those below them. */
  private void noteEmpty() {
    Set<Path> full = new HashSet<>();
    for (Path folder : found.keySet()) {
      for (Path f = folder; f != null && full.add(f); ) {
        f = f.getParent();
      }
    }
    for (Path folder : visited) {
      if (!full.contains(folder) && full.contains(folder.getParent())) {
        empty.add(root.relativize(folder).toString());
      }
    }
  }

  private List<String> notes() {
    List<String> notes = new ArrayList<>();
    if (!joined.isEmpty()) {
      notes.add(
          "took folders whose names are the same letters, composed (NFC) or not (NFD), for one"
              + " class: "
              + ImageListing.listed(joined));
    }
    note(notes, empty, "folder", "without images");
    note(notes, noClasses, "folder", "of the system");
    note(notes, noEnds, "link", "to nothing that is there");
    note(notes, notRead, "image", "in formats that are not read");
    return notes;
  }

  private static void note(List<String> notes, List<String> names, String what, String which) {
    if (!names.isEmpty()) {
      notes.add(
          "left out %s %s: %s"
              .formatted(Text.count(names.size(), what), which, ImageListing.listed(names)));
    }
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
    if (folder.equals(root) || folder.getFileName() == null) {
      return FileVisitResult.CONTINUE;
    }
    if (hidden(folder)) {
      return FileVisitResult.SKIP_SUBTREE;
    }
    if (FileNames.isNoClass(folder.getFileName().toString())) {
      noClasses.add(root.relativize(folder).toString());
      return FileVisitResult.SKIP_SUBTREE;
    }
    visited.add(folder);
    return FileVisitResult.CONTINUE;
  }

  @Override
  public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
    if (hidden(file)) {
      return FileVisitResult.CONTINUE;
    }
    if (attributes.isSymbolicLink()) {
      noEnds.add(root.relativize(file).toString());
      return FileVisitResult.CONTINUE;
    }
    if (!ImageFormat.named(file) || attributes.isOther()) {
      if (ImageFormat.isOther(file)) {
        notRead.add(root.relativize(file).toString());
      } else {
        others++;
      }
      return FileVisitResult.CONTINUE;
    }
    found
        .computeIfAbsent(file.getParent(), f -> new ArrayList<>())
        .add(ImageListing.Image.of(root, file, attributes));
    return FileVisitResult.CONTINUE;
  }

  @Override
  public FileVisitResult visitFileFailed(Path file, IOException e) throws IOException {
    if (e instanceof FileSystemLoopException) { // a link to a folder that it is in
      noEnds.add(root.relativize(file).toString());
      return FileVisitResult.CONTINUE;
    }
    throw e;
  }

  private static boolean hidden(Path file) {
    return file.getFileName() != null && file.getFileName().toString().startsWith(".");
  }
}
