package io.quickstudy.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import io.quickstudy.DocumentedCode;
import io.quickstudy.adapt.AdaptOptions;
import io.quickstudy.adapt.Adapter;
import io.quickstudy.adapt.Classifier;
import io.quickstudy.adapt.Image;
import io.quickstudy.adapt.Input;
import io.quickstudy.adapt.Prediction;
import io.quickstudy.adapt.Row;
import io.quickstudy.adapt.Support;
import io.quickstudy.backend.Precision;
import io.quickstudy.backend.cuda.EmulatedBackend;
import io.quickstudy.data.DataException;
import io.quickstudy.data.VectorSet;
import io.quickstudy.learners.Learners;
import io.quickstudy.report.Report;
import io.quickstudy.run.Normalise;
import io.quickstudy.run.RunConfig;
import io.quickstudy.run.RunException;
import io.quickstudy.run.RunFolder;
import io.quickstudy.run.RunKeys;
import io.quickstudy.runtime.Engine;
import io.quickstudy.settings.ConfigException;
import io.quickstudy.task.TaskKind;
import io.quickstudy.train.Predictions.Predicted;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

/** Runs on vectors of classes. */
class VectorRunTest {
  /** That is a network of its own for images, or knows classes by attributes, or regresses. */
  private static final Set<String> OTHERS = Set.of("meta-networks", "protonet-zero-shot", "alpaca");

  /** One of each kind of task is enough to see that rows are gathered alike. */
  private static final Set<String> EMULATED = Set.of("protonet", "siamese", "finetune", "lstm");

  @TempDir private Path directory;

  private Path sensors() {
    return Sensors.write(directory.resolve("sensors.csv"), 0, 50, 20);
  }

  private static RunConfig config(Path table, String... pairs) {
    Map<String, String> m = RunFixtures.map("data", "table:" + table, "steps", "6");
    m.putAll(RunFixtures.map(pairs));
    return RunFixtures.config(
        m.entrySet().stream()
            .flatMap(e -> Stream.of(e.getKey(), e.getValue()))
            .toArray(String[]::new));
  }

  private static Trainer.Result train(Path run, RunConfig c, int stopAfter) {
    int[] steps = {0};
    TrainListener counter =
        new TrainListener() {
          @Override
          public void step(Progress p) {
            steps[0]++;
          }
        };
    try (Session session = Session.open(c, TrainListener.NONE).checked()) {
      RunFolder folder =
          RunFolder.holdsRun(run) ? RunFolder.open(run) : RunFolder.create(run, session.config());
      try (Trainer trainer = new Trainer(session, folder, counter)) {
        return trainer.run(() -> steps[0] >= stopAfter);
      }
    }
  }

  private static Evaluation measure(RunConfig c, Trainer.Result r) {
    try (Session session = Session.open(c, TrainListener.NONE);
        Evaluator e = new Evaluator(session, EvalSpec.test(session.config()), r.theta())) {
      return e.measure(r.theta(), TrainListener.NONE);
    }
  }

  @Test
  void whatTellsClassesApartIsLearned() {
    RunConfig c = config(sensors(), "steps", "300");
    assertEquals("protonet", c.learner().name());
    assertEquals("mlp", c.model().orElseThrow().name());
    assertEquals(Normalise.DATA, c.network().normalise());
    assertEquals("classes " + Sensors.width(), c.tasks().columns());
    double before =
        measure(c, train(directory.resolve("none"), config(sensors(), "steps", "0"), 1)).value();
    double after = measure(c, train(directory.resolve("run"), c, 400)).value();
    assertTrue(before < 0.9 && after > 0.97, before + " before, " + after + " after");
  }

