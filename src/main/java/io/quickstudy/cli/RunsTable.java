package io.quickstudy.cli;

import io.quickstudy.data.Metric;
import io.quickstudy.run.Metrics;
import io.quickstudy.run.OverSeeds;
import io.quickstudy.run.RunConfig;
import io.quickstudy.run.RunSummary;
import io.quickstudy.settings.ConfigException;
import io.quickstudy.task.TaskKind;
import io.quickstudy.text.Names;
import io.quickstudy.text.Text;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.ToDoubleFunction;

/** Runs as a table: a row for each, or for several that are seeds of one configuration. */
record RunsTable(List<Row> rows) {
  private static final DateTimeFormatter WHEN =
      DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm", Locale.ROOT);

  /** By what rows are sorted. */
  enum Order {
    WHEN,
    NAME,
    LEARNER,
    DATA,
    STATE,
    STEPS,
    VAL,
    TEST,
    TIME;

    private Comparator<Row> by() {
      return switch (this) {
        case WHEN -> Comparator.comparing((Row r) -> r.first().when()).reversed();
        case NAME -> Comparator.comparing(r -> r.first().name());
        case LEARNER -> Comparator.comparing(r -> r.word(c -> c.learner().name()));
        case DATA -> Comparator.comparing(r -> r.word(c -> c.data().name()));
        case STATE -> Comparator.comparing(r -> r.first().state());
        case STEPS -> Comparator.comparingInt((Row r) -> r.first().step()).reversed();
        case VAL -> best(r -> r.first().validation().value());
        case TEST -> best(Row::test);
        case TIME -> Comparator.comparingDouble((Row r) -> -r.seconds()); // NaN is behind all
      };
    }

    /** The better first, accuracies before errors, and what has no value last. */
    private static Comparator<Row> best(ToDoubleFunction<Row> value) {
      return Comparator.comparing((Row r) -> Double.isNaN(value.applyAsDouble(r)))
          .thenComparing(Row::metric)
          .thenComparingDouble(
              r ->
                  r.metric() == Metric.ACCURACY ? -value.applyAsDouble(r) : value.applyAsDouble(r));
    }

    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }

