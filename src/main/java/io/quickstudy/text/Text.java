package io.quickstudy.text;

import java.util.List;
import java.util.Locale;

/** Numbers and times as people read them. */
public final class Text {
  private Text() {}

  /** With so many digits behind the point. */
  public static String fixed(double x, int digits) {
    return String.format(Locale.ROOT, "%." + digits + "f", x);
  }

  /** With three significant digits or so. */
  public static String number(double x) {
    double size = Math.abs(x);
    if (size != 0 && (size < 1e-3 || size >= 1e5)) {
      return String.format(Locale.ROOT, "%.2e", x);
    }
    return fixed(x, size < 0.1 ? 4 : size < 10 ? 3 : size < 100 ? 2 : 1);
  }

  /**
   * What stands behind a value: " ± 0.30%", or nothing where there is no interval.
   *
   * @param half the interval's half width; NaN where there is none
   * @param words the same as it is written
   */
  public static String interval(double half, String words) {
    return Double.isNaN(half) ? "" : " ± " + words;
  }

  /** Seconds as "42 s", "3 min 20 s", "2 h 5 min" or "3 d 4 h". */
  public static String duration(double seconds) {
    if (!(seconds < 1e10)) {
      return "?";
    }
    if (seconds < 10) {
      return fixed(seconds, 1) + " s";
    }
    long s = Math.round(seconds);
    if (s < 60) {
      return s + " s";
    }
    if (s < 3600) {
      return s / 60 + " min " + s % 60 + " s";
    }
    if (s < 86400) {
      return s / 3600 + " h " + s % 3600 / 60 + " min";
    }
    return s / 86400 + " d " + s % 86400 / 3600 + " h";
  }

  /** Names of which one is to be chosen: "'a'", "'a' or 'b'", "'a', 'b' or 'c'". */
  public static String oneOf(List<String> names) {
    List<String> quoted = names.stream().map(n -> "'" + n + "'").toList();
    int last = quoted.size() - 1;
    return last < 1
        ? String.join("", quoted)
        : String.join(", ", quoted.subList(0, last)) + " or " + quoted.get(last);
  }

  /** How many of something: "1 task", "600 tasks", "1 class", "5 classes". */
  public static String count(long n, String what) {
    return n + " " + (n == 1 ? what : plural(what));
  }

  /** "classes" of "class", "queries" of "query", "tasks" of "task". */
  public static String plural(String what) {
    if (what.matches(".*(s|x|z|ch|sh)")) {
      return what + "es";
    }
    return what.matches(".*[^aeiou]y") ? what.substring(0, what.length() - 1) + "ies" : what + "s";
  }
}
