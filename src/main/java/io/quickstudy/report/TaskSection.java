package io.quickstudy.report;

import io.quickstudy.report.Series.Look;
import io.quickstudy.train.RunningMean;
import java.util.List;

/** How accuracy is spread over tasks and instances. */
final class TaskSection {
  private static final int BINS = 20;

  private TaskSection() {}

  static Html section(ReportedRun s, TestOutcome.OfImages o) {
    Html h = new Html().open("section", "id", "tasks").element("h2", "Test tasks");
    PredictionCounts f = o.findings();
    h.open("div", "class", "charts");
    if (!f.byInstance().isEmpty()) {
      h.add(byInstance(f, s.measured().tasks().labels().outputs(o.spec().ways())).figure());
    }
    o.bySteps().ifPresent(e -> StepCharts.of(s.run(), e).forEach(c -> h.add(c.figure())));
    if (f.byTask().size() > 1) {
      h.add(byTask(f.byTask()).figure());
    }
    return h.close().close();
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

  private static Chart byTask(List<Double> accuracies) {
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
    return new Chart(
            "Accuracy of single tasks",
            "How many of the tasks; the right-most bar holds those without a mistake.",
            "accuracy in %",
            "")
        .across(100 * from, 100)
        .add(Series.of("tasks", Look.BARS, 2, x, y));
  }
}
