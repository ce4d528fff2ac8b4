package io.quickstudy.report;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.quickstudy.report.Series.Look;
import io.quickstudy.text.Text;
import java.math.BigDecimal;
import java.math.MathContext;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/**
 * A chart as SVG without texts, which stretches to any width, with its texts as HTML around it,
 * which do not. Lines keep their width and points stay round, since strokes do not scale. The
 * page's script shows the values under the pointer, from the JSON beside it.
 */
final class Chart {
  /** The side of the drawing in its own units, whatever its shape on the screen. */
  private static final double SIDE = 1000;

  private static final double LOG_FROM = 15;
  private static final ObjectMapper JSON = new ObjectMapper();

  private final String title;
  private final String about;
  private final String unit;
  private final String xName;
  private final List<Series> series = new ArrayList<>();
  private final List<Double> marks = new ArrayList<>();
  private String shape = "";
  private Scale fixedX;
  private Scale fixedY;
  private boolean logAllowed;
  private boolean logX;
  private boolean fromZero;
  private String faint = "";

  /**
   * An empty chart.
   *
   * @param title its heading
   * @param about a sentence below that, or nothing
   * @param xName what the x axis counts
   * @param unit behind every y, such as "%"
   */
  Chart(String title, String about, String xName, String unit) {
    this.title = title;
    this.about = about;
    this.xName = xName;
    this.unit = unit;
  }

  /** Adds a series; one without points is left out. */
  Chart add(Series s) {
    if (s.size() > 0) {
      series.add(s);
    }
    return this;
  }

  /** Takes factors rather than differences for y where the numbers span many. */
  Chart logIfWide() {
    logAllowed = true;
    return this;
  }

  /** Takes factors rather than differences for x, which is positive. */
  Chart factors() {
    logX = true;
    return this;
  }

  /** Has y begin at 0. */
  Chart fromZero() {
    fromZero = true;
    return this;
  }

  /** What the faint lines together are, for the legend. */
  Chart faintly(String name) {
    faint = name;
    return this;
  }

  /** Runs over just these x. */
  Chart across(double from, double to) {
    fixedX = Scale.exactly(from, to);
    return this;
  }

  /** Runs over just these y. */
  Chart between(double from, double to) {
    fixedY = Scale.exactly(from, to);
    return this;
  }

  /** Marks a place on the x axis. */
  Chart mark(double x) {
    marks.add(x);
    return this;
  }

  /** Gives it a class for the style sheet. */
  Chart shaped(String name) {
    shape = " " + name;
    return this;
  }

  /** Whether there is nothing to show. */
  boolean isEmpty() {
    return series.isEmpty();
  }

  /** The chart as a figure. */
  Html figure() {
    Scale x = fixedX != null ? fixedX : horizontal();
    Scale y = fixedY != null ? fixedY : vertical();
    Html h = new Html().open("figure", "class", "chart" + shape);
    h.open("figcaption").element("h3", title);
    if (!about.isEmpty()) {
      h.element("p", about);
    }
    legend(h, y);
    h.close();
    h.open("div", "class", "plot").open("div", "class", "ys", "aria-hidden", "true");
    for (double t : y.ticks()) {
      h.element("span", tick(t, y) + unit, "style", "bottom:" + percent(y.at(t)));
    }
    h.close();
    h.open("div", "class", "area", "tabindex", "0", "role", "img", "aria-label", inWords());
    h.open("svg", "viewBox", "0 0 1000 1000", "preserveAspectRatio", "none", "aria-hidden", "true");
    for (double t : y.ticks()) {
      path(h, "grid", "M0 %sH1000".formatted(down(y, t)));
    }
    for (double m : marks) {
      path(h, "mark", "M%s 0V1000".formatted(along(x, m)));
    }
    for (Series s : series) {
      draw(h, s, x, y);
    }
    h.close().close();
    h.open("div", "class", "xs", "aria-hidden", "true");
    for (double t : x.ticks()) {
      h.element("span", tick(t, x), "style", "left:" + percent(x.at(t)));
    }
    return h.close()
        .element("div", xName, "class", "xname", "aria-hidden", "true")
        .json(json(x))
        .close()
        .close();
  }

