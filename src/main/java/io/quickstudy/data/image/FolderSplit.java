package io.quickstudy.data.image;

import io.quickstudy.data.Split;
import io.quickstudy.text.Names;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;

/**
 * How the classes of a folder are split: "random", "heldout", "folders", "files" or "files:DIR".
 *
 * @param rule which of these
 * @param lists where the files are; null for the data's own folder
 */
public record FolderSplit(Split.Rule rule, Path lists) {
  /** The rules that fit folders. */
  public static final List<Split.Rule> RULES =
      List.of(Split.Rule.RANDOM, Split.Rule.FOLDERS, Split.Rule.FILES, Split.Rule.HELDOUT);

  /**
   * Reads a name.
   *
   * @throws IllegalArgumentException if there is no such split, naming the nearest
   */
  public static FolderSplit of(String text) {
    int colon = text.indexOf(':');
    String name = colon < 0 ? text : text.substring(0, colon);
    List<String> names = RULES.stream().map(Split.Rule::key).toList();
    if (!names.contains(name)) {
      throw new IllegalArgumentException(Names.unknown("split of folders", name, names));
    }
    Split.Rule rule = Split.Rule.of(name);
    String below = colon < 0 ? "" : text.substring(colon + 1).trim();
    if (colon >= 0 && (rule != Split.Rule.FILES || below.isEmpty())) {
      throw new IllegalArgumentException(
          "Split '%s': expected '%s' alone, or files:DIR; say which folder has train.csv."
              .formatted(text, name));
    }
    try {
      return new FolderSplit(rule, below.isEmpty() ? null : Path.of(below));
    } catch (InvalidPathException e) {
      throw new IllegalArgumentException(
          "Split '%s' names no folder (%s): expected files:DIR; check the path."
              .formatted(text, e.getReason()),
          e);
    }
  }

  /** What the contents of a folder ask for: folders, files, or else random. */
  public static String usual(String directory) {
    try {
      return usual(Path.of(directory));
    } catch (InvalidPathException e) {
      return Split.Rule.RANDOM.key(); // reading it says what is wrong
    }
  }

  /** As {@link #usual(String)}. */
  public static String usual(Path root) {
    if (Files.isDirectory(root.resolve("train")) && Files.isDirectory(root.resolve("test"))) {
      return Split.Rule.FOLDERS.key();
    }
    return SplitLists.in(root) ? Split.Rule.FILES.key() : Split.Rule.RANDOM.key();
  }
}
