package io.quickstudy.report;

import java.util.ArrayList;
import java.util.List;

/**
 * What a chart shows as one thing. Points whose y is NaN are left out.
 *
 * @param name what it is, for the legend and the pointer
 * @param look how it is drawn
 * @param colour which of the page's colours, 0 to 4
 * @param x ascending
 * @param y as many
 * @param spread half the widths of intervals about y, or empty
 */
record Series(String name, Look look, int colour, double[] x, double[] y, double[] spread) {
  /** How a series is drawn. */
  enum Look {
    /** A line, with a band where there are intervals. */
    LINE,
    /** A line so faint that others stand out before it. */
    FAINT,
    /** A broad pale line, which others should lie on. */
    BROAD,
    /** A dashed line, to compare with; not among the values under the pointer. */
    DASHED,
    /** A dashed line with values of its own. */
    BROKEN,
    /** Points on a line, with bars for intervals. */
    POINTS,
    /** Points alone. */
    DOTS,
    /** Bars from the bottom. */
    BARS
  }

  /** Checks the lengths and leaves out the points that are no numbers. */
  Series {
    if (y.length != x.length || (spread.length != 0 && spread.length != x.length)) {
      throw new IllegalArgumentException(
          "Series '%s' with %s, %s and %s numbers: expected as many of each."
              .formatted(name, x.length, y.length, spread.length));
    }
    List<Integer> there = new ArrayList<>();
    for (int i = 0; i < x.length; i++) {
      if (Double.isFinite(x[i]) && Double.isFinite(y[i])) {
        there.add(i);
      }
    }
    x = pick(x, there);
    y = pick(y, there);
    spread = spread.length == 0 ? spread : pick(spread, there);
  }

  private static double[] pick(double[] from, List<Integer> places) {
    return places.stream().mapToDouble(i -> from[i]).toArray();
  }

  /** Without intervals. */
  static Series of(String name, Look look, int colour, double[] x, double[] y) {
    return new Series(name, look, colour, x, y, new double[0]);
  }

  /** A level, over the whole width from one x to another. */
  static Series level(String name, double from, double to, double y) {
    return of(name, Look.DASHED, 4, new double[] {from, to}, new double[] {y, y});
  }

  /** How many points there are. */
  int size() {
    return x.length;
  }

  /** At most so many points, each the mean of as many neighbours; itself where it has no more. */
  Series thinned(int most) {
    if (size() <= most) {
      return this;
    }
    double[] tx = new double[most];
    double[] ty = new double[most];
    for (int k = 0; k < most; k++) {
      int from = (int) ((long) k * size() / most);
      int to = (int) ((long) (k + 1) * size() / most);
      for (int i = from; i < to; i++) {
        tx[k] += x[i] / (to - from);
        ty[k] += y[i] / (to - from);
      }
    }
    return of(name, look, colour, tx, ty);
  }

  /** Each point the mean of those around it, up to so many on either side. */
  Series smoothed(String as, Look how, int reach) {
    double[] smooth = new double[size()];
    for (int i = 0; i < size(); i++) {
      // not more behind than before: curves begin steeply
      int from = i - Math.min(reach, i);
      int to = Math.min(size() - 1, i + Math.min(reach, i));
      for (int j = from; j <= to; j++) {
        smooth[i] += y[j] / (to - from + 1);
      }
    }
    return of(as, how, colour, x, smooth);
  }

  /** The least number that is drawn. */
  double least() {
    double m = Double.POSITIVE_INFINITY;
    for (int i = 0; i < size(); i++) {
      m = Math.min(m, y[i] - spreadAt(i));
    }
    return m;
  }

  /** The largest number that is drawn. */
  double most() {
    double m = Double.NEGATIVE_INFINITY;
    for (int i = 0; i < size(); i++) {
      m = Math.max(m, y[i] + spreadAt(i));
    }
    return m;
  }

  /** Half the width of the interval at a point; 0 where there is none. */
  double spreadAt(int i) {
    return spread.length == 0 || !Double.isFinite(spread[i]) ? 0 : spread[i];
  }
}
