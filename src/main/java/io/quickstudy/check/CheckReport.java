package io.quickstudy.check;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * What the check of one learner found.
 *
 * @param learner its name
 * @param task what it was checked on
 * @param seed of parameters and tasks
 * @param comparisons each with its error and bound
 * @param warnings what is no error, but seldom meant
 * @param seconds that it took
 */
public record CheckReport(
    String learner,
    String task,
    long seed,
    List<Comparison> comparisons,
    List<String> warnings,
    double seconds) {

  /** Copies the lists. */
  public CheckReport {
    comparisons = List.copyOf(comparisons);
    warnings = List.copyOf(warnings);
  }

  /** Whether something was compared and nothing failed. */
  public boolean passed() {
    return comparisons.stream().anyMatch(Comparison::passed)
        && comparisons.stream().noneMatch(c -> c.status() == Comparison.Status.FAILED);
  }

  /** A table for people, without a newline at its end. */
  public String text() {
    List<String> lines = new ArrayList<>();
    lines.add(
        "%s on %s: %s"
            .formatted(
                learner,
                task,
                passed()
                    ? String.format(Locale.ROOT, "passed in %.1f s", seconds)
                    : "FAILED (seed " + seed + ")"));
    int width = comparisons.stream().mapToInt(c -> c.name().length()).max().orElse(0);
    for (Comparison c : comparisons) {
      String line = "  " + pad(c.name(), width);
      line +=
          Double.isNaN(c.bound())
              ? "                    "
              : "  %s of %s  ".formatted(left(Comparison.number(c.error()), 7), pad(bound(c), 7));
      line += c.status() == Comparison.Status.FAILED ? "FAILED" : c.status();
      lines.add(c.note().isEmpty() ? line : line + ": " + c.note());
    }
    warnings.forEach(w -> lines.add("  warning: " + w));
    return String.join(System.lineSeparator(), lines);
  }

  private static String bound(Comparison c) {
    return Comparison.number(c.bound());
  }

  private static String pad(String s, int width) {
    return s + " ".repeat(Math.max(0, width - s.length()));
  }

  private static String left(String s, int width) {
    return " ".repeat(Math.max(0, width - s.length())) + s;
  }

  /** For JSON. */
  public Map<String, Object> json() {
    Map<String, Object> m = new LinkedHashMap<>();
    m.put("learner", learner);
    m.put("task", task);
    m.put("seed", seed);
    m.put("passed", passed());
    m.put("seconds", seconds);
    m.put("comparisons", comparisons.stream().map(Comparison::json).toList());
    m.put("warnings", warnings);
    return m;
  }

  @Override
  public String toString() {
    return text();
  }
}
