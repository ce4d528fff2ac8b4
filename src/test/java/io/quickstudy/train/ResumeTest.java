package io.quickstudy.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import io.quickstudy.run.Checkpoint;
import io.quickstudy.run.RunConfig;
import io.quickstudy.run.RunException;
import io.quickstudy.run.RunFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/** What a run goes on with, whatever became of its checkpoints. */
class ResumeTest {
  private static final RunConfig CONFIG =
      RunFixtures.sinusoid("steps", "6", "checkpoint-every", "1", "hidden", "8");

  @TempDir private Path temporary;

  private byte[] expected;

  /** The files of a run's checkpoints by name, stopped behind steps 3 and 4. */
  private final Map<String, byte[]> three = new TreeMap<>();

  private final Map<String, byte[]> four = new TreeMap<>();

  @BeforeEach
  void train() throws IOException {
    Path whole = temporary.resolve("whole");
    RunFixtures.train(whole, CONFIG);
    expected = Files.readAllBytes(whole.resolve("checkpoints/step-0000006.safetensors"));
    Path parts = temporary.resolve("parts");
    RunFixtures.train(parts, CONFIG, 3);
    read(parts, three);
    RunFixtures.train(parts, CONFIG, 1);
    read(parts, four);
    assertEquals(List.of(4, 3), RunFolder.open(parts).checkpoints().steps());
  }

  private static void read(Path run, Map<String, byte[]> into) throws IOException {
    try (Stream<Path> files = Files.list(run.resolve("checkpoints"))) {
      for (Path f : files.toList()) {
        into.put(f.getFileName().toString(), Files.readAllBytes(f));
      }
    }
  }

  /** A run with these files as its checkpoints. */
  private Path run(String name, Map<String, byte[]> files) throws IOException {
    Path run = temporary.resolve(name);
    Files.createDirectories(run.resolve("checkpoints"));
    for (String file : List.of("config.yaml", "metrics.jsonl")) {
      Files.copy(temporary.resolve("parts").resolve(file), run.resolve(file));
    }
    for (Map.Entry<String, byte[]> f : files.entrySet()) {
      Files.write(run.resolve("checkpoints").resolve(f.getKey()), f.getValue());
    }
    return run;
  }

  private void assertGoesOn(Path run) throws IOException {
    RunFixtures.train(run, CONFIG);
    Map<String, byte[]> after = new TreeMap<>();
    read(run, after);
    assertArrayEquals(expected, after.get("step-0000006.safetensors"));
    assertEquals(
        List.of(
            "step-0000005.json",
            "step-0000005.safetensors",
            "step-0000006.json",
            "step-0000006.safetensors"),
        List.copyOf(after.keySet()),
        "nothing is left over");
    List<Integer> steps = new ArrayList<>();
    for (String line : Files.readAllLines(run.resolve("metrics.jsonl"))) {
      if (line.contains("\"loss\"")) {
        steps.add(Integer.valueOf(line.replaceAll("\\{\"step\":(\\d+),.*", "$1")));
      }
    }
    assertEquals(IntStream.rangeClosed(1, 6).boxed().toList(), steps);
  }

  private static byte[] half(byte[] all) {
    return Arrays.copyOf(all, all.length / 2);
  }

  /** Every state that a kill can leave while the checkpoint of step 4 takes the place of 2's. */
  @TestFactory
  Stream<DynamicTest> theWriteOfACheckpointMayStopAnywhere() {
    byte[] tensors = four.get("step-0000004.safetensors");
    byte[] counters = four.get("step-0000004.json");
    Map<String, byte[]> now = new TreeMap<>(three);
    Map<String, Map<String, byte[]>> states = new TreeMap<>();
    states.put("0 not begun", Map.copyOf(now));
    now.put("step-0000004.safetensors.tmp", new byte[0]);
    states.put("1 opened", Map.copyOf(now));
    now.put("step-0000004.safetensors.tmp", half(tensors));
    states.put("2 half of the tensors", Map.copyOf(now));
    now.put("step-0000004.safetensors.tmp", tensors);
    states.put("3 before the rename", Map.copyOf(now));
    now.remove("step-0000004.safetensors.tmp");
    now.put("step-0000004.safetensors", tensors);
    states.put("4 before the counters", Map.copyOf(now));
    now.put("step-0000004.json.tmp", half(counters));
    states.put("5 half of the counters", Map.copyOf(now));
    now.put("step-0000004.json.tmp", counters);
    states.put("6 before their rename", Map.copyOf(now));
    now.remove("step-0000004.json.tmp");
    now.put("step-0000004.json", counters);
    states.put("7 before the oldest goes", Map.copyOf(now));
    now.remove("step-0000002.json");
    states.put("8 with a half of the oldest", Map.copyOf(now));
    now.remove("step-0000002.safetensors");
    assertEquals(four.keySet(), now.keySet());
    return states.entrySet().stream()
        .map(s -> dynamicTest(s.getKey(), () -> assertGoesOn(run(s.getKey(), s.getValue()))));
  }

