package io.quickstudy.report;

import io.quickstudy.report.Confusion.Cell;
import io.quickstudy.report.Confusion.Pair;
import io.quickstudy.text.Text;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Which held-out classes are taken for which: the worst pairs, and a matrix where it can be read.
 */
final class ConfusionSection {
  private static final int PAIRS = 12;
  private static final int MATRIX_SIDE = 24;

  /** So small a part of the usual occasions proves little. */
  private static final double FEW = 0.25;

  private ConfusionSection() {}

  static Html section(TestOutcome.OfImages o) {
    PredictionCounts f = o.findings();
    Confusion c = f.confusion();
    Html h = new Html().open("section", "id", "confusion").element("h2", "Confusion");
    List<Pair> worst = c.worst(PAIRS);
    int classes = c.classes().size();
    h.element(
        "p",
        "%s held-out classes were asked for. Two can only be confused in a task that has both."
            .formatted(Headline.grouped(classes)));
    if (worst.isEmpty()) {
      h.element("p", "No answer was wrong.");
    } else {
      pairs(h, worst, o);
      if (classes <= MATRIX_SIDE) {
        List<Integer> all = c.classes();
        List<String> names = all.stream().map(f.classes()::name).toList();
        Cell[][] cells = new Cell[all.size()][all.size()];
        for (int i = 0; i < all.size(); i++) {
          for (int j = 0; j < all.size(); j++) {
            cells[i][j] = i == j ? null : c.cell(all.get(i), all.get(j));
          }
        }
        matrix(
            h,
            "All classes",
            "Row: the class that was right. Column: the one that was said, by the number of its"
                + " row. In % of the queries that could be confused so.",
            names,
            cells);
      } else {
        groups(h, f);
      }
    }
    return h.close();
  }

  private static void pairs(Html h, List<Pair> worst, TestOutcome.OfImages o) {
    Classes names = o.findings().classes();
    h.element("h3", "The most confused pairs");
    h.open("ol", "class", "pairs");
    for (Pair p : worst) {
      h.open("li").open("div", "class", "two");
      o.pictures().add(h, p.mistaken().index(), p.mistaken().move(), "query: " + names.name(p.a()));
      h.element("span", "→", "aria-label", "taken for");
      String other = (o.attributes().isEmpty() ? "support: " : "an image of ") + names.name(p.b());
      o.pictures().add(h, p.support().index(), p.support().move(), other);
      h.close().open("div");
      h.open("p", "class", "name").open("b").name(names.name(p.a())).close().text(" taken for ");
      h.open("b").name(names.name(p.b())).close().close();
      h.element("p", counts(p), "class", "aside").close().close();
    }
    h.close();
  }

  private static String counts(Pair p) {
    String there = "%s of %s".formatted(p.ab().mistakes(), p.ab().occasions());
    return p.ba().occasions() == 0
        ? there
        : there + "; the other way %s of %s".formatted(p.ba().mistakes(), p.ba().occasions());
  }

  /** Where the classes are too many: their groups, such as alphabets. */
  private static void groups(Html h, PredictionCounts f) {
    List<String> groups =
        f.confusion().classes().stream().map(f.classes()::group).distinct().toList();
    if (groups.size() < 2 || groups.size() > MATRIX_SIDE) {
      return;
    }
    Map<Integer, Integer> groupOf = new HashMap<>();
    f.confusion().classes().forEach(c -> groupOf.put(c, groups.indexOf(f.classes().group(c))));
    matrix(
        h,
        "By group",
        "How often a query of the row's group is taken for a given wrong class of the column's"
            + " group (by the number of its row) that is in its task, in %. The diagonal is within"
            + " the group.",
        groups,
        f.confusion().between(groupOf, groups.size()));
  }

  private static void matrix(
      Html h, String title, String about, List<String> names, Cell[][] cells) {
    double most = strongest(cells);
    h.element("h3", title).element("p", about, "class", "aside");
    h.open("div", "class", "wide").open("table", "class", "matrix").open("thead").open("tr");
    h.element("td", "").element("td", "");
    for (int j = 0; j < names.size(); j++) { // by number, since names may be long
      h.element("th", Integer.toString(j + 1), "scope", "col", "title", names.get(j));
    }
    h.close().close().open("tbody");
    for (int i = 0; i < cells.length; i++) {
      h.open("tr").open("th", "scope", "row").name(names.get(i)).close();
      h.element("td", Integer.toString(i + 1), "class", "at");
      for (int j = 0; j < cells.length; j++) {
        cell(h, cells[i][j], most, names.get(i) + " → " + names.get(j), i == j);
      }
      h.close();
    }
    h.close().close().close();
  }

  /** The largest rate that is no accident of a few occasions; the darkest shade. */
  private static double strongest(Cell[][] cells) {
    List<Cell> all =
        java.util.Arrays.stream(cells)
            .flatMap(java.util.Arrays::stream)
            .filter(c -> c != null && c.occasions() > 0)
            .toList();
    double usual = all.stream().mapToInt(Cell::occasions).average().orElse(0);
    return all.stream()
        .filter(c -> c.occasions() >= FEW * usual)
        .mapToDouble(Cell::rate)
        .max()
        .orElse(0);
  }

  private static void cell(Html h, Cell c, double most, String name, boolean diagonal) {
    if (c == null || c.occasions() == 0) {
      h.element("td", diagonal ? "" : "·");
      return;
    }
    double strength = most == 0 ? 0 : Math.min(1, c.rate() / most);
    h.element(
        "td",
        Text.fixed(100 * c.rate(), 1),
        "style",
        "--s:" + Text.fixed(strength, 3),
        "class",
        diagonal ? "own" : null,
        "title",
        "%s: %s of %s".formatted(name, c.mistakes(), c.occasions()));
  }
}
