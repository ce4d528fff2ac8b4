package io.quickstudy.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The script for Slurm of docs/cluster.md, with scripts in the place of Quickstudy and of Slurm's
 * command.
 */
class BatchScriptTest {
  private static final int PATIENCE_SECONDS = 60;

  @TempDir private Path home;

  @BeforeEach
  void needsBash() {
    assumeFalse(System.getProperty("os.name").startsWith("Windows"), "Windows has no bash");
  }

  private static void executable(Path file, String text) throws IOException {
    Files.createDirectories(file.getParent());
    Files.writeString(file, "#!/bin/bash\n" + text);
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  /** Starts the script; the file "begun" appears when the run has begun. */
  private Process start(String run) throws IOException {
    Matcher script =
        Pattern.compile("```bash\n(#!/bin/bash\n#SBATCH.*?)```", Pattern.DOTALL)
            .matcher(Files.readString(Path.of("docs/cluster.md")));
    assertTrue(script.find(), "docs/cluster.md has no script for Slurm");
    Path file = home.resolve("job.sh");
    Files.writeString(file, script.group(1));
    executable(home.resolve("quickstudy/quickstudy"), run);
    executable(home.resolve("bin/scontrol"), "echo \"$@\" >>\"$HOME\"/scontrol\n");
    ProcessBuilder builder =
        new ProcessBuilder("bash", file.toString())
            .directory(home.toFile())
            .redirectErrorStream(true)
            .redirectOutput(home.resolve("log").toFile());
    builder.environment().put("HOME", home.toString());
    builder.environment().put("SLURM_JOB_ID", "4711");
    builder.environment().put("SLURM_CPUS_PER_TASK", "2");
    builder.environment().merge("PATH", home.resolve("bin").toString(), (o, n) -> n + ":" + o);
    return builder.start();
  }

  private List<String> lines(String file) throws IOException {
    Path p = home.resolve(file);
    return Files.exists(p) ? Files.readAllLines(p) : List.of();
  }

  private int end(Process p) throws IOException, InterruptedException {
    try {
      assertTrue(p.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS), () -> "no end");
      return p.exitValue();
    } finally {
      p.descendants().forEach(ProcessHandle::destroyForcibly);
      p.destroyForcibly();
    }
  }

  private int signalled(String run) throws IOException, InterruptedException {
    Process p = start(run);
    for (int i = 0; i < 10 * PATIENCE_SECONDS && lines("begun").isEmpty() && p.isAlive(); i++) {
      Thread.sleep(100);
    }
    assertEquals(0, new ProcessBuilder("kill", "-USR1", p.pid() + "").start().waitFor());
    return end(p);
  }

  /** A run that ends with a status when it is told to stop, some time after that. */
  private static String stops(int status) {
    return """
    trap 'sleep 0.3; echo checkpoint >>"$HOME"/run; exit %s' USR1
    echo "$@" >"$HOME"/begun
    for _ in {1..1000}; do sleep 0.05; done
    """
        .formatted(status);
  }

  @Test
  void theSignalReachesTheRunAndTheJobIsQueuedAgain() throws Exception {
    assertEquals(0, signalled(stops(0)));
    assertEquals(List.of("checkpoint"), lines("run"), "the script waits for it");
    assertEquals(List.of("requeue 4711"), lines("scontrol"));
    assertTrue(lines("begun").get(0).endsWith("--out runs/4711 --resume"), lines("begun") + "");
  }

  @Test
  void aRunThatCannotStopWellIsNotQueuedAgain() throws Exception {
    assertEquals(3, signalled(stops(3)));
    assertEquals(List.of(), lines("scontrol"));
  }

  @Test
  void aRunThatEndsByItselfGivesItsStatus() throws Exception {
    assertEquals(0, end(start("exit 0\n")));
    assertEquals(7, end(start("exit 7\n")));
    assertEquals(List.of(), lines("scontrol"));
  }
}
