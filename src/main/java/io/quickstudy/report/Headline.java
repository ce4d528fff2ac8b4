package io.quickstudy.report;

import io.quickstudy.data.ClassUnit;
import io.quickstudy.data.Within;
import io.quickstudy.run.RunConfig;
import io.quickstudy.settings.Values;
import io.quickstudy.task.TaskKind;
import io.quickstudy.text.Text;
import io.quickstudy.train.EvalSpec;
import io.quickstudy.train.Evaluation;
import io.quickstudy.train.Results;
import io.quickstudy.train.RunningMean;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** The result, and the protocol without which it means nothing. */
final class Headline {
  private Headline() {}

  /** For the command line: "protonet on glyphs: accuracy 97.38% ± 0.30%, step 1000". */
  static String inWords(ReportedRun s, TestOutcome o) {
    String where = s.title() + (s.atHome() ? "" : ", tested on " + s.measured().dataTitle());
    return switch (o) {
      case TestOutcome.OfImages i ->
          "%s: accuracy %s%%%s"
              .formatted(
                  where,
                  percent(i.findings().accuracy().mean()),
                  Double.isNaN(i.findings().accuracy().ci95())
                      ? " (one task, without an interval)"
                      : " ± " + percent(i.findings().accuracy().ci95()) + "%");
      case TestOutcome.OfCurves w -> where + ": " + w.evaluation().summary();
      case TestOutcome.OfSignals g -> where + ": " + g.evaluation().summary();
      case TestOutcome.Failed f -> where + ": " + f.sentence();
    };
  }

  private static String percent(double fraction) {
    return Text.fixed(100 * fraction, 2);
  }

  /** The head of the page. */
  static Html section(ReportedRun s, MetricsLog log, TestOutcome o) {
    Html h = new Html().open("header");
    h.element(
        "p",
        "Quickstudy run " + s.path().toAbsolutePath().normalize().getFileName(),
        "class",
        "over");
    h.element("h1", s.title());
    if (!s.finished()) {
      int percent = (int) (100L * s.step() / Math.max(1, s.run().run().steps()));
      h.element(
          "p",
          "Not finished: this is the checkpoint of step %s of %s (%s %%)."
              .formatted(grouped(s.step()), grouped(s.run().run().steps()), percent),
          "class",
          "notice");
    }
    if (!s.atHome()) {
      h.element(
          "p",
          "Trained on %s, measured here on %s, split %s."
              .formatted(
                  s.run().dataTitle(), s.measured().dataTitle(), s.measured().tasks().split()),
          "class",
          "notice");
    }
    s.objection().ifPresent(why -> h.element("p", why, "class", "notice"));
    h.open("div", "class", "headline");
    result(h, s, o);
    protocol(h, s, o);
    return h.close().add(facts(s, log)).close();
  }

  private static void result(Html h, ReportedRun s, TestOutcome o) {
    h.open("div", "class", "result");
    switch (o) {
      case TestOutcome.OfImages i -> {
        RunningMean m = i.findings().accuracy();
        number(h, percent(m.mean()), interval(m.ci95(), percent(m.ci95())), " %");
        String classes =
            s.objection().isPresent() ? "these classes" : "classes that training never saw";
        h.element("p", "accuracy on " + classes);
        double guess = 100.0 / s.measured().tasks().labels().outputs(i.spec().ways());
        h.element(
            "p",
            "Guessing would reach %s %%.".formatted(Text.fixed(guess, guess < 1 ? 2 : 1)),
            "class",
            "aside");
      }
      case TestOutcome.OfCurves w -> {
        double ci = w.evaluation().ci95();
        number(h, Text.number(w.evaluation().value()), interval(ci, Text.number(ci)), "");
        h.element(
            "p",
            "mean squared error"
                + Results.evaluated(s.run(), w.spec().options()).entrySet().stream()
                    .map(x -> " " + Results.how(x.getKey(), x.getValue()))
                    .collect(Collectors.joining(",")));
        asides(w.evaluation()).forEach(aside -> h.element("p", aside, "class", "aside"));
      }
      case TestOutcome.OfSignals g -> {
        double ci = g.evaluation().ci95();
        number(h, Text.number(g.evaluation().value()), interval(ci, Text.number(ci)), "");
        h.element("p", "wrong bits of an answer");
      }
      case TestOutcome.Failed f -> h.element("p", f.sentence(), "class", "notice");
    }
    h.close();
  }

  private static List<String> asides(Evaluation e) {
    List<String> out = new ArrayList<>();
    if (!Double.isNaN(e.before())) {
      out.add("Before any: %s.".formatted(Text.number(e.before())));
    }
    e.likelihood().ifPresent(l -> out.add("Log-likelihood " + l.summary() + "."));
    e.best().ifPresent(b -> out.add("The best there is to reach: " + b.summary() + "."));
    return out;
  }

  private static Optional<String> interval(double ci95, String words) {
    return Double.isNaN(ci95) ? Optional.empty() : Optional.of(words);
  }

  private static void number(Html h, String value, Optional<String> ci, String unit) {
    h.open("p", "class", "number").element("b", value + unit);
    h.element("span", ci.map(c -> " ± " + c + unit).orElse(" on one task")).close();
  }

