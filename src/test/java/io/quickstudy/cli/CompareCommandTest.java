package io.quickstudy.cli;

import static io.quickstudy.cli.Ran.assertRefused;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.quickstudy.adapt.Runs;
import io.quickstudy.run.RunConfig;
import io.quickstudy.train.RunFixtures;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code quickstudy compare} as a user sees it. */
class CompareCommandTest {
  @TempDir private Path temporary;

  /** A copy of a run, with a line of its configuration changed. */
  private Path copy(Path run, String name, String line, String by) {
    Path to = temporary.resolve(name);
    try (Stream<Path> files = Files.walk(run)) {
      for (Path f : files.toList()) {
        Files.copy(f, to.resolve(run.relativize(f).toString()));
      }
      Path config = to.resolve("config.yaml");
      String text = Files.readString(config);
      String changed = text.replaceAll("(?m)^" + line + "$", by);
      assertFalse(changed.equals(text) && !line.equals(by), line + " is not in " + text);
      Files.writeString(config, changed);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return to;
  }

  private static Ran compare(Object... args) {
    return Ran.of(
        Stream.concat(Stream.of("compare"), Stream.of(args))
            .map(Object::toString)
            .toArray(String[]::new));
  }

  private static JsonNode json(Object... args) throws IOException {
    Ran r = compare(Stream.concat(Stream.of(args), Stream.of("--json")).toArray());
    assertEquals(0, r.code(), r.err());
    return r.json();
  }

  @Test
  void copiesOfARunDifferByNothingWhateverTheirSeeds() throws IOException {
    Path run = Runs.protonet();
    Path other = copy(run, "other", "seed: 0", "seed: 7");
    JsonNode j = json(run, other, "--episodes", "40");
    assertEquals(0, j.get("seed").asInt());
    JsonNode copy = j.at("/runs/1");
    assertEquals(0.0, copy.at("/difference/value").asDouble(-1));
    assertEquals(0.0, copy.at("/difference/ci95").asDouble(-1));
    assertEquals(40, copy.at("/difference/same").asInt());
    assertEquals("open", copy.at("/difference/verdict").asText());
    assertEquals(j.at("/runs/0/by_task"), copy.get("by_task"));
    // by its own seed it is measured on other tasks
    JsonNode own = json(other, run, "--episodes", "40");
    assertEquals(7, own.get("seed").asInt());
    assertFalse(own.get("tasks_sha256").equals(j.get("tasks_sha256")));
    assertFalse(own.at("/runs/1/by_task").equals(copy.get("by_task")));
    assertEquals(40, own.at("/runs/1/difference/same").asInt());
  }

  @Test
  void valuesAreThoseOfEvalAndDifferencesThoseOfTheTasks() throws IOException {
    Path a = Runs.protonet();
    Path b = Runs.maml("support");
    String[] protocol = {"--episodes", "48", "--shots", "2", "--queries", "3", "--json"};
    Ran r = Ran.of(args("compare", List.of(b, a, "--against", a, "--inner-steps", "1"), protocol));
    JsonNode j = r.json();
    assertEquals(a.toString(), j.get("baseline").asText());
    assertEquals(48, j.get("episodes").asInt());
    assertTrue(j.at("/runs/1/difference").isNull());
    JsonNode evaluated = Ran.of(args("eval", List.of(a), protocol)).json();
    assertEquals(evaluated.get("value"), j.at("/runs/1/value"));
    assertEquals(evaluated.get("ci95"), j.at("/runs/1/ci95"));
    JsonNode d = j.at("/runs/0/difference");
    double sum = 0;
    int better = 0;
    for (int i = 0; i < 48; i++) {
      double x = j.at("/runs/0/by_task/" + i).asDouble() - j.at("/runs/1/by_task/" + i).asDouble();
      sum += x;
      better += x > 0 ? 1 : 0;
    }
    assertEquals(sum / 48, d.get("value").asDouble(), 1e-12);
    assertEquals(better, d.get("better").asInt());
    double value = j.at("/runs/0/value").asDouble() - j.at("/runs/1/value").asDouble();
    assertEquals(value, d.get("value").asDouble(), 1e-12);
    assertEquals(1, j.at("/runs/0/inner_steps").asInt());
    assertFalse(j.at("/runs/1").has("inner_steps"));
    for (JsonNode one : j.get("runs")) {
      assertTrue(one.get("parameters").asInt() > 1000, one.toString());
      assertTrue(one.get("checkpoint_bytes").asInt() > 4 * one.get("parameters").asInt());
      assertTrue(one.get("adapt_seconds").asDouble() > 0);
      assertTrue(one.get("predict_seconds").asDouble() > 0);
      assertEquals(10, one.get("adapt_examples").asInt());
      assertEquals(15, one.get("predict_queries").asInt());
    }
  }

  private static String[] args(String command, List<Object> some, String... more) {
    return Stream.concat(
            Stream.of(command), Stream.concat(some.stream().map(Object::toString), Stream.of(more)))
        .toArray(String[]::new);
  }

  @Test
  void aTableForATerminalAndAPageForABrowser() throws IOException {
    Path run = Runs.protonet();
    String evil = "a_run_of_a_name_that_no_column_holds_<b>&";
    Path other = copy(run, evil, "seed: 0", "seed: 1");
    Path page = temporary.resolve("page.html");
    Ran r = compare(run, other, "--episodes", "20", "--html", page, "--device", "cpu");
    assertEquals(0, r.code(), r.err());
    assertEquals("", r.err());
    List<String> lines = r.out().lines().toList();
    assertEquals(
        "glyphs: 20 tasks, 5-way 1-shot, 15 queries, test classes of split heldout", lines.get(0));
    assertTrue(lines.get(4).matches("protonet +\\S+% ± \\S+% +baseline"), lines.get(4));
    assertTrue(lines.get(5).matches("….* 0.00% ± 0.00% +0/0 +x1.00"), lines.get(5));
    lines.subList(0, lines.size() - 1).forEach(l -> assertTrue(l.length() <= 80, l));
    String html = Files.readString(page);
    assertFalse(html.contains("<b>&"), "a name is markup");
    assertTrue(html.contains("&lt;b&gt;&amp;"));
    assertFalse(html.matches("(?s).*(src|href)=\"(?!data:).*"), "something is fetched");
    assertTrue(html.contains("Training loss"));
    assertTrue(html.matches("(?s).*<th scope=\"row\">seed</th><td>0</td><td>1</td>.*"));
    assertFalse(html.contains("<th scope=\"row\">ways</th>"), "the same for both");
    assertRefused(
        2, "Option --html is", compare(run, other, "--html", other.resolve("config.yaml")));
  }

  @Test
  void sineWavesAreComparedBySquaredError() throws IOException {
    Path run = Runs.sinusoid();
    Path other = copy(run, "other", "eval-inner-steps: \\d+", "eval-inner-steps: 1");
    JsonNode j = json(run, other, "--episodes", "200");
    assertEquals("mse", j.get("metric").asText());
    JsonNode d = j.at("/runs/1/difference");
    assertTrue(d.get("value").asDouble() > 0, "one step is fewer than five");
    assertEquals("worse", d.get("verdict").asText());
    double ratio = j.at("/runs/1/value").asDouble() / j.at("/runs/0/value").asDouble();
    assertEquals(ratio, d.get("error_ratio").asDouble(), 1e-9);
    assertTrue(j.at("/runs/0/adapt_seconds").asDouble() > 0);
  }

  @Test
  void sequencesAreComparedWithSequences() throws IOException {
    Path run = Runs.lstm();
    Path other = copy(run, "other", "seed: 0", "seed: 0");
    // the fixture was trained on fewer characters of the same names
    JsonNode j = json(run, other, "--episodes", "16", "--split-part", "train");
    assertEquals(16, j.at("/runs/1/difference/same").asInt());
    assertEquals(12, j.at("/runs/1/adapt_examples").asInt());
    assertRefused(2, "on sequences: expected runs of one kind", compare(Runs.protonet(), run));
    assertRefused(
        2, "on regression: expected runs of one kind", compare(Runs.protonet(), Runs.sinusoid()));
  }

  @Test
  void aRunWhoseTrainingEpisodesAreSeveralTasksIsComparedByTheWaysOfATask() throws IOException {
    Path snail = temporary.resolve("snail");
    RunConfig c = RunFixtures.glyphs("learner", "snail", "task-ways", "5", "steps", "0");
    RunFixtures.train(snail, c, 0);
    JsonNode j = json(Runs.protonet(), snail, "--episodes", "4");
    assertEquals(4, j.at("/runs/1/by_task").size());
    assertRefused(
        2,
        "serves 5 ways: expected the 7 that are compared",
        compare(Runs.protonet(), snail, "--ways", "7"));
  }

  @Test
  void whatDoesNotCompareIsRefused() throws IOException {
    Path run = Runs.protonet();
    Path maml = Runs.maml("support");
    assertRefused(2, "expected at least two", compare(run));
    assertRefused(2, "expected at least two", compare());
    assertRefused(2, "is named twice", compare(run, maml, run));
    assertRefused(2, "does not exist", compare(run, temporary.resolve("no")));
    assertRefused(2, "holds no run", compare(run, temporary));
    assertRefused(2, "serves 5 ways: expected the 7", compare(run, maml, "--ways", "7"));
    assertRefused(2, "did you mean '--ways'", compare(run, maml, "--way", "7"));
    Path untrained = copy(maml, "untrained", "x", "x");
    try (Stream<Path> files = Files.walk(untrained.resolve("checkpoints"))) {
      for (Path f : files.filter(Files::isRegularFile).toList()) {
        Files.delete(f);
      }
    }
    assertRefused(1, "has no whole checkpoint", compare(run, untrained));
    Path elsewhere = copy(maml, "elsewhere", "data: glyphs", "data: omniglot");
    assertRefused(2, "say with --data", compare(run, elsewhere));
    Path copy = copy(run, "copy", "seed: 0", "seed: 3");
    assertRefused(2, "was trained on", compare(run, copy, "--split", "random"));
  }

  @Test
  void runsOfDescribedClassesAreComparedAmongThemselves() throws IOException {
    Path run = Runs.zeroShot();
    JsonNode j = json(run, copy(run, "other", "seed: 0", "seed: 7"), "--episodes", "8");
    assertEquals(0, j.get("shots").asInt());
    assertEquals(0.0, j.at("/runs/1/difference/value").asDouble(-1));
    assertEquals(5, j.at("/runs/1/adapt_examples").asInt());
    Ran r = compare(run, Runs.protonet());
    assertEquals(2, r.code());
    assertTrue(r.err().contains("is measured on attributes"), r.err());
  }
}
