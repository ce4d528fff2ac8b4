package io.quickstudy.cli;

import static io.quickstudy.cli.Ran.assertRefused;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The command line as a user sees it: output, errors and exit codes. */
class MainTest {

  @TempDir private Path temporary;

  private Ran train(String out, String... more) {
    return Ran.of(
        Stream.concat(
                Stream.of(
                    "train --data sinusoid --steps 12 --meta-batch 4 --eval-episodes 20 --out"
                        .split(" ", -1)),
                Stream.concat(Stream.of(temporary.resolve(out).toString()), Stream.of(more)))
            .toArray(String[]::new));
  }

  @Test
  void badUsageIsOneSentenceAndTwo() {
    assertRefused(2, "did you mean '--ways'", Ran.of("train", "--way", "5"));
    assertRefused(2, "did you mean 'train'?", Ran.of("trian"));
    assertRefused(2, "No command", Ran.of());
    assertRefused(2, "did you mean '--json'", Ran.of("list", "--jsn"));
    assertRefused(2, "Option --ways is 'x'", Ran.of("train", "--ways", "x"));
    assertRefused(2, "Option --ways has no value", Ran.of("train", "--ways"));
    assertRefused(2, "Option --memory-limit is '4'", Ran.of("train", "--memory-limit", "4"));
    assertRefused(2, "Unexpected argument 'x'", Ran.of("train", "x"));
    assertRefused(2, "did you mean 'protonet'?", Ran.of("train", "--learner", "protonets"));
    assertRefused(2, "RUN is missing", Ran.of("eval"));
    assertRefused(2, "does not exist", Ran.of("eval", temporary.resolve("no").toString()));
    assertRefused(2, "--resume without --out", Ran.of("train", "--resume"));
    assertRefused(
        2, "expected one of heldout, random.", Ran.of("train", "--split", "lake", "--size", "16"));
    assertRefused(2, "did you mean '--rate'?", Ran.of("train", "--lr", "0.1"));
    assertRefused(2, "did you mean '--steps'?", Ran.of("train", "--epochs=3"));
    assertRefused(2, "expected one of its own", Ran.of("train", "--frobnicate"));
    assertRefused(2, "leave nothing of a 8x8 image", Ran.of("train", "--size", "8"));
    assertRefused(
        2,
        "Option --ways is there 2 times",
        Ran.of("train", "--ways", "5", "--rate=1", "--ways=5"));
    assertRefused(
        2, "did you mean 'glyphs-5w1s-maml'?", Ran.of("train", "--config", "glyph-5w1s-maml"));
  }

  @Test
  void trimAndLevelsAloneMeanYes() {
    assertRefused(2, "for 'glyphs'", Ran.of("train", "--trim"));
    assertRefused(2, "for 'glyphs'", Ran.of("train", "--levels", "--steps=1"));
    assertRefused(2, "did you mean 'margin'?", Ran.of("train", "--trim", "margn"));
    assertRefused(2, "did you mean 'stretch'?", Ran.of("train", "--fit=strech"));
  }

  @Test
  void aFolderThatIsTakenForDataIsNamed() {
    assertTrue(Files.isDirectory(Path.of("src")), "tests run in the project's folder");
    assertRefused(2, "say --data folder:src.", Ran.of("train", "--data", "src"));
    assertRefused(2, "Unknown data 'mi-no': expected one of", Ran.of("train", "--data", "mi-no"));
  }

  @Test
  void oneTaskHasNoInterval() throws IOException {
    String run = temporary.resolve("r").toString();
    assertEquals(0, train("r").code());
    Ran one = Ran.of("eval", run, "--episodes", "1");
    assertTrue(one.out().contains(" (one task, without an interval)"), one.out());
    JsonNode json = Ran.of("eval", run, "--episodes", "1", "--json").json();
    assertTrue(json.has("ci95") && json.get("ci95").isNull(), json.toString());
    assertTrue(Ran.of("eval", run, "--episodes", "2", "--json").json().get("ci95").asDouble() > 0);
    Ran report = Ran.of("report", run, "--episodes", "1");
    assertTrue(report.out().contains("without an interval"), report.out());
    assertEquals("", report.err());
  }

  @Test
  void dataThatHasNoSuchTasksIsNamed() {
    Path out = temporary.resolve("r");
    assertRefused(
        2,
        "Option --ways is 3641: expected at most 3640, the train classes of 'glyphs' in split",
        Ran.of("train", "--ways", "3641", "--device", "cpu", "--out", out.toString()));
    assertFalse(Files.exists(out));
  }

