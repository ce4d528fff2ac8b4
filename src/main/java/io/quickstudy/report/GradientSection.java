package io.quickstudy.report;

import io.quickstudy.explain.GradientTerms;
import io.quickstudy.explain.GradientTerms.Expansion;
import io.quickstudy.explain.GradientWords;
import io.quickstudy.report.Series.Look;
import io.quickstudy.text.Text;
import java.util.List;

/** What the directions of MAML, FOMAML and Reptile are made of. */
final class GradientSection {
  private GradientSection() {}

  static Html section(GradientTerms t) {
    Html h = new Html().open("section", "id", "gradients");
    h.element("h2", "What the gradient is made of");
    h.element(
        "p",
        "Over %s, all parameters taking the inner steps; %s, in %s."
            .formatted(GradientWords.tasks(t), t.device(), Text.duration(t.seconds())));
    GradientWords.sentences(t).forEach(s -> h.element("p", s));
    h.open("div", "class", "charts").add(chart(t).figure()).close();
    table(h, t);
    h.element(
        "p",
        "After Nichol, Achiam and Schulman (2018), On First-Order Meta-Learning Algorithms, section"
            + " 5.1, for two mini-batches of a task, averaged over both orders.",
        "class",
        "aside");
    return h.close();
  }

  private static Chart chart(GradientTerms t) {
    double[] rates = t.expansions().getFirst().rates();
    double first = rates[0];
    double last = rates[rates.length - 1];
    Chart c =
        new Chart(
                "What the expansions leave over",
                "Size of the direction less its first two terms, as a part of its first; a slope of"
                    + " 2 is O(\u03b1\u00b2)."
                    + (inside(t) ? " The dotted line: the learner's inner rate." : ""),
                "inner rate \u03b1",
                "")
            .factors()
            .logIfWide();
    int colour = 0;
    for (Expansion e : t.expansions()) {
      String name = e.method().title() + ", " + e.method().leading();
      c.add(Series.of(name, Look.POINTS, colour++, rates, positive(e.misfits())));
    }
    if (t.rounding() > 0) {
      c.add(Series.of("rounding", Look.DASHED, 4, new double[] {first, last}, level(t)));
    }
    c.add(squares(t));
    if (inside(t)) {
      c.mark(t.own().orElseThrow().rate());
    }
    return c;
  }

  private static double[] level(GradientTerms t) {
    return new double[] {t.rounding(), t.rounding()};
  }

  private static boolean inside(GradientTerms t) {
    double[] rates = t.expansions().getFirst().rates();
    return t.own()
        .filter(o -> o.rate() >= rates[0] && o.rate() <= rates[rates.length - 1])
        .isPresent();
  }

  /** The line of slope 2 that none of MAML's points is below, from where roundings end. */
  private static Series squares(GradientTerms t) {
    Expansion e = t.expansions().getFirst();
    double through = Double.NaN;
    for (int i = 0; i < e.rates().length; i++) {
      double factor = e.misfits()[i] / (e.rates()[i] * e.rates()[i]);
      boolean tells = e.misfits()[i] > t.rounding();
      through = tells && !(through <= factor) ? factor : through;
    }
    double from = Math.max(e.rates()[0], Math.sqrt(t.rounding() / through));
    double[] x = {from, e.rates()[e.rates().length - 1]};
    double[] y = {through * x[0] * x[0], through * x[1] * x[1]};
    return Series.of("slope 2", Look.DASHED, 3, x, y);
  }

  private static double[] positive(double[] v) {
    double[] p = v.clone();
    for (int i = 0; i < p.length; i++) {
      p[i] = p[i] > 0 ? p[i] : Double.NaN; // a logarithm has no place for 0
    }
    return p;
  }

  private static void table(Html h, GradientTerms t) {
    h.open("div", "class", "wide").open("table").open("thead").open("tr");
    for (String name : List.of("method", "direction", "off by 10 % at rate", "slope")) {
      h.element("th", name, "scope", "col");
    }
    h.close().close().open("tbody");
    for (Expansion e : t.expansions()) {
      h.open("tr").element("td", e.method().title()).element("td", e.method().leading());
      h.element("td", GradientWords.holds(e.holds()));
      h.element("td", GradientWords.slope(e.slope())).close();
    }
    h.close().close().close();
  }
}
