package io.quickstudy.cli;

import io.quickstudy.compare.Compared;
import io.quickstudy.compare.Comparison;
import io.quickstudy.compare.Difference;
import io.quickstudy.data.Metric;
import io.quickstudy.settings.Values;
import io.quickstudy.text.Text;
import io.quickstudy.train.Results;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * What {@code compare} found out, as a table of at most 80 columns or JSON.
 *
 * @param c what was measured
 */
record ComparisonTable(Comparison c) {
  /** Columns of a run's name. */
  private static final int WIDEST = 16;

  private static final int WIDEST_LEARNER = 12;

  /** What the runs are called: as little of their paths as tells them apart. */
  List<String> names() {
    List<Path> paths = c.runs().stream().map(r -> r.path().toAbsolutePath().normalize()).toList();
    List<String> names = new ArrayList<>();
    for (Path p : paths) {
      int parts = 1;
      while (parts < p.getNameCount() && !tells(p, parts, paths)) {
        parts++;
      }
      names.add(ending(p, parts));
    }
    return List.copyOf(names);
  }

  private static boolean tells(Path p, int parts, List<Path> all) {
    return all.stream().filter(o -> ending(o, parts).equals(ending(p, parts))).count() == 1;
  }

  private static String ending(Path p, int parts) {
    int n = p.getNameCount();
    return n == 0 ? p.toString() : p.subpath(Math.max(0, n - parts), n).toString();
  }

  /** Lines for people. */
  List<String> lines() {
    List<String> lines = new ArrayList<>(List.of(title()));
    List<String> names = names().stream().map(n -> cut(n, WIDEST)).toList();
    lines.add("  the same for every run; differences are from '" + names.get(c.baseline()) + "'");
    lines.add("");
    List<List<String>> values = new ArrayList<>();
    values.add(List.of("run", c.metric().toString(), "difference", "better/worse", "errors"));
    List<List<String>> facts = new ArrayList<>();
    facts.add(List.of("run", "learner", "step", "params", "MB", "adapt ms", "predict ms"));
    for (int i = 0; i < names.size(); i++) {
      Compared r = c.runs().get(i);
      List<String> row = new ArrayList<>(List.of(names.get(i), value(r)));
      r.difference().ifPresentOrElse(d -> row.addAll(difference(d)), () -> row.add("baseline"));
      values.add(row);
      facts.add(
          List.of(
              names.get(i),
              cut(r.config().learner().name(), WIDEST_LEARNER),
              r.size().step() + r.size().role().map(o -> " " + o).orElse(""),
              Long.toString(r.size().parameters()),
              Text.fixed(r.size().checkpointBytes() / 1e6, 2),
              r.times().map(t -> millis(t.adaptSeconds())).orElse("-"),
              r.times().map(t -> millis(t.predictSeconds())).orElse("-")));
    }
    lines.addAll(Columns.left(values));
    lines.add("");
    lines.addAll(Columns.left(facts));
    lines.add("");
    timed().ifPresent(lines::add);
    return lines;
  }

  private String title() {
    return c.protocol().data().name() + ": " + Results.tasks(c.protocol(), c.spec());
  }

  private Optional<String> timed() {
    return c.runs().stream()
        .flatMap(r -> r.times().stream())
        .findFirst()
        .map(
            t ->
                "adapting to %s, predicting %s at once: medians on %s, %s"
                    .formatted(
                        Text.count(t.examples(), "example"),
                        t.queries(),
                        c.base().evaluation().device(),
                        Text.count(c.protocol().run().workers(), "worker")));
  }

  private static String millis(double seconds) {
    return Text.number(1000 * seconds);
  }

  /** A name that fits: its end, which tells runs apart more often than its beginning. */
  private static String cut(String name, int widest) {
    return name.length() <= widest ? name : "…" + name.substring(name.length() - widest + 1);
  }

  private String value(Compared r) {
    double ci = r.evaluation().ci95();
    return number(r.evaluation().value(), false) + Text.interval(ci, number(ci, false));
  }

