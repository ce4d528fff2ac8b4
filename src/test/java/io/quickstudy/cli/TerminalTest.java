package io.quickstudy.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.quickstudy.run.RunFolder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What somebody sees who trains in a terminal, and what control-C does there. */
class TerminalTest {
  private static final String CONTROL_C = "\u0003";

  @TempDir private Path temporary;

  private Path run;

  @BeforeEach
  void needsTerminal() {
    assumeTrue(Child.hasTerminal(), "a terminal needs the program script of util-linux");
    run = temporary.resolve("run");
  }

  private Child train(int columns, String... more) {
    List<String> a = new ArrayList<>(List.of("train", "--data=sinusoid", "--out=" + run));
    a.addAll(List.of(more));
    return Child.startOnTerminal(temporary.resolve("log"), columns, a);
  }

  private int newest() {
    return RunFolder.open(run).checkpoints().newest(m -> {}).orElseThrow().step();
  }

  /** Between steps, and where nearly all time goes into writing checkpoints. */
  @ParameterizedTest
  @ValueSource(ints = {500, 1})
  void controlCLeavesACheckpoint(int checkpointEvery) throws Exception {
    String every = "--checkpoint-every=" + checkpointEvery;
    try (Child c = train(80, "--steps=10000000", "--eval-every=0", "--log-every=1", every)) {
      c.await("a bar", () -> c.said().contains("\rtraining 0% ") && Child.losses(run) >= 20);
      c.type(CONTROL_C);
      assertEquals(0, c.end(), c::said);
      assertTrue(c.said().contains("stopping behind this step"), c::said);
      assertTrue(c.said().contains("stopped after step " + newest()), c::said);
      assertTrue(newest() >= 20, c::said);
      assertEquals(newest(), Child.losses(run));
    }
  }

  @Test
  void aSecondOneEndsAValidationAtOnce() throws Exception {
    try (Child c = train(80, "--steps=9", "--eval-every=1", "--val-episodes=1000000000")) {
      c.await("a step", () -> Child.newestStep(run) == 1);
      Thread.sleep(500); // the validation begins
      c.type(CONTROL_C);
      c.await("told", () -> c.said().contains("stopping behind this step"));
      Thread.sleep(200);
      assertTrue(c.isAlive(), c::said);
      c.type(CONTROL_C);
      assertEquals(130, c.end(), c::said);
      assertTrue(c.said().contains("stopped at once; --resume goes on"), c::said);
    }
    assertEquals(1, newest());
  }

  @Test
  void behindTrainingItEndsWell() throws Exception {
    try (Child c = train(80, "--steps=3", "--eval-episodes=1000000000")) {
      c.await("the measurement", () -> c.said().contains("\revaluating 0% "));
      c.type(CONTROL_C);
      assertEquals(0, c.end(), c::said);
      assertTrue(c.said().contains("the run is whole"), c::said);
    }
    assertEquals(3, newest());
  }

  /** Hundreds of inner steps take a second to compile. */
  @Test
  void beforeTheFirstStepItEndsAtOnce() throws Exception {
    try (Child c = train(80, "--inner-steps=300")) {
      c.await("the start", () -> c.said().contains("; run " + run));
      c.type(CONTROL_C);
      assertEquals(130, c.end(), c::said);
      assertTrue(c.said().contains("stopped before the first step"), c::said);
    }
    assertFalse(Files.exists(run.resolve("config.yaml")));
  }

  @Test
  void theBarFitsANarrowTerminal() throws Exception {
    try (Child c = train(40, "--steps=300", "--eval-every=0", "--eval-episodes=100")) {
      assertEquals(0, c.end(), c::said);
      List<String> bars =
          c.said().lines().filter(l -> l.startsWith("training ") && l.contains("%")).toList();
      assertFalse(bars.isEmpty(), c::said);
      for (String bar : bars) {
        String shown = bar.replace("\u001b[K", "");
        assertTrue(shown.length() < 40, shown);
        assertFalse(shown.endsWith(","), shown);
      }
      assertTrue(bars.getLast().startsWith("training 100% 300/300, loss "), c::said);
    }
  }
}
