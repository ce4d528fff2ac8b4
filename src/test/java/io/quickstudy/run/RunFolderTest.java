package io.quickstudy.run;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.quickstudy.backend.Precision;
import io.quickstudy.graph.Shape;
import io.quickstudy.nn.Norm;
import io.quickstudy.runtime.Array;
import io.quickstudy.settings.ConfigException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** That a run's folder keeps what it should and nothing is overwritten. */
class RunFolderTest {
  @TempDir private Path temporary;

  private static Checkpoint checkpoint(int step) {
    return new Checkpoint(
        step,
        1.5 * step,
        Map.of(
            "theta.w", new Array(Shape.of(2), new float[] {step, -step}),
            "slots.m.w", new Array(Shape.of(2), new float[] {1, 2}),
            "step", new Array(Shape.of(), new float[] {step})));
  }

  private RunFolder folder() {
    RunFolder folder = RunFolder.create(temporary.resolve("run"), Recipes.complete(Map.of()));
    folder.begin();
    return folder;
  }

  private List<String> names(Path path) throws IOException {
    try (Stream<Path> files = Files.list(path)) {
      return files.map(f -> f.getFileName().toString()).sorted().toList();
    }
  }

  @Test
  void aRunIsNotOverwritten() {
    RunFolder folder = folder();
    assertTrue(RunFolder.holdsRun(folder.path()));
    assertEquals(folder.config(), RunFolder.open(folder.path()).config());
    String message = assertThrows(ConfigException.class, this::folder).getMessage();
    assertTrue(message.contains("add --resume"), message);
    assertTrue(
        assertThrows(ConfigException.class, () -> RunFolder.open(temporary))
            .getMessage()
            .contains("holds no run"));
  }

  @Test
  void aRunFromBeforeThereWasAPrecisionHasTheOneThatWas() throws IOException {
    RunFolder folder = folder();
    Path config = folder.path().resolve("config.yaml");
    List<String> lines = Files.readAllLines(config);
    assertTrue(lines.removeIf(l -> l.startsWith("precision:")), lines.toString());
    Files.write(config, lines);
    assertEquals(Precision.FP32, RunFolder.open(folder.path()).config().run().precision());
  }

  @Test
  void aRunFromBeforeThereWereColoursIsGrey() throws IOException {
    RunFolder folder = folder();
    Path config = folder.path().resolve("config.yaml");
    List<String> lines = Files.readAllLines(config);
    assertTrue(lines.removeIf(l -> l.startsWith("channels:")), lines.toString());
    assertTrue(lines.removeIf(l -> l.startsWith("ink:")), lines.toString());
    Files.write(config, lines);
    assertEquals(folder.config(), RunFolder.open(folder.path()).config());
  }

  @Test
  void twoCheckpointsAreKeptAndNoTemporaryFile() throws IOException {
    RunFolder folder = folder();
    for (int step : new int[] {5, 10, 15}) {
      folder.checkpoints().write(checkpoint(step));
    }
    assertEquals(List.of(15, 10), folder.checkpoints().steps());
    assertEquals(
        List.of(
            "step-0000010.json",
            "step-0000010.safetensors",
            "step-0000015.json",
            "step-0000015.safetensors"),
        names(folder.path().resolve("checkpoints")));
    Checkpoint c = folder.checkpoints().newest(m -> {}).orElseThrow();
    assertEquals(15, c.step());
    assertEquals(22.5, c.seconds());
    assertEquals(checkpoint(15).state().keySet(), c.state().keySet());
    assertEquals(-15f, c.theta().get("w").data()[1]);
  }

  @Test
  void whatIsPutToWorkLeavesTheOptimisersNumbersOut() throws IOException {
    RunFolder folder = folder();
    Map<String, Array> state = ofItsLearner(folder);
    state.put("slots.m.w", new Array(Shape.of(2), new float[] {1, 2}));
    folder.checkpoints().write(new Checkpoint(5, 1, state));
    Checkpoint whole = folder.checkpoints().read(5);
    Checkpoint c = folder.trained(m -> {});
    assertTrue(whole.state().keySet().stream().anyMatch(n -> n.startsWith(Checkpoint.SLOTS)));
    assertFalse(c.state().keySet().stream().anyMatch(n -> n.startsWith(Checkpoint.SLOTS)));
    assertEquals(whole.theta().keySet(), c.theta().keySet());
    String name = "conv1.weight";
    assertArrayEquals(whole.theta().get(name).data(), c.theta().get(name).data());
  }

  /** Something by the name of every number that a run's learner has. */
  private static Map<String, Array> ofItsLearner(RunFolder folder) {
    Map<String, Array> state = new LinkedHashMap<>();
    Components.drawn(Components.trained(folder.config(), 1), 0)
        .names()
        .forEach(n -> state.put(Checkpoint.THETA + n, new Array(Shape.of(1), new float[] {1})));
    return state;
  }

