package io.quickstudy.train;

import io.quickstudy.data.Metric;
import io.quickstudy.run.ConfigKeys;
import io.quickstudy.run.RunConfig;
import io.quickstudy.text.Text;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A measurement for machines and for people. */
public final class Results {
  private Results() {}

  /**
   * For {@code --json}.
   *
   * @param config of the run, and of what was measured
   * @param run where the run is
   * @param step of which checkpoint
   */
  public static Map<String, Object> json(RunConfig config, String run, int step, Evaluation e) {
    Map<String, Object> m = new LinkedHashMap<>();
    m.put("learner", config.learner().toString());
    m.put("data", config.data().toString());
    m.put("split", config.split());
    m.put("split_part", ConfigKeys.format(e.spec().part()));
    m.put("ways", e.spec().ways());
    m.put("shots", e.spec().shots());
    m.put("queries", e.spec().queries());
    m.put("inner_steps", e.spec().innerSteps());
    m.put("episodes", e.spec().episodes());
    m.put("metric", e.metric().toString());
    m.put("value", e.value());
    m.put("ci95", e.ci95());
    if (e.metric() == Metric.MSE) {
      m.put("before", e.before());
      m.put("by_step", e.byStep());
    }
    if (!e.byInstance().isEmpty()) {
      m.put("by_instance", e.byInstance());
    }
    m.put("norm", ConfigKeys.format(config.batchNorm()));
    m.put("rotations", ConfigKeys.format(config.rotations()));
    m.put("device", e.device());
    m.put("precision", ConfigKeys.format(config.precision()));
    m.put("seed", config.seed());
    m.put("run", run);
    m.put("step", step);
    m.put("seconds", e.seconds());
    return m;
  }

  /** A line of metrics.jsonl. */
  public static Map<String, Object> logged(int step, Evaluation e) {
    Map<String, Object> m = new LinkedHashMap<>();
    m.put("step", step);
    m.put("split_part", ConfigKeys.format(e.spec().part()));
    m.put("episodes", e.spec().episodes());
    m.put("metric", e.metric().toString());
    m.put("value", e.value());
    m.put("ci95", e.ci95());
    m.put("seconds", e.seconds());
    return m;
  }

  /** In words, a few lines. */
  public static List<String> text(RunConfig config, Evaluation e) {
    EvalSpec s = e.spec();
    List<String> lines = new java.util.ArrayList<>();
    lines.add(config.learner() + " on " + config.data() + ": " + e.summary());
    lines.add("  " + tasks(config, s));
    lines.add(
        "  norm %s, device %s in %s, %s"
            .formatted(
                ConfigKeys.format(config.batchNorm()),
                e.device(),
                ConfigKeys.format(config.precision()),
                Text.duration(e.seconds())));
    if (e.metric() == Metric.MSE) {
      lines.add("  by step: " + Text.number(e.before()) + " before, then " + list(e.byStep(), 1));
    }
    if (!e.byInstance().isEmpty()) {
      lines.add("  by instance in %: " + list(e.byInstance(), 100));
    }
    return lines;
  }

  private static String tasks(RunConfig c, EvalSpec s) {
    String n = Text.count(s.episodes(), "task");
    if (!c.data().images()) {
      String steps = s.innerSteps() == 1 ? "1 inner step" : s.innerSteps() + " inner steps";
      return "%s, %s, %s".formatted(n, Text.count(s.shots(), "shot"), steps);
    }
    String where = "%s classes of split %s".formatted(ConfigKeys.format(s.part()), c.split());
    if (c.learner().sequential()) {
      return "%s of %d classes, each %d times, %s"
          .formatted(Text.count(s.episodes(), "sequence"), s.ways(), s.shots(), where);
    }
    return "%s, %d-way %d-shot, %s, %s"
        .formatted(
            n, s.ways(), s.shots(), s.queries() == 1 ? "1 query" : s.queries() + " queries", where);
  }

  private static String list(List<Double> values, double scale) {
    return String.join(
        " ",
        values.stream().map(v -> scale == 1 ? Text.number(v) : Text.fixed(scale * v, 1)).toList());
  }
}
