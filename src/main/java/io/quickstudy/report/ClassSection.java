package io.quickstudy.report;

import io.quickstudy.report.Confusion.Cell;
import io.quickstudy.text.Text;
import java.util.Comparator;
import java.util.List;
import java.util.Map;

/** How well single held-out classes are known, the hardest first. */
final class ClassSection {
  /** Classes that are shown at once; the others open. */
  private static final int SHOWN = 12;

  private static final int MOST = 200;

  private ClassSection() {}

  static Html section(TestOutcome.OfImages o) {
    PredictionCounts f = o.findings();
    Map<Integer, Cell> totals = f.confusion().totals();
    List<Integer> classes =
        f.confusion().classes().stream()
            .filter(k -> totals.get(k).occasions() > 0)
            .sorted(
                Comparator.comparingDouble((Integer k) -> -totals.get(k).rate())
                    .thenComparingInt(k -> -totals.get(k).occasions())
                    .thenComparing(k -> f.classes().name(k)))
            .toList();
    Html h = new Html().open("section", "id", "classes").element("h2", "Classes");
    h.element(
        "p",
        "How many queries of each held-out class were answered rightly, the hardest class first."
            + " The intervals are Wilson's, of 95 %, as if queries were independent.");
    table(h, o, classes.subList(0, Math.min(SHOWN, classes.size())));
    int all = Math.min(MOST, classes.size());
    if (all > SHOWN) {
      h.open("details").element("summary", all - SHOWN + " more");
      table(h, o, classes.subList(SHOWN, all));
      h.close();
    }
    if (classes.size() > MOST) {
      int left = classes.size() - MOST;
      h.element("p", Headline.grouped(left) + " that are easier are left out.", "class", "aside");
    }
    return h.close();
  }

  private static void table(Html h, TestOutcome.OfImages o, List<Integer> classes) {
    List<OfShots> columns =
        o.byShots().isEmpty() ? List.of(new OfShots(o.spec().shots(), o.findings())) : o.byShots();
    boolean several = columns.size() > 1;
    h.open("div", "class", "wide").open("table", "class", "known").open("thead").open("tr");
    h.element("th", "class", "scope", "col");
    for (OfShots c : columns) {
      String of = several ? Text.count(c.shots(), "shot") : "right";
      h.element("th", of, "scope", "col", "colspan", "2");
      h.element("th", "queries", "scope", "col");
    }
    h.close().close().open("tbody");
    List<Map<Integer, Cell>> totals =
        columns.stream().map(c -> c.findings().confusion().totals()).toList();
    for (int k : classes) {
      h.open("tr").open("th", "scope", "row").name(o.findings().classes().name(k)).close();
      for (Map<Integer, Cell> of : totals) {
        Cell c = of.get(k);
        if (c == null || c.occasions() == 0) {
          h.element("td", "").element("td", "–").element("td", "0");
          continue;
        }
        double[] interval = interval(c.occasions() - c.mistakes(), c.occasions());
        bar(h, 1 - c.rate(), interval);
        h.open("td").element("b", Text.fixed(100 * (1 - c.rate()), 1) + " %");
        h.text(" ").element("span", range(interval)).close();
        h.element("td", Headline.grouped(c.occasions()));
      }
      h.close();
    }
    h.close().close().close();
  }

  private static String range(double[] interval) {
    return Text.fixed(100 * interval[0], 0) + "–" + Text.fixed(100 * interval[1], 0);
  }

  private static void bar(Html h, double value, double[] interval) {
    String style =
        "--v:%s%%;--a:%s%%;--b:%s%%"
            .formatted(percent(value), percent(interval[0]), percent(1 - interval[1]));
    h.open("td", "class", "bar", "aria-hidden", "true").open("div", "style", style);
    h.element("span", "").element("em", "").close().close();
  }

  private static String percent(double part) {
    return Text.fixed(100 * part, 1);
  }

  /** Where a rate may be that was right so often of n (Wilson 1927), for 95 %. */
  static double[] interval(int right, int n) {
    double z = 1.96;
    double p = (double) right / n;
    double middle = p + z * z / (2.0 * n);
    double reach = z * Math.sqrt(p * (1 - p) / n + z * z / (4.0 * n * n));
    double all = 1 + z * z / n;
    return new double[] {Math.max(0, (middle - reach) / all), Math.min(1, (middle + reach) / all)};
  }
}
