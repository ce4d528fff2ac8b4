package io.quickstudy.data.image;

import io.quickstudy.data.DataException;
import io.quickstudy.data.ImageClass;
import io.quickstudy.data.Split;
import io.quickstudy.text.Names;
import io.quickstudy.text.Text;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Splits of which files name the classes: {@code train.txt}, {@code val.txt}, which may be missing,
 * and {@code test.txt} with a class in each line.
 */
public final class ClassLists {
  private static final long MAX_BYTES = 64 << 20;
  private static final int SHOWN = 200;

  private ClassLists() {}

  /** Whether a folder has such files. */
  public static boolean in(Path folder) {
    PartFolders lists = PartFolders.lists(folder, ".txt");
    return lists.has(Split.Part.TRAIN) && lists.has(Split.Part.TEST);
  }

  /**
   * The parts of the classes that are listed, by their full names.
   *
   * @param lists the folder of the files
   * @param classes those that there are
   * @param place what they have in the data, such as "folder", for the errors
   * @throws DataException if a file cannot be read or is empty, or a class is unknown or in two
   *     parts
   */
  public static Map<String, Split.Part> read(Path lists, List<ImageClass> classes, String place) {
    PartFolders files = PartFolders.lists(lists, ".txt");
    Map<String, Split.Part> parts = new TreeMap<>();
    for (Split.Part part : Split.Part.values()) {
      Path list = files.of(part).orElse(null);
      if (list == null) {
        continue;
      }
      boolean some = false;
      for (String line : text(list)) {
        String name = FileNames.composed(line.strip());
        if (!name.isEmpty() && !name.startsWith("#")) {
          String found = known(list, name, classes, place);
          apart(found, parts.put(found, part), part, ".txt");
          some = true;
        }
      }
      if (!some) {
        throw empty(list);
      }
    }
    return parts;
  }

  static DataException empty(Path list) {
    return new DataException(
        "File '%s' lists nothing: expected the classes of its part; fill or delete it."
            .formatted(list));
  }

  static void apart(String label, Split.Part before, Split.Part now, String kind) {
    if (before != null && before != now) {
      throw new DataException(
          ("Class '%s' is in %s and in %s: expected each class in one part, since a test on "
                  + "classes of training says nothing; remove it from one.")
              .formatted(
                  Names.shown(label), PartFolders.key(before) + kind, PartFolders.key(now) + kind));
    }
  }

  /** The bytes of a list that is not too large. */
  static byte[] checked(Path list) throws IOException {
    long size = Files.size(list);
    if (size > MAX_BYTES) {
      throw new DataException(
          "File '%s' has %s bytes: expected a list of at most %s MiB; name another."
              .formatted(list, size, MAX_BYTES >> 20));
    }
    return Files.readAllBytes(list);
  }

  private static List<String> text(Path list) {
    try {
      return new String(checked(list), StandardCharsets.UTF_8).lines().toList();
    } catch (IOException e) {
      throw new DataException(
          "File '%s' cannot be read (%s): expected a class in each line; check its permissions."
              .formatted(list, e),
          e);
    }
  }

  /** The full name of a class by that or, where there is one of it, its last part. */
  private static String known(Path list, String name, List<ImageClass> classes, String place) {
    List<String> same =
        classes.stream()
            .filter(c -> c.fullName().equals(name) || c.name().equals(name))
            .map(ImageClass::fullName)
            .toList();
    if (same.contains(name)) {
      return name;
    }
    if (same.size() > 1) {
      throw new DataException(
          "Class '%s' of '%s' may be any of %s: expected one; write its whole name."
              .formatted(Names.shown(name), list, Names.shown(same.toString(), SHOWN)));
    }
    if (same.isEmpty()) {
      List<String> names = classes.stream().map(ImageClass::fullName).toList();
      throw new DataException(
          "Class '%s' of '%s' has no %s: expected one of %s; %s"
              .formatted(
                  Names.shown(name),
                  list,
                  place,
                  Text.count(classes.size(), "class"),
                  Names.hint("", name, names, "correct the list.")));
    }
    return same.getFirst();
  }
}