    static Order parse(String text) {
      List<String> names = Arrays.stream(values()).map(Order::toString).toList();
      if (!names.contains(text)) {
        throw new ConfigException(Names.unknown("sort", text, names));
      }
      return values()[names.indexOf(text)];
    }
  }

  /** Runs that are one line, at least one, the newest first. */
  record Row(List<RunSummary> runs) {
    /** Copies the list. */
    Row {
      runs = List.copyOf(runs);
    }

    private RunSummary first() {
      return runs.getFirst();
    }

    private String word(java.util.function.Function<RunConfig, String> of) {
      return first().config().map(of).orElse("-");
    }

    private Metric metric() {
      return first().config().map(c -> c.data().kind().metric()).orElse(Metric.ACCURACY);
    }

    private OverSeeds tests() {
      return OverSeeds.of(
          runs.stream()
              .map(r -> r.test().map(Metrics.Measured::value).orElse(Double.NaN))
              .toList());
    }

    private double test() {
      return tests().mean();
    }

    /** Of several the mean. */
    private double seconds() {
      return runs.stream().mapToDouble(RunSummary::seconds).average().orElse(Double.NaN);
    }

    private Map<String, Object> seeds() {
      OverSeeds o = tests();
      Map<String, Object> m = new LinkedHashMap<>();
      m.put("runs", runs.stream().map(r -> r.path().toString()).toList());
      m.put("seeds", runs.stream().map(r -> r.config().orElseThrow().run().seed()).toList());
      m.put("learner", word(c -> c.learner().name()));
      m.put("data", word(c -> c.data().name()));
      m.put("metric", metric().toString());
      m.put("n", o.n());
      m.put("mean", o.mean());
      m.put("ci95", o.ci95());
      m.put("interval", "95%, Student's t over the seeds");
      return m;
    }
  }

  /** Copies the list. */
  RunsTable {
    rows = List.copyOf(rows);
  }

  /**
   * Of some runs.
   *
   * @param fold whether seeds of one configuration are one row
   */
  static RunsTable of(List<RunSummary> runs, Order order, boolean fold) {
    List<RunSummary> newest =
        runs.stream()
            .sorted(
                Comparator.comparing(RunSummary::when).reversed().thenComparing(RunSummary::name))
            .toList();
    Map<Object, List<RunSummary>> groups = new LinkedHashMap<>();
    for (RunSummary r : newest) {
      Optional<Map<String, String>> same = fold ? r.configuration() : Optional.empty();
      List<RunSummary> group =
          groups.computeIfAbsent(same.<Object>map(m -> m).orElse(r), k -> new ArrayList<>());
      long seed = seed(r);
      if (group.stream().anyMatch(other -> seed(other) == seed)) {
        groups.put(r, List.of(r)); // the same again tells nothing more
      } else {
        group.add(r);
      }
    }
    return new RunsTable(groups.values().stream().map(Row::new).sorted(order.by()).toList());
  }

  private static long seed(RunSummary r) {
    return r.config().map(c -> c.run().seed()).orElse(0L);
  }

  /** In lines, the first of which has the columns' names. */
  List<String> lines() {
    List<List<String>> cells = new ArrayList<>();
    cells.add(
        List.of(
            "name",
            "learner",
            "data",
            "tasks",
            "state",
            "when",
            "steps",
            "val best",
            "test",
            "time"));
    for (Row row : rows) {
      RunSummary r = row.first();
      int more = row.runs.size() - 1;
      String steps =
          r.config()
              .map(c -> r.step() + (r.step() < c.run().steps() ? "/" + c.run().steps() : ""))
              .orElse("-");
      cells.add(
          List.of(
              r.name() + (more == 0 ? "" : " and " + Text.count(more, "seed")),
              row.word(c -> c.learner().name()),
              row.word(c -> c.data().name()),
              r.config().map(RunsTable::tasks).orElse("-"),
              r.state().toString(),
              WHEN.format(r.when().atZone(ZoneId.systemDefault())),
              steps,
              more == 0 && r.validation().exists()
                  ? ProgressText.value(row.metric(), r.validation().value(), 2)
                  : "-",
              test(row),
              Double.isNaN(row.seconds()) ? "-" : Text.duration(row.seconds())));
    }
    List<String> lines = new ArrayList<>(Columns.aligned(cells, LEFT));
    if (rows.stream().anyMatch(r -> r.runs.size() > 1)) {
      lines.add(
          "(n=...): the mean over seeds with its 95% interval by Student's t; else over tasks");
    }
    return lines;
  }

  private static final int LEFT = 6; // columns of words

  /** "98.61% ± 0.19%", of several seeds "98.6% ± 0.4% (n=3)". */
  private static String test(Row row) {
    OverSeeds o = row.tests();
    if (Double.isNaN(o.mean())) {
      return "-";
    }
    double ci95 =
        o.n() > 1 ? o.ci95() : row.first().test().map(Metrics.Measured::ci95).orElse(Double.NaN);
    return ProgressText.value(row.metric(), o.mean(), 2)
        + Text.interval(ci95, ProgressText.value(row.metric(), ci95, 2))
        + (o.n() > 1 ? " (n=%s)".formatted(o.n()) : "");
  }

  /** "5-way 1-shot", of what is measured. */
  private static String tasks(RunConfig c) {
    int shots = c.evaluation().evalShots();
    if (!c.classifies()) {
      return c.taskKind() == TaskKind.SIGNALS
          ? Text.count(shots, "item")
          : Text.count(shots, "point");
    }
    return "%s-way %s"
        .formatted(c.evaluation().evalWays(), shots == 0 ? "zero-shot" : shots + "-shot");
  }

  /** What is wrong with broken runs, a sentence for each. */
  List<String> faults() {
    return rows.stream()
        .flatMap(row -> row.runs.stream())
        .flatMap(r -> r.fault().stream().map(f -> "run '%s' is broken: %s".formatted(r.path(), f)))
        .toList();
  }

  /** All runs, and the means over seeds. */
  Map<String, Object> json() {
    List<Map<String, Object>> all = new ArrayList<>();
    List<Map<String, Object>> seeds = new ArrayList<>();
    for (Row row : rows) {
      row.runs.forEach(r -> all.add(json(row, r)));
      if (row.runs.size() > 1) {
        seeds.add(row.seeds());
      }
    }
    Map<String, Object> m = new LinkedHashMap<>();
    m.put("runs", all);
    m.put("over_seeds", seeds);
    return m;
  }

  private static Map<String, Object> json(Row row, RunSummary r) {
    Map<String, Object> m = new LinkedHashMap<>();
    m.put("run", r.path().toString());
    m.put("name", r.name());
    m.put("state", r.state().toString());
    r.fault().ifPresent(f -> m.put("fault", f));
    r.config()
        .ifPresent(
            c -> {
              m.put("learner", c.learner().name());
              m.put("data", c.data().name());
              m.put("ways", c.evaluation().evalWays());
              m.put("shots", c.evaluation().evalShots());
              m.put("seed", c.run().seed());
              m.put("step", r.step());
              m.put("steps", c.run().steps());
              m.put("metric", row.metric().toString());
              m.put("val_best", r.validation().exists() ? r.validation().value() : null);
              m.put("val_best_step", r.validation().exists() ? r.validation().step() : null);
              m.put("test", r.test().map(Metrics.Measured::value).orElse(null));
              m.put(
                  "test_ci95",
                  r.test()
                      .map(Metrics.Measured::ci95)
                      .filter(c95 -> !Double.isNaN(c95))
                      .orElse(null));
              m.put("seconds", Double.isNaN(r.seconds()) ? null : r.seconds());
            });
    m.put("when", r.when().toString());
    return m;
  }
}
