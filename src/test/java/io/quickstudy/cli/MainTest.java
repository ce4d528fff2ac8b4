package io.quickstudy.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The command line as a user sees it: output, errors and exit codes. */
class MainTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir private Path temporary;

  /** How a command ended. */
  record Ran(int code, String out, String err) {
    JsonNode json() throws IOException {
      return JSON.readTree(out);
    }
  }

  /** Runs a command. */
  static Ran run(String... args) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    int code =
        Main.run(
            new Console(
                new StandardOutput(out),
                new PrintStream(err, true, StandardCharsets.UTF_8),
                Console.Screen.PLAIN),
            args);
    return new Ran(
        code, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
  }

  private Ran train(String out, String... more) {
    return run(
        Stream.concat(
                Stream.of(
                    "train --data sinusoid --steps 12 --meta-batch 4 --eval-episodes 20 --out"
                        .split(" ", -1)),
                Stream.concat(Stream.of(temporary.resolve(out).toString()), Stream.of(more)))
            .toArray(String[]::new));
  }

  /** One sentence on standard error, nothing on standard output. */
  static void assertRefused(int code, String sentence, Ran r) {
    assertEquals("", r.out());
    assertEquals(1, r.err().lines().count(), r.err());
    assertTrue(r.err().startsWith("quickstudy: "), r.err());
    assertTrue(r.err().contains(sentence), r.err());
    assertEquals(code, r.code());
  }

  @Test
  void badUsageIsOneSentenceAndTwo() {
    assertRefused(2, "did you mean '--ways'", run("train", "--way", "5"));
    assertRefused(2, "did you mean 'train'?", run("trian"));
    assertRefused(2, "No command", run());
    assertRefused(2, "did you mean '--json'", run("list", "--jsn"));
    assertRefused(2, "Option --ways is 'x'", run("train", "--ways", "x"));
    assertRefused(2, "Option --ways has no value", run("train", "--ways"));
    assertRefused(2, "Option --memory-limit is '4'", run("train", "--memory-limit", "4"));
    assertRefused(2, "Unexpected argument 'x'", run("train", "x"));
    assertRefused(2, "did you mean 'protonet'?", run("train", "--learner", "protonets"));
    assertRefused(2, "RUN is missing", run("eval"));
    assertRefused(2, "does not exist", run("eval", temporary.resolve("no").toString()));
    assertRefused(2, "--resume without --out", run("train", "--resume"));
    assertRefused(
        2, "expected one of heldout, random.", run("train", "--split", "lake", "--size", "16"));
    assertRefused(2, "did you mean '--rate'?", run("train", "--lr", "0.1"));
    assertRefused(2, "did you mean '--steps'?", run("train", "--epochs=3"));
    assertRefused(2, "expected one of its own", run("train", "--frobnicate"));
    assertRefused(2, "leave nothing of a 8x8 image", run("train", "--size", "8"));
    assertRefused(
        2, "Option --ways is there 2 times", run("train", "--ways", "5", "--rate=1", "--ways=5"));
    assertRefused(
        2, "did you mean 'glyphs-5w1s-maml'?", run("train", "--config", "glyph-5w1s-maml"));
  }

  @Test
  void trimAndLevelsAloneMeanYes() {
    assertRefused(2, "for 'glyphs'", run("train", "--trim"));
    assertRefused(2, "for 'glyphs'", run("train", "--levels", "--steps=1"));
    assertRefused(2, "did you mean 'margin'?", run("train", "--trim", "margn"));
    assertRefused(2, "did you mean 'stretch'?", run("train", "--fit=strech"));
  }

  @Test
  void aFolderThatIsTakenForDataIsNamed() {
    assertTrue(Files.isDirectory(Path.of("src")), "tests run in the project's folder");
    assertRefused(2, "say --data folder:src.", run("train", "--data", "src"));
    assertRefused(2, "Unknown data 'mi-no': expected one of", run("train", "--data", "mi-no"));
  }

  @Test
  void oneTaskHasNoInterval() throws IOException {
    String run = temporary.resolve("r").toString();
    assertEquals(0, train("r").code());
    Ran one = run("eval", run, "--episodes", "1");
    assertTrue(one.out().contains(" (one task, without an interval)"), one.out());
    JsonNode json = run("eval", run, "--episodes", "1", "--json").json();
    assertTrue(json.has("ci95") && json.get("ci95").isNull(), json.toString());
    assertTrue(run("eval", run, "--episodes", "2", "--json").json().get("ci95").asDouble() > 0);
    Ran report = run("report", run, "--episodes", "1");
    assertTrue(report.out().contains("without an interval"), report.out());
    assertEquals("", report.err());
  }

  @Test
  void dataThatHasNoSuchTasksIsNamed() {
    Path out = temporary.resolve("r");
    assertRefused(
        2,
        "Option --ways is 3641: expected at most 3640, the train classes of 'glyphs' in split",
        run("train", "--ways", "3641", "--device", "cpu", "--out", out.toString()));
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
    Ran e = run("eval", temporary.resolve("r").toString(), "--episodes", "4");
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
    assertRefused(2, "has version 3", run("eval", temporary.resolve("r").toString()));
    assertEquals(newer, Files.readString(config));
    Files.writeString(config, text.replace("version: 2\n", "")); // as it was before there was one
    assertEquals(0, train("r", "--resume").code());
  }

  @Test
  void aNameIsEnoughForAConfiguration() throws IOException {
    String out = temporary.resolve("named").toString();
    Ran r =
        run(
            ("train --config sinusoid-5s-maml --steps 3 --eval-episodes 4 --json --out " + out)
                .split(" ", -1));
    assertEquals(0, r.code(), r.err());
    assertEquals(5, r.json().get("shots").asInt());
    JsonNode ready = run("list", "--json").json().get("configurations");
    JsonNode first = ready.get(0);
    for (JsonNode c : ready) {
      first = c.get("name").asText().equals("glyphs-20w1s-protonet") ? c : first;
    }
    assertEquals("glyphs-20w1s-protonet", first.get("name").asText());
    assertEquals(20, first.at("/values/eval-ways").asInt());
    assertEquals("", first.get("paper").asText()); // on data of our own
    assertTrue(run("list").out().contains("omniglot-5w1s-maml"));
  }

  @Test
  void failureIsOneSentenceAndOne() {
    String nowhere = temporary.resolve("nowhere").toString();
    Ran r = run("train", "--data", "omniglot:" + nowhere, "--out", nowhere + "-run");
    assertRefused(1, nowhere, r);
    assertFalse(Files.exists(Path.of(nowhere + "-run")));
    String little = temporary.resolve("little").toString();
    Ran small = run("train", "--data", "sinusoid", "--memory-limit", "9K", "--out", little);
    assertEquals(1, small.code());
    assertTrue(small.err().contains("train needs at least "), small.err());
    assertFalse(Files.exists(Path.of(little)));
    assertRefused(2, "say --device cuda", run("train", "--device", "cpu", "--precision", "tf32"));
    Ran cuda = run("train", "--device", "cuda:999"); // which no machine has
    assertRefused(1, cuda.err().contains("'cuda:999' is not there") ? "cuda" : "CUDA is not", cuda);
  }

  @Test
  void debugShowsTheStack() {
    Ran r = run("train", "--ways", "x", "--debug");
    assertEquals(2, r.code());
    assertTrue(r.err().contains("at io.quickstudy."), r.err());
  }

  @Test
  void helpIsNoError() {
    for (String[] args : new String[][] {{"--help"}, {"train", "--help"}, {"eval", "-h"}}) {
      Ran r = run(args);
      assertEquals(0, r.code());
      assertTrue(r.out().startsWith("Usage: quickstudy"), r.out());
      assertEquals("", r.err());
    }
  }

  @Test
  void listAndInfoSpeakJson() throws IOException {
    JsonNode list = run("list", "--json").json();
    int maml = 0;
    while (!list.at("/learners/" + maml + "/name").asText("maml").equals("maml")) {
      maml++; // a missing one ends it as well
    }
    JsonNode rate = list.at("/learners/" + maml + "/defaults/omniglot/inner-rate");
    assertEquals(2, rate.asDouble(), 1e-9);
    assertTrue(run("list").out().contains("protonet"));
    JsonNode info = run("info", "--json").json();
    assertTrue(info.get("cores").asInt() >= 1);
    String device = info.get("device").asText();
    assertTrue(device.matches("cpu|cuda:0"), device);
    assertTrue(info.get(device).isObject());
    String usable = info.at("/cuda/usable").asText();
    assertTrue(usable.equals("yes") || usable.startsWith("CUDA is not"), usable);
    assertTrue(info.at("/cuda/nvrtc").asText().contains("libnvrtc.so.13"));
    assertTrue(run("info").out().contains("cuda"));
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

    Ran evaluated = run("eval", run.toString(), "--episodes", "20", "--json");
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
        run("eval", run.toString(), "--inner-steps", "3", "--json").json().get("by_step").size());
    String steps = run("eval", run.toString(), "--inner-steps", "2", "--by-step").out();
    assertTrue(steps.contains("  by step: "), steps);
    assertRefused(2, "--shots is 0", run("eval", run.toString(), "--shots", "0"));
    assertRefused(2, "did you mean 'test'?", run("eval", run.toString(), "--split-part", "tset"));
    assertRefused(2, "--precision is tf32", run("eval", run.toString(), "--precision", "tf32"));
    assertRefused(2, "expected functions", run("eval", run.toString(), "--data", "glyphs"));
  }

  @Test
  void aRunIsMadeAgainFromItsConfiguration() throws IOException {
    train("a", "--seed", "3");
    Path a = temporary.resolve("a");
    Path b = temporary.resolve("b");
    String config = a.resolve("config.yaml").toString();
    assertEquals(0, run("train", "--config", config, "--out", b.toString()).code());
    String step = "checkpoints/step-0000012.safetensors";
    assertEquals(-1, Files.mismatch(a.resolve(step), b.resolve(step)));
    assertEquals(-1, Files.mismatch(a.resolve("config.yaml"), b.resolve("config.yaml")));
    Ran longer = run("train", "--config", config, "--steps", "14", "--out", b + "2", "--json");
    assertEquals(14, longer.json().get("step").asInt());
  }

  /** A run that left the device to us goes on with the one that it had. */
  @Test
  void resumeKeepsTheDevice() throws IOException {
    Path run = temporary.resolve("kept");
    String[] longer = {"train", "--out", run.toString(), "--resume", "--steps", "12"};
    assertEquals(0, train("kept").code());
    assertEquals(0, run(longer).code());
    Path log = run.resolve("metrics.jsonl");
    String of = Files.readString(log);
    assertTrue(of.contains("\"device\":\"cpu\""), of);
    Files.writeString(log, of.replace("\"device\":\"cpu\"", "\"device\":\"cuda:999\""));
    assertRefused(1, "computed on cuda:999: expected it, for the same result", run(longer));
    String[] anew = java.util.Arrays.copyOf(longer, longer.length + 2);
    anew[longer.length] = "--device";
    anew[longer.length + 1] = "auto";
    assertEquals(0, run(anew).code());
  }

  @Test
  void resumeGoesOnAndNothingIsOverwritten() throws IOException {
    assertEquals(0, train("r", "--resume").code()); // nothing there yet: begins
    assertRefused(2, "add --resume", train("r"));
    String out = temporary.resolve("r").toString();
    Ran r = run("train", "--out", out, "--resume", "--steps", "20", "--json");
    assertEquals(0, r.code(), r.err());
    assertTrue(r.err().contains("going on from step 12"), r.err());
    assertEquals(20, r.json().get("step").asInt());
    assertRefused(
        2, "--seed is 4: expected 0", run("train", "--out", out, "--resume", "--seed", "4"));
  }
}
