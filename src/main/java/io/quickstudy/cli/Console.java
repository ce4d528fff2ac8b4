package io.quickstudy.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import io.quickstudy.text.Text;
import io.quickstudy.train.Evaluation;
import io.quickstudy.train.TrainListener;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressState;

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
  private static final int BAR_WIDTH = 20;

  private final PrintStream out;
  private final PrintStream err;
  private final Screen screen;
  private ProgressBar bar;
  private String barTask = "";
  private long lastLine;
  private long drawn;
  private double pause = FIRST_LINE_SECONDS;

  Console(PrintStream out, PrintStream err, Screen screen) {
    this.out = out;
    this.err = err;
    this.screen = screen;
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
  public void message(String line) {
    if (bar != null) {
      err.print("\r\u001b[K"); // over the bar, which is drawn anew below
    }
    err.println(line);
  }

  @Override
  public void download(String file, long bytes, long total) {
    if (screen == Screen.TERMINAL) {
      barAt("downloading " + file, bytes >> 10, total >> 10, " KiB");
    } else if (due()) {
      message("downloading %s: %s of %s KiB".formatted(file, bytes >> 10, total >> 10));
    }
  }

  @Override
  public void decoded(int images, int of) {
    if (screen == Screen.TERMINAL) {
      barAt("decoding", images, of, " images");
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
    if (!last && !(screen == Screen.TERMINAL ? outdated() : due())) {
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

  /** Whether the bar shows what is long past. */
  private boolean outdated() {
    boolean old = System.nanoTime() - drawn >= BAR_MILLIS * 1_000_000L;
    drawn = old ? System.nanoTime() : drawn;
    return old;
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
      barAt("evaluating", episodes, total, "");
    }
  }

  @Override
  public void validation(int step, Evaluation e) {
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

  private void barAt(String task, long at, long of, String state) {
    if (!barTask.equals(task)) {
      endBar();
      bar =
          new ProgressBarBuilder()
              .setTaskName(task)
              .setInitialMax(Math.max(at, of))
              .setUpdateIntervalMillis(BAR_MILLIS)
              .setRenderer(Console::line)
              .setConsumer(new ConsoleProgressBarConsumer(err))
              .build();
      barTask = task;
    }
    bar.stepTo(at);
    bar.setExtraMessage(state);
  }

  /** "training 34% [=====> ] 2066/6000, loss 0.755": the bar gives way to the text. */
  private static String line(ProgressState p, int width) {
    double done = p.getMax() > 0 ? (double) p.getCurrent() / p.getMax() : 0;
    String before = "%s %s%% ".formatted(p.getTaskName(), (int) (100 * done));
    String after = "%s/%s%s".formatted(p.getCurrent(), p.getMax(), p.getExtraMessage());
    String frame = "[] ";
    int room = Math.min(BAR_WIDTH, width - before.length() - after.length() - frame.length());
    if (room < BAR_WIDTH / 4) {
      String line = before + after;
      return line.substring(0, Math.clamp(width, 0, line.length()));
    }
    int filled = (int) (room * done);
    String arrow = "=".repeat(filled) + (filled < room ? ">" : "");
    return before + "[" + arrow + " ".repeat(room - arrow.length()) + "] " + after;
  }

  /** Leaves the bar as it is; what follows goes below it. */
  void endBar() {
    if (bar != null) {
      bar.close();
      bar = null;
      barTask = "";
    }
  }
}
