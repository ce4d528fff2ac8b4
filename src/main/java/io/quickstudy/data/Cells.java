package io.quickstudy.data;

import java.util.regex.Pattern;

/** The cells of files of comma-separated values. */
public final class Cells {
  /** Not what only Java takes for a number, such as 1f and 0x1p3. */
  private static final Pattern NUMBER = Pattern.compile("[-+0-9.eE]+");

  private Cells() {}

  /** The number that a cell holds: infinite beyond the largest float, NaN where it is none. */
  public static float number(String text) {
    try {
      return NUMBER.matcher(text).matches() ? Float.parseFloat(text) : Float.NaN;
    } catch (NumberFormatException e) {
      return Float.NaN; // such as 1-2
    }
  }
}