  @Test
  void aRunThatDivergesFailsAndCanBeMeasured() {
    Ran r = train("r", "--device", "cpu", "--rate", "1e30", "--checkpoint-every", "1");
    assertEquals(1, r.code(), r.err());
    assertEquals("", r.out());
    String last = r.err().lines().reduce((a, b) -> b).orElseThrow();
    assertTrue(last.matches("quickstudy: The loss became .* at step 2 of .*"), last);
    assertTrue(last.contains("checkpoint is that of step 0: try a smaller --rate"), last);
    Ran e = Ran.of("eval", temporary.resolve("r").toString(), "--episodes", "4");
    assertEquals(0, e.code(), e.err());
    assertTrue(e.out().contains("step 0"), e.out());
  }

  @Test
  void aRunOfANewerVersionIsLeftAlone() throws IOException {
    train("r");
    Path config = temporary.resolve("r/config.yaml");
    String text = Files.readString(config);
    assertTrue(text.contains("version: 2"), text);
    String newer = text.replace("version: 2", "version: 3") + "novelty: 1\n";
    Files.writeString(config, newer);
    assertRefused(2, "has version 3: expected at most 2", train("r", "--resume"));
    assertRefused(2, "has version 3", Ran.of("eval", temporary.resolve("r").toString()));
    assertEquals(newer, Files.readString(config));
    Files.writeString(config, text.replace("version: 2\n", "")); // as it was before there was one
    assertEquals(0, train("r", "--resume").code());
  }

  @Test
  void aNameIsEnoughForAConfiguration() throws IOException {
    String out = temporary.resolve("named").toString();
    Ran r =
        Ran.of(
            ("train --config sinusoid-5s-maml --steps 3 --eval-episodes 4 --json --out " + out)
                .split(" ", -1));
    assertEquals(0, r.code(), r.err());
    assertEquals(5, r.json().get("shots").asInt());
    JsonNode ready = Ran.of("list", "--json").json().get("configurations");
    JsonNode first = ready.get(0);
    for (JsonNode c : ready) {
      first = c.get("name").asText().equals("glyphs-20w1s-protonet") ? c : first;
    }
    assertEquals("glyphs-20w1s-protonet", first.get("name").asText());
    assertEquals(20, first.at("/values/eval-ways").asInt());
    assertEquals("", first.get("paper").asText()); // on data of our own
    assertTrue(Ran.of("list").out().contains("omniglot-5w1s-maml"));
  }

  @Test
  void failureIsOneSentenceAndOne() {
    String nowhere = temporary.resolve("nowhere").toString();
    Ran r = Ran.of("train", "--data", "omniglot:" + nowhere, "--out", nowhere + "-run");
    assertRefused(1, nowhere, r);
    assertFalse(Files.exists(Path.of(nowhere + "-run")));
    String little = temporary.resolve("little").toString();
    Ran small = Ran.of("train", "--data", "sinusoid", "--memory-limit", "9K", "--out", little);
    assertEquals(1, small.code());
    assertTrue(small.err().contains("train needs at least "), small.err());
    assertFalse(Files.exists(Path.of(little)));
    assertRefused(
        2, "say --device cuda", Ran.of("train", "--device", "cpu", "--precision", "tf32"));
    Ran cuda = Ran.of("train", "--device", "cuda:999"); // which no machine has
    assertRefused(1, cuda.err().contains("'cuda:999' is not there") ? "cuda" : "CUDA is not", cuda);
  }

  @Test
  void debugShowsTheStack() {
    Ran r = Ran.of("train", "--ways", "x", "--debug");
    assertEquals(2, r.code());
    assertTrue(r.err().contains("at io.quickstudy."), r.err());
  }

  @Test
  void helpIsNoError() {
    for (String[] args : new String[][] {{"--help"}, {"train", "--help"}, {"eval", "-h"}}) {
      Ran r = Ran.of(args);
      assertEquals(0, r.code());
      assertTrue(r.out().startsWith("Usage: quickstudy"), r.out());
      assertEquals("", r.err());
    }
  }

  @Test
  void listAndInfoSpeakJson() throws IOException {
    JsonNode list = Ran.of("list", "--json").json();
    int maml = 0;
    while (!list.at("/learners/" + maml + "/name").asText("maml").equals("maml")) {
      maml++; // a missing one ends it as well
    }
    JsonNode rate = list.at("/learners/" + maml + "/defaults/omniglot/inner-rate");
    assertEquals(2, rate.asDouble(), 1e-9);
    assertTrue(Ran.of("list").out().contains("protonet"));
    JsonNode info = Ran.of("info", "--json").json();
    assertTrue(info.get("cores").asInt() >= 1);
    String device = info.get("device").asText();
    assertTrue(device.matches("cpu|cuda:0"), device);
    assertTrue(info.get(device).isObject());
    String usable = info.at("/cuda/usable").asText();
    assertTrue(usable.equals("yes") || usable.startsWith("CUDA is not"), usable);
    assertTrue(info.at("/cuda/nvrtc").asText().contains("libnvrtc.so.13"));
    assertTrue(Ran.of("info").out().contains("cuda"));
  }

