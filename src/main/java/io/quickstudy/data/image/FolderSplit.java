package io.quickstudy.data.image;

import io.quickstudy.data.Split;
import io.quickstudy.text.Names;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * How the classes of a folder are split: "random", "heldout", "folders", "files" or "files:DIR".
 *
 * @param rule which of these
 * @param lists where the files are; null for the data's own folder
 */
public record FolderSplit(Rule rule, Path lists) {
  /** The rules that fit folders. */
  public enum Rule {
    /** {@link Split#random}: nobody has fixed the parts, so validation is apart. */
    RANDOM,
    /** What lies below train, val and test. */
    FOLDERS,
    /** What the files train, val and test (.csv, .txt) list. */
    FILES,
    /** {@link Split#heldout}, by the folders above the classes. */
    HELDOUT;

    /** The name that people type, in lower case. */
    public String key() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** The names of the rules. */
  public static List<String> names() {
    return Arrays.stream(Rule.values()).map(Rule::key).toList();
  }

  /**
   * Reads a name.
   *
   * @throws IllegalArgumentException if there is no such split, naming the nearest
   */
  public static FolderSplit of(String text) {
    int colon = text.indexOf(':');
    String name = colon < 0 ? text : text.substring(0, colon);
    if (!names().contains(name)) {
      throw new IllegalArgumentException(Names.unknown("split of folders", name, names()));
    }
    Rule rule = Rule.valueOf(name.toUpperCase(Locale.ROOT));
    String below = colon < 0 ? "" : text.substring(colon + 1).trim();
    if (colon >= 0 && (rule != Rule.FILES || below.isEmpty())) {
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
  public static String usual(Path root) {
    if (PartFolders.in(root).size() > 1) {
      return Rule.FOLDERS.key();
    }
    return SplitLists.in(root) ? Rule.FILES.key() : Rule.RANDOM.key();
  }
}
