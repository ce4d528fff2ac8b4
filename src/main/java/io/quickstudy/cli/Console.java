package io.quickstudy.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import io.quickstudy.cli.ProgressLine.State;
import io.quickstudy.run.BestSoFar;
import io.quickstudy.train.Evaluation;
import io.quickstudy.train.TrainListener;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
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
  private boolean validating;
  private int measured = Integer.MAX_VALUE; // tasks of the measurement that goes on
  private int firstMeasured;
  private long measuredFrom;
  private Progress progress; // how training stood last
  private long progressed;
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
      barIfLate(counted("downloading " + file, bytes >> 10, total >> 10, "KiB"));
    } else if (due()) {
      message("downloading %s: %s of %s KiB".formatted(file, bytes >> 10, total >> 10));
    }
  }

  @Override
  public void decoded(int images, int of) {
    if (screen == Screen.TERMINAL) {
      barIfLate(counted("decoding", images, of, "images"));
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
    progress = p;
    progressed = System.nanoTime();
    if (!last && !(screen == Screen.TERMINAL ? isLate("training") : due())) {
      return; // texts cost more than the smallest steps
    }
    if (screen == Screen.TERMINAL) {
      barAt(ProgressText.training(p));
    } else {
      message(ProgressText.plain(p));
    }
  }

  private static State counted(String task, long at, long of, String what) {
    return new State(task, "", at, of, "%s/%s %s".formatted(at, Math.max(at, of), what), List.of());
  }

  /** Whether the bar is of something else, or shows what is long past. */
  private synchronized boolean isLate(String task) {
    long now = System.nanoTime();
    boolean late = !barTask.equals(task) || now - drawn >= BAR_MILLIS * 1_000_000L;
    drawn = late ? now : drawn;
    return late;
  }

  @Override
  public void validating(int step) {
    validating = true;
  }

  @Override
  public void measured(int episodes, int total) {
    long now = System.nanoTime();
    if (episodes <= measured) { // another measurement begins
      firstMeasured = episodes;
      measuredFrom = now;
    }
    measured = episodes == total ? Integer.MAX_VALUE : episodes;
    State state =
        validating
            ? ProgressText.validating(
                Optional.ofNullable(progress), (now - progressed) / 1e9, episodes, total)
            : ProgressText.evaluating(
                (now - measuredFrom) / 1e9, episodes - firstMeasured, episodes, total);
    if (screen == Screen.TERMINAL) {
      barIfLate(state);
    } else if (due()) {
      message("%s: %s".formatted(state.task(), state.counts()));
    }
  }

  @Override
  public void validation(int step, Evaluation e, BestSoFar best) {
    validating = false;
    String standing =
        best.step() == step
            ? "the best so far"
            : "the best is %s at step %s"
                .formatted(ProgressText.value(e.metric(), best.value(), 2), best.step());
    message("step %s: validation %s, %s".formatted(step, e.summary(), standing));
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

  private void barIfLate(State state) {
    if (isLate(line(state)) || state.at() >= state.of()) {
      barAt(state);
    }
  }

  /** Draws the bar; a signal's thread may print a message meanwhile. */
  private synchronized void barAt(State state) {
    if (!barTask.equals(line(state))) {
      endBar();
      barTask = line(state);
    }
    bar.draw(state);
  }

  /** What is drawn into one line: training with the measurements between its steps. */
  private static String line(State state) {
    return state.task().equals("validating") ? "training" : state.task();
  }

  /** Leaves the bar as it is; what follows goes below it. */
  synchronized void endBar() {
    bar.end();
    barTask = "";
  }
}
