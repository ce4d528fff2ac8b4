package io.quickstudy.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import io.quickstudy.run.RunFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** That a run in a process of its own, asked to end, leaves a checkpoint and no error. */
class SignalsTest {
  private static final long PATIENCE_SECONDS = 60;

  @TempDir private Path temporary;

  @Test
  void sigtermLeavesACheckpoint() throws IOException, InterruptedException {
    assumeFalse(
        System.getProperty("os.name").startsWith("Windows"), "Windows has no signal to catch");
    Path run = temporary.resolve("run");
    Path err = temporary.resolve("err");
    Process p =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path"),
                "io.quickstudy.cli.Main",
                "train",
                "--data=sinusoid",
                "--steps=10000000",
                "--eval-every=0",
                "--log-every=1",
                "--out=" + run)
            .redirectErrorStream(true)
            .redirectOutput(err.toFile())
            .start();
    try {
      for (int i = 0; i < 10 * PATIENCE_SECONDS && lines(run) < 20 && p.isAlive(); i++) {
        Thread.sleep(100);
      }
      p.destroy();
      assertTrue(p.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS), () -> text(err));
      assertEquals(0, p.exitValue(), () -> text(err));
    } finally {
      p.destroyForcibly();
    }
    int step = RunFolder.open(run).checkpoints().newest(m -> {}).orElseThrow().step();
    assertTrue(step >= 20, "step " + step);
    assertTrue(text(err).contains("stopped after step " + step), () -> text(err));
    assertEquals(step, lines(run));
  }

  /** How many steps wrote a line, each with its loss. */
  private static int lines(Path run) throws IOException {
    Path metrics = run.resolve("metrics.jsonl");
    if (!Files.exists(metrics)) {
      return 0;
    }
    return (int) Files.readAllLines(metrics).stream().filter(l -> l.contains("\"loss\"")).count();
  }

  private static String text(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      return List.of(e).toString();
    }
  }
}
