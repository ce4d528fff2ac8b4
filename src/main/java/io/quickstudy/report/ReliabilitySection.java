package io.quickstudy.report;

import io.quickstudy.report.Series.Look;
import io.quickstudy.text.Text;
import io.quickstudy.train.Calibration;
import io.quickstudy.train.Likelihood;
import io.quickstudy.train.Reliability;
import io.quickstudy.train.Reliability.Bin;
import java.util.List;

/** How sure a learner is, and how often it is right. */
final class ReliabilitySection {
  private static final int FEWEST = 10;
  private static final double[] ENDS = {0, 100};

  private ReliabilitySection() {}

  /** Reliability diagrams (Niculescu-Mizil and Caruana 2005) of a classifier. */
  static Html section(ReportedRun s, Calibration c) {
    Html h = new Html().open("section", "id", "reliability").element("h2", "How sure it is");
    h.element("p", "Its own probabilities: " + c.untempered().summary() + ".");
    c.tempered()
        .ifPresentOrElse(
            t ->
                h.element(
                    "p",
                    "With the temperature %s, which was found on validation classes: %s."
                        .formatted(Text.number(t.temperature()), t.reliability().summary())),
            () ->
                h.element(
                    "p",
                    "No temperature was found for it; quickstudy calibrate %s finds one."
                        .formatted(s.path()),
                    "class",
                    "aside"));
    h.open("div", "class", "charts");
    Chart right =
        new Chart(
                "Confidence and accuracy",
                "How often answers of a confidence are right; on the dashed line as often as it"
                    + " says. Bins of fewer than %s answers are left out.".formatted(FEWEST),
                "confidence in %",
                "%")
            .across(0, 100)
            .between(0, 100)
            .add(accuracy(c.tempered().isPresent() ? "own" : "right answers", 3, c.untempered()));
    Chart counts =
        new Chart("Answers by confidence", "", "confidence in %", "").across(0, 100).fromZero();
    c.tempered().ifPresent(t -> right.add(accuracy("with temperature", 2, t.reliability())));
    counts.add(
        c.tempered()
            .map(t -> counts("with temperature", Look.BARS, 2, t.reliability()))
            .orElseGet(() -> counts("answers", Look.BARS, 2, c.untempered())));
    if (c.tempered().isPresent()) {
      counts.add(counts("own", Look.POINTS, 3, c.untempered())); // before the bars
    }
    h.add(right.add(Series.of("as it says", Look.DASHED, 4, ENDS, ENDS)).figure());
    h.add(counts.figure());
    return h.close().close();
  }

  private static Series accuracy(String name, int colour, Reliability r) {
    List<Bin> bins = r.bins();
    double[] x = new double[bins.size()];
    double[] y = new double[bins.size()];
    double[] e = new double[bins.size()];
    for (int i = 0; i < bins.size(); i++) {
      Bin b = bins.get(i);
      x[i] = 100 * b.confidence();
      y[i] = b.count() >= FEWEST ? 100 * b.accuracy() : Double.NaN; // fewer say little
      e[i] = 196 * Math.sqrt(b.accuracy() * (1 - b.accuracy()) / Math.max(1, b.count() - 1));
    }
    return new Series(name, Look.POINTS, colour, x, y, e);
  }

  private static Series counts(String name, Look look, int colour, Reliability r) {
    double[] x = new double[r.bins().size()];
    double[] y = new double[x.length];
    for (int i = 0; i < x.length; i++) {
      x[i] = 100 * (i + 0.5) / x.length;
      y[i] = r.bins().get(i).count();
    }
    return Series.of(name, look, colour, x, y);
  }

  /** The calibration curve of a learner of values (Kuleshov, Fenner and Ermon 2018). */
  static Chart quantiles(Likelihood l) {
    double[] x = new double[l.below().size()];
    double[] y = new double[x.length];
    for (int k = 0; k < x.length; k++) {
      x[k] = 100 * Likelihood.level(k);
      y[k] = 100 * l.below().get(k);
    }
    return new Chart(
            "Calibration",
            "How many of the values are below each quantile that it predicts; on the dashed line as"
                + " many as it says. The mean distance is %s %%."
                    .formatted(Text.fixed(100 * l.error(), 1)),
            "quantile in %",
            "%")
        .across(0, 100)
        .between(0, 100)
        .add(Series.of("values below", Look.POINTS, 2, x, y))
        .add(Series.of("as it says", Look.DASHED, 4, ENDS, ENDS));
  }
}
