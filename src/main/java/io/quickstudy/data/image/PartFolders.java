package io.quickstudy.data.image;

import io.quickstudy.data.DataException;
import io.quickstudy.data.ImageClass;
import io.quickstudy.data.Split;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * The folders, or lists, of the parts of a split, as people spell them: train or Training; val,
 * valid, validation or dev; test or testing, in letters of either case.
 */
public final class PartFolders {
  private static final Map<String, Split.Part> SPELLINGS =
      Map.of(
          "train", Split.Part.TRAIN,
          "training", Split.Part.TRAIN,
          "val", Split.Part.VAL,
          "valid", Split.Part.VAL,
          "validation", Split.Part.VAL,
          "dev", Split.Part.VAL,
          "test", Split.Part.TEST,
          "testing", Split.Part.TEST);

  private final Path root;
  private final Map<Split.Part, List<Path>> found = new EnumMap<>(Split.Part.class);
  private final List<String> others = new ArrayList<>();

  private PartFolders(Path root) {
    this.root = root;
  }

  /** The part that a name means. */
  public static Optional<Split.Part> part(String name) {
    return Optional.ofNullable(SPELLINGS.get(name.toLowerCase(Locale.ROOT)));
  }

  /** The word for a part. */
  public static String key(Split.Part part) {
    return part.name().toLowerCase(Locale.ROOT);
  }

  /** What lies in a folder; nothing where it cannot be listed, which is said where it is read. */
  public static PartFolders in(Path root) {
    return in(root, "", f -> Files.isDirectory(f) || ImageFormat.named(f));
  }

  /** The lists of a kind, ".csv" or ".txt", in a folder. */
  public static PartFolders lists(Path root, String kind) {
    return in(root, kind, Files::isRegularFile);
  }

  private static PartFolders in(Path root, String kind, Predicate<Path> wanted) {
    PartFolders folders = new PartFolders(root);
    try (Stream<Path> all = Files.list(root)) {
      all.filter(wanted).sorted().forEach(f -> folders.add(f, kind));
    } catch (IOException e) {
      return folders;
    }
    return folders;
  }

  private void add(Path file, String kind) {
    String name = file.getFileName().toString();
    String lower = name.toLowerCase(Locale.ROOT);
    if (!lower.endsWith(kind)) {
      return;
    }
    Optional<Split.Part> part = part(lower.substring(0, lower.length() - kind.length()));
    part.ifPresent(p -> found.computeIfAbsent(p, k -> new ArrayList<>()).add(file));
    if (part.isEmpty() && !FileNames.isNoClass(name)) {
      others.add(name);
    }
  }

  /** How many of the three parts there are. */
  public int size() {
    return found.size();
  }

  /** Whether there is one. */
  public boolean has(Split.Part part) {
    return found.containsKey(part);
  }

  /**
   * That of one part; nothing where there is none.
   *
   * @throws DataException if there are two
   */
  public Optional<Path> of(Split.Part part) {
    List<Path> those = found.getOrDefault(part, List.of());
    if (those.size() > 1) {
      throw new DataException(
          "'%s' has both '%s' and '%s': expected one for %s; join them, or rename one."
              .formatted(root, those.get(0).getFileName(), those.get(1).getFileName(), key(part)));
    }
    return those.stream().findFirst();
  }

  /** The names of the folders and images beside these, which are of no part. */
  List<String> others() {
    return others;
  }

  /**
   * The same images where a split of their own is to be made: a class that lies in several of the
   * parts is one class, without its part in its name. Otherwise it would train and test.
   */
  ImageListing joined(ImageListing all) {
    Set<String> once = new HashSet<>();
    boolean twice = false;
    for (ImageClass c : all.classes()) {
      twice |= !once.add(below(c.fullName()));
    }
    if (size() < 2 || !twice) {
      return all;
    }
    Map<String, List<ImageListing.Image>> classes = new TreeMap<>();
    for (ImageClass c : all.classes()) {
      classes
          .computeIfAbsent(below(c.fullName()), k -> new ArrayList<>())
          .addAll(all.files().subList(c.first(), c.first() + c.count()));
    }
    List<ImageListing.Group> groups = new ArrayList<>();
    classes.forEach((name, files) -> groups.add(ImageListing.Group.of(name, files)));
    List<String> notes = new ArrayList<>(all.notes());
    notes.add(
        "classes of the same name in %s are one class each: %s instead of %s"
            .formatted(
                String.join(", ", found.keySet().stream().map(PartFolders::key).toList()),
                groups.size(),
                all.classes().size()));
    return ImageListing.of(root, groups, all.others(), notes);
  }

  private static String below(String name) {
    int slash = name.indexOf('/');
    boolean inPart = slash > 0 && part(name.substring(0, slash)).isPresent();
    return inPart ? name.substring(slash + 1) : name;
  }
}
