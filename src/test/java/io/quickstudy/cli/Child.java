package io.quickstudy.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.quickstudy.run.RunFolder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The command in a process of its own, for tests that end it in some way. */
final class Child implements AutoCloseable {
  static final long PATIENCE_SECONDS = 120;

  private final Process process;
  private final Path log;

  private Child(Process process, Path log) {
    this.process = process;
    this.log = log;
  }

  /** Starts it; what it says goes to a file. */
  static Child start(Path log, Map<String, String> environment, List<String> arguments) {
    return begin(log, environment, command(arguments));
  }

  static Child start(Path log, String... arguments) {
    return start(log, Map.of(), List.of(arguments));
  }

  /** As {@link #start}, in a shell that may write files of so many blocks of 512 bytes only. */
  static Child startLimited(Path log, int blocks, List<String> arguments) {
    return startInShell(log, "ulimit -f " + blocks + "; exec \"$@\"", arguments);
  }

  /** As {@link #start}, by a shell's script, for which the command is its arguments. */
  static Child startInShell(Path log, String script, List<String> arguments) {
    List<String> shell = new ArrayList<>(List.of("sh", "-c", script, "sh"));
    shell.addAll(command(arguments));
    // in English, and with blocks as the standard has them
    return begin(log, Map.of("POSIXLY_CORRECT", "1", "LC_ALL", "C.UTF-8"), shell);
  }

  /** Whether {@link #startOnTerminal} can be used: util-linux's {@code script} is there. */
  static boolean hasTerminal() {
    return Stream.of("/usr/bin/script", "/bin/script").anyMatch(f -> Files.exists(Path.of(f)));
  }

  /**
   * As {@link #start}, in the foreground of a terminal of so many columns, to which {@link #type}
   * sends keys; what the terminal shows goes to the file.
   */
  static Child startOnTerminal(Path log, int columns, List<String> arguments) {
    String line =
        command(arguments).stream().map(a -> "'" + a + "'").collect(Collectors.joining(" "));
    String shell = "stty cols %s; trap - INT QUIT; exec %s".formatted(columns, line);
    return begin(
        log,
        Map.of("TERM", "xterm", "SHELL", "/bin/sh"),
        List.of("script", "-qefc", shell, "/dev/null"));
  }

  private static Child begin(Path log, Map<String, String> environment, List<String> command) {
    ProcessBuilder b =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile());
    b.environment().putAll(environment);
    try {
      return new Child(b.start(), log);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static List<String> command(List<String> arguments) {
    List<String> c = new ArrayList<>();
    c.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    // it lives for a second
    c.addAll(List.of("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-XX:-UsePerfData", "-Xmx1g"));
    c.addAll(
        List.of(
            "--enable-native-access=ALL-UNNAMED",
            "-Dorg.bytedeco.javacpp.maxphysicalbytes=0",
            "-Dorg.bytedeco.javacpp.maxbytes=0",
            "-cp",
            System.getProperty("java.class.path"),
            "io.quickstudy.cli.Main"));
    c.addAll(arguments);
    return c;
  }

  long pid() {
    return process.pid();
  }

  boolean isAlive() {
    return process.isAlive();
  }

  /** What it said so far. */
  String said() {
    try {
      return Files.readString(log);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Waits for something while it runs. */
  void await(String what, BooleanSupplier come) throws InterruptedException {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
    while (!come.getAsBoolean()) {
      assertTrue(isAlive(), () -> "ended before " + what + ": " + said());
      assertTrue(System.nanoTime() < end, () -> "not " + what + ": " + said());
      Thread.sleep(20);
    }
  }

  /** Sends a signal. */
  void signal(String name) throws IOException, InterruptedException {
    assertEquals(0, new ProcessBuilder("kill", "-" + name, pid() + "").start().waitFor());
  }

  /** Presses keys of the terminal that it was started on. */
  void type(String keys) throws IOException {
    process.getOutputStream().write(keys.getBytes(StandardCharsets.UTF_8));
    process.getOutputStream().flush();
  }

  /** Ends it as a power cut would, as far as a process can tell. */
  void kill() throws InterruptedException {
    process.destroyForcibly();
    assertTrue(process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS), "killed, but there");
  }

  /** Its exit code, once it ended. */
  int end() throws InterruptedException {
    assertTrue(process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS), () -> "no end: " + said());
    return process.exitValue();
  }

  @Override
  public void close() {
    process.descendants().forEach(ProcessHandle::destroyForcibly); // of one on a terminal
    process.destroyForcibly();
  }

  /** The newest step of which a run's folder has a checkpoint, or a part; -1 for none. */
  static int newestStep(Path run) {
    Path config = run.resolve("config.yaml");
    return Files.exists(config)
        ? RunFolder.open(run).checkpoints().steps().stream().findFirst().orElse(-1)
        : -1;
  }

  /** How many steps wrote a line with their loss. */
  static int losses(Path run) {
    try {
      String text = Files.readString(run.resolve("metrics.jsonl"));
      return (int) text.lines().filter(l -> l.contains("\"loss\"")).count();
    } catch (NoSuchFileException e) {
      return 0;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