  private void legend(Html h, Scale y) {
    if (series.size() == 1 && y.kind() != Scale.Kind.LOG && !logX) {
      return;
    }
    h.open("p", "class", "legend");
    for (Series s : series) {
      if (s.look() != Look.FAINT) {
        h.open("span").open("span", "class", "key " + classes(s)).close().text(s.name()).close();
      }
    }
    if (!faint.isEmpty()) {
      h.open("span").open("span", "class", "key faint c0").close().text(faint).close();
    }
    if (y.kind() == Scale.Kind.LOG) {
      h.element("span", logX ? "log scales" : "log scale", "class", "note");
    }
    h.close();
  }

  private String inWords() {
    List<String> words = new ArrayList<>();
    for (Series s : series) {
      int last = s.size() - 1;
      words.add(
          "%s: %s, from %s%s to %s%s"
              .formatted(
                  s.name(),
                  Text.count(s.size(), "point"),
                  Text.number(s.y()[0]),
                  unit,
                  Text.number(s.y()[last]),
                  unit));
    }
    return title + " over " + xName + ". " + String.join("; ", words) + ".";
  }

  private double bound(ToDoubleFunction<Series> of, int sign) {
    double b = series.stream().mapToDouble(s -> sign * of.applyAsDouble(s)).min().orElse(0);
    return sign * b;
  }

  private Scale horizontal() {
    double left = bound(s -> s.x()[0], 1);
    return logX ? Scale.around(left, right(), Scale.Kind.LOG) : Scale.exactly(left, right());
  }

  private double right() {
    return bound(s -> s.x()[s.size() - 1], -1);
  }

  private Scale vertical() {
    double least = bound(Series::least, 1);
    double most = bound(Series::most, -1);
    double positive = bound(Chart::leastValue, 1);
    boolean wide = logAllowed && positive > 0 && bound(Chart::mostValue, -1) > LOG_FROM * positive;
    if (wide) {
      return Scale.around(least > 0 ? least : positive, most, Scale.Kind.LOG);
    }
    boolean bars = series.stream().anyMatch(s -> s.look() == Look.BARS);
    return bars || fromZero
        ? Scale.exactly(0, 1.05 * most)
        : Scale.around(least, most, Scale.Kind.LINEAR);
  }

  private static double leastValue(Series s) {
    return java.util.Arrays.stream(s.y()).min().orElse(Double.POSITIVE_INFINITY);
  }

  private static double mostValue(Series s) {
    return java.util.Arrays.stream(s.y()).max().orElse(Double.NEGATIVE_INFINITY);
  }

  private static String classes(Series s) {
    return s.look().name().toLowerCase(Locale.ROOT) + " c" + s.colour();
  }

  private void draw(Html h, Series s, Scale x, Scale y) {
    String c = classes(s);
    if (s.look() == Look.BARS) {
      bars(h, s, x, y);
      return;
    }
    if (s.spread().length > 0) {
      path(
          h,
          s.look() == Look.LINE ? "band c" + s.colour() : "error c" + s.colour(),
          s.look() == Look.LINE ? band(s, x, y) : errors(s, x, y));
    }
    if (s.look() != Look.DOTS) {
      StringBuilder d = new StringBuilder();
      for (int i = 0; i < s.size(); i++) {
        d.append(i == 0 ? "M" : "L").append(point(s, i, 0, x, y));
      }
      if (s.size() == 1) {
        d.append("h0.01"); // one point alone is a dot, by its round ends
      }
      path(h, c, d.toString());
    }
    if (s.look() == Look.POINTS || s.look() == Look.DOTS) {
      StringBuilder d = new StringBuilder();
      for (int i = 0; i < s.size(); i++) {
        d.append("M").append(point(s, i, 0, x, y)).append("h0.01");
      }
      path(h, "dot c" + s.colour(), d.toString());
    }
  }

