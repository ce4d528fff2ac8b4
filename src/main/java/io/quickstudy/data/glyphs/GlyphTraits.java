package io.quickstudy.data.glyphs;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What a procedural character is like, as a person would describe it to somebody who has never seen
 * it: how many strokes, how long, round or angular, where they meet, where the ink lies. Computed
 * from the strokes as they are planned, so that all drawings of a character share it. Numbers are
 * about 0 to 1.
 */
final class GlyphTraits {
  private static final double NEAR = 0.07;
  private static final double ON = 1e-9;
  private static final double DOT = 0.1;
  private static final double SHARP = 0.5; // radians
  private static final double FULL_TURN = 2 * StrictMath.PI;
  private static final int STEPS = 12;
  private static final List<String> DIRECTIONS = List.of("level", "falling", "upright", "rising");
  private static final List<String> ROWS = List.of("top", "middle", "bottom");
  private static final List<String> COLUMNS = List.of("left", "centre", "right");

  private final List<GlyphStroke> strokes;
  private final Map<String, Double> traits = new LinkedHashMap<>();

  private GlyphTraits(List<GlyphStroke> strokes) {
    this.strokes = strokes;
  }

  /** The traits of a character by their names, which are the same for all. */
  static Map<String, Double> of(GlyphCharacter character) {
    GlyphTraits t = new GlyphTraits(character.strokes());
    t.size();
    t.turns();
    t.meetings();
    t.ink();
    return t.traits;
  }

  private void put(String name, double value) {
    traits.put(name, value);
  }

  private void size() {
    double[] lengths = strokes.stream().mapToDouble(GlyphStroke::length).toArray();
    put("strokes", strokes.size() / 6.0);
    put("dots", Arrays.stream(lengths).filter(l -> l < DOT).count() / 2.0);
    put("length", Arrays.stream(lengths).sum() / 5);
    put("longest stroke", Arrays.stream(lengths).max().orElse(0) / 3);
    put("width", extent(strokes.stream().flatMapToDouble(s -> Arrays.stream(s.x())).toArray()));
    put("height", extent(strokes.stream().flatMapToDouble(s -> Arrays.stream(s.y())).toArray()));
  }

  private static double extent(double[] v) {
    return Arrays.stream(v).max().orElse(0) - Arrays.stream(v).min().orElse(0);
  }

  /** How strokes turn on their way: at corners, and smoothly. */
  private void turns() {
    int corners = 0;
    double smooth = 0;
    double clockwise = 0;
    for (GlyphStroke s : strokes) {
      for (int i = 1; i < s.points() - 1; i++) {
        double turn = turn(s, i);
        if (!s.corner()[i]) {
          smooth += Math.abs(turn);
        } else if (Math.abs(turn) > SHARP) {
          corners++;
        }
        clockwise += turn;
      }
    }
    put("corners", corners / 6.0);
    put("curvature", smooth / (2 * FULL_TURN));
    put("clockwise", clockwise / (2 * FULL_TURN));
  }

  /** The angle by which a stroke turns at a point, clockwise as seen, in radians. */
  private static double turn(GlyphStroke s, int i) {
    double ax = s.x()[i] - s.x()[i - 1];
    double ay = s.y()[i] - s.y()[i - 1];
    double bx = s.x()[i + 1] - s.x()[i];
    double by = s.y()[i + 1] - s.y()[i];
    return StrictMath.atan2(ax * by - ay * bx, ax * bx + ay * by);
  }

  /** Where strokes meet themselves and each other. */
  private void meetings() {
    int loops = 0;
    int crossings = 0;
    int joins = 0;
    int free = 0;
    for (int a = 0; a < strokes.size(); a++) {
      GlyphStroke s = strokes.get(a);
      int last = s.points() - 1;
      boolean closed =
          s.length() > 4 * NEAR && distance(s.x()[0], s.y()[0], s.x()[last], s.y()[last]) < NEAR;
      loops += crossings(s, s) + (closed ? 1 : 0);
      for (GlyphStroke other : strokes.subList(a + 1, strokes.size())) {
        crossings += crossings(s, other);
      }
      for (int end : new int[] {0, last}) {
        boolean meets = closed;
        for (GlyphStroke other : strokes) {
          meets |= other != s && near(other, s.x()[end], s.y()[end]);
        }
        joins += meets && !closed ? 1 : 0;
        free += meets ? 0 : 1;
      }
    }
    put("loops", loops / 3.0);
    put("crossings", crossings / 4.0);
    put("joins", joins / 6.0);
    put("free ends", free / 8.0);
  }