  private List<String> difference(Difference d) {
    String verdict =
        switch (d.verdict(c.metric())) {
          case BETTER -> " better";
          case WORSE -> " worse";
          case OPEN -> "";
        };
    String ci = Text.interval(d.ci95(), number(d.ci95(), false));
    String ratio =
        d.errorRatio().isPresent() ? "x" + Text.fixed(d.errorRatio().getAsDouble(), 2) : "-";
    return List.of(
        number(d.mean(), true) + ci + verdict, "%s/%s".formatted(d.better(), d.worse()), ratio);
  }

  /** "98.61%", or "0.381" of squared errors. */
  private String number(double v, boolean signed) {
    String digits = c.metric() == Metric.ACCURACY ? Text.fixed(100 * v, 2) + "%" : Text.number(v);
    return signed && v > 0 ? "+" + digits : digits;
  }

  /** One object. */
  Map<String, Object> json() {
    Map<String, Object> m = new LinkedHashMap<>();
    m.put("metric", c.metric().toString());
    m.put("data", c.protocol().data().name());
    m.put("split", c.protocol().tasks().split());
    m.put("split_part", Values.format(c.spec().part()));
    m.put("ways", c.spec().ways());
    m.put("shots", c.spec().shots());
    m.put("queries", c.spec().queries());
    m.put("episodes", c.spec().episodes());
    m.put("rotations", Values.format(c.protocol().evaluation().evalRotations()));
    m.put("seed", c.protocol().run().seed());
    m.put("tasks_sha256", c.tasks());
    m.put("device", c.base().evaluation().device());
    m.put("precision", Values.format(c.protocol().run().precision()));
    m.put("workers", c.protocol().run().workers());
    m.put("baseline", c.base().path().toString());
    List<Object> runs = new ArrayList<>();
    List<String> names = names();
    for (int i = 0; i < names.size(); i++) {
      runs.add(json(names.get(i), c.runs().get(i)));
    }
    m.put("runs", runs);
    return m;
  }

  private Map<String, Object> json(String name, Compared r) {
    Map<String, Object> m = new LinkedHashMap<>();
    m.put("run", r.path().toString());
    m.put("name", name);
    m.put("learner", r.config().learner().name());
    m.put("trained_on", r.config().data().name());
    m.put("norm", Values.format(r.config().network().batchNorm()));
    Results.evaluated(r.config(), r.evaluation().spec().options())
        .forEach((k, v) -> m.put(k.replace('-', '_'), v));
    m.put("value", r.evaluation().value());
    m.put("ci95", finite(r.evaluation().ci95()));
    m.put("difference", r.difference().map(this::json).orElse(null));
    m.put("step", r.size().step());
    m.put("checkpoint", CheckpointOption.word(r.size().role()));
    m.put("parameters", r.size().parameters());
    m.put("checkpoint_bytes", r.size().checkpointBytes());
    m.put("adapt_seconds", r.times().map(t -> t.adaptSeconds()).orElse(null));
    m.put("adapt_examples", r.times().map(t -> t.examples()).orElse(null));
    m.put("predict_seconds", r.times().map(t -> t.predictSeconds()).orElse(null));
    m.put("predict_queries", r.times().map(t -> t.queries()).orElse(null));
    m.put("by_task", r.byTask());
    return m;
  }

  private Map<String, Object> json(Difference d) {
    Map<String, Object> m = new LinkedHashMap<>();
    m.put("value", d.mean());
    m.put("ci95", finite(d.ci95()));
    m.put("better", d.better());
    m.put("worse", d.worse());
    m.put("same", d.same());
    m.put("error_ratio", d.errorRatio().isPresent() ? d.errorRatio().getAsDouble() : null);
    m.put("verdict", d.verdict(c.metric()).name().toLowerCase(Locale.ROOT));
    return m;
  }

  private static Double finite(double v) {
    return Double.isNaN(v) ? null : v;
  }
}
