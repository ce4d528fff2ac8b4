package io.quickstudy.check;

import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/**
 * Two ways to the same numbers.
 *
 * @param name what was compared with what
 * @param status how it ended
 * @param error the largest relative error found; NaN where nothing was compared
 * @param bound the largest that passes; NaN where nothing was compared
 * @param note why it failed or was skipped; empty where there is nothing to say
 */
public record Comparison(String name, Status status, double error, double bound, String note) {
  /** How a comparison ended. */
  public enum Status {
    /** The error is within the bound. */
    PASSED,
    /** It is not, or nothing could be compared. */
    FAILED,
    /** Not tried; the note says why. */
    SKIPPED;

    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** One that was made: passed if the error is a number within the bound. */
  static Comparison of(String name, double error, double bound, String note) {
    boolean passed = error <= bound; // false for NaN
    return new Comparison(
        name, passed ? Status.PASSED : Status.FAILED, error, bound, passed ? "" : note);
  }

  /** One that could not be made. */
  static Comparison failed(String name, String note) {
    return new Comparison(name, Status.FAILED, Double.NaN, Double.NaN, note);
  }

  /** One that was not asked for. */
  static Comparison skipped(String name, String note) {
    return new Comparison(name, Status.SKIPPED, Double.NaN, Double.NaN, note);
  }

  /** Whether it was made and is within its bound. */
  public boolean passed() {
    return status == Status.PASSED;
  }

  /** For JSON: no number where there is none. */
  public Map<String, Object> json() {
    Map<String, Object> m = new LinkedHashMap<>();
    m.put("name", name);
    m.put("status", status.toString());
    m.put("error", Double.isFinite(error) ? error : null);
    m.put("bound", Double.isFinite(bound) ? bound : null);
    m.put("note", note.isEmpty() ? null : note);
    return m;
  }

  @Override
  public String toString() {
    return "%s: error %s, at most %s, %s%s"
        .formatted(
            name, number(error), number(bound), status, note.isEmpty() ? "" : " (" + note + ")");
  }

  /** With two digits; nothing where there is none. */
  static String number(double x) {
    return Double.isNaN(x) ? "" : x == 0 ? "0" : String.format(Locale.ROOT, "%.1e", x);
  }
}
