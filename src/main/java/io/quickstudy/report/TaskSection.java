package io.quickstudy.report;

import io.quickstudy.report.Series.Look;
import io.quickstudy.text.Text;
import io.quickstudy.train.RunningMean;
import java.util.List;

/** How accuracy is spread over tasks, instances and confidence. */
final class TaskSection {
  private static final int BINS = 20;
  private static final int FEWEST = 10;

  private TaskSection() {}

  static Html section(ReportedRun s, TestOutcome.OfImages o) {
    Html h = new Html().open("section", "id", "tasks").element("h2", "Test tasks");
    h.open("div", "class", "charts");
    PredictionCounts f = o.findings();
    if (!f.byInstance().isEmpty()) {
      h.add(byInstance(f, s.measured().tasks().labels().outputs(o.spec().ways())).figure());
    }
    o.bySteps().ifPresent(e -> StepCharts.of(s.run(), e).forEach(c -> h.add(c.figure())));
    if (f.byTask().size() > 1) {
      h.add(byTask(f.byTask()).figure());
    }
    h.add(calibration(f).figure());
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

  private static Chart calibration(PredictionCounts f) {
    PredictionCounts.Calibration[] c = f.calibration();
    double[] x = new double[c.length];
    double[] y = new double[c.length];
    double[] e = new double[c.length];
    for (int i = 0; i < c.length; i++) {
      boolean there = c[i].right().count() >= FEWEST; // fewer say little
      x[i] = 100 * c[i].confidence().mean();
      y[i] = there ? 100 * c[i].right().mean() : Double.NaN;
      e[i] = 100 * c[i].right().ci95();
    }
    double error = 100 * f.calibrationError();
    return new Chart(
            "Confidence",
            "How often answers of a confidence are right; on the dashed line it is what it says. "
                + "The mean distance is %s %%.".formatted(Text.fixed(error, 1)),
            "confidence in %",
            "%")
        .across(0, 100)
        .between(0, 100)
        .add(new Series("right answers", Look.POINTS, 2, x, y, e))
        .add(Series.of("as it says", Look.DASHED, 4, new double[] {0, 100}, new double[] {0, 100}));
  }
}