  @Test
  void damagedCheckpointsArePassedOver() throws IOException {
    RunFolder folder = folder();
    folder.checkpoints().write(checkpoint(5));
    folder.checkpoints().write(checkpoint(10));
    Path newest = folder.path().resolve("checkpoints/step-0000010.safetensors");
    byte[] bytes = Files.readAllBytes(newest);
    bytes[bytes.length - 1] ^= 1;
    Files.write(newest, bytes);
    List<String> said = new ArrayList<>();
    assertEquals(5, folder.checkpoints().newest(said::add).orElseThrow().step());
    assertEquals(1, said.size());
    assertTrue(said.get(0).contains("step-0000010.safetensors' is damaged"), said.get(0));
    Files.delete(newest);
    assertEquals(5, folder.checkpoints().newest(m -> {}).orElseThrow().step());
    Files.writeString(folder.path().resolve("checkpoints/step-0000005.json"), "{");
    assertFalse(folder.checkpoints().newest(m -> {}).isPresent());
  }

  @Test
  void checkpointsOfOldVersionsHaveOneChecksumAlone() throws IOException {
    RunFolder folder = folder();
    folder.checkpoints().write(checkpoint(5));
    Path counters = folder.path().resolve("checkpoints/step-0000005.json");
    String text = Files.readString(counters);
    assertTrue(text.contains("\"crc32c\" : \""), text);
    Files.writeString(counters, text.replaceAll(",\\s*\"crc32c\" : \"[0-9a-f]{8}\"", ""));
    assertFalse(Files.readString(counters).contains("crc32c"));
    assertEquals(5, folder.checkpoints().newest(m -> {}).orElseThrow().step());
    Path tensors = folder.path().resolve("checkpoints/step-0000005.safetensors");
    byte[] bytes = Files.readAllBytes(tensors);
    bytes[bytes.length - 1] ^= 1;
    Files.write(tensors, bytes);
    assertFalse(folder.checkpoints().newest(m -> {}).isPresent());
  }

  @Test
  void metricsOfStepsThatAreMadeAgainAreDropped() throws IOException {
    RunFolder folder = folder();
    for (int step = 1; step <= 4; step++) {
      folder.log(Map.of("step", step));
    }
    folder.log(Map.of("step", 2, "split_part", "test"));
    Path metrics = folder.path().resolve("metrics.jsonl");
    Files.writeString(metrics, "{\"step\":1", StandardOpenOption.APPEND);
    folder.forgetAfter(3);
    assertEquals(
        List.of("{\"step\":1}", "{\"step\":2}", "{\"step\":3}"), Files.readAllLines(metrics));
  }

  @Test
  void aLineThatIsNoUtf8OrHasATailIsDropped() throws IOException {
    RunFolder folder = folder();
    Path metrics = folder.path().resolve("metrics.jsonl");
    byte[] torn = "{\"step\":1}\n{\"step\":2}\0\0\n{\"step\":\"3\"}\n".getBytes(UTF_8);
    byte[] bytes = Arrays.copyOf(torn, torn.length + 2);
    bytes[torn.length] = (byte) 0xC3; // the first half of a letter
    Files.write(metrics, bytes);
    assertEquals(1, folder.logged());
    folder.forgetAfter(9);
    assertEquals(List.of("{\"step\":1}"), Files.readAllLines(metrics));
  }

  @Test
  void aSessionThatCameNoFurtherLeavesNoLine() throws IOException {
    RunFolder folder = folder();
    for (int step : new int[] {0, 3, 3}) {
      folder.forgetAfter(step);
      folder.log(Map.of("step", step, "memory_bytes", 7));
      folder.log(Map.of("step", 9, "loss", 1));
    }
    Path metrics = folder.path().resolve("metrics.jsonl");
    assertEquals(3, Files.readAllLines(metrics).size(), Files.readString(metrics));
  }

  @Test
  void aLockIsTakenOnceAndGivenBack() throws IOException {
    RunFolder folder = folder();
    try (RunLock second = new RunLock(folder.path())) {
      refusedBeside(second, folder.path());
      second.take(m -> {});
      assertTrue(second.isTaken());
    }
    Path file = Files.writeString(temporary.resolve("file"), "");
    try (RunLock none = new RunLock(file.resolve("run"))) {
      String message = assertThrows(RunException.class, () -> none.take(m -> {})).getMessage();
      assertTrue(message.contains("cannot be written"), message);
    }
    String message =
        assertThrows(ConfigException.class, () -> RunFolder.refuseIfHeld(file)).getMessage();
    assertTrue(message.contains("is a file"), message);
  }

  private static void refusedBeside(RunLock second, Path run) {
    try (RunLock first = new RunLock(run)) {
      assertFalse(first.isTaken());
      first.take(m -> {});
      first.take(m -> {});
      String message = assertThrows(RunException.class, () -> second.take(m -> {})).getMessage();
      long pid = ProcessHandle.current().pid();
      assertTrue(message.contains("is being trained by process " + pid), message);
      assertFalse(second.isTaken());
    }
  }