  private static void protocol(Html h, ReportedRun s, TestOutcome o) {
    RunConfig c = s.measured();
    EvalSpec e = o.spec();
    h.open("dl", "class", "protocol");
    if (c.taskKind() == TaskKind.SIGNALS) {
      row(h, "Tasks", "%s of %s".formatted(grouped(e.episodes()), Text.count(e.shots(), "item")));
      row(h, "Trained on", "up to " + Text.count(s.run().tasks().shots(), "item"));
    } else if (!c.classifies()) {
      row(h, "Tasks", "%s of %s".formatted(grouped(e.episodes()), Text.count(e.shots(), "point")));
      row(h, "Measured on", e.queries() + " further points of each");
    } else if (c.taskKind() == TaskKind.SEQUENCES) {
      row(h, "Tasks", grouped(e.episodes()) + " sequences");
      row(
          h,
          "Form",
          "%s, each %s".formatted(Text.count(e.ways(), "class"), Text.count(e.shots(), "time")));
    } else {
      row(
          h,
          "Tasks",
          "%s of %s-way %s".formatted(grouped(e.episodes()), e.ways(), Results.shots(e)));
      row(h, "Queries", e.queries() + " of each class");
      if (o instanceof TestOutcome.OfImages i) {
        i.verification().ifPresent(v -> row(h, "Verification", v.summary()));
      }
      if (e.unlabelled() > 0) {
        String others =
            c.tasks().distractors() == 0
                ? ""
                : ", and as many of " + Text.count(c.tasks().distractors(), "distractor");
        row(h, "Unlabelled", e.unlabelled() + " of each class" + others);
      }
      if (c.tasks().within() == Within.GROUP) {
        row(h, "Groups", "the classes of a task from one");
      }
      if (c.tasks().classes() == ClassUnit.GROUPS) {
        row(h, "Groups", "each a class");
      }
    }
    if (c.classifies()) {
      row(h, "Classes", "%s of split %s".formatted(Values.format(e.part()), c.tasks().split()));
      row(h, "Rotations", Values.format(c.evaluation().evalRotations()));
    }
    Map<String, Object> options = Values.values(e.options());
    if (!options.isEmpty()) {
      List<String> words = new ArrayList<>();
      options.forEach((k, v) -> words.add(Results.option(k, v)));
      row(h, "Learner", String.join(", ", words));
    }
    row(h, "Batch norm", Values.format(c.network().batchNorm()));
    row(h, "Seed", Long.toString(c.run().seed()));
    h.close();
  }

  /** What training took. */
  private static Html facts(ReportedRun s, MetricsLog log) {
    Html h = new Html().open("dl", "class", "facts");
    int done = log.training().isEmpty() ? s.step() : log.training().getLast().step();
    fact(
        h,
        "Steps",
        grouped(done)
            + (done < s.run().run().steps() ? " of " + grouped(s.run().run().steps()) : ""),
        Text.count(s.run().tasks().metaBatch(), "task") + " each");
    if (!log.training().isEmpty()) {
      MetricsLog.Trained last = log.training().getLast();
      if (Double.isFinite(last.seconds())) {
        String sessions = log.sessions().size() > 1 ? log.sessions().size() + " sessions" : "";
        fact(h, "Training", Text.duration(last.seconds()), sessions);
      }
      if (Double.isFinite(last.stepsPerSecond())) {
        double v = last.stepsPerSecond();
        fact(h, "Speed", Text.fixed(v, v < 100 ? 1 : 0) + " /s", "steps, validation apart");
      }
    }
    if (!log.sessions().isEmpty()) {
      MetricsLog.Planned p = log.sessions().getLast();
      String atOnce = p.tasksAtOnce() < p.tasks() ? p.tasksAtOnce() + " tasks at once" : "";
      String again = p.repeated() > 0 ? "values computed again" : "";
      fact(h, "Memory", bytes(p.memoryBytes()), atOnce.isEmpty() ? again : atOnce);
      String workers =
          p.device().equals("cpu") ? Text.count(s.run().run().workers(), "worker") : "";
      fact(h, "Device", p.device(), join(Values.format(s.run().run().precision()), workers));
    }
    return h.close();
  }

  private static String join(String a, String b) {
    return b.isEmpty() ? a : a + ", " + b;
  }

  private static void row(Html h, String name, String value) {
    h.open("div").element("dt", name).element("dd", value).close();
  }

  private static void fact(Html h, String name, String value, String aside) {
    h.open("div").element("dt", name).open("dd").element("b", value);
    if (!aside.isEmpty()) {
      h.text(" ").element("span", aside);
    }
    h.close().close();
  }

  private static String bytes(long n) {
    double mib = n / 1048576.0;
    return mib < 1
        ? Text.fixed(n / 1024.0, 0) + " KiB"
        : mib < 1024 ? Text.fixed(mib, 1) + " MiB" : Text.fixed(mib / 1024, 2) + " GiB";
  }

  /** A count with thin spaces between thousands. */
  static String grouped(long n) {
    return String.format(java.util.Locale.ROOT, "%,d", n).replace(',', '\u202f');
  }
}
