package io.quickstudy.train;

import io.quickstudy.data.ClassUnit;
import io.quickstudy.data.Metric;
import io.quickstudy.data.Split;
import io.quickstudy.data.Within;
import io.quickstudy.run.RunConfig;
import io.quickstudy.run.TaskSettings;
import io.quickstudy.settings.Values;
import io.quickstudy.task.TaskKind;
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
    m.put("learner", config.learner().name());
    m.put("data", config.data().name());
    m.put("split", config.tasks().split());
    m.put("split_part", Values.format(e.spec().part()));
    m.put("ways", e.spec().ways());
    m.put("shots", e.spec().shots());
    m.put("queries", e.spec().queries());
    if (config.learner().unlabelled()) {
      m.put("unlabelled", e.spec().unlabelled());
      m.put("distractors", config.tasks().distractors());
    }
    evaluated(config, e.spec().options()).forEach((k, v) -> m.put(k.replace('-', '_'), v));
    m.put("episodes", e.spec().episodes());
    m.put("metric", e.metric().toString());
    m.put("value", e.value());
    m.put("ci95", Double.isNaN(e.ci95()) ? null : e.ci95());
    bySteps(m, e);
    if (!e.byInstance().isEmpty()) {
      m.put("by_instance", e.byInstance());
    }
    verification(m, e);
    calibration(m, e, true);
    likelihood(m, e, true);
    m.put("norm", Values.format(config.network().batchNorm()));
    m.put("rotations", Values.format(config.evaluation().evalRotations()));
    m.put("within", Values.format(config.tasks().within()));
    m.put("classes", Values.format(config.tasks().classes()));
    m.put("device", e.device());
    m.put("precision", Values.format(config.run().precision()));
    m.put("seed", config.run().seed());
    m.put("task_seed", e.spec().seed());
    m.put("run", run);
    m.put("step", step);
    m.put("seconds", e.seconds());
    return m;
  }

  /** A line of metrics.jsonl. */
  public static Map<String, Object> logged(int step, Evaluation e) {
    Map<String, Object> m = new LinkedHashMap<>();
    m.put("step", step);
    m.put("split_part", Values.format(e.spec().part()));
    m.put("episodes", e.spec().episodes());
    m.put("metric", e.metric().toString());
    m.put("value", e.value());
    m.put("ci95", Double.isNaN(e.ci95()) ? null : e.ci95());
    if (e.spec().part() == Split.Part.TEST) {
      bySteps(m, e);
    }
    verification(m, e);
    calibration(m, e, e.spec().part() == Split.Part.TEST);
    likelihood(m, e, e.spec().part() == Split.Part.TEST);
    m.put("seconds", e.seconds());
    return m;
  }

  /** How validation classes are measured, which makes values of one run comparable or not. */
  static Map<String, Object> protocol(RunConfig c, EvalSpec s) {
    Map<String, Object> m = new LinkedHashMap<>();
    m.put("episodes", s.episodes());
    m.put("ways", s.ways());
    m.put("shots", s.shots());
    m.put("queries", s.queries());
    m.put("unlabelled", s.unlabelled());
    evaluated(c, s.options())
        .forEach((k, v) -> m.put(k.replace('-', '_'), v instanceof Number ? v : Values.format(v)));
    return m;
  }

  private static void bySteps(Map<String, Object> m, Evaluation e) {
    if (!Double.isNaN(e.before())) {
      m.put("before", e.before());
      m.put("by_step", e.byStep());
    }
    if (!e.losses().isEmpty()) {
      m.put("loss_before", e.losses().getFirst());
      m.put("loss_by_step", e.losses().subList(1, e.losses().size()));
    }
  }

  private static void verification(Map<String, Object> m, Evaluation e) {
    e.verification()
        .ifPresent(
            v -> {
              m.put("verification", v.value());
              m.put("verification_ci95", Double.isNaN(v.ci95()) ? null : v.ci95());
              m.put("verification_pairs", v.pairs());
            });
  }

  /** How good probabilities of classes are, and by bins of confidence if that is asked for. */
  private static void calibration(Map<String, Object> m, Evaluation e, boolean bins) {
    e.calibration()
        .ifPresent(
            c -> {
              reliability(m, "", c.untempered(), bins);
              c.tempered()
                  .ifPresent(
                      t -> {
                        m.put("temperature", t.temperature());
                        reliability(m, "_tempered", t.reliability(), bins);
                      });
            });
  }

  private static void reliability(
      Map<String, Object> m, String ending, Reliability r, boolean bins) {
    m.put("log_likelihood" + ending, r.logLikelihood());
    m.put("log_likelihood" + ending + "_ci95", Double.isNaN(r.ci95()) ? null : r.ci95());
    m.put("brier" + ending, r.brier());
    m.put("ece" + ending, r.error());
    if (bins) {
      m.put("bins" + ending, r.bins().stream().map(Results::bin).toList());
    }
  }

  private static Map<String, Object> bin(Reliability.Bin b) {
    Map<String, Object> m = new LinkedHashMap<>();
    m.put("count", b.count());
    m.put("confidence", b.confidence());
    m.put("accuracy", b.accuracy());
    return m;
  }

  private static void likelihood(Map<String, Object> m, Evaluation e, boolean curve) {
    e.likelihood()
        .ifPresent(
            l -> {
              m.put("log_likelihood", l.value());
              m.put("log_likelihood_ci95", Double.isNaN(l.ci95()) ? null : l.ci95());
              m.put("within_95_band", l.within());
              m.put("ece", l.error());
              if (curve) {
                m.put("below_quantiles", l.below());
              }
            });
    e.best()
        .ifPresent(
            b -> {
              m.put("best_value", b.error());
              m.put("best_log_likelihood", b.likelihood());
            });
  }

  /** In words, a few lines. */
  public static List<String> text(RunConfig config, Evaluation e) {
    EvalSpec s = e.spec();
    List<String> lines = new java.util.ArrayList<>();
    lines.add(config.learner().name() + " on " + config.data().name() + ": " + e.summary());
    lines.add("  " + tasks(config, s));
    lines.add(
        "  norm %s, device %s in %s, %s"
            .formatted(
                Values.format(config.network().batchNorm()),
                e.device(),
                Values.format(config.run().precision()),
                Text.duration(e.seconds())));
    if (!Double.isNaN(e.before())) {
      boolean percent = e.metric() == Metric.ACCURACY;
      lines.add(
          "  by step%s: %s before, then %s"
              .formatted(
                  percent ? " in %" : "",
                  list(List.of(e.before()), percent ? 100 : 1),
                  list(e.byStep(), percent ? 100 : 1)));
    }
    if (!e.losses().isEmpty()) {
      lines.add(
          "  loss by step: %s before, then %s"
              .formatted(
                  Text.number(e.losses().getFirst()),
                  list(e.losses().subList(1, e.losses().size()), 1)));
    }
    if (!e.byInstance().isEmpty()) {
      lines.add("  by instance in %: " + list(e.byInstance(), 100));
    }
    e.calibration()
        .ifPresent(
            c -> {
              lines.add("  " + c.untempered().summary());
              c.tempered()
                  .ifPresent(
                      t ->
                          lines.add(
                              "  with temperature %s: %s"
                                  .formatted(
                                      Text.number(t.temperature()), t.reliability().summary())));
            });
    e.likelihood().ifPresent(l -> lines.add("  log-likelihood: " + l.summary()));
    e.best().ifPresent(b -> lines.add("  best there is to reach: " + b.summary()));
    e.verification().ifPresent(v -> lines.add("  verification: " + v.summary()));
    return lines;
  }

  /** The tasks of a measurement in words. */
  public static String tasks(RunConfig c, EvalSpec s) {
    String n = Text.count(s.episodes(), "task");
    if (!c.classifies()) {
      List<String> parts = new java.util.ArrayList<>(List.of(n, given(c, s.shots())));
      evaluated(c, s.options()).forEach((k, v) -> parts.add(option(k, v)));
      return String.join(", ", parts);
    }
    String where =
        "%s classes of split %s%s"
            .formatted(Values.format(s.part()), c.tasks().split(), groups(c.tasks()));
    if (c.taskKind() == TaskKind.SEQUENCES) {
      return "%s of %s, each %s, %s"
          .formatted(
              Text.count(s.episodes(), "sequence"),
              Text.count(s.ways(), "class"),
              Text.count(s.shots(), "time"),
              where);
    }
    return "%s, %s-way %s, %s%s, %s"
        .formatted(
            n,
            s.ways(),
            shots(s),
            Text.count(s.queries(), "query"),
            s.unlabelled() == 0 ? "" : unlabelled(s.unlabelled(), c.tasks().distractors()),
            where);
  }

  /** What a task gives, in words: "10 shots" of a curve, "20 items" of a signal. */
  public static String given(RunConfig c, int shots) {
    return Text.count(shots, c.taskKind() == TaskKind.SIGNALS ? "item" : "shot");
  }

  private static String unlabelled(int n, int distractors) {
    return ", %s unlabelled%s"
        .formatted(
            n, distractors == 0 ? "" : " and %s".formatted(Text.count(distractors, "distractor")));
  }

  private static String groups(TaskSettings t) {
    if (t.within() == Within.GROUP) {
      return ", those of a task from one group";
    }
    return t.classes() == ClassUnit.GROUPS ? ", a group being a class" : "";
  }

  /** "5-shot", or of classes that are described "zero-shot". */
  public static String shots(EvalSpec s) {
    return s.shots() == 0 ? "zero-shot" : s.shots() + "-shot";
  }

  /** The options of a learner that measuring has values of its own for, by name. */
  public static Map<String, Object> evaluated(RunConfig c, Record options) {
    Map<String, Object> all = Values.values(options);
    Map<String, Object> m = new LinkedHashMap<>();
    c.learner().keys().stream()
        .filter(k -> k.setting().evaluated())
        .forEach(k -> m.put(k.name(), all.get(k.name())));
    return m;
  }

  /** An option in words: "3 inner steps", "temperature 0.5". */
  public static String option(String name, Object value) {
    String words = name.replace('-', ' ');
    if (!(value instanceof Integer n) || !words.endsWith("s")) {
      return words + " " + Values.format(value);
    }
    return n == 1 ? "1 " + words.substring(0, words.length() - 1) : n + " " + words;
  }

  /** How something was measured, in words: "after 3 inner steps", "with 10 samples". */
  public static String how(String name, Object value) {
    return (name.endsWith("steps") ? "after " : "with ") + option(name, value);
  }

  private static String list(List<Double> values, double scale) {
    return String.join(
        " ",
        values.stream().map(v -> scale == 1 ? Text.number(v) : Text.fixed(scale * v, 1)).toList());
  }
}