  private static double distance(double ax, double ay, double bx, double by) {
    return StrictMath.hypot(ax - bx, ay - by);
  }

  private static boolean near(GlyphStroke s, double x, double y) {
    for (int i = 1; i < s.points(); i++) {
      double dx = s.x()[i] - s.x()[i - 1];
      double dy = s.y()[i] - s.y()[i - 1];
      double along = (x - s.x()[i - 1]) * dx + (y - s.y()[i - 1]) * dy;
      double t = Math.clamp(along / Math.max(1e-12, dx * dx + dy * dy), 0, 1);
      if (distance(x, y, s.x()[i - 1] + t * dx, s.y()[i - 1] + t * dy) < NEAR) {
        return true;
      }
    }
    return false;
  }

  /** How often the lines of two strokes, or of one, cross between their ends. */
  private static int crossings(GlyphStroke a, GlyphStroke b) {
    int n = 0;
    for (int i = 1; i < a.points(); i++) {
      for (int k = a == b ? i + 2 : 1; k < b.points(); k++) {
        n += crosses(a, i, b, k) ? 1 : 0;
      }
    }
    return n;
  }

  private static boolean crosses(GlyphStroke a, int i, GlyphStroke b, int k) {
    return side(a, i, b.x()[k - 1], b.y()[k - 1]) * side(a, i, b.x()[k], b.y()[k]) < 0
        && side(b, k, a.x()[i - 1], a.y()[i - 1]) * side(b, k, a.x()[i], a.y()[i]) < 0;
  }

  /** On which side of a piece of a stroke a point is: above 0, below 0, or 0 on it. */
  private static double side(GlyphStroke s, int i, double x, double y) {
    double dx = s.x()[i] - s.x()[i - 1];
    double dy = s.y()[i] - s.y()[i - 1];
    double away = dx * (y - s.y()[i - 1]) - dy * (x - s.x()[i - 1]);
    return Math.abs(away) < ON ? 0 : Math.signum(away);
  }

  /** Which way strokes run, and where in the box they lie, by length. */
  private void ink() {
    double[] ways = new double[DIRECTIONS.size()];
    double[] places = new double[ROWS.size() * COLUMNS.size()];
    double all = 0;
    for (GlyphStroke s : strokes) {
      for (int i = 1; i < s.points(); i++) {
        double dx = s.x()[i] - s.x()[i - 1];
        double dy = s.y()[i] - s.y()[i - 1];
        double length = StrictMath.hypot(dx, dy);
        ways[way(dx, dy)] += length;
        for (int step = 0; step < STEPS; step++) {
          double t = (step + 0.5) / STEPS;
          int column = third(s.x()[i - 1] + t * dx);
          int row = third(s.y()[i - 1] + t * dy);
          places[row * COLUMNS.size() + column] += length / STEPS;
        }
        all += length;
      }
    }
    for (int k = 0; k < ways.length; k++) {
      put(DIRECTIONS.get(k), ways[k] / Math.max(DOT, all));
    }
    for (int k = 0; k < places.length; k++) {
      String where = ROWS.get(k / COLUMNS.size()) + " " + COLUMNS.get(k % COLUMNS.size());
      put(where, 2 * places[k] / Math.max(DOT, all));
    }
  }

  /** The nearest of four directions of a line, y downwards. */
  private static int way(double dx, double dy) {
    double eighths = 8 * StrictMath.atan2(dy, dx) / FULL_TURN; // -4 to 4
    return Math.floorMod(Math.round(eighths), DIRECTIONS.size());
  }

  /** Which third of the box, which reaches from -0.5 to 0.5. */
  private static int third(double at) {
    return Math.clamp((int) Math.floor(3 * (at + 0.5)), 0, 2);
  }
}
