package io.quickstudy.report;

import io.quickstudy.report.Series.Look;
import io.quickstudy.text.Text;
import io.quickstudy.train.RunningMean;
import java.util.List;

/** How accuracy is spread over tasks and instances. */
final class TaskSection {
  private static final int BINS = 20;

  private TaskSection() {}

  static Html section(ReportedRun s, TestOutcome.OfImages o) {
    Html h = new Html().open("section", "id", "tasks").element("h2", "Test tasks");
    PredictionCounts f = o.findings();
    if (!o.byShots().isEmpty()) {
      shots(h, s, o);
    }
    h.open("div", "class", "charts");
    if (!f.byInstance().isEmpty()) {
      h.add(byInstance(f, guesses(s, o)).figure());
    }
    o.bySteps().ifPresent(e -> StepCharts.of(s.run(), e).forEach(c -> h.add(c.figure())));
    if (f.byTask().size() > 1) {
      h.add(byTask(f.byTask(), 100.0 / guesses(s, o)).figure());
    }
    return h.close().close();
  }

  private static int guesses(ReportedRun s, TestOutcome.OfImages o) {
    return s.measured().tasks().labels().outputs(o.spec().ways());
  }

  /** With other shots, side by side. */
  private static void shots(Html h, ReportedRun s, TestOutcome.OfImages o) {
    h.open("dl", "class", "shots");
    for (OfShots of : o.byShots()) {
      RunningMean m = of.findings().accuracy();
      h.open("div", "class", of.shots() == o.spec().shots() ? "own" : null);
      h.element("dt", "%s-way %s-shot".formatted(o.spec().ways(), of.shots()));
      h.open("dd").element("b", Text.fixed(100 * m.mean(), 2) + " %");
      String interval = Text.interval(m.ci95(), Text.fixed(100 * m.ci95(), 2) + " %");
      h.element("span", interval).close();
      h.open("dd").element("span", Text.count(of.findings().byTask().size(), "task")).close();
      h.close();
    }
    h.close();
    h.element(
        "p",
        "The same checkpoint with other numbers of support images, on the same classes in each task; it was trained with %s."
            .formatted(Text.count(s.run().tasks().shots(), "shot")),
        "class",
        "aside");
  }

  private static Chart byInstance(PredictionCounts f, int ways) {
    List<RunningMean> m = f.byInstance();
    double[] x = new double[m.size()];
    double[] y = new double[m.size()];
    double[] e = new double[m.size()];
    for (int i = 0; i < m.size(); i++) {
      x[i] = i + 1;
      y[i] = 100 * m.get(i).mean();
      e[i] = 100 * m.get(i).ci95();
    }
    return new Chart(
            "Accuracy by instance",
            "At the 1st, 2nd, … image of a class; before the 1st its label was never seen.",
            "instance of a class",
            "%")
        .across(1, m.size())
        .add(new Series("test", Look.POINTS, 2, x, y, e))
        .add(Series.level("guessing", 1, m.size(), 100.0 / ways));
  }

  private static Chart byTask(List<Double> accuracies, double guess) {
    double least = accuracies.stream().mapToDouble(a -> a).min().orElse(0);
    double from = Math.min(0.9, Math.floor(10 * least) / 10);
    double width = (1 - from) / BINS;
    double[] x = new double[BINS];
    double[] y = new double[BINS];
    for (int k = 0; k < BINS; k++) {
      x[k] = 100 * (from + (k + 0.5) * width);
    }
    for (double a : accuracies) {
      y[Math.min(BINS - 1, (int) ((a - from) / width + 1e-9))]++;
    }
    boolean there = guess >= 100 * from;
    String about = "How many of the tasks; the right-most bar holds those without a mistake";
    Chart c =
        new Chart(
                "Accuracy of single tasks",
                about + (there ? "; the dotted line: guessing." : "."),
                "accuracy in %",
                "")
            .across(100 * from, 100)
            .add(Series.of("tasks", Look.BARS, 2, x, y));
    return there ? c.mark(guess) : c;
  }
}
