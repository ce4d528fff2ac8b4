package io.quickstudy.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.quickstudy.adapt.AdaptOptions;
import io.quickstudy.adapt.Adapter;
import io.quickstudy.adapt.Estimate;
import io.quickstudy.adapt.Regressor;
import io.quickstudy.data.DataException;
import io.quickstudy.data.DataSource;
import io.quickstudy.data.Split;
import io.quickstudy.data.source.DataSources;
import io.quickstudy.random.RandomStream;
import io.quickstudy.random.RandomUse;
import io.quickstudy.report.Report;
import io.quickstudy.run.Overrides;
import io.quickstudy.run.RunConfig;
import io.quickstudy.run.RunException;
import io.quickstudy.run.RunFolder;
import io.quickstudy.settings.ConfigException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

/** Runs on tables. */
class TableRunTest {
  @TempDir private Path directory;

  /** Planes y = a x1 + b x2, 12 rows of each of 30 tasks. */
  private Path planes() throws IOException {
    StringBuilder s = new StringBuilder("task,x1,x2,y\n");
    RandomStream random = new RandomStream(7, RandomUse.NOISE, 0);
    for (int task = 0; task < 30; task++) {
      double a = random.between(-2.0, 2);
      double b = random.between(-2.0, 2);
      for (int row = 0; row < 12; row++) {
        double x1 = random.between(-1.0, 1);
        double x2 = random.between(-1.0, 1);
        double y = a * x1 + b * x2;
        s.append(String.format(Locale.ROOT, "t%d,%.4f,%.4f,%.4f%n", task, x1, x2, y));
      }
    }
    return Files.writeString(directory.resolve("planes.csv"), s);
  }

  private static RunConfig config(Path table, String... pairs) {
    String[] all = new String[pairs.length + 8];
    String[] first = {
      "data", "table:" + table, "learner", "maml", "meta-batch", "10", "steps", "6"
    };
    System.arraycopy(first, 0, all, 0, first.length);
    System.arraycopy(pairs, 0, all, first.length, pairs.length);
    return RunFixtures.config(all);
  }

  private static Trainer.Result train(Path run, RunConfig c, int stopAfter) {
    RunFolder folder = RunFolder.holdsRun(run) ? RunFolder.open(run) : RunFolder.create(run, c);
    int[] steps = {0};
    TrainListener counter =
        new TrainListener() {
          @Override
          public void step(Progress p) {
            steps[0]++;
          }
        };
    try (Session session = Session.open(c, TrainListener.NONE).checked();
        Trainer trainer = new Trainer(session, folder, counter)) {
      return trainer.run(() -> steps[0] >= stopAfter);
    }
  }

  private static Evaluation measure(RunConfig c, Trainer.Result r) {
    try (Session session = Session.open(c, TrainListener.NONE);
        Evaluator e = new Evaluator(session, EvalSpec.test(c), r.theta())) {
      return e.measure(r.theta(), TrainListener.NONE);
    }
  }

  @Test
  void planesAreLearned() throws IOException {
    RunConfig c = config(planes(), "steps", "300", "inner-rate", "0.1", "inner-steps", "3");
    assertEquals("regression 2 1", c.tasks().columns());
    assertEquals("mlp", c.model().orElseThrow().name());
    Path run = directory.resolve("run");
    Evaluation e = measure(c, train(run, c, 400));
    assertTrue(e.value() < 0.5, e.value() + " of 0.89, the variance");

    Files.delete(directory.resolve("planes.csv")); // a run works where its table is not
    try (Adapter adapter = Adapter.load(run, AdaptOptions.usual())) {
      float[] x = {-1, 0, 1, 0, 0, 1, 0, -1, 0.5f, 0.5f};
      Regressor plane = adapter.adapt(x, new float[] {-1, 1, -1, 1, 0});
      float[] y = plane.predict(0.8f, 0, 0, 0.8f);
      assertEquals(2, y.length);
      assertTrue(y[0] > 0 && y[1] < 0, y[0] + " and " + y[1]);
      assertThrows(IllegalArgumentException.class, () -> plane.predict(1, 2, 3));
      assertThrows(IllegalArgumentException.class, () -> adapter.adapt(new float[3], new float[3]));
    }
  }

  @Test
  void severalValuesAreEstimated() throws IOException {
    StringBuilder s = new StringBuilder("task,x,y1,y2\n");
    for (int i = 0; i < 60; i++) {
      s.append("t%s,%s,%s,%s%n".formatted(i % 6, i % 7, i % 5, 10 + i % 3));
    }
    Path table = Files.writeString(directory.resolve("two.csv"), s);
    RunConfig c = config(table, "learner", "cnp", "steps", "2", "hidden", "8");
    Path run = directory.resolve("two");
    assertEquals(2, train(run, c, 9).step());
    try (Adapter adapter = Adapter.load(run, AdaptOptions.usual())) {
      Regressor r = adapter.adapt(new float[] {1, 2}, new float[] {3, 10, 4, 11});
      float[] y = r.predict(1, 2, 3);
      assertEquals(6, y.length);
      List<Estimate> e = r.estimate(1, 2, 3);
      for (int i = 0; i < 6; i++) {
        assertEquals(y[i], e.get(i).value(), 1e-6);
        assertTrue(e.get(i).deviation() > 0);
      }
    }
  }

