package io.quickstudy.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import io.quickstudy.run.RunFolder;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a run in a process of its own does when it is asked to end. */
class SignalsTest {
  @TempDir private Path temporary;

  private Path run;

  @BeforeEach
  void needsSignals() {
    assumeFalse(
        System.getProperty("os.name").startsWith("Windows"), "Windows has no signal to catch");
    run = temporary.resolve("run");
  }

  private Child train(String... more) {
    String[] all = new String[more.length + 3];
    System.arraycopy(more, 0, all, 3, more.length);
    all[0] = "train";
    all[1] = "--data=sinusoid";
    all[2] = "--out=" + run;
    return Child.start(temporary.resolve("log"), all);
  }

  @ParameterizedTest
  @ValueSource(strings = {"TERM", "USR1", "INT", "HUP"})
  void aSignalLeavesACheckpoint(String signal) throws Exception {
    try (Child c = train("--steps=10000000", "--eval-every=0", "--log-every=1")) {
      c.await("20 steps", () -> Child.losses(run) >= 20);
      c.signal(signal);
      assertEquals(0, c.end(), c::said);
      int step = RunFolder.open(run).checkpoints().newest(m -> {}).orElseThrow().step();
      assertTrue(step >= 20, "step " + step);
      assertTrue(c.said().contains("stopped after step " + step), c::said);
      assertEquals(step, Child.losses(run));
    }
  }

  @ParameterizedTest
  @CsvSource({"TERM, TERM, 143", "INT, TERM, 143", "TERM, INT, 130"})
  void aSecondOneEndsItAtOnce(String first, String second, int code) throws Exception {
    // a step with a measurement behind it that takes hours
    try (Child c = train("--steps=9", "--eval-every=1", "--val-episodes=1000000000")) {
      c.await("a step", () -> Child.newestStep(run) == 1);
      Thread.sleep(1000); // the measurement begins
      c.signal("USR1");
      c.signal("USR1"); // a scheduler may say it more than once
      c.await("told", () -> c.said().contains("stopping behind this step"));
      c.signal(first);
      Thread.sleep(500);
      assertTrue(c.isAlive(), c::said);
      c.signal(second);
      assertEquals(code, c.end(), c::said);
      assertTrue(c.said().contains("stopped at once; --resume goes on"), c::said);
    }
    assertEquals(1, RunFolder.open(run).checkpoints().newest(m -> {}).orElseThrow().step());
    try (Child c = train("--resume", "--val-episodes=2", "--eval-episodes=2")) {
      assertEquals(0, c.end(), c::said);
      assertTrue(c.said().contains("step 1: validation"), "made up for: " + c.said());
    }
    assertEquals(9, Child.losses(run));
  }

  @Test
  void behindTrainingItEndsWell() throws Exception {
    try (Child c = train("--steps=3", "--eval-episodes=1000000000")) {
      c.await("the end of training", () -> c.said().contains("step 3 of 3"));
      Thread.sleep(500); // the measurement begins
      c.signal("TERM");
      assertEquals(0, c.end(), c::said);
      assertTrue(c.said().contains("the run is whole"), c::said);
      assertFalse(c.said().contains("mse 0"), c::said);
    }
    assertEquals(3, RunFolder.open(run).checkpoints().newest(m -> {}).orElseThrow().step());
  }
}
