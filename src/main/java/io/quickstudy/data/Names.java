package io.quickstudy.data;

import java.util.Collection;
import java.util.Locale;
import java.util.Optional;

/** Helps with names that people type. */
public final class Names {
  private Names() {}

  /**
   * The candidate nearest to a mistyped name.
   *
   * @param name what was typed
   * @param candidates the names that exist
   * @return the candidate with the fewest edits (insertions, deletions, substitutions and swaps of
   *     neighbours, letter case ignored), the first of several; empty where there is no candidate
   */
  public static Optional<String> nearest(String name, Collection<String> candidates) {
    String best = null;
    int bestEdits = Integer.MAX_VALUE;
    for (String candidate : candidates) {
      int edits = edits(name.toLowerCase(Locale.ROOT), candidate.toLowerCase(Locale.ROOT));
      if (edits < bestEdits) {
        best = candidate;
        bestEdits = edits;
      }
    }
    return Optional.ofNullable(best);
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
    String hint = nearest(name, candidates).map(n -> "; did you mean '" + n + "'?").orElse(".");
    return "Unknown %s '%s': expected one of %s%s"
        .formatted(kind, name, String.join(", ", candidates), hint);
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