  @Test
  void aFileThatCannotBeWrittenLeavesNoPart() throws IOException {
    Path inTheWay = temporary.resolve("c.json");
    Files.createDirectories(inTheWay.resolve("full")); // nothing can be renamed to it
    assertThrows(IOException.class, () -> SafeFiles.write(inTheWay, new byte[9]));
    assertEquals(List.of("c.json"), names(temporary));
  }

  @Test
  void choicesAreKeptForWhenItGoesOn() throws IOException {
    RunFolder f = folder();
    Path file = f.path().resolve("choices.json");
    assertEquals(Map.of(), f.choices());
    f.keep(Map.of());
    assertFalse(Files.exists(file), "nothing to keep");
    f.keep(Map.of("a convolution", "own", "another", "algorithm 1"));
    assertEquals(
        Map.of("a convolution", "own", "another", "algorithm 1"),
        RunFolder.open(f.path()).choices());
    Files.writeString(file, "{");
    assertTrue(assertThrows(RunException.class, f::choices).getMessage().contains("delete it"));
  }

  @Test
  void whatItIsTrainedOnIsKept() throws IOException {
    RunFolder f = folder();
    assertEquals(Optional.empty(), f.data());
    RunData data = new RunData("photos (3 classes)", "1f", List.of("a", "b/c", "ä"));
    f.keep(data);
    assertEquals(Optional.of(data), RunFolder.open(f.path()).data());
    assertEquals(List.of("ä", "a"), data.trainedOf(List.of("ä", "d", "a")));
    Path file = f.path().resolve("data.json");
    for (String bad : List.of("{", "null", "{}", "[]", "{\"data\":\"x\",\"sha256\":\"1f\"}")) {
      Files.writeString(file, bad);
      String said = assertThrows(RunException.class, f::data, bad).getMessage();
      assertTrue(said.startsWith("File '" + file + "' cannot be read ("), said);
      assertTrue(said.contains("delete it, and whatever is there now is taken for that."), said);
    }
  }

  private static RunCalibration calibration(double temperature) {
    List<RunCalibration.Kept> kept =
        List.of(new RunCalibration.Kept(0, 40, 8), new RunCalibration.Kept(0.9, 30, 1));
    RunCalibration.Fit fit =
        new RunCalibration.Fit(
            "support", 5, 1, Map.of("inner-steps", "3"), 4, 40, temperature, 0.2, 0.1, kept);
    return new RunCalibration(RunCalibration.VERSION, 7, List.of(fit));
  }

  @Test
  void aCheckpointOfAVersionWithOtherParametersIsRefused() throws IOException {
    RunFolder f = folder();
    Map<String, Array> state = ofItsLearner(f);
    f.checkpoints().write(new Checkpoint(1, 1, state));
    assertEquals(1, f.trained(m -> {}).step(), "it has them all");
    state.remove("theta.norm1.bias");
    f.checkpoints().write(new Checkpoint(2, 1, state));
    String said = assertThrows(RunException.class, () -> f.trained(m -> {})).getMessage();
    assertTrue(said.startsWith("Run '" + f.path() + "' has no 'norm1.bias', which "), said);
    assertTrue(said.endsWith("train it anew, or use the version that trained it."), said);
  }

  @Test
  void howSureAnswersMayBeIsKept() throws IOException {
    RunFolder f = folder();
    assertEquals(Optional.empty(), f.calibration());
    f.keep(calibration(1.5));
    RunCalibration c = RunFolder.open(f.path()).calibration().orElseThrow();
    assertEquals(calibration(1.5), c);
    assertEquals(1.5, c.of(7, Norm.Policy.SUPPORT).orElseThrow().temperature());
    assertEquals(Optional.empty(), c.of(8, Norm.Policy.SUPPORT), "another checkpoint");
    assertEquals(Optional.empty(), c.of(7, Norm.Policy.RUNNING), "otherwise normalised");
    Path file = f.path().resolve("calibration.json");
    String whole = Files.readString(file);
    for (String bad :
        List.of(
            "{",
            "null",
            "{}",
            "[]",
            whole.replace("\"version\" : 1", "\"version\" : 2"),
            whole.replace("1.5", "0"),
            whole.replace("1.5", "-1"),
            whole.replace("1.5", "1e999"),
            whole.replace("1.5", "\"NaN\""),
            whole.replace("\"wrong\" : 8", "\"wrong\" : 41"),
            whole.replace("\"confidence\" : 0.9", "\"confidence\" : 0.0"),
            whole.replace("\"answers\" : 30", "\"answers\" : 50"),
            whole.replace("\"norm\" : \"support\"", "\"norm\" : null"))) {
      Files.writeString(file, bad);
      String said = assertThrows(RunException.class, f::calibration, bad).getMessage();
      assertTrue(said.startsWith("File '" + file + "' cannot be read ("), said);
      assertTrue(said.contains("delete it, and say calibrate again."), said);
    }
  }
}
