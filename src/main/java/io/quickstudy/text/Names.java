package io.quickstudy.text;

import java.util.Collection;
import java.util.Optional;

/** Helps with names that people type, and with those that foreign files hold. */
public final class Names {
  private static final int SHOWN = 80;
  private static final int SAID = 200;
  private static final int PART = 4;

  private Names() {}

  /** Foreign text for a message: its first 80 characters at most, in one line. */
  public static String shown(String text) {
    return shown(text, SHOWN);
  }

  /**
   * As {@link #shown(String)}.
   *
   * @param most how many characters are shown at most
   */
  public static String shown(String text, int most) {
    StringBuilder line = new StringBuilder();
    text.codePoints()
        .limit(most)
        .forEach(c -> line.appendCodePoint(Character.isISOControl(c) || breaks(c) ? '?' : c));
    return text.codePointCount(0, text.length()) > most
        ? line.append("...").toString()
        : line.toString();
  }

  /**
   * What a library says about a text, for a message: its first line, without names of Java's
   * packages.
   */
  public static String said(String message) {
    String line = message == null ? "" : message.lines().findFirst().orElse("");
    String plain =
        line.replaceFirst(", got this instead: <.*", "")
            .replaceAll("\\b(?:java|com|org)\\.(?:\\w+\\.)*(\\w+)", "$1");
    return shown(plain, SAID);
  }

  /** Whether a character parts lines, or is half of one. */
  private static boolean breaks(int c) {
    int type = Character.getType(c);
    return type == Character.LINE_SEPARATOR
        || type == Character.PARAGRAPH_SEPARATOR
        || type == Character.SURROGATE;
  }

  /**
   * The candidate that a name that does not exist most probably means: the one that other programs
   * call so, such as "rate" for "lr", or the nearest one.
   *
   * @param name what was typed
   * @param candidates the names that exist
   * @return the candidate with the fewest edits (insertions, deletions, substitutions and swaps of
   *     neighbours, letter case and dashes before it ignored), the first of several; empty where
   *     none is near enough to be meant
   */
  public static Optional<String> nearest(String name, Collection<String> candidates) {
    String typed = CommonNames.bare(name.substring(0, Math.min(name.length(), SHOWN)));
    for (String candidate : candidates) {
      if (CommonNames.bare(candidate).equals(typed)) {
        return Optional.of(candidate);
      }
    }
    return CommonNames.of(typed, candidates).or(() -> fewestEdits(typed, candidates));
  }

  private static Optional<String> fewestEdits(String typed, Collection<String> candidates) {
    String best = null;
    int bestEdits = 1 + typed.length() / 3; // more makes another word of it
    for (String candidate : candidates) {
      int edits = edits(typed, CommonNames.bare(candidate));
      if (edits < bestEdits || (edits == bestEdits && best == null)) {
        best = candidate;
        bestEdits = edits;
      }
    }
    return Optional.ofNullable(best).or(() -> containing(typed, candidates));
  }

  /** The first candidate of which a word of some length is a part, or that is a part of it. */
  private static Optional<String> containing(String typed, Collection<String> candidates) {
    return candidates.stream()
        .filter(c -> Math.min(typed.length(), CommonNames.bare(c).length()) >= PART)
        .filter(c -> CommonNames.bare(c).contains(typed) || typed.contains(CommonNames.bare(c)))
        .findFirst();
  }

  /**
   * The sentence for a name that does not exist: "Unknown split 'vinyal': expected one of vinyals,
   * random, lake; did you mean 'vinyals'?".
   *
   * @param kind what the name names, such as "split"
   * @param name what was typed
   * @param candidates the names that exist
   */
  public static String unknown(String kind, String name, Collection<String> candidates) {
    return "Unknown %s '%s': expected one of %s%s"
        .formatted(
            kind, shown(name), String.join(", ", candidates), hint("; ", name, candidates, "."));
  }

  /**
   * The end of a sentence about a name that does not exist.
   *
   * @param before what parts it from the rest
   * @return "did you mean 'vinyals'?" behind that, or else what is said where nothing is near
   */
  public static String hint(
      String before, String name, Collection<String> candidates, String otherwise) {
    return nearest(name, candidates)
        .map(n -> before + "did you mean '" + n + "'?")
        .orElse(otherwise);
  }

  /** The number of edits between two strings (optimal string alignment). */
  static int edits(String a, String b) {
    int[][] d = new int[a.length() + 1][b.length() + 1];
    for (int i = 0; i <= a.length(); i++) {
      for (int j = 0; j <= b.length(); j++) {
        if (i == 0 || j == 0) {
          d[i][j] = i + j;
          continue;
        }
        int change = a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1;
        int least = Math.min(d[i - 1][j], d[i][j - 1]) + 1;
        least = Math.min(least, d[i - 1][j - 1] + change);
        boolean swapped =
            i > 1
                && j > 1
                && a.charAt(i - 1) == b.charAt(j - 2)
                && a.charAt(i - 2) == b.charAt(j - 1);
        d[i][j] = swapped ? Math.min(least, d[i - 2][j - 2] + 1) : least;
      }
    }
    return d[a.length()][b.length()];
  }
}