  @Test
  void anAdaptedRunAnswersAsItIsMeasured() {
    RunConfig c = config(sensors(), "steps", "40", "eval-episodes", "8", "eval-queries", "4");
    Path path = directory.resolve("run");
    Trainer.Result r = train(path, c, 99);
    try (Session session = Session.open(RunFolder.open(path).config(), TrainListener.NONE);
        Predictions p = new Predictions(session, EvalSpec.test(session.config()), r.theta());
        Adapter adapter = Adapter.load(path, AdaptOptions.usual())) {
      VectorSet set = (VectorSet) session.set().orElseThrow();
      p.forEach(
          r.theta(),
          TrainListener.NONE,
          predicted -> same((Predicted.OfEpisode) predicted, set, adapter));
    }
  }

  private static void same(Predicted.OfEpisode e, VectorSet set, Adapter adapter) {
    Support.Builder support = Support.builder();
    for (int i = 0; i < e.episode().supportIndex().length; i++) {
      Row row = Row.of(set.row(e.episode().supportIndex()[i]));
      support.add("class " + e.episode().supportLabel()[i], row);
    }
    Classifier classifier = adapter.adapt(support.build());
    double t = classifier.temperature();
    for (int i = 0; i < e.logits().length; i++) {
      float[] row = set.row(e.episode().queryIndex()[i]);
      Prediction p = classifier.predict(Row.of(row));
      assertEquals(p, classifier.predict(row).getFirst());
      float[] logits = e.logits()[i];
      for (int k = 1; k < logits.length; k++) {
        double expected = Math.exp((logits[k] - logits[0]) / t);
        double ratio = p.probabilities().get("class " + k) / p.probabilities().get("class 0");
        assertEquals(1, ratio / expected, 1e-3, "class " + k + " of query " + i);
      }
    }
  }

  @Test
  void rowsAreKnownByTheirHeadings() throws IOException {
    Path path = directory.resolve("run");
    train(path, config(sensors()), 99);
    Path support = Sensors.folder(directory.resolve("new"), 90, 3, 0, 2);
    Path query = Sensors.unnamed(directory.resolve("query.csv"), 91, 5, 4);
    List<String> turned = new ArrayList<>();
    for (String line : Files.readAllLines(query)) {
      List<String> cells = new ArrayList<>(List.of(line.split(",", -1)));
      turned.add(String.join(",", cells.reversed()) + (turned.isEmpty() ? ",more" : ",7"));
    }
    Path other = Files.write(directory.resolve("turned.csv"), turned);
    try (Adapter adapter = Adapter.load(path, AdaptOptions.usual())) {
      Support s = Support.ofTable(support);
      assertEquals(Map.of("c90", 2, "c91", 2, "c92", 2), s.shots());
      Classifier classifier = adapter.adapt(s);
      List<Row> rows = Row.read(query);
      assertEquals("query.csv:2", rows.getFirst().name());
      assertEquals(classifier.predict(rows), classifier.predict(Row.read(other)));
      assertEquals(4, adapter.features(rows).size());

      Files.writeString(other, "a,b\n1,2\n");
      refused(
          "'turned.csv:2' has no column 'told0'",
          DataException.class,
          () -> classifier.predict(Row.read(other)));
      refused(
          "has 3 numbers: expected 10",
          IllegalArgumentException.class,
          () -> classifier.predict(Row.of(1, 2, 3)));
      refused(
          "Rows of 3 numbers: expected a multiple of 10",
          IllegalArgumentException.class,
          () -> classifier.predict(new float[3]));
      refused(
          "with NaN as number 0",
          IllegalArgumentException.class,
          () -> classifier.predict(Row.of(Float.NaN, 2, 3, 4, 5, 6, 7, 8, 9, 10)));
      Input picture = Image.of(new float[10]);
      refused("expected rows", IllegalArgumentException.class, () -> classifier.predict(picture));
      refused(
          "does not say of which class its rows are",
          DataException.class,
          () -> Support.ofTable(query));
    }
  }

