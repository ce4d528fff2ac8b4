package io.quickstudy.report;

import io.quickstudy.data.DataSource;
import io.quickstudy.report.MetricsLog.Measured;
import io.quickstudy.report.MetricsLog.Trained;
import io.quickstudy.report.Series.Look;
import io.quickstudy.run.RunConfig;
import io.quickstudy.text.Text;
import io.quickstudy.train.Results;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;

/** How training went: loss, accuracy, the rate. */
final class TrainingSection {
  /** Points of a curve; more would not be told apart. */
  static final int POINTS = 600;

  /** From so many points on a curve is drawn smoothed, with itself faint behind. */
  private static final int SMOOTH_FROM = 40;

  private static final int SMOOTH_PART = 40;

  /** Colours of the page; behind them lines are broken. */
  private static final int COLOURS = 5;

  private TrainingSection() {}

  static Html section(ReportedRun s, MetricsLog log, TestOutcome o) {
    Html h = new Html().open("section", "id", "training").element("h2", "Training");
    boolean classes = s.run().classifies();
    if (log.training().isEmpty() && log.validation().isEmpty()) {
      h.element("p", "metrics.jsonl has no line of training yet.", "class", "notice");
      return h.close();
    }
    double last = last(log);
    h.open("div", "class", "charts");
    Chart loss =
        new Chart("Loss", "Mean over the tasks of a step.", "step", "").across(0, last).logIfWide();
    curve(loss, "training", log, Trained::loss, 1);
    boolean curves = s.run().data().kind() == DataSource.Kind.CURVES;
    Chart error =
        curves
            ? new Chart("Error", "Mean squared error.", "step", "").across(0, last).logIfWide()
            : new Chart("Wrong bits", "Of an answer, in the mean.", "step", "")
                .across(0, last)
                .fromZero();
    if (s.run().data().kind() == DataSource.Kind.SIGNALS) {
      measured(error, "validation", log.validation(), 1);
    }
    if (curves) {
      String steps =
          Results.evaluated(s.run(), s.run().measured()).entrySet().stream()
              .map(x -> ", " + Results.how(x.getKey(), x.getValue()))
              .collect(Collectors.joining());
      String name = "validation" + steps;
      if (log.validation().stream().allMatch(m -> Double.isNaN(m.likelihood()))) {
        measured(loss, name, log.validation(), 1);
      } else { // what it is trained by is no squared error
        unlikelihood(loss, name + ", minus the log-likelihood", log.validation());
        measured(error, name, log.validation(), 1);
      }
    }
    put(h, marked(loss, log));
    put(h, marked(error, log));
    if (classes) {
      put(h, marked(accuracy(s, log, o, last), log));
    }
    Chart rate = new Chart("Learning rate", "", "step", "").across(0, last).shaped("low");
    rate.add(series("rate", Look.LINE, log, Trained::rate, 1).thinned(POINTS));
    put(h, marked(rate.fromZero(), log));
    watched(log, last).forEach(c -> put(h, marked(c, log)));
    Chart speed =
        new Chart(
                "Speed", "Steps per second since training was begun or taken up again.", "step", "")
            .across(0, last)
            .shaped("low")
            .add(series("steps/s", Look.LINE, log, Trained::stepsPerSecond, 1).thinned(POINTS));
    put(h, marked(speed.fromZero(), log));
    h.close();
    if (log.sessions().size() > 1) {
      List<String> steps =
          log.sessions().stream().skip(1).map(p -> Headline.grouped(p.step())).toList();
      h.element(
          "p",
          "Training was taken up again at step %s (dotted lines)."
              .formatted(String.join(", ", steps)),
          "class",
          "aside");
    }
    table(h, log);
    return h.close();
  }

  /** What the learner watches: a chart for all whose names are alike before the first dot. */
  private static List<Chart> watched(MetricsLog log, double last) {
    Map<String, List<String>> groups = new LinkedHashMap<>();
    log.training().stream()
        .flatMap(t -> t.watched().keySet().stream())
        .distinct()
        .forEach(n -> groups.computeIfAbsent(n.split("[.]", 2)[0], g -> new ArrayList<>()).add(n));
    List<Chart> charts = new ArrayList<>();
    groups.forEach(
        (group, names) -> {
          String title = group.replace('-', ' ');
          String about =
              names.size() == 1
                  ? "Learned."
                  : "Learned; the mean of those of each layer or tensor.";
          Chart c =
              new Chart(
                      title.substring(0, 1).toUpperCase(Locale.ROOT) + title.substring(1),
                      about,
                      "step",
                      "")
                  .across(0, last);
          for (int i = 0; i < names.size(); i++) {
            String name = names.get(i);
            String key = name.equals(group) ? title : name.substring(group.length() + 1);
            ToDoubleFunction<Trained> of = t -> t.watched().getOrDefault(name, Double.NaN);
            Look look = i < COLOURS ? Look.LINE : Look.BROKEN;
            c.add(series(key, look, i % COLOURS, log, of, 1).thinned(POINTS));
          }
          charts.add(c);
        });
    return charts;
  }

