package io.quickstudy.cli;

import java.io.PrintStream;
import java.util.List;
import java.util.stream.Collectors;

/**
 * A line of a terminal that is drawn over, again and again. It leaves the terminal and the
 * process's signals as they are, which a library for terminals may not, and has no colours. For one
 * thread at a time.
 */
final class ProgressLine {
  private static final String BACK = "\r";
  private static final String CLEAR = "\u001b[K"; // what is right of the cursor
  private static final int MOST_BAR = 20;
  private static final int LEAST_BAR = 5;

  private final PrintStream to;
  private final ScreenWidth width;
  private State shown; // null where nothing is

  ProgressLine(PrintStream to, ScreenWidth width) {
    this.to = to;
    this.width = width;
  }

  /**
   * What a line says.
   *
   * @param task what is done: "training"
   * @param brief the same where there is little room, perhaps nothing
   * @param at how much of it
   * @param of how much there is
   * @param counts the same in words: "2066/6000"
   * @param parts more, of which the last are left out where there is no room
   */
  record State(String task, String brief, long at, long of, String counts, List<Part> parts) {
    /** Copies the list. */
    State {
      parts = List.copyOf(parts);
    }

    private double done() {
      return of > 0 ? Math.clamp((double) at / of, 0, 1) : 0;
    }
  }

  /** One thing in words, and in fewer for where there is little room. */
  record Part(String words, String few) {
    /** The same in both. */
    static Part of(String words) {
      return new Part(words, words);
    }
  }

  /** Draws it. */
  void draw(State state) {
    shown = state;
    to.print(BACK + text() + CLEAR);
    to.flush();
  }

  /** Prints a line above it. */
  void above(String line) {
    to.print(BACK + CLEAR + line + System.lineSeparator() + (shown == null ? "" : text()));
    to.flush();
  }

  /** Leaves it as it is; what follows goes below it. */
  void end() {
    if (shown != null) {
      to.println();
      shown = null;
    }
  }

  private String text() {
    return text(shown, width.columns() - 1); // the last column would wrap
  }

  /**
   * "training 34% [=====> ] 2066/6000, loss 0.755". As many of the parts as there is room for, all
   * in words if they fit so; the bar has what room is left. Where there is little, counts give way
   * to the first part, and then the task does.
   */
  static String text(State s, int width) {
    String percent = (int) (100 * s.done()) + "%";
    List<String> heads =
        List.of(
            "%s %s %s".formatted(s.task, percent, s.counts),
            s.task + " " + percent,
            (s.brief + " " + percent).strip());
    for (String head : heads) {
      for (int n = s.parts.size(); n > 0; n--) {
        List<Part> some = s.parts.subList(0, n);
        String words = head + joined(some.stream().map(Part::words).toList());
        String few = head + joined(some.stream().map(Part::few).toList());
        String fits = words.length() <= width ? words : few;
        if (fits.length() <= width) {
          return head.equals(heads.getFirst()) ? withBar(s, percent, fits, width) : fits;
        }
      }
      if (s.parts.isEmpty() && head.length() <= width) {
        return head.equals(heads.getFirst()) ? withBar(s, percent, head, width) : head;
      }
    }
    String fits = heads.stream().filter(h -> h.length() <= width).findFirst().orElse(percent);
    return fits.length() <= width ? fits : "";
  }

  private static String joined(List<String> parts) {
    return parts.stream().map(p -> ", " + p).collect(Collectors.joining());
  }

  /** With a bar behind the percentage, where there is room. */
  private static String withBar(State s, String percent, String text, int width) {
    String before = "%s %s ".formatted(s.task, percent);
    int room = Math.min(MOST_BAR, width - text.length() - "[] ".length());
    if (room < LEAST_BAR) {
      return text;
    }
    int filled = (int) (room * s.done());
    String arrow = "=".repeat(filled) + (filled < room ? ">" : "");
    return "%s[%s%s] %s"
        .formatted(
            before, arrow, " ".repeat(room - arrow.length()), text.substring(before.length()));
  }
}
