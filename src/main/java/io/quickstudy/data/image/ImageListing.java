package io.quickstudy.data.image;

import io.quickstudy.data.DataException;
import io.quickstudy.data.ImageClass;
import io.quickstudy.data.Split;
import io.quickstudy.text.Names;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/**
 * What images there are, of what classes, before one of them is read.
 *
 * @param root the folder that they lie below
 * @param classes the classes, whose examples are runs of the files
 * @param files the images
 * @param parts the part of a split that each class belongs to; empty where the layout says nothing
 * @param others how many files were left out, since their names are those of no images
 * @param notes what else was left out or joined, a line each
 */
record ImageListing(
    Path root,
    List<ImageClass> classes,
    List<Image> files,
    List<Split.Part> parts,
    int others,
    List<String> notes) {
  private static final int SHOWN = 10;

  /** Copies the lists. */
  ImageListing {
    classes = List.copyOf(classes);
    files = List.copyOf(files);
    parts = List.copyOf(parts);
    notes = List.copyOf(notes);
  }

  /**
   * One file.
   *
   * @param path where it is
   * @param name its name below the root
   * @param bytes how long it is
   * @param modified when it was last written, in nanoseconds since 1970
   */
  record Image(Path path, String name, long bytes, long modified) {
    static Image of(Path root, Path path, BasicFileAttributes found) {
      long modified = found.lastModifiedTime().to(TimeUnit.NANOSECONDS);
      return new Image(path, FileNames.text(root.relativize(path)), found.size(), modified);
    }
  }

  /** A class with its files, which are not yet numbered. */
  record Group(String group, String name, Split.Part part, List<Image> files) {
    /** Of a class with its groups in its name, for no part. */
    static Group of(String fullName, List<Image> files) {
      int slash = fullName.lastIndexOf('/');
      String above = slash < 0 ? "" : fullName.substring(0, slash);
      return new Group(above, fullName.substring(slash + 1), null, files);
    }
  }

  /** Numbers the examples of classes in their order. */
  static ImageListing of(Path root, Collection<Group> groups, int others, List<String> notes) {
    List<ImageClass> classes = new ArrayList<>();
    List<Image> files = new ArrayList<>();
    List<Split.Part> parts = new ArrayList<>();
    for (Group g : groups) {
      classes.add(new ImageClass(g.name(), g.group(), files.size(), g.files().size()));
      files.addAll(g.files());
      if (g.part() != null) {
        parts.add(g.part());
      }
    }
    return new ImageListing(root, classes, files, parts, others, notes);
  }

  /** The same but for some files; classes that have no other are gone. */
  ImageListing without(Collection<Integer> numbers) {
    Set<Integer> out = Set.copyOf(numbers);
    List<ImageClass> rest = new ArrayList<>();
    List<Image> left = new ArrayList<>();
    List<Split.Part> partsLeft = new ArrayList<>();
    for (int c = 0; c < classes.size(); c++) {
      ImageClass all = classes.get(c);
      int first = left.size();
      for (int i = all.first(); i < all.first() + all.count(); i++) {
        if (!out.contains(i)) {
          left.add(files.get(i));
        }
      }
      if (left.size() > first) {
        rest.add(new ImageClass(all.name(), all.group(), first, left.size() - first));
        if (!parts.isEmpty()) {
          partsLeft.add(parts.get(c));
        }
      }
    }
    return new ImageListing(root, rest, left, partsLeft, others, notes);
  }

  /** The set's name: that of its folder. */
  String name() {
    Path name = root.toAbsolutePath().normalize().getFileName();
    return name == null ? "null" : FileNames.text(name);
  }

  /**
   * Checks that images of one size fit into one buffer.
   *
   * @throws DataException if they do not
   */
  int checkedBytes(int height, int width, int channels) {
    long bytes = (long) files.size() * height * width * channels;
    if (bytes > Integer.MAX_VALUE) {
      throw new DataException(
          ("Folder '%s' with %s images of %s x %s x %s: expected at most 2 GiB of pixels; "
                  + "ask for smaller images or fewer of them.")
              .formatted(root, files.size(), height, width, channels));
    }
    return (int) bytes;
  }

  /** Names for a note: "'a', 'b'", and how many more there are. */
  static String listed(List<String> names) {
    String shown =
        names.stream()
            .limit(SHOWN)
            .map(n -> "'" + Names.shown(n) + "'")
            .collect(Collectors.joining(", "));
    return names.size() > SHOWN ? shown + " and %s more".formatted(names.size() - SHOWN) : shown;
  }

  /** " (so with 3 more: 'a', 'b', 'c')" for what follows the first; nothing where that is all. */
  static String more(List<String> names) {
    if (names.size() < 2) {
      return "";
    }
    List<String> rest = names.subList(1, Math.min(names.size(), SHOWN));
    List<String> shown = rest.stream().map(Names::shown).toList();
    String dots = names.size() > SHOWN ? ", ..." : "";
    return " (so with %s more: '%s'%s)"
        .formatted(names.size() - 1, String.join("', '", shown), dots);
  }
}
