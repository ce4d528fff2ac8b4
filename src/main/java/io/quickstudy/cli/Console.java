package io.quickstudy.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import io.quickstudy.run.BestSoFar;
import io.quickstudy.text.Text;
import io.quickstudy.train.Evaluation;
import io.quickstudy.train.TrainListener;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Where output goes: results to standard output, everything else to standard error, with a progress
 * bar where that is a terminal and now and then a line where it is not.
 */
final class Console implements TrainListener {
  /** What standard error is. */
  enum Screen {
    /** A terminal: a line can be drawn over. */
    TERMINAL,
    /** A file or a pipe. */
    PLAIN
  }

  private static final ObjectMapper JSON =
      new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);
  private static final double FIRST_LINE_SECONDS = 2;
  private static final double MOST_LINE_SECONDS = 60;
  private static final int BAR_MILLIS = 200;

  private final StandardOutput output;
  private final PrintStream out;
  private final PrintStream err;
  private final Screen screen;
  private final ProgressLine bar;
  private String barTask = ""; // empty where there is no bar
  private long lastLine;
  private long drawn;
  private double pause = FIRST_LINE_SECONDS;

  Console(StandardOutput output, PrintStream err, Screen screen) {
    this.output = output;
    this.out = new PrintStream(output, true, StandardCharsets.UTF_8);
    this.err = err;
    this.screen = screen;
    this.bar = new ProgressLine(err, new ScreenWidth());
  }

  /** What this process's standard error is. */
  static Screen terminal() {
    boolean dumb = "dumb".equals(System.getenv("TERM"));
    Path fd = Path.of("/proc/self/fd/2");
    try {
      boolean known = Files.exists(fd);
      String target = known ? fd.toRealPath().toString() : "";
      boolean tty =
          known
              ? target.startsWith("/dev/pts/") || target.startsWith("/dev/tty")
              : consoleIsTerminal();
      return tty && !dumb ? Screen.TERMINAL : Screen.PLAIN;
    } catch (IOException e) {
      return Screen.PLAIN; // a pipe's link leads nowhere
    }
  }

  /** Where there is no /proc. From JDK 22 on there is a console even where output is redirected. */
  @SuppressWarnings("SystemConsoleNull") // on JDK 21 it is null
  private static boolean consoleIsTerminal() {
    java.io.Console console = System.console();
    if (console == null) {
      return false;
    }
    try {
      return (Boolean) java.io.Console.class.getMethod("isTerminal").invoke(console);
    } catch (ReflectiveOperationException e) {
      return true; // before JDK 22
    }
  }

  PrintStream out() {
    return out;
  }

  /** Why the result could not be written, where it could not. */
  Optional<IOException> unwritten() {
    out.flush();
    return output.failure();
  }

  PrintStream err() {
    return err;
  }

  /** One JSON object, alone on standard output. */
  void json(Object value) {
    try {
      out.println(JSON.writeValueAsString(value));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a result that JSON cannot hold", e);
    }
  }

  @Override
  public synchronized void message(String line) {
    if (barTask.isEmpty()) {
      err.println(line);
    } else {
      bar.above(line);
    }
  }

  @Override
  public void download(String file, long bytes, long total) {
    if (screen == Screen.TERMINAL) {
      barIfLate("downloading " + file, bytes >> 10, total >> 10, " KiB");
    } else if (due()) {
      message("downloading %s: %s of %s KiB".formatted(file, bytes >> 10, total >> 10));
    }
  }

  @Override
  public void decoded(int images, int of) {
    if (screen == Screen.TERMINAL) {
      barIfLate("decoding", images, of, " images");
      if (images == of) {
        endBar();
      }
    } else if (due()) {
      message("decoding: %s of %s images".formatted(images, of));
    }
  }

  @Override
  public void step(Progress p) {
    boolean last = p.step() == p.steps();
    if (!last && !(screen == Screen.TERMINAL ? isLate("training") : due())) {
      return; // texts cost more than the smallest steps
    }
    String state = "loss " + Text.number(p.loss());
    if (!Double.isNaN(p.accuracy())) {
      state += ", accuracy " + Text.fixed(100 * p.accuracy(), 1) + "%";
    }
    state += ", %s steps/s, %s".formatted(speed(p), left(p));
    if (screen == Screen.TERMINAL) {
      barAt("training", p.step(), p.steps(), ", " + state);
    } else {
      message("step %s of %s: %s".formatted(p.step(), p.steps(), state));
    }
  }

  /** Whether the bar is of something else, or shows what is long past. */
  private synchronized boolean isLate(String task) {
    long now = System.nanoTime();
    boolean late = !barTask.equals(task) || now - drawn >= BAR_MILLIS * 1_000_000L;
    drawn = late ? now : drawn;
    return late;
  }

  private static String speed(Progress p) {
    double s = p.stepsPerSecond();
    return Text.fixed(s, s < 10 ? 2 : s < 100 ? 1 : 0);
  }

  private static String left(Progress p) {
    return p.step() == p.steps() ? "done" : Text.duration(p.secondsLeft()) + " left";
  }

  @Override
  public void measured(int episodes, int total) {
    if (screen == Screen.TERMINAL && !barTask.equals("training")) {
      barIfLate("evaluating", episodes, total, "");
    }
  }

  @Override
  public void validation(int step, Evaluation e, BestSoFar best) {
    message("step %s: validation %s".formatted(step, e.summary()));
  }

  /** Whether it is time for another line: soon at first, later once a minute. */
  private boolean due() {
    long now = System.nanoTime();
    if (lastLine == 0) {
      lastLine = now; // the first steps tell nothing about the speed
      return false;
    }
    if (now - lastLine < pause * 1e9) {
      return false;
    }
    pause = Math.min(MOST_LINE_SECONDS, 1.5 * pause);
    lastLine = now;
    return true;
  }

  private void barIfLate(String task, long at, long of, String state) {
    if (isLate(task) || at >= of) {
      barAt(task, at, of, state);
    }
  }

  /** Draws the bar; a signal's thread may print a message meanwhile. */
  private synchronized void barAt(String task, long at, long of, String state) {
    if (!barTask.equals(task)) {
      endBar();
      barTask = task;
    }
    bar.draw(task, at, of, state);
  }

  /** Leaves the bar as it is; what follows goes below it. */
  synchronized void endBar() {
    bar.end();
    barTask = "";
  }
}