  @Test
  void partsShareNoTask() throws IOException {
    RunConfig c = config(planes());
    DataSource.Loaded.Curves all =
        (DataSource.Loaded.Curves) DataSources.load(c.data(), c.request(), TrainListener.NONE);
    Set<String> names = new HashSet<>();
    int n = 0;
    for (Split.Part part : Split.Part.values()) {
      names.addAll(all.of(part).names());
      n += all.of(part).names().size();
    }
    assertEquals(30, n);
    assertEquals(30, names.size());
    assertEquals(6, all.test().names().size());
    assertTrue(all.about().contains("30 tasks, 360 rows of 3 numbers), split random 19/5/6"));
  }

  @Test
  void aRunIsResumedOnTheSameTableAlone() throws IOException {
    Path table = planes();
    RunConfig c = config(table, "checkpoint-every", "1");
    Path whole = directory.resolve("whole");
    Path parts = directory.resolve("parts");
    train(whole, c, 9);
    train(parts, c, 3);
    train(parts, c, 9);
    String last = "checkpoints/step-0000006.safetensors";
    assertArrayEquals(
        Files.readAllBytes(whole.resolve(last)), Files.readAllBytes(parts.resolve(last)));

    RunFolder run = RunFolder.open(whole);
    EvalSpec spec = EvalSpec.test(c);
    try (Session same = Session.open(c, TrainListener.NONE)) {
      assertEquals(java.util.Optional.empty(), same.objection(run, spec));
    }
    Files.writeString(table, Files.readString(table).replaceFirst("\nt0,[^,]*", "\nt0,0.5"));
    try (Session changed = Session.open(c, TrainListener.NONE)) {
      String said = changed.objection(run, spec).orElseThrow();
      assertTrue(said.contains("The data is no longer that"), said);
      assertThrows(RunException.class, () -> new Trainer(changed, run, TrainListener.NONE).close());
    }
    RunConfig other = c.with(RunFixtures.map("seed", "5"));
    try (Session split = Session.open(other, TrainListener.NONE)) {
      String said = split.objection(run, spec).orElseThrow();
      assertTrue(said.contains("have names of tasks that"), said);
    }
  }

  @Test
  void aReportDrawsCurvesOfOneInput() throws IOException {
    StringBuilder s = new StringBuilder("task,x,y\n");
    for (int i = 0; i < 120; i++) {
      s.append("t%s,%s,%s%n".formatted(i % 10, i % 7, i % 10 * (i % 7)));
    }
    RunConfig c = config(Files.writeString(directory.resolve("lines.csv"), s));
    Path run = directory.resolve("lines");
    train(run, c, 9);
    try (Session session = Session.open(c, TrainListener.NONE)) {
      String html =
          new String(
              Report.make(session, RunFolder.open(run), TrainListener.NONE).html(),
              StandardCharsets.UTF_8);
      assertTrue(html.contains("Task 1 over x. before: 121 points"));
    }
  }

  private static void refused(String part, Class<? extends Exception> type, Executable e) {
    String message = assertThrows(type, e).getMessage();
    assertTrue(message.contains(part), message);
    assertTrue(message.endsWith(".") && !message.contains("\n"), message);
  }

  @Test
  void whatBeginnersGetWrongIsSaid() throws IOException {
    Path table = planes();
    refused("Data 'table' without a file", ConfigException.class, () -> config(Path.of("")));
    refused(
        "Data 'table' without a file",
        ConfigException.class,
        () -> RunFixtures.config("data", "table"));
    refused("does not exist", DataException.class, () -> config(directory.resolve("no.csv")));
    refused(
        "holds no tables: expected a CSV or NPY file for each class",
        DataException.class,
        () -> config(Files.createDirectory(directory.resolve("empty"))));
    refused(
        "expected mlp for 'table'", ConfigException.class, () -> config(table, "model", "conv"));
    refused(
        "'lstm' with data 'table'", ConfigException.class, () -> config(table, "learner", "lstm"));
    refused(
        "say --data table:" + table,
        ConfigException.class,
        () -> RunFixtures.config("data", table.toString()));
    refused(
        "expected none for 'sinusoid'",
        ConfigException.class,
        () -> RunFixtures.sinusoid("columns", "regression 1 1"));
    RunConfig many = config(table, "shots", "10");
    refused(
        "has 12 rows: expected at least 20",
        ConfigException.class,
        () -> train(directory.resolve("r"), many, 1));
    RunConfig other = config(table, "columns", "regression 1 1");
    refused(
        "is of the form 'regression 2 1': expected 'regression 1 1'",
        DataException.class,
        () -> train(directory.resolve("s"), other, 1));
    refused(
        "Data 'sinusoid' has examples of [1]",
        ConfigException.class,
        () -> Overrides.measure(config(table), RunFixtures.map("data", "sinusoid")));
    Path two = Files.writeString(directory.resolve("two.csv"), "task,x,y\na,1,2\nb,2,3\n");
    refused(
        "others; add rows of other tasks.",
        ConfigException.class,
        () -> train(directory.resolve("t"), config(two), 1));
  }
}
