package io.quickstudy.backend;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The most memory that a program may take. Under a limit fewer tasks are computed at once, and
 * values are computed again rather than kept.
 *
 * @param bytes at least 1
 */
public record MemoryLimit(long bytes) {
  /** Whatever there is; a program that does not fit is refused. */
  public static final MemoryLimit NONE = new MemoryLimit(Long.MAX_VALUE);

  /** How it is said that there is none. */
  public static final String UNLIMITED = "none";

  private static final Pattern TEXT = Pattern.compile("([0-9]+(?:\\.[0-9]+)?)([KMGT])(?:I?B)?");

  /** Checks the number. */
  public MemoryLimit {
    if (bytes < 1) {
      throw new IllegalArgumentException("a memory limit of " + bytes + " bytes");
    }
  }

  /**
   * A limit as people type it: a number with K, M, G or T, each 1,024 times the one before; or
   * "none".
   *
   * @throws IllegalArgumentException with one sentence for anything else
   */
  public static MemoryLimit of(String text) {
    String t = text.trim().toUpperCase(Locale.ROOT);
    if (t.equalsIgnoreCase(UNLIMITED)) {
      return NONE;
    }
    Matcher m = TEXT.matcher(t);
    if (m.matches()) {
      BigDecimal unit = BigDecimal.valueOf(1L << (10 * (1 + "KMGT".indexOf(m.group(2)))));
      BigDecimal bytes = new BigDecimal(m.group(1)).multiply(unit);
      bytes = bytes.setScale(0, RoundingMode.DOWN);
      if (bytes.signum() > 0 && bytes.compareTo(BigDecimal.valueOf(Long.MAX_VALUE)) < 0) {
        return new MemoryLimit(bytes.longValueExact());
      }
    }
    throw new IllegalArgumentException(
        "Option --memory-limit is '%s': expected a number with K, M, G or T, or none; 4G is 4 GiB."
            .formatted(text));
  }

  /** Whether there is one. */
  public boolean isGiven() {
    return bytes != Long.MAX_VALUE;
  }
}
