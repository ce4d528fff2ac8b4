package io.quickstudy.cli;

import static io.quickstudy.cli.Ran.assertRefused;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.quickstudy.DocumentedCode;
import io.quickstudy.OwnClasses;
import io.quickstudy.adapt.Runs;
import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.io.PrintStream;
import java.lang.reflect.Method;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * That the learner, the model and the data set of the documentation, in a jar, are used like ours,
 * by commands and from Java.
 */
class OwnLearnerTest {
  private static final String PAGE = "add-a-learner.md";
  private static final String RECIPE = "values: {steps: 6, temperature: 7, ways: 4, rate: 0.005}\n";

  @TempDir private static Path temporary;
  private static OwnClasses classes;
  private static Path jar;

  @BeforeAll
  static void pack() throws IOException {
    classes = new OwnClasses(temporary.resolve("classes"));
    String learner = OwnClasses.documented(PAGE, "CosineMeans");
    long lines = learner.lines().count();
    assertTrue(lines <= 60, lines + " lines are no small example");
    assertEquals("com.example.CosineMeans", classes.add(learner));
    classes.add(OwnClasses.documented(PAGE, "Shallow"));
    classes.add(OwnClasses.documented(PAGE, "Reptile"));
    classes.add(OwnClasses.documented(PAGE, "TrainMine"));
    classes.add(OwnClasses.documented("add-a-data-set.md", "Stripes"));
    classes.add("com/example/CosineMeans-stripes.yaml", RECIPE);
    jar = classes.jar(temporary.resolve("mine.jar"));
  }

  private static Ran run(String... args) {
    return Ran.of(args);
  }

  private static Ran train(Path out, String... more) {
    return train(jar.toString(), out, more);
  }

  private static Ran train(String classpath, Path out, String... more) {
    List<String> usual =
        List.of(
            "train",
            "--classpath=" + classpath,
            "--learner=com.example.CosineMeans",
            "--model=com.example.Shallow",
            "--data=Stripes",
            "--features=8",
            "--ways=2",
            "--eval-ways=2",
            "--queries=3",
            "--eval-queries=3",
            "--split=random",
            "--eval-every=0",
            "--eval-episodes=16",
            "--device=cpu",
            "--workers=2",
            "--json",
            "--out=" + out);
    return run(Stream.concat(usual.stream(), Stream.of(more)).toArray(String[]::new));
  }

  private static JsonNode done(Ran r) throws IOException {
    assertEquals(0, r.code(), r.err());
    return r.json();
  }

  private static byte[] parameters(Path run, int step) throws IOException {
    return Files.readAllBytes(run.resolve("checkpoints/step-000000%s.safetensors".formatted(step)));
  }

  @Test
  void aJarIsTrainedAndUsedLikeOurs() throws IOException {
    Path run = temporary.resolve("run");
    JsonNode trained = done(train(run, "--centring", "0.5", "--eval-centring=0.25"));
    assertEquals("com.example.CosineMeans", trained.get("learner").asText());
    assertEquals(0.25, trained.get("centring").asDouble());
    assertEquals(6, trained.get("step").asInt(), "the recipe beside the class says it");
    String config = Files.readString(run.resolve("config.yaml"));
    for (String line :
        List.of(
            "learner: com.example.CosineMeans",
            "model: com.example.Shallow",
            "data: Stripes",
            "temperature: 7",
            "centring: 0.5",
            "eval-centring: 0.25",
            "features: 8",
            "rate: 0.005",
            "classpath: " + jar)) {
      assertTrue(config.lines().anyMatch(line::equals), line + " in " + config);
    }

    // from here on the folder alone says what it is
    String folder = run.toString();
    JsonNode again = done(run("eval", folder, "--episodes=16", "--device=cpu", "--json"));
    assertEquals(trained.get("value"), again.get("value"));
    JsonNode other = done(run("eval", folder, "--episodes=16", "--json", "--centring", "1"));
    assertEquals(1, other.get("centring").asDouble());
    assertRefused(
        2, "Option --centring is -1: expected", run("eval", folder, "--centring", "-1", "--json"));
    assertRefused(2, "Unknown option '--temperature'", run("eval", folder, "--temperature=1"));

    Path support = temporary.resolve("support");
    Path query = temporary.resolve("query");
    Runs.write(support, 2, 0, 2);
    Runs.write(query, 2, 10, 2);
    String[] adapt = {"adapt", folder, "--support=" + support, "--query=" + query, "--json"};
    JsonNode plain = done(run(adapt));
    assertEquals(4, plain.get("predictions").size());
    JsonNode centred =
        done(
            run(Stream.concat(Stream.of(adapt), Stream.of("--centring=1")).toArray(String[]::new)));
    assertNotEquals(plain.get("predictions"), centred.get("predictions"));

    assertEquals(0, run("report", folder, "--episodes=4").code());
    String page = Files.readString(run.resolve("report.html"));
    assertTrue(page.contains("CosineMeans") && page.contains("centring"), "the report's page");
    Path onnx = temporary.resolve("mine.onnx");
    Path adapted = temporary.resolve("adapted.onnx");
    Path weights = temporary.resolve("mine.safetensors");
    JsonNode exported =
        done(run("export", folder, "--onnx=" + onnx, "--safetensors=" + weights, "--json"));
    assertEquals("features", exported.at("/outputs/0").asText());
    String[] export = {"export", folder, "--onnx=" + adapted, "--support=" + support, "--json"};
    assertEquals(2, done(run(export)).get("classes").size());
    assertTrue(Files.size(onnx) > 0 && Files.size(adapted) > 0 && Files.size(weights) > 0);
  }

