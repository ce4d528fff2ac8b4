package io.quickstudy.report;

import io.quickstudy.data.source.Sinusoids;
import io.quickstudy.report.Series.Look;
import io.quickstudy.text.Text;
import io.quickstudy.train.Evaluation;
import io.quickstudy.train.Predictions.Predicted;

/** Sine waves as the model fits them, before and after each inner step. */
final class WaveSection {
  private WaveSection() {}

  static Html section(Outcome.OfWaves o) {
    Html h = new Html().open("section", "id", "tasks").element("h2", "Test tasks");
    h.open("div", "class", "charts").add(bySteps(o.evaluation()).figure()).close();
    h.element("h3", "Fitted curves");
    h.element(
        "p",
        "The first test tasks: the true wave, the %s that the model adapts to, and its curve before "
                .formatted(Text.count(o.spec().shots(), "point"))
            + "adaptation and after each step, the last one bold.");
    h.open("div", "class", "charts small");
    for (Predicted.OfWave w : o.waves()) {
      h.add(curves(w).figure());
    }
    return h.close().close();
  }

  private static Chart bySteps(Evaluation e) {
    int n = e.byStep().size() + 1;
    double[] x = new double[n];
    double[] y = new double[n];
    for (int k = 0; k < n; k++) {
      x[k] = k;
      y[k] = k == 0 ? e.before() : e.byStep().get(k - 1);
    }
    return new Chart(
            "Error by inner step",
            "Mean squared error over %s.".formatted(Text.count(e.spec().episodes(), "task")),
            "inner steps",
            "")
        .across(0, n - 1)
        .logIfWide()
        .add(Series.of("test", Look.POINTS, 2, x, y));
  }

  private static Chart curves(Predicted.OfWave w) {
    double[] x = doubles(w.x());
    double[] truth = new double[x.length];
    for (int i = 0; i < x.length; i++) {
      truth[i] = w.wave().y(x[i]);
    }
    String about =
        "Amplitude %s, phase %s."
            .formatted(Text.fixed(w.wave().amplitude(), 2), Text.fixed(w.wave().phase(), 2));
    Chart c =
        new Chart("Task " + (w.number() + 1), about, "x", "")
            .across(-Sinusoids.MAX_X, Sinusoids.MAX_X)
            .shaped("wave");
    int last = w.byStep().length - 1;
    if (last > 1) {
      c.faintly(last == 2 ? "after 1 step" : "after 1 to %d steps".formatted(last - 1));
    }
    c.add(Series.of("truth", Look.BROAD, 2, x, truth));
    c.add(Series.of("before", Look.BROKEN, 3, x, doubles(w.byStep()[0])));
    for (int k = 1; k < last; k++) {
      c.add(Series.of("step " + k, Look.FAINT, 0, x, doubles(w.byStep()[k])));
    }
    if (last > 0) {
      String name = last == 1 ? "after 1 step" : "after %d steps".formatted(last);
      c.add(Series.of(name, Look.LINE, 0, x, doubles(w.byStep()[last])));
    }
    return c.add(
        Series.of(
            "support", Look.DOTS, 1, doubles(w.wave().supportX()), doubles(w.wave().supportY())));
  }

  private static double[] doubles(float[] f) {
    double[] d = new double[f.length];
    java.util.Arrays.setAll(d, i -> f[i]);
    return d;
  }
}
