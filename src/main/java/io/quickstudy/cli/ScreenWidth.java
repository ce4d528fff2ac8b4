package io.quickstudy.cli;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * How wide the terminal is that standard error is, asked of {@code stty} once and when it changes.
 */
final class ScreenWidth {
  private static final int USUAL = 80;
  private static final long PATIENCE_SECONDS = 2;

  /** What the system calls standard error; opening it anew is opening the terminal. */
  private static final File TERMINAL = new File("/proc/self/fd/2");

  private final Supplier<Optional<Integer>> ask;
  private volatile boolean changed = true;
  private boolean watched;
  private int columns = USUAL;

  /** That of this process's terminal. */
  ScreenWidth() {
    this(ScreenWidth::asked);
  }

  /** That which somebody says. */
  ScreenWidth(Supplier<Optional<Integer>> ask) {
    this.ask = ask;
  }

  /** The columns; 80 where nobody says. */
  int columns() {
    if (!watched) {
      watched = true;
      Signals.whenWindowChanges(() -> changed = true);
    }
    if (changed) {
      changed = false;
      columns = ask.get().orElse(columns);
    }
    return columns;
  }

  /** Reads "24 80", rows and columns. */
  private static Optional<Integer> asked() {
    if (!TERMINAL.exists()) {
      return Optional.empty();
    }
    try {
      Process p =
          new ProcessBuilder("stty", "size")
              .redirectInput(TERMINAL)
              .redirectError(ProcessBuilder.Redirect.DISCARD)
              .start();
      if (!p.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
        p.destroyForcibly();
        return Optional.empty();
      }
      String said = new String(p.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
      return said.matches("\\d{1,4} [1-9]\\d{0,3}")
          ? Optional.of(Integer.valueOf(said.substring(said.indexOf(' ') + 1)))
          : Optional.empty();
    } catch (IOException e) {
      return Optional.empty(); // no such program, or no right to open the terminal
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return Optional.empty();
    }
  }
}
