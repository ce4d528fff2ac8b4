package io.quickstudy.report;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.quickstudy.data.source.Folder;
import io.quickstudy.data.source.Table;
import io.quickstudy.run.Recipes;
import io.quickstudy.run.RunConfig;
import io.quickstudy.run.RunException;
import io.quickstudy.run.RunFolder;
import io.quickstudy.run.RunKeys;
import io.quickstudy.settings.ConfigException;
import io.quickstudy.text.Text;
import io.quickstudy.train.Calibrator;
import io.quickstudy.train.ChangedImages;
import io.quickstudy.train.EvalSpec;
import io.quickstudy.train.Evaluation;
import io.quickstudy.train.Evaluator;
import io.quickstudy.train.Likelihood;
import io.quickstudy.train.Reliability;
import io.quickstudy.train.RunFixtures;
import io.quickstudy.train.Session;
import io.quickstudy.train.TrainListener;
import io.quickstudy.train.Trainer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Pages of runs: that they say what was measured, whatever state the run is in. */
class ReportTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Pattern DATA =
      Pattern.compile("<script type=\"application/json\">(.*?)</script>");
  private static final int MOST_BYTES = 3_000_000;

  @TempDir private Path temporary;

  /** The charts of a page, by title. */
  private static JsonNode chart(String page, String title) throws IOException {
    int at = page.indexOf("<h3>" + title + "</h3>");
    assertTrue(at >= 0, "no chart '" + title + "'");
    Matcher m = DATA.matcher(page);
    assertTrue(m.find(at), title);
    return JSON.readTree(m.group(1));
  }

  /** What holds for every page. */
  private static void assertSound(String page) throws IOException {
    assertTrue(page.length() < MOST_BYTES, page.length() + " characters");
    for (String bad : List.of("NaN", "Infinity", "null", "undefined", "http://", "https://")) {
      assertFalse(page.contains(bad), () -> bad + " in: " + around(page, bad));
    }
    Matcher m = Pattern.compile("(?:src|href)=\"(?!data:image/)").matcher(page);
    assertFalse(m.find(), "something is loaded");
    assertTrue(page.contains("default-src &#39;none&#39;"), "no policy");
    List<JsonNode> charts = new ArrayList<>();
    for (Matcher d = DATA.matcher(page); d.find(); ) {
      charts.add(JSON.readTree(d.group(1)));
    }
    assertFalse(charts.isEmpty());
    assertEquals(charts.size(), page.split("<figure ", -1).length - 1);
  }

  private static String around(String page, String what) {
    int at = page.indexOf(what);
    return page.substring(Math.max(0, at - 120), Math.min(page.length(), at + 60));
  }

  @Test
  void imagesSayWhatEvaluationSays() throws IOException {
    RunConfig c = Runs.images("steps", "20", "log-every", "2");
    Path run = temporary.resolve("r");
    Trainer.Result trained = RunFixtures.train(run, c);
    Evaluation e = RunFixtures.measure(c, trained);
    String page = Runs.page(run, c);
    assertSound(page);
    assertTrue(page.contains("<b>" + Text.fixed(100 * e.value(), 2) + " %</b>"), "the value");
    assertTrue(page.contains("± " + Text.fixed(100 * e.ci95(), 2) + " %"), "the interval");
    assertEquals(10, chart(page, "Loss").at("/series/0/x").size());
    JsonNode accuracy = chart(page, "Accuracy");
    assertEquals(4, accuracy.at("/series/1/x").size(), "validations after 5, 10, 15, 20 steps");
    assertEquals(4, accuracy.at("/series/1/e").size(), "with intervals");
    String drawn = page.substring(page.indexOf("<h3>Accuracy</h3>"));
    assertTrue(
        drawn.substring(0, drawn.indexOf("</figure>")).contains("guessing 1 of 5"), "chance");
    assertEquals(20, accuracy.at("/series/2/x/0").asInt(), "test at the end");
    assertEquals(64, sum(chart(page, "Accuracy of single tasks").at("/series/0/y")));
    Reliability own = e.calibration().orElseThrow().untempered();
    assertTrue(page.contains("Its own probabilities: " + own.summary()), "how sure it is");
    assertTrue(page.contains("No temperature was found for it; quickstudy calibrate "), "no file");
    JsonNode bins = chart(page, "Answers by confidence").at("/series/0/y");
    assertEquals(64 * 75, sum(bins));
    assertEquals(own.bins().get(5).count(), bins.get(5).asLong());
    // three tasks and the hardest: 5 classes, 1 support image and 10 of 15 queries each
    int examples = page.indexOf("id=\"examples\"");
    int confusion = page.indexOf("id=\"confusion\"");
    String shown = page.substring(examples, confusion);
    assertEquals(4 * 5 * 11, shown.split("<img ", -1).length - 1);
    assertTrue(shown.contains("class=\"answer wrong\"") && shown.contains("✗"), "mistakes");
    String space = page.substring(page.indexOf("id=\"space\""), confusion);
    assertEquals(5, space.split("<circle class=\"support\"", -1).length - 1);
    assertEquals(5 * 19, space.split("<circle class=\"query\"", -1).length - 1);
    assertEquals(5, space.split("<path class=\"cross\"", -1).length - 1);
    assertTrue(space.contains("<title>prototypes: alphabet"), "names under the pointer");
    assertTrue(space.matches("(?s).*Across: \\d+\\.\\d % of the variance.*"), "shares");
    assertTrue(page.substring(confusion).contains("taken for"), "pairs");
    assertTrue(page.contains("● ways"), "what differs from the recipe is marked");
    assertTrue(page.contains(" --ways 10 ") && !page.contains("--eval-shots"), "the command");
  }

  @Test
  void otherShotsAndSingleClassesAreThoseOfMeasuring() throws IOException {
    RunConfig c = Runs.images("steps", "20", "eval-every", "0");
    Path run = temporary.resolve("r");
    Trainer.Result trained = RunFixtures.train(run, c);
    String page = Runs.page(run, c);
    EvalSpec own = EvalSpec.test(c);
    EvalSpec five = new EvalSpec(own.part(), own.ways(), 5, own.queries(), own.options(), 64);
    try (Session session = RunFixtures.session(c);
        Evaluator evaluator = new Evaluator(session, five, trained.theta())) {
      Evaluation e = evaluator.measure(trained.theta(), TrainListener.NONE);
      String expected =
          "<dt>5-way 5-shot</dt>\n<dd><b>%s %%</b><span> ± %s %%</span>"
              .formatted(Text.fixed(100 * e.value(), 2), Text.fixed(100 * e.ci95(), 2));
      assertTrue(page.contains(expected), expected);
    }
    assertTrue(page.contains("<div class=\"own\"><dt>5-way 1-shot</dt>"), "beside it");
    String classes =
        page.substring(page.indexOf("id=\"classes\""), page.indexOf("id=\"confusion\""));
    Matcher row =
        Pattern.compile(
                "<tr><th scope=\"row\"><bdi>[^\n]*?<b>([0-9.]+) %</b>[^\n]*?</td><td>(\\d+)</td>",
                Pattern.DOTALL)
            .matcher(classes.replace("\n", ""));
    int queries = 0;
    double right = 0;
    double last = 0;
    while (row.find()) {
      double percent = Double.parseDouble(row.group(1));
      assertTrue(percent >= last, "the hardest first");
      last = percent;
      queries += Integer.parseInt(row.group(2));
      right += percent / 100 * Integer.parseInt(row.group(2));
    }
    assertEquals(64 * 75, queries, "every query is of one class");
    double whole = RunFixtures.measure(c, trained).value();
    assertEquals(whole, right / queries, 1e-3, "and all together are the accuracy");
  }

  /** E. B. Wilson (1927): 8 of 10, and the ends. */
  @Test
  void intervalsOfClassesAreWilsons() {
    assertArrayEquals(new double[] {0.4902, 0.9433}, ClassSection.interval(8, 10), 1e-4);
    assertArrayEquals(new double[] {0.7225, 1}, ClassSection.interval(10, 10), 1e-4);
    assertArrayEquals(new double[] {0, 0.2775}, ClassSection.interval(0, 10), 1e-4);
  }

  @Test
  void changedImagesStandBesideThoseTheyAreMadeOf() throws IOException {
    RunConfig c = Runs.images("steps", "1", "eval-every", "0", "flip", "1");
    try (Session session = RunFixtures.session(c)) {
      ChangedImages some = ChangedImages.of(session, 3, 2).orElseThrow();
      for (int i = 0; i < 3; i++) {
        byte[] image = some.moves().apply(some.set().image(some.index()[i]), some.move()[i]);
        for (float[] version : some.versions().get(i)) {
          for (int k = 0; k < image.length; k++) {
            int mirrored = k / 14 * 14 + 13 - k % 14;
            assertEquals((image[mirrored] & 255) / 255f, version[k], 1e-6f);
          }
        }
      }
    }
    RunConfig bent = Runs.images("steps", "1", "eval-every", "0", "augment", "characters");
    try (Session session = RunFixtures.session(bent)) {
      List<List<float[]>> versions = ChangedImages.of(session, 2, 3).orElseThrow().versions();
      assertFalse(Arrays.equals(versions.get(1).get(0), versions.get(1).get(1)), "each its own");
    }
    Path run = temporary.resolve("r");
    RunFixtures.train(run, bent);
    String page = Runs.page(run, bent);
    assertSound(page);
    String section =
        page.substring(page.indexOf("id=\"augmentation\""), page.indexOf("id=\"tasks\""));
    assertEquals(5 * (1 + 8), section.split("<img ", -1).length - 1);
    assertTrue(section.contains("distort 0.5, max rotation 10"), "what is turned on");
    RunConfig plain = Runs.images("steps", "1", "eval-every", "0");
    RunFixtures.train(temporary.resolve("p"), plain);
    assertFalse(Runs.page(temporary.resolve("p"), plain).contains("id=\"augmentation\""));
  }

  @Test
  void dataOfOnesOwnIsCalledByItsName() {
    assertEquals("my photos", new Folder().title(Optional.of(Path.of("/some/my photos"))));
    assertEquals("folder", new Folder().title(Optional.empty()));
    assertEquals("prices.csv", Table.DATA.title(Optional.of(Path.of("/some/prices.csv"))));
    assertEquals("glyphs", Runs.images().dataTitle());
  }

  @Test
  void theChosenValuesMakeTheRunAgain() {
    List<Map<String, String>> asked =
        List.of(
            Map.of(),
            Map.of("learner", "maml", "data", "omniglot", "ways", "20", "shots", "5"),
            Map.of("learner", "fomaml", "inner-steps", "5", "model", "mlp", "steps", "77"),
            Map.of("learner", "lstm", "hidden", "33", "rate", "0.01"),
            Map.of("data", "sinusoid", "shots", "5", "eval-shots", "10", "optimiser", "sgd"),
            // the recipe's model would leave nothing of these images
            Map.of(
                "size", "8", "model", "mlp", "hidden", "7,5", "eval-shots", "2", "log-every", "3"),
            Map.of("size", "8", "blocks", "2", "filters", "3", "device", "cpu", "workers", "77"));
    for (Map<String, String> given : asked) {
      RunConfig c = Recipes.complete(given);
      Map<String, String> chosen = ConfigSection.given(RunKeys.texts(c));
      Map<String, String> again = new TreeMap<>(chosen);
      again.put("learner", c.learner().name());
      again.put("data", c.data().name());
      assertEquals(c, Recipes.complete(again));
      Set<String> more = new TreeSet<>(chosen.keySet());
      more.removeAll(given.keySet());
      assertEquals(Set.of(), more, "marked, though it follows from " + given);
      String command = ConfigSection.command(RunKeys.texts(c));
      chosen.forEach((k, v) -> assertTrue(command.contains(" --" + k + " " + v), command));
    }
  }

  private static int sum(JsonNode list) {
    int sum = 0;
    for (JsonNode n : list) {
      sum += n.asInt();
    }
    return sum;
  }

  @Test
  void wavesShowEveryInnerStep() throws IOException {
    RunConfig c = Runs.waves("eval-inner-steps", "3");
    Path run = temporary.resolve("r");
    Evaluation e = RunFixtures.measure(c, RunFixtures.train(run, c));
    String page = Runs.page(run, c);
    assertSound(page);
    assertTrue(page.contains("<b>" + Text.number(e.value()) + "</b>"), "the value");
    JsonNode steps = chart(page, "Error by inner step").at("/series/0/y");
    assertEquals(4, steps.size());
    assertEquals(e.before(), steps.get(0).asDouble(), 1e-3 * e.before());
    for (int task = 1; task <= 6; task++) {
      JsonNode series = chart(page, "Task " + task).get("series");
      List<String> names = new ArrayList<>();
      series.forEach(s -> names.add(s.get("name").asText()));
      List<String> expected =
          List.of("truth", "before", "step 1", "step 2", "after 3 steps", "support");
      assertEquals(expected, names);
      assertEquals(TestOutcome.POINTS, series.at("/4/x").size());
      assertEquals(c.evaluation().evalShots(), series.at("/5/x").size());
    }
  }

  @Test
  void aTemperatureIsShownBesideWhatItChanges() throws IOException {
    RunConfig c = Runs.images("steps", "20", "eval-every", "0");
    Path run = temporary.resolve("r");
    Trainer.Result trained = RunFixtures.train(run, c);
    try (Session session = RunFixtures.session(c)) {
      RunFolder.open(run)
          .keep(Calibrator.of(session, trained.step(), trained.theta(), TrainListener.NONE));
    }
    double temperature =
        RunFolder.open(run).calibration().orElseThrow().fits().getFirst().temperature();
    String page = Runs.page(run, c);
    assertSound(page);
    assertTrue(page.contains("With the temperature " + Text.number(temperature)), "which");
    List<String> names = new ArrayList<>();
    for (JsonNode s : chart(page, "Confidence and accuracy").get("series")) {
      names.add(s.get("name").asText());
    }
    assertEquals(List.of("own", "with temperature"), names);
    for (JsonNode s : chart(page, "Answers by confidence").get("series")) {
      assertEquals(64 * 75, sum(s.get("y")));
    }
  }

  @Test
  void wavesHaveABandWhereTheLearnerSaysHowSureItIs() throws IOException {
    RunConfig c =
        RunFixtures.config(
            "learner", "cnp", "data", "gp", "steps", "20", "eval-every", "10", "decoder", "8");
    Path run = temporary.resolve("r");
    Evaluation e = RunFixtures.measure(c, RunFixtures.train(run, c));
    String page = Runs.page(run, c);
    assertSound(page);
    assertTrue(page.contains(e.likelihood().orElseThrow().summary()), "how sure it is");
    assertTrue(page.contains(e.best().orElseThrow().summary()), "what there is to reach");
    JsonNode curve = chart(page, "Calibration").get("series");
    assertEquals(1, curve.size(), "and the diagonal");
    assertEquals(Likelihood.LEVELS, curve.at("/0/x").size());
    assertEquals(2.5, curve.at("/0/x/0").asDouble(), 1e-9);
    double last = 100 * e.likelihood().orElseThrow().below().getLast();
    assertEquals(last, curve.at("/0/y/19").asDouble(), 0.01);
    MetricsLog.Measured val = MetricsLog.read(run).validation().getLast();
    JsonNode loss = chart(page, "Loss").at("/series/1/y");
    assertEquals(-val.likelihood(), loss.get(loss.size() - 1).asDouble(), 1e-3);
    JsonNode error = chart(page, "Error").at("/series/0/y");
    assertEquals(val.value(), error.get(error.size() - 1).asDouble(), 1e-3 * val.value());
    assertFalse(page.contains("inner step") || page.contains("NaN"), "it makes no steps");
    for (int task = 1; task <= 6; task++) {
      JsonNode series = chart(page, "Task " + task).get("series");
      List<String> names = new ArrayList<>();
      series.forEach(s -> names.add(s.get("name").asText()));
      assertEquals(List.of("truth", "best", "prediction", "support"), names);
      assertEquals(TestOutcome.POINTS, series.at("/2/e").size());
      series.at("/2/e").forEach(twice -> assertTrue(twice.asDouble() > 2 * 0.0999, "two of them"));
    }
    assertTrue(page.contains("class=\"band c0\""), "drawn");
  }

  @Test
  void accuracyByInnerStepIsThatOfTheFirstTasks() throws IOException {
    RunConfig c =
        Runs.images("learner", "maml", "ways", "5", "steps", "6", "eval-inner-steps", "3")
            .with(Map.of("eval-every", "0")); // the newest is measured
    Path run = temporary.resolve("r");
    Trainer.Result trained = RunFixtures.train(run, c);
    String page = Runs.page(run, c);
    assertSound(page);
    try (Session session = RunFixtures.session(c);
        Evaluator by =
            new Evaluator(session, EvalSpec.test(c), trained.theta(), Evaluator.Detail.BY_STEP)) {
      Evaluation e = by.measure(trained.theta(), TrainListener.NONE);
      JsonNode accuracy = chart(page, "Accuracy by inner step").at("/series/0/y");
      JsonNode loss = chart(page, "Loss by inner step").at("/series/0/y");
      assertEquals(4, accuracy.size());
      assertEquals(4, loss.size());
      assertEquals(100 * e.value(), accuracy.get(3).asDouble(), 0.1);
      assertEquals(e.losses().getFirst(), loss.get(0).asDouble(), 1e-3);
    }
    String chart = page.substring(page.indexOf("<h3>Accuracy by inner step"));
    assertTrue(chart.contains("the dotted line: 1 step, as trained"), "what is marked");
    assertTrue(chart.substring(0, chart.indexOf("</figure>")).contains("class=\"mark\""), "mark");
  }

  @Test
  void gradientsAreExplainedWhereAsked() throws IOException {
    RunConfig c = Runs.waves("hidden", "8", "eval-inner-steps", "1", "eval-episodes", "2");
    Path run = temporary.resolve("r");
    RunFixtures.train(run, c);
    try (Session session = RunFixtures.session(c)) {
      Report.Page page = Report.make(session, RunFolder.open(run), 4, TrainListener.NONE);
      String html = new String(page.html(), java.nio.charset.StandardCharsets.UTF_8);
      assertSound(html);
      JsonNode chart = chart(html, "What the expansions leave over");
      assertTrue(chart.get("log").asBoolean());
      assertEquals(3, chart.get("series").size(), "methods");
      assertTrue(chart.at("/series/0/x").size() > 5, chart::toString);
      assertTrue(html.contains("4 training tasks"), "tasks");
    }
    assertFalse(Runs.page(run, c).contains("What the gradient is made of"));
  }

  @Test
  void stringsAreShownAsClassesOfTheirSequence() throws IOException {
    RunConfig c = RunFixtures.sequences("labels", "strings", "steps", "2");
    Path run = temporary.resolve("strings");
    RunFixtures.train(run, c);
    String page = Runs.page(run, c);
    assertSound(page);
    assertTrue(page.contains("Guessing would reach 0.03 %"), "one of 3,125");
    assertTrue(page.contains("<b>?</b>"), "an answer that is no class here");
  }

  @Test
  void signalsShowTheirBits() throws IOException {
    RunConfig c =
        RunFixtures.config(
            "learner",
            "ntm",
            "data",
            "copy",
            "shots",
            "3",
            "hidden",
            "8",
            "rows",
            "6",
            "steps",
            "4",
            "meta-batch",
            "4",
            "eval-every",
            "2");
    Path run = temporary.resolve("signals");
    RunFixtures.train(run, c);
    String page = Runs.page(run, c);
    assertSound(page);
    assertTrue(page.contains("wrong bits of an answer"), "what is measured");
    String shown = page.substring(page.indexOf("id=\"tasks\""));
    assertEquals(3 * 5, shown.split("<img ", -1).length - 1, "three tasks: bits and two heads");
    assertEquals(2, chart(page, "Wrong bits").at("/series/0/x").size(), "validations");
  }

  @Test
  void sequencesShowAccuracyByInstance() throws IOException {
    RunConfig c = Runs.sequences();
    Path run = temporary.resolve("r");
    Evaluation e = RunFixtures.measure(c, RunFixtures.train(run, c));
    String page = Runs.page(run, c);
    assertSound(page);
    JsonNode y = chart(page, "Accuracy by instance").at("/series/0/y");
    assertEquals(4, y.size());
    for (int k = 0; k < 4; k++) {
      assertEquals(100 * e.byInstance().get(k), y.get(k).asDouble(), 0.02);
    }
    assertEquals(4 * 12, page.split("class=\"above\"", -1).length - 1);
  }

  @Test
  void namesOfClassesAreTextAlone() throws IOException {
    RunConfig c = Runs.images("eval-episodes", "20");
    Path run = temporary.resolve("r");
    RunFixtures.train(run, c);
    String page = Runs.page(run, c, Runs.renamed(RunFixtures.drawn(c.tasks().size())));
    assertSound(page);
    assertTrue(page.contains("&lt;script&gt;alert(1)&lt;/script&gt;&amp;&quot;&#39;"), "escaped");
    assertFalse(page.contains("<script>alert"), "a name became a script");
    assertEquals(1, page.split("</style>", -1).length - 1);
  }

  @Test
  void aResultOnClassesThatWereTrainedOnIsNoneOfNewOnes() throws IOException {
    Path run = temporary.resolve("r");
    RunConfig c = Runs.images("split", "random", "eval-episodes", "20");
    RunFixtures.train(run, c);
    String claim = "accuracy on classes that training never saw";
    assertTrue(Runs.page(run, c).contains(claim));
    String page =
        Runs.page(run, Runs.images("split", "random", "eval-episodes", "20", "seed", "1"));
    assertSound(page);
    assertFalse(page.contains(claim), "that is not so");
    assertTrue(page.contains("classes that are tested have names of classes that"), "a notice");
  }

  @Test
  void runsInAnyStateHaveAPage() throws IOException {
    RunConfig c = Runs.images("steps", "12", "log-every", "1", "checkpoint-every", "3");
    Path run = temporary.resolve("r");
    RunFixtures.train(run, c, 4);
    String stopped = Runs.page(run, c);
    assertSound(stopped);
    assertTrue(stopped.contains("Not finished: this is the checkpoint of step 4 of 12 (33 %)"));
    RunFixtures.train(run, c);
    Path metrics = run.resolve("metrics.jsonl");
    Files.writeString(metrics, Files.readString(metrics) + "{\"step\":13,\"lo");
    String resumed = Runs.page(run, c);
    assertSound(resumed);
    assertTrue(resumed.contains("taken up again at step 4"), "resumed");
    assertTrue(resumed.contains("class=\"mark\""), "and marked");
    for (String text :
        List.of("", "{\"step\":1,\"loss\":\"NaN\"}\n", "{\"step\":1,\"loss\":2}\n")) {
      Files.writeString(metrics, text);
      assertSound(Runs.page(run, c));
    }
    Files.delete(metrics);
    assertTrue(Runs.page(run, c).contains("has no line of training yet"));
  }

  @Test
  void aRunWithoutCheckpointIsRefused() throws IOException {
    RunConfig c = Runs.waves();
    Path run = temporary.resolve("r");
    RunFolder.create(run, c).begin();
    try (Session s = RunFixtures.session(c)) {
      RunFolder folder = RunFolder.open(run);
      RunException e =
          assertThrows(RunException.class, () -> Report.make(s, folder, TrainListener.NONE));
      assertTrue(e.getMessage().contains("has no whole checkpoint"), e.getMessage());
    }
  }

  @Test
  void aRunThatDivergesShowsItsCurves() throws IOException {
    RunConfig c = Runs.waves("eval-inner-steps", "1");
    Path run = temporary.resolve("r");
    RunFixtures.train(run, c);
    // so large a step that the adapted model overflows
    RunConfig wild = Runs.waves("eval-inner-steps", "40", "inner-rate", "1000000");
    String page = Runs.page(run, wild);
    assertTrue(page.contains("expected a finite number"), "the sentence");
    assertTrue(page.contains("<h3>Loss</h3>"), "the curve");
  }

  @Test
  void onlyReportsAreOverwritten() throws IOException {
    Path file = temporary.resolve("new/folder/page.html");
    assertDoesNotThrow(() -> Report.refuseIfOther("--out", file));
    RunConfig c = Runs.waves();
    Path run = temporary.resolve("r");
    RunFixtures.train(run, c);
    try (Session s = RunFixtures.session(c)) {
      Report.write(Report.make(s, RunFolder.open(run), TrainListener.NONE), file);
    }
    assertDoesNotThrow(() -> Report.refuseIfOther("--out", file));
    Path config = run.resolve("config.yaml");
    ConfigException e =
        assertThrows(ConfigException.class, () -> Report.refuseIfOther("--out", config));
    assertTrue(e.getMessage().contains("a file that is no report"), e.getMessage());
    assertThrows(ConfigException.class, () -> Report.refuseIfOther("--out", run));
    try (var files = Files.list(file.getParent())) {
      assertEquals(List.of(file), files.toList()); // nothing temporary is left
    }
  }
}
