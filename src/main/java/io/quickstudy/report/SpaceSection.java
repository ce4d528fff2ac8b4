package io.quickstudy.report;

import io.quickstudy.data.sampling.Episode;
import io.quickstudy.text.Text;
import io.quickstudy.train.TaskFeatures;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** The images of a test task where the network puts them, in two dimensions. */
final class SpaceSection {
  /** Of the drawing, in its own units; its height follows from the points. */
  private static final double WIDTH = 1000;

  private static final double EDGE = 30;
  private static final double LEAST_HEIGHT = 300;
  private static final double MOST_HEIGHT = 640;
  private static final double DOT = 8;
  private static final double CROSS = 13;

  private final TaskFeatures f;
  private final Classes classes;
  private final Pca pca;
  private final Html h = new Html();
  private double left;
  private double bottom;
  private double unit;
  private double height;

  private SpaceSection(TaskFeatures f, Classes classes) {
    this.f = f;
    this.classes = classes;
    List<float[]> all = new ArrayList<>(List.of(f.support()));
    all.addAll(List.of(f.query()));
    this.pca = Pca.of(all.toArray(float[][]::new), 2);
  }

  static Html section(TaskFeatures f, Classes classes) {
    return new SpaceSection(f, classes).section();
  }

  private Html section() {
    Episode e = f.episode();
    int ways = java.util.Arrays.stream(e.supportLabel()).max().orElse(0) + 1;
    frame();
    h.open("section", "id", "space").element("h2", "The space of features");
    h.element(
        "p",
        "%s of a test task as the network sees them: the two directions in which their %s vary most."
            .formatted(
                Text.count(e.supportLabel().length + e.queryLabel().length, "image"),
                Text.count(pca.mean().length, "feature")));
    h.open("div", "class", "chart space").open("p", "class", "legend");
    for (int label = 0; label < ways; label++) {
      h.open("span").open("span", "class", "key dots", "style", colour(label, ways)).close();
      h.name(name(label)).close();
    }
    h.close();
    h.element("p", legend(), "class", "aside");
    h.open(
        "svg",
        "viewBox",
        "0 0 %s %s".formatted(digits(WIDTH), digits(height)),
        "role",
        "img",
        "aria-label",
        "The images' features along two principal components, by class");
    for (int i = 0; i < f.query().length; i++) {
      int label = e.queryLabel()[i];
      dot(f.query()[i], "query", label, ways, "query: " + name(label));
    }
    for (int i = 0; i < f.support().length; i++) {
      int label = e.supportLabel()[i];
      dot(f.support()[i], "support", label, ways, "support: " + name(label));
    }
    for (int label = 0; label < f.marks().length; label++) {
      cross(f.marks()[label], label, ways, f.marked() + ": " + name(label));
    }
    h.close();
    h.element(
        "p",
        "Across: %s of the variance; up: %s. Both have the same scale."
            .formatted(percent(pca.shares()[0]), percent(pca.shares()[1])),
        "class",
        "aside");
    return h.close().close();
  }

  private String legend() {
    return "Dots are queries, rings support images"
        + (f.marks().length > 0 ? ", crosses " + f.marked() : "")
        + ".";
  }

  private static String percent(double share) {
    return Text.fixed(100 * share, 1) + " %";
  }

  private String name(int label) {
    Episode e = f.episode();
    for (int i = 0; i < e.supportLabel().length; i++) {
      if (e.supportLabel()[i] == label) {
        return classes.name(classes.of(e.supportIndex()[i], e.supportMove()[i]));
      }
    }
    return "class " + (label + 1);
  }

  /** Where the points lie in the drawing: as wide as it is, with the same scale up. */
  private void frame() {
    double right = Double.NEGATIVE_INFINITY;
    double top = Double.NEGATIVE_INFINITY;
    left = Double.POSITIVE_INFINITY;
    bottom = Double.POSITIVE_INFINITY;
    for (float[][] rows : List.of(f.support(), f.query(), f.marks())) {
      for (float[] row : rows) {
        double[] p = pca.along(row);
        left = Math.min(left, p[0]);
        right = Math.max(right, p[0]);
        bottom = Math.min(bottom, p[1]);
        top = Math.max(top, p[1]);
      }
    }
    double across = right - left;
    double up = top - bottom;
    double widest = across > 0 ? (WIDTH - 2 * EDGE) / across : Double.POSITIVE_INFINITY;
    double highest = up > 0 ? (MOST_HEIGHT - 2 * EDGE) / up : Double.POSITIVE_INFINITY;
    unit = Math.min(widest, highest);
    unit = Double.isFinite(unit) ? unit : 1; // all in one point
    height = Math.max(LEAST_HEIGHT, up * unit + 2 * EDGE);
    left -= (WIDTH / unit - across) / 2;
    bottom -= (height / unit - up) / 2;
  }

  private void dot(float[] row, String kind, int label, int ways, String title) {
    double[] p = place(row);
    h.open(
        "circle",
        "class",
        kind,
        "style",
        colour(label, ways),
        "cx",
        digits(p[0]),
        "cy",
        digits(p[1]),
        "r",
        digits(DOT));
    h.element("title", title).close();
  }

  private void cross(float[] row, int label, int ways, String title) {
    double[] p = place(row);
    String d =
        "M%s %sL%s %sM%s %sL%s %s"
            .formatted(
                digits(p[0] - CROSS),
                digits(p[1] - CROSS),
                digits(p[0] + CROSS),
                digits(p[1] + CROSS),
                digits(p[0] - CROSS),
                digits(p[1] + CROSS),
                digits(p[0] + CROSS),
                digits(p[1] - CROSS));
    h.open("path", "class", "cross", "style", colour(label, ways), "d", d);
    h.element("title", title).close();
  }

  private double[] place(float[] row) {
    double[] p = pca.along(row);
    return new double[] {(p[0] - left) * unit, height - (p[1] - bottom) * unit};
  }

  /** Hues all round, light and dark by turns, so that neighbours differ in two ways. */
  private static String colour(int label, int ways) {
    int hue = 360 * label / Math.max(1, ways);
    return String.format(Locale.ROOT, "--c:hsl(%d 70%% %d%%)", hue, label % 2 == 0 ? 42 : 58);
  }

  private static String digits(double v) {
    return BigDecimal.valueOf(v)
        .setScale(1, RoundingMode.HALF_UP)
        .stripTrailingZeros()
        .toPlainString();
  }
}
