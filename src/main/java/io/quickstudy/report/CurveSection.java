package io.quickstudy.report;

import io.quickstudy.data.Curve;
import io.quickstudy.report.Series.Look;
import io.quickstudy.text.Text;
import io.quickstudy.train.Predictions.Predicted;
import java.util.Arrays;

/** Curves as the model fits them, before and after each inner step. */
final class CurveSection {
  private CurveSection() {}

  static Html section(ReportedRun s, TestOutcome.OfCurves o) {
    Html h = new Html().open("section", "id", "tasks").element("h2", "Test tasks");
    boolean steps = !o.evaluation().byStep().isEmpty();
    if (steps || o.evaluation().likelihood().isPresent()) {
      h.open("div", "class", "charts");
      if (steps) {
        StepCharts.of(s.run(), o.evaluation()).forEach(c -> h.add(c.figure()));
      }
      o.evaluation().likelihood().ifPresent(l -> h.add(ReliabilitySection.quantiles(l).figure()));
      h.close();
    }
    if (o.waves().isEmpty()) {
      return h.close(); // curves of more than one input or output do not fit into a chart
    }
    boolean known = o.waves().stream().allMatch(w -> w.curve().isPresent());
    h.element("h3", "Fitted curves");
    boolean best = o.waves().stream().anyMatch(w -> w.best().length > 0);
    int models = o.waves().getFirst().samples().length;
    boolean sure = o.waves().stream().allMatch(w -> w.deviation().length > 0);
    h.element(
        "p",
        "The first test tasks: %sthe %s that the model adapts to, %sand its curve%s%s%s."
            .formatted(
                known ? "the true curve, " : "",
                Text.count(o.spec().shots(), "point"),
                best ? "the best that can be said from these, " : "",
                !steps
                    ? ""
                    : models > 0
                        ? " before adaptation and after it"
                        : " before adaptation and after each step, the last one bold",
                models > 0
                    ? ", the mean of the faint ones of %s".formatted(Text.count(models, "model"))
                    : "",
                sure ? ", within two of its standard deviations to either side" : ""));
    h.open("div", "class", "charts small");
    for (Predicted.OfWave w : o.waves()) {
      h.add(curves(w).figure());
    }
    return h.close().close();
  }

  private static Chart curves(Predicted.OfWave w) {
    double[] x = doubles(w.x());
    String about = w.curve().map(Curve::about).orElse("");
    Chart c =
        new Chart("Task " + (w.number() + 1), about, "x", "")
            .across(x[0], x[x.length - 1])
            .shaped("wave");
    int last = w.byStep().length - 1;
    int models = w.samples().length;
    if (models > 0) {
      c.faintly("each of the models");
    } else if (last > 1) {
      c.faintly(last == 2 ? "after 1 step" : "after 1 to %s steps".formatted(last - 1));
    }
    w.curve().ifPresent(f -> c.add(Series.of("truth", Look.BROAD, 2, x, truth(f, w.x()))));
    if (w.best().length > 0) {
      c.add(Series.of("best", Look.BROKEN, 2, x, w.best()));
    }
    if (last > 0) {
      c.add(Series.of("before", Look.BROKEN, 3, x, doubles(w.byStep()[0])));
    }
    for (int m = 0; m < models; m++) {
      c.add(Series.of("model " + (m + 1), Look.FAINT, 0, x, doubles(w.samples()[m])));
    }
    for (int k = 1; k < last && models == 0; k++) {
      c.add(Series.of("step " + k, Look.FAINT, 0, x, doubles(w.byStep()[k])));
    }
    String name =
        switch (last) {
          case 0 -> "prediction";
          case 1 -> "after 1 step";
          default -> "after %s steps".formatted(last);
        };
    double[] band = doubles(w.deviation());
    Arrays.setAll(band, i -> 2 * band[i]);
    c.add(new Series(name, Look.LINE, 0, x, doubles(w.byStep()[last]), band));
    return c.add(Series.of("support", Look.DOTS, 1, doubles(w.supportX()), doubles(w.supportY())));
  }

  private static double[] truth(Curve curve, float[] x) {
    float[] y = new float[x.length];
    for (int i = 0; i < x.length; i++) {
      curve.value(x, i, y, i);
    }
    return doubles(y);
  }

  private static double[] doubles(float[] f) {
    double[] d = new double[f.length];
    Arrays.setAll(d, i -> f[i]);
    return d;
  }
}