  @Test
  void trainLeavesARunThatEvalReads() throws IOException {
    Ran trained = train("r");
    assertEquals(0, trained.code(), trained.err());
    Path run = temporary.resolve("r");
    assertTrue(trained.out().contains("mse"), trained.out());
    assertTrue(trained.err().contains("planned memory: "), trained.err());
    assertTrue(trained.out().contains("run " + run), trained.out());
    for (String name : List.of("config.yaml", "metrics.jsonl", "checkpoints")) {
      assertTrue(Files.exists(run.resolve(name)), name);
    }
    assertTrue(Files.exists(run.resolve("checkpoints/step-0000012.safetensors")));

    Ran evaluated = Ran.of("eval", run.toString(), "--episodes", "20", "--json");
    assertEquals(0, evaluated.code(), evaluated.err());
    JsonNode j = evaluated.json();
    for (String key :
        List.of(
            "learner",
            "data",
            "split",
            "ways",
            "shots",
            "episodes",
            "metric",
            "value",
            "ci95",
            "norm",
            "device",
            "precision",
            "seconds",
            "by_step")) {
      assertTrue(j.has(key), key);
    }
    assertEquals("mse", j.get("metric").asText());
    assertEquals("fp32", j.get("precision").asText());
    assertEquals(10, j.get("by_step").size());
    // the same tasks as train measured on
    assertTrue(trained.out().contains(io.quickstudy.text.Text.number(j.get("value").asDouble())));
    assertEquals(
        3,
        Ran.of("eval", run.toString(), "--inner-steps", "3", "--json")
            .json()
            .get("by_step")
            .size());
    String steps = Ran.of("eval", run.toString(), "--inner-steps", "2", "--by-step").out();
    assertTrue(steps.contains("  by step: "), steps);
    assertRefused(2, "--shots is 0", Ran.of("eval", run.toString(), "--shots", "0"));
    assertRefused(
        2, "did you mean 'test'?", Ran.of("eval", run.toString(), "--split-part", "tset"));
    assertRefused(2, "--precision is tf32", Ran.of("eval", run.toString(), "--precision", "tf32"));
    assertRefused(2, "expected functions", Ran.of("eval", run.toString(), "--data", "glyphs"));
  }

  @Test
  void aRunIsMadeAgainFromItsConfiguration() throws IOException {
    train("a", "--seed", "3");
    Path a = temporary.resolve("a");
    Path b = temporary.resolve("b");
    String config = a.resolve("config.yaml").toString();
    assertEquals(0, Ran.of("train", "--config", config, "--out", b.toString()).code());
    String step = "checkpoints/step-0000012.safetensors";
    assertEquals(-1, Files.mismatch(a.resolve(step), b.resolve(step)));
    assertEquals(-1, Files.mismatch(a.resolve("config.yaml"), b.resolve("config.yaml")));
    Ran longer = Ran.of("train", "--config", config, "--steps", "14", "--out", b + "2", "--json");
    assertEquals(14, longer.json().get("step").asInt());
  }

  /** A run that left the device to us goes on with the one that it had. */
  @Test
  void resumeKeepsTheDevice() throws IOException {
    Path run = temporary.resolve("kept");
    String[] longer = {"train", "--out", run.toString(), "--resume", "--steps", "12"};
    assertEquals(0, train("kept").code());
    assertEquals(0, Ran.of(longer).code());
    Path log = run.resolve("metrics.jsonl");
    String of = Files.readString(log);
    assertTrue(of.contains("\"device\":\"cpu\""), of);
    Files.writeString(log, of.replace("\"device\":\"cpu\"", "\"device\":\"cuda:999\""));
    assertRefused(1, "computed on cuda:999: expected it, for the same result", Ran.of(longer));
    String[] anew = java.util.Arrays.copyOf(longer, longer.length + 2);
    anew[longer.length] = "--device";
    anew[longer.length + 1] = "auto";
    assertEquals(0, Ran.of(anew).code());
  }

  @Test
  void resumeGoesOnAndNothingIsOverwritten() throws IOException {
    assertEquals(0, train("r", "--resume").code()); // nothing there yet: begins
    assertRefused(2, "add --resume", train("r"));
    String out = temporary.resolve("r").toString();
    Ran r = Ran.of("train", "--out", out, "--resume", "--steps", "20", "--json");
    assertEquals(0, r.code(), r.err());
    assertTrue(r.err().contains("going on from step 12"), r.err());
    assertEquals(20, r.json().get("step").asInt());
    assertRefused(
        2, "--seed is 4: expected 0", Ran.of("train", "--out", out, "--resume", "--seed", "4"));
  }
}