  @TestFactory
  Stream<DynamicTest> aDamagedCheckpointIsPassedOverWithALine() {
    String tensors = "step-0000004.safetensors";
    String counters = "step-0000004.json";
    byte[] flipped = four.get(tensors).clone();
    flipped[flipped.length / 2] ^= 4;
    return Stream.of(
            damage("truncated tensors", tensors, half(four.get(tensors)), "its checksum is not"),
            damage("a flipped bit", tensors, flipped, "its checksum is not that in " + counters),
            damage("empty tensors", tensors, new byte[0], "its checksum is not"),
            damage("no tensors", tensors, null, tensors + " is missing"),
            damage("no counters", counters, null, counters + " is missing"),
            damage("empty counters", counters, new byte[0], "does not say that it is of step 4"),
            damage("half of the counters", counters, half(four.get(counters)), "is no JSON"),
            damage("other counters", counters, four.get("step-0000003.json"), "is of step 4"),
            damage("garbage", counters, new byte[] {0, -1, 7}, counters + " is no JSON"),
            damage("a folder", counters, new byte[] {'d'}, "is damaged"))
        .map(d -> d);
  }

  private DynamicTest damage(String name, String file, byte[] content, String said) {
    return dynamicTest(
        name,
        () -> {
          Map<String, byte[]> files = new TreeMap<>(four);
          files.remove(file);
          if (content != null && !name.equals("a folder")) {
            files.put(file, content);
          }
          Path run = run(name, files);
          if (name.equals("a folder")) {
            Files.createDirectory(run.resolve("checkpoints").resolve(file));
          }
          List<String> lines = new ArrayList<>();
          Checkpoint c = RunFolder.open(run).checkpoints().newest(lines::add).orElseThrow();
          assertEquals(3, c.step());
          assertEquals(1, lines.size(), lines.toString());
          assertTrue(lines.get(0).contains(said), lines.get(0));
          assertTrue(lines.get(0).contains("the one before it is tried instead"), lines.get(0));
          assertEquals(1, lines.get(0).lines().count(), lines.get(0));
          assertGoesOn(run);
        });
  }

  @Test
  void aRunWithoutAWholeCheckpointDoesNotBeginAgain() throws IOException {
    Map<String, byte[]> damaged = new TreeMap<>();
    four.forEach((name, bytes) -> damaged.put(name, half(bytes)));
    for (Map<String, byte[]> files : List.of(damaged, Map.<String, byte[]>of())) {
      Path run = run("damaged" + files.size(), files);
      String metrics = Files.readString(run.resolve("metrics.jsonl"));
      String message =
          assertThrows(RunException.class, () -> RunFixtures.train(run, CONFIG)).getMessage();
      assertTrue(message.contains("was at step 4 and has no whole checkpoint"), message);
      Map<String, byte[]> after = new TreeMap<>();
      read(run, after);
      assertEquals(files.keySet(), after.keySet(), "nothing is lost");
      assertEquals(metrics, Files.readString(run.resolve("metrics.jsonl")));
    }
  }

  @Test
  void aRunThatWasKilledBeforeItsFirstCheckpointBegins() throws IOException {
    for (String state : List.of("nothing", ".safetensors.tmp", ".safetensors")) {
      Map<String, byte[]> files =
          state.equals("nothing")
              ? Map.of()
              : Map.of("step-0000000" + state, half(four.get("step-0000004.safetensors")));
      Path run = run("begun" + state, files);
      Files.delete(run.resolve("metrics.jsonl"));
      assertGoesOn(run);
    }
  }

