package io.quickstudy.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import io.quickstudy.run.Checkpoint;
import io.quickstudy.run.RunFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Runs in processes of their own, with a disk that is full or with one another in their way. */
class MishapsTest {
  private static final int STEPS = 60;

  @TempDir private Path temporary;

  private Path run;
  private Path log;

  @BeforeEach
  void needsShell() {
    assumeFalse(System.getProperty("os.name").startsWith("Windows"), "Windows has no ulimit");
    run = temporary.resolve("run");
    log = temporary.resolve("log");
  }

  private static List<String> train(Path out, String... more) {
    List<String> a = new ArrayList<>();
    a.addAll(List.of("train", "--resume", "--data=sinusoid", "--meta-batch=2", "--out=" + out));
    a.addAll(List.of("--log-every=1", "--eval-every=0", "--eval-episodes=4"));
    a.addAll(List.of(more));
    return a;
  }

  private Child trained(Path out, String... more) throws InterruptedException {
    try (Child c = Child.start(log, java.util.Map.of(), train(out, more))) {
      c.end();
      return c;
    }
  }

  private List<String> temporaries() throws IOException {
    try (Stream<Path> all = Files.walk(run)) {
      return all.map(Path::toString).filter(f -> f.endsWith(".tmp")).toList();
    }
  }

  private static String refusal(Child c) {
    List<String> lines = c.said().lines().filter(l -> l.startsWith("quickstudy: ")).toList();
    assertEquals(1, lines.size(), c::said);
    assertTrue(c.said().strip().endsWith(lines.get(0)), c::said);
    return lines.get(0);
  }

  /**
   * The limit on a file's size fails the write that goes beyond it, in the middle: of the
   * checkpoint's 21 KB, or of the metrics'.
   */
  @ParameterizedTest
  @CsvSource({"16, 5, 20, Checkpoint of step 25 cannot be written", "48, 500, 400, Folder '"})
  void aDiskThatIsFullLeavesTheLastGoodCheckpoint(int blocks, int every, int from, String said)
      throws Exception {
    int steps = from + 3 * every;
    String[] options = {"--checkpoint-every=" + every, "--steps=" + from};
    assertEquals(0, trained(run, options).end());
    Checkpoint before = RunFolder.open(run).checkpoints().newest(m -> {}).orElseThrow();
    assertEquals(from, before.step());
    options[1] = "--steps=" + steps;
    try (Child c = Child.startLimited(log, blocks, train(run, options))) {
      assertEquals(1, c.end(), c::said);
      assertTrue(refusal(c).contains(said), c::said);
      assertTrue(refusal(c).contains("(File too large)"), c::said);
    }
    assertEquals(List.of(), temporaries());
    List<String> warned = new ArrayList<>();
    assertEquals(from, RunFolder.open(run).checkpoints().newest(warned::add).orElseThrow().step());
    assertEquals(List.of(), warned);
    assertEquals(0, trained(run, options).end());
    Path other = temporary.resolve("other");
    assertEquals(0, trained(other, options).end());
    String last = String.format(Locale.ROOT, "checkpoints/step-%07d.safetensors", steps);
    assertEquals(-1, Files.mismatch(other.resolve(last), run.resolve(last)));
    assertEquals(steps, Child.losses(run));
    assertEquals(
        Files.readAllLines(other.resolve("metrics.jsonl")).size(),
        Files.readAllLines(run.resolve("metrics.jsonl")).size() - 1, // of the session that went on
        "no line is torn or there twice");
  }

  @Test
  void aRunIsTrainedByOneProcessAlone() throws Exception {
    try (Child first = Child.start(log, java.util.Map.of(), train(run, "--steps=10000000"))) {
      first.await("some steps", () -> Child.losses(run) >= 5);
      Path other = temporary.resolve("second");
      try (Child second = Child.start(other, java.util.Map.of(), train(run, "--steps=10000000"))) {
        assertEquals(1, second.end(), second::said);
        String who = "is being trained by process " + first.pid() + " on ";
        assertTrue(refusal(second).contains(who), second::said);
        assertTrue(refusal(second).contains("'" + run + "'"), second::said);
      }
      try (Child eval = Child.start(other, "eval", run.toString(), "--episodes=4")) {
        assertEquals(0, eval.end(), eval::said);
      }
      assertTrue(first.isAlive(), first::said);
      first.kill();
    }
    int step = RunFolder.open(run).checkpoints().newest(m -> {}).orElseThrow().step();
    try (Child next = Child.start(log, java.util.Map.of(), train(run, "--steps=" + (step + 2)))) {
      assertEquals(0, next.end(), next::said);
    }
  }

  @Test
  void ofTwoThatBeginTheSameRunOneDoes() throws Exception {
    String[] options = {"--steps=" + STEPS, "--checkpoint-every=1"};
    Path other = temporary.resolve("second");
    try (Child a = Child.start(log, java.util.Map.of(), train(run, options));
        Child b = Child.start(other, java.util.Map.of(), train(run, options))) {
      int codes = a.end() + b.end();
      assertTrue(codes == 0 || codes == 1 || codes == 2, () -> a.said() + b.said());
    }
    assertEquals(STEPS, Child.losses(run));
    assertEquals(STEPS, RunFolder.open(run).checkpoints().newest(m -> {}).orElseThrow().step());
  }
}