  @Test
  void aRunIsResumedOnTheSameTableAlone() throws IOException {
    Path table = sensors();
    RunConfig c = config(table, "checkpoint-every", "1");
    Path whole = directory.resolve("whole");
    Path parts = directory.resolve("parts");
    train(whole, c, 9);
    train(parts, c, 3);
    train(parts, RunFolder.open(parts).config(), 9);
    String last = "checkpoints/step-0000006.safetensors";
    assertArrayEquals(
        Files.readAllBytes(whole.resolve(last)), Files.readAllBytes(parts.resolve(last)));

    RunFolder run = RunFolder.open(whole);
    String text = Files.readString(table);
    Files.writeString(table, text.replaceFirst("told0,told1", "told1,told0"));
    EvalSpec spec = EvalSpec.test(c);
    try (Session other = Session.open(run.config(), TrainListener.NONE)) {
      String said = other.objection(run, spec).orElseThrow();
      assertTrue(said.contains("(told0, told1, told2"), said);
    }
    Files.writeString(table, text.replaceFirst("\ng0,c0,[^,]*", "\ng0,c0,0.5"));
    try (Session changed = Session.open(run.config(), TrainListener.NONE)) {
      String said = changed.objection(run, spec).orElseThrow();
      assertTrue(said.contains("The data is no longer that"), said);
      assertThrows(RunException.class, () -> new Trainer(changed, run, TrainListener.NONE).close());
    }
  }

  @Test
  void aReportDrawsRowsAsBars() {
    RunConfig c = config(sensors(), "steps", "2", "eval-episodes", "20");
    Path path = directory.resolve("run");
    train(path, c, 9);
    try (Session session = Session.open(RunFolder.open(path).config(), TrainListener.NONE)) {
      String html =
          new String(
              Report.make(session, RunFolder.open(path), TrainListener.NONE).html(),
              StandardCharsets.UTF_8);
      assertTrue(html.contains("<svg class=\"profile\""));
      assertTrue(html.contains("taken for"));
      assertTrue(!html.contains("<img"), "there are no pictures");
    }
  }

  /** Every learner that takes them, a few steps, some also on the emulated GPU. */
  @TestFactory
  Stream<DynamicTest> everyLearnerTakesThem() {
    Path table = Sensors.write(directory.resolve("few.csv"), 0, 30, 18);
    return Learners.ALL.stream()
        .filter(l -> !OTHERS.contains(l.name()))
        .map(l -> dynamicTest(l.name(), () -> fewSteps(l.name(), table)));
  }

  private void fewSteps(String learner, Path table) {
    Map<String, String> m = RunFixtures.map("learner", learner, "steps", "2", "meta-batch", "2");
    m.put("log-every", "1");
    RunConfig usual = config(table, flat(m));
    if (usual.taskKind() == TaskKind.SEQUENCES) {
      m.putAll(RunFixtures.map("hidden", "8", "ways", "3", "shots", "3"));
    } else if (usual.taskKind() == TaskKind.EPISODES) {
      m.put("queries", "2");
    }
    RunConfig c = config(table, flat(m));
    List<Double> cpu = losses(c, learner + "-cpu", Engine.open("cpu", 2, Precision.FP32));
    assertEquals(2, cpu.size());
    assertTrue(cpu.stream().allMatch(Double::isFinite), cpu.toString());
    if (!EMULATED.contains(learner)) {
      return;
    }
    List<Double> cuda = losses(c, learner + "-cuda", Engine.on(EmulatedBackend.open()));
    for (int i = 0; i < 2; i++) {
      assertEquals(cpu.get(i), cuda.get(i), 1e-4 * Math.abs(cpu.get(i)));
    }
  }

  private static String[] flat(Map<String, String> m) {
    return m.entrySet().stream()
        .flatMap(e -> Stream.of(e.getKey(), e.getValue()))
        .toArray(String[]::new);
  }

  private List<Double> losses(RunConfig c, String name, Engine engine) {
    List<Double> losses = new ArrayList<>();
    TrainListener listener =
        new TrainListener() {
          @Override
          public void step(Progress p) {
            losses.add(p.loss());
          }
        };
    try (Session s = Session.open(c, c.data().load(c.request(), TrainListener.NONE), engine);
        Trainer t =
            new Trainer(s, RunFolder.create(directory.resolve(name), s.config()), listener)) {
      t.run(() -> false);
    }
    return losses;
  }