  @Test
  void aValidationThatWasCutOffIsMadeUpFor() throws IOException {
    RunConfig c = RunFixtures.sinusoid("steps", "6", "checkpoint-every", "1", "eval-every", "2");
    Path run = temporary.resolve("validated");
    RunFixtures.train(run, c, 4);
    Path metrics = run.resolve("metrics.jsonl");
    List<String> lines = Files.readAllLines(metrics);
    assertEquals(
        1, lines.stream().filter(l -> l.contains("\"val\"")).count(), "asked to stop before it");
    Files.writeString(metrics, "{\"step\":4,\"split_part\":\"val", StandardOpenOption.APPEND);
    RunFixtures.train(run, c);
    List<String> validated =
        Files.readAllLines(metrics).stream()
            .filter(l -> l.contains("\"val\""))
            .map(l -> l.replaceAll("\\{\"step\":(\\d+),.*", "$1"))
            .toList();
    assertEquals(List.of("2", "4", "6"), validated);
  }

  @Test
  void aCheckpointWhoseNextLossIsNoNumberIsWithdrawn() {
    // the first step makes parameters of about 1e30: finite, and good for nothing
    RunConfig c = RunFixtures.sinusoid("rate", "1e30", "checkpoint-every", "1");
    Path run = temporary.resolve("diverged");
    String message = assertThrows(RunException.class, () -> RunFixtures.train(run, c)).getMessage();
    assertTrue(message.startsWith("The loss became "), message);
    assertTrue(message.contains("at step 2 of '" + run + "'"), message);
    assertTrue(message.contains("last good checkpoint is that of step 0"), message);
    assertEquals(List.of(0), RunFolder.open(run).checkpoints().steps());
  }

  @Test
  void aParameterThatIsNotFiniteIsNeverKept() {
    RunConfig c = RunFixtures.sinusoid("rate", "1e39", "checkpoint-every", "1");
    Path run = temporary.resolve("infinite");
    String message = assertThrows(RunException.class, () -> RunFixtures.train(run, c)).getMessage();
    assertTrue(message.startsWith("A parameter became infinite or no number at step 1"), message);
    assertTrue(message.contains("try a smaller --rate"), message);
    assertEquals(List.of(0), RunFolder.open(run).checkpoints().steps());
  }

  /**
   * Stopped, or killed behind a checkpoint, within the steps that a line of metrics is a mean of:
   * it has the same lines as one that was not.
   */
  @Test
  void aLineIsAMeanOverAsManyStepsAsItSays() throws IOException {
    for (boolean classes : new boolean[] {false, true}) {
      String[] values = {"steps", "11", "log-every", "4", "checkpoint-every", "3"};
      RunConfig c = classes ? RunFixtures.glyphs(values) : RunFixtures.sinusoid(values);
      Path whole = temporary.resolve("in one " + classes);
      RunFixtures.train(whole, c);
      List<String> lines = means(whole);
      assertEquals(3, lines.size());
      for (int i = 0; i < 3; i++) {
        int steps = i < 2 ? 4 : 3; // log-every, and the rest
        String begin = "{\"step\":%s,\"steps\":%s,".formatted(Math.min(11, 4 * i + 4), steps);
        assertTrue(lines.get(i).startsWith(begin), lines.get(i));
        assertEquals(classes, lines.get(i).contains("\"accuracy\""), lines.get(i));
      }
      Path parts = temporary.resolve("in parts " + classes);
      RunFixtures.train(parts, c, 2);
      RunFixtures.train(parts, c, 5);
      Files.delete(parts.resolve("checkpoints/step-0000007.json")); // killed behind step 6's
      RunFixtures.train(parts, c, 1);
      RunFixtures.train(parts, c);
      assertEquals(lines, means(parts));
    }
  }

  /** The lines of training, without how long it took. */
  private static List<String> means(Path run) throws IOException {
    return Files.readAllLines(run.resolve("metrics.jsonl")).stream()
        .filter(l -> l.contains("\"loss\""))
        .map(l -> l.replaceAll(",\"steps_per_second.*", ""))
        .toList();
  }
}