  private static double last(MetricsLog log) {
    int t = log.training().isEmpty() ? 0 : log.training().getLast().step();
    int v = log.validation().isEmpty() ? 0 : log.validation().getLast().step();
    return Math.max(t, v);
  }

  private static Chart accuracy(ReportedRun s, MetricsLog log, TestOutcome o, double last) {
    // training and measuring may differ in ways: their accuracies are then not of one task
    String about =
        s.run().tasks().ways() == s.run().evaluation().evalWays()
            ? ""
            : "Training tasks have %s, those of validation %s."
                .formatted(
                    Text.count(s.run().tasks().ways(), "class"), s.run().evaluation().evalWays());
    Chart c = new Chart("Accuracy", about, "step", "%").across(0, last);
    curve(c, "training", log, Trained::accuracy, 100);
    measured(c, "validation", log.validation(), 100);
    guessing(s.run()).forEach((name, level) -> c.add(Series.level(name, 0, last, level)));
    if (o instanceof TestOutcome.OfImages i && s.atHome()) {
      c.add(
          new Series(
              "test",
              Look.POINTS,
              2,
              new double[] {s.step()},
              new double[] {100 * i.findings().accuracy().mean()},
              new double[] {100 * i.findings().accuracy().ci95()}));
    }
    return c;
  }

  /** What guessing reaches, in %: on tasks that measure, and on those of training if others. */
  private static Map<String, Double> guessing(RunConfig c) {
    Map<String, Double> levels = new LinkedHashMap<>();
    int measured = c.tasks().labels().outputs(c.evaluation().evalWays());
    int trained = c.tasks().labels().outputs(c.tasks().ways());
    boolean tasks = c.taskKind() == c.taskKind().measured();
    if (tasks && trained != measured) {
      levels.put("guessing 1 of " + measured, 100.0 / measured);
      levels.put("guessing 1 of " + trained, 100.0 / trained);
    } else {
      levels.put("guessing", 100.0 / measured);
    }
    return levels;
  }

  private static void curve(
      Chart c, String name, MetricsLog log, ToDoubleFunction<Trained> of, double times) {
    Series all = series(name, Look.LINE, log, of, times).thinned(POINTS);
    if (all.size() < SMOOTH_FROM) {
      c.add(all);
      return;
    }
    Series faint = new Series(name, Look.FAINT, 0, all.x(), all.y(), new double[0]);
    c.add(faint).add(all.smoothed(name + ", smoothed", Look.LINE, all.size() / SMOOTH_PART));
  }

  private static Series series(
      String name, Look look, MetricsLog log, ToDoubleFunction<Trained> of, double times) {
    return series(name, look, 0, log, of, times);
  }

  private static Series series(
      String name,
      Look look,
      int colour,
      MetricsLog log,
      ToDoubleFunction<Trained> of,
      double times) {
    double[] x = log.training().stream().mapToDouble(Trained::step).toArray();
    double[] y = log.training().stream().mapToDouble(t -> times * of.applyAsDouble(t)).toArray();
    return Series.of(name, look, colour, x, y);
  }

  private static void measured(Chart c, String name, List<Measured> of, double times) {
    c.add(
        new Series(
            name,
            Look.POINTS,
            1,
            of.stream().mapToDouble(Measured::step).toArray(),
            of.stream().mapToDouble(m -> times * m.value()).toArray(),
            of.stream().mapToDouble(m -> times * m.ci95()).toArray()));
  }

  private static void unlikelihood(Chart c, String name, List<Measured> of) {
    c.add(
        new Series(
            name,
            Look.POINTS,
            1,
            of.stream().mapToDouble(Measured::step).toArray(),
            of.stream().mapToDouble(m -> -m.likelihood()).toArray(),
            of.stream().mapToDouble(Measured::likelihoodCi95).toArray()));
  }

  private static Chart marked(Chart c, MetricsLog log) {
    log.sessions().stream().skip(1).forEach(p -> c.mark(p.step()));
    return c;
  }

  private static void put(Html h, Chart c) {
    if (!c.isEmpty()) {
      h.add(c.figure());
    }
  }

  /** The measurements as numbers. */
  private static void table(Html h, MetricsLog log) {
    if (log.validation().isEmpty()) {
      return;
    }
    h.open("details").element("summary", "Validation in numbers").open("div", "class", "wide");
    h.open("table").open("thead").open("tr");
    for (String name : List.of("step", "value", "± 95 %", "tasks")) {
      h.element("th", name, "scope", "col");
    }
    h.close().close().open("tbody");
    for (Measured m : log.validation()) {
      boolean percent = m.metric().equals("accuracy");
      h.open("tr").element("td", Headline.grouped(m.step()));
      h.element("td", number(m.value(), percent)).element("td", number(m.ci95(), percent));
      h.element("td", Headline.grouped(m.episodes())).close();
    }
    h.close().close().close().close();
  }

  private static String number(double v, boolean percent) {
    if (!Double.isFinite(v)) {
      return "–";
    }
    return percent ? Text.fixed(100 * v, 2) + " %" : Text.number(v);
  }
}