  @Test
  void aStoppedRunGoesOnToTheSameBits() throws IOException {
    Path whole = temporary.resolve("whole");
    Path parted = temporary.resolve("parted");
    done(train(whole));
    done(train(parted, "--steps=3"));
    // its options are known from the run, and its class path may be another one
    Ran r = run("train", "--out=" + parted, "--resume", "--steps=6", "--eval-centring=0", "--json");
    assertEquals(6, done(r).get("step").asInt());
    assertArrayEquals(parameters(whole, 6), parameters(parted, 6));
    assertRefused(
        2,
        "Option --temperature is 3: expected 7, with which the run began",
        run("train", "--out=" + parted, "--resume", "--temperature=3"));
  }

  @Test
  void aConfigurationNamesIt() throws IOException {
    Path run = temporary.resolve("configured");
    Path again = temporary.resolve("again");
    done(train(run));
    String config = run.resolve("config.yaml").toString();
    JsonNode r =
        done(run("train", "--config=" + config, "--temperature=3", "--out=" + again, "--json"));
    assertEquals(6, r.get("step").asInt());
    assertTrue(Files.readString(again.resolve("config.yaml")).contains("temperature: 3\n"));
  }

  @Test
  void itIsCheckedLikeOurs() throws IOException {
    String path = "--classpath=" + jar;
    String[] cpu = {"check", "--learner=com.example.CosineMeans", path, "--device=cpu", "--json"};
    JsonNode r = done(run(cpu));
    assertTrue(r.get("passed").asBoolean());
    assertEquals(2, r.get("learners").size(), "one for each batch-norm policy");
    String[] rule = {"check", "--learner=com.example.Reptile", path, "--device=cpu", "--json"};
    assertTrue(done(run(rule)).get("passed").asBoolean());
  }

  @Test
  void aRunFollowsItsClassesToAnotherPlace() throws Exception {
    Path moved = temporary.resolve("moved.jar");
    Files.copy(jar, moved);
    Path run = temporary.resolve("followed");
    done(train(moved.toString(), run));
    Files.delete(moved);
    assertRefused(2, "Class path '" + moved + "' does not exist", freshly(null, run));
    try (URLClassLoader program = loader()) {
      assertEquals(0, freshly(program, run).code());
    }
  }

  /** Evaluates a run whose class path is not known yet, in a program with these classes. */
  private static Ran freshly(ClassLoader program, Path run) throws IOException {
    Path config = run.resolve("config.yaml");
    String nowhere = temporary.resolve(program == null ? "nowhere.jar" : "elsewhere.jar") + "";
    String text = Files.readString(config);
    ClassLoader before = Thread.currentThread().getContextClassLoader();
    try {
      Files.writeString(config, text.replaceAll("(?m)^classpath: .*$", "classpath: " + nowhere));
      Thread.currentThread().setContextClassLoader(program == null ? before : program);
      Ran r = run("eval", run.toString(), "--episodes=2");
      return new Ran(
          r.code(), r.out(), r.err().replace(nowhere, run.resolveSibling("moved.jar") + ""));
    } finally {
      Thread.currentThread().setContextClassLoader(before);
      Files.writeString(config, text);
    }
  }

  private static URLClassLoader loader() throws IOException {
    URL[] own = {classes.folder().toUri().toURL()};
    return new URLClassLoader(own, OwnLearnerTest.class.getClassLoader());
  }

  @Test
  void javaTrainsAndAdaptsIt() throws Exception {
    Path support = temporary.resolve("java-support");
    Runs.write(support, 2, 0, 2);
    Path image = support.resolve("c1").resolve("hand01.png");
    Path run = temporary.resolve("from-java");
    Thread thread = Thread.currentThread();
    ClassLoader before = thread.getContextClassLoader();
    PrintStream out = System.out;
    ByteArrayOutputStream said = new ByteArrayOutputStream();
    try (URLClassLoader program = loader()) {
      thread.setContextClassLoader(program);
      System.setOut(new PrintStream(said, true, StandardCharsets.UTF_8));
      Method main = program.loadClass("com.example.TrainMine").getMethod("main", String[].class);
      main.invoke(null, (Object) new String[] {run + "", support + "", image + ""});
    } finally {
      System.setOut(out);
      thread.setContextClassLoader(before);
    }
    List<String> lines = said.toString(StandardCharsets.UTF_8).lines().toList();
    assertTrue(lines.get(39).startsWith("step 40 of 40, loss "), lines.get(39));
    assertTrue(lines.get(40).startsWith("accuracy "), lines.get(40));
    assertEquals("c1", lines.get(41));
  }

  @Test
  void ratesByLayerCompile() throws IOException {
    String method = DocumentedCode.blocks(Path.of("docs", PAGE)).getLast();
    String learner = OwnClasses.documented(PAGE, "CosineMeans");
    String more = learner.stripTrailing().replaceAll("}$", "") + method + "}\n";
    OwnClasses other = new OwnClasses(temporary.resolve("rates"));
    other.add(
        more.replace(
            "import java.util.List;", "import io.quickstudy.optim.*;\nimport java.util.List;"));
    Path run = temporary.resolve("rates-run");
    Path first = other.jar(temporary.resolve("rates.jar"));
    done(train(first + File.pathSeparator + jar, run));
    Path usual = temporary.resolve("usual-run");
    done(train(usual));
    assertFalse(
        Arrays.equals(parameters(run, 6), parameters(usual, 6)), "it moves as without them");
  }
}