  private static void refused(String part, Class<? extends Exception> type, Executable e) {
    String message = assertThrows(type, e).getMessage();
    assertTrue(message.contains(part), message);
    assertTrue(message.endsWith(".") && !message.contains("\n"), message);
  }

  @Test
  void whatIsOfPicturesAloneIsRefused() {
    Path table = sensors();
    Map<String, String> wrong = new LinkedHashMap<>();
    wrong.put("model conv", "expected mlp for 'table'");
    wrong.put("rotations classes", "expected none for 'table'");
    wrong.put("eval-rotations per-class", "expected none for 'table'");
    wrong.put("distort 0.5", "expected 0 for 'table'");
    wrong.put("size 20", "expected none for 'table', whose examples are no images");
    wrong.put("channels 3", "expected none for 'table', whose examples are no images");
    wrong.put("trim margin", "expected none for 'table', whose examples are no images");
    wrong.put("normalise imagenet", "expected none or data for 'table'");
    wrong.put("learner meta-networks", "expected a learner that classifies rows of numbers");
    wrong.put("learner protonet-zero-shot", "whose classes are described by attributes");
    wrong.put("learner alpaca", "expected a learner that classifies rows");
    wrong.forEach(
        (option, expected) -> {
          int space = option.indexOf(' ');
          String key = option.substring(0, space);
          refused(
              expected,
              ConfigException.class,
              () ->
                  Session.open(config(table, key, option.substring(space + 1)), TrainListener.NONE)
                      .close());
        });
    refused(
        "expected 0 for 'table'; only images are shifted",
        ConfigException.class,
        () -> config(table, "learner", "lstm", "max-shift", "1"));
    refused(
        "expected none for learner 'lstm', which has no model",
        ConfigException.class,
        () -> config(table, "learner", "lstm", "normalise", "data"));
  }

  @Test
  void tooFewRowsAndClassesAreSaid() {
    Path table = Sensors.write(directory.resolve("small.csv"), 0, 8, 4);
    refused(
        "Option --ways is 6: expected at most 5, the train classes",
        ConfigException.class,
        () ->
            Session.open(config(table, "ways", "6", "eval-ways", "6"), TrainListener.NONE)
                .checked());
    RunConfig many = config(table, "ways", "2", "eval-ways", "2", "shots", "3", "queries", "3");
    refused(
        "has 4 examples",
        ConfigException.class,
        () -> Session.open(many, TrainListener.NONE).checked());
  }

  @Test
  void columnsOfOtherSizesAreSaidWhereNothingNormalises() {
    List<String> said = new ArrayList<>();
    TrainListener listener =
        new TrainListener() {
          @Override
          public void message(String line) {
            said.add(line);
          }
        };
    Session.open(config(sensors()), listener).close();
    assertEquals(List.of(), said);
    Session.open(config(sensors(), "normalise", "none"), listener).close();
    assertTrue(said.getFirst().endsWith("so say --normalise data if training is slow"));
    assertTrue(said.getFirst().startsWith("column 'noise6' has the mean 99"), said.toString());
  }

  @Test
  void theDocumentedJavaCompiles() throws IOException {
    StringBuilder body = new StringBuilder();
    for (String block : DocumentedCode.blocks(Path.of("docs/own-tables.md"))) {
      body.append("{\n").append(block).append("}\n");
    }
    DocumentedCode.compile(
        """
        import io.quickstudy.adapt.*;
        import java.nio.file.Path;

        public class Documented {
          void all() {
        %s  }
        }
        """
            .formatted(body),
        directory);
  }

  @Test
  void recipesAreOfWhatATableHolds() throws IOException {
    assertEquals(0.2, RunKeys.values(config(sensors(), "learner", "maml")).get("inner-rate"));
    Path curves = Files.writeString(directory.resolve("curves.csv"), "task,x,y\na,1,2\n");
    assertEquals(0.01, RunKeys.values(config(curves, "learner", "maml")).get("inner-rate"));
  }
}
