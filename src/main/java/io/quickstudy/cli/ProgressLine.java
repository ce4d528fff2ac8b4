package io.quickstudy.cli;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A line of a terminal that is drawn over, again and again. It leaves the terminal and the
 * process's signals as they are, which a library for terminals may not. For one thread at a time.
 */
final class ProgressLine {
  private static final String BACK = "\r";
  private static final String CLEAR = "\u001b[K"; // what is right of the cursor
  private static final int BAR_WIDTH = 20;

  private final PrintStream to;
  private final ScreenWidth width;
  private String shown = "";

  ProgressLine(PrintStream to, ScreenWidth width) {
    this.to = to;
    this.width = width;
  }

  /**
   * Draws it.
   *
   * @param task what is done
   * @param at how much of it
   * @param of how much there is
   * @param state more, in parts between commas, of which the last are left out where there is no
   *     room
   */
  void draw(String task, long at, long of, String state) {
    shown = line(task, at, of, state, width.columns() - 1); // the last column would wrap
    to.print(BACK + shown + CLEAR);
    to.flush();
  }

  /** Prints a line above it. */
  void above(String line) {
    to.print(BACK + CLEAR + line + System.lineSeparator() + shown);
    to.flush();
  }

  /** Leaves it as it is; what follows goes below it. */
  void end() {
    if (!shown.isEmpty()) {
      to.println();
      shown = "";
    }
  }

  /** "training 34% [=====> ] 2066/6000, loss 0.755": the bar gives way to the text. */
  static String line(String task, long at, long of, String state, int width) {
    double done = of > 0 ? Math.clamp((double) at / of, 0, 1) : 0;
    String before = "%s %s%% ".formatted(task, (int) (100 * done));
    String after = "%s/%s%s".formatted(at, Math.max(at, of), state);
    String frame = "[] ";
    int room = Math.min(BAR_WIDTH, width - before.length() - after.length() - frame.length());
    if (room < BAR_WIDTH / 4) {
      return fitted(before + after, width);
    }
    int filled = (int) (room * done);
    String arrow = "=".repeat(filled) + (filled < room ? ">" : "");
    return before + "[" + arrow + " ".repeat(room - arrow.length()) + "] " + after;
  }

  /** As many of a line's parts as there is room for, and of the first what there is room for. */
  private static String fitted(String line, int width) {
    List<String> parts = new ArrayList<>(Arrays.asList(line.split(", ", -1)));
    while (parts.size() > 1 && String.join(", ", parts).length() > width) {
      parts.removeLast();
    }
    String fits = String.join(", ", parts);
    return fits.substring(0, Math.clamp(width, 0, fits.length()));
  }
}