  private static String band(Series s, Scale x, Scale y) {
    StringBuilder d = new StringBuilder();
    for (int i = 0; i < s.size(); i++) {
      d.append(i == 0 ? "M" : "L").append(point(s, i, 1, x, y));
    }
    for (int i = s.size() - 1; i >= 0; i--) {
      d.append("L").append(point(s, i, -1, x, y));
    }
    return d.append("Z").toString();
  }

  private static String errors(Series s, Scale x, Scale y) {
    StringBuilder d = new StringBuilder();
    for (int i = 0; i < s.size(); i++) {
      d.append("M").append(point(s, i, 1, x, y)).append("L").append(point(s, i, -1, x, y));
    }
    return d.toString();
  }

  private static void bars(Html h, Series s, Scale x, Scale y) {
    double width = s.size() > 1 ? s.x()[1] - s.x()[0] : 1;
    StringBuilder d = new StringBuilder();
    for (int i = 0; i < s.size(); i++) {
      String left = along(x, s.x()[i] - 0.44 * width);
      String right = along(x, s.x()[i] + 0.44 * width);
      d.append("M%s 1000V%sH%sV1000Z".formatted(left, down(y, s.y()[i]), right));
    }
    path(h, "bars c" + s.colour(), d.toString());
  }

  private static String point(Series s, int i, int side, Scale x, Scale y) {
    return along(x, s.x()[i]) + " " + down(y, s.y()[i] + side * s.spreadAt(i));
  }

  private static void path(Html h, String classes, String d) {
    h.open("path", "class", classes, "d", d).close();
  }

  private static String along(Scale x, double v) {
    return units(x.at(v));
  }

  private static String down(Scale y, double v) {
    return units(1 - y.at(Math.clamp(v, y.min(), y.max())));
  }

  private static String units(double part) {
    return digits(SIDE * Math.clamp(part, -1, 2), 5);
  }

  private static String percent(double part) {
    return digits(100 * part, 5) + "%";
  }

  /** With so many digits at most. */
  private static String digits(double v, int digits) {
    BigDecimal b = new BigDecimal(v).round(new MathContext(digits));
    return b.signum() == 0
        ? "0"
        : b.setScale(Math.max(0, Math.min(b.scale(), 4)), java.math.RoundingMode.HALF_UP)
            .stripTrailingZeros()
            .toPlainString();
  }

  /** A number on an axis: 0.05, 1200, 12k. */
  static String tick(double v, Scale scale) {
    double size = Math.abs(v);
    if (size >= 1e4) {
      return plain(v / (size >= 1e6 ? 1e6 : 1e3)) + (size >= 1e6 ? "M" : "k");
    }
    return size != 0 && size < 1e-4
        ? String.format(Locale.ROOT, "%.0e", v).replace("e-0", "e-")
        : plain(v);
  }

  private static String plain(double v) {
    return BigDecimal.valueOf(v).round(new MathContext(4)).stripTrailingZeros().toPlainString();
  }

  private String json(Scale x) {
    Map<String, Object> m = new LinkedHashMap<>();
    m.put("x", List.of(x.min(), x.max()));
    if (logX) {
      m.put("log", true);
    }
    m.put("name", xName);
    m.put("unit", unit);
    List<Object> all = new ArrayList<>();
    for (Series s : series) {
      if (s.look() == Look.DASHED) {
        continue;
      }
      Map<String, Object> one = new LinkedHashMap<>();
      one.put("name", s.name());
      one.put("key", classes(s));
      one.put("x", numbers(s.x()));
      one.put("y", numbers(s.y()));
      if (s.spread().length > 0) {
        one.put("e", numbers(s.spread()));
      }
      all.add(one);
    }
    m.put("series", all);
    try {
      return JSON.writeValueAsString(m);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a chart that JSON cannot hold", e);
    }
  }

  private static List<Double> numbers(double[] values) {
    List<Double> l = new ArrayList<>();
    for (double v : values) {
      l.add(Double.isFinite(v) ? new BigDecimal(v).round(new MathContext(4)).doubleValue() : 0);
    }
    return l;
  }
}
