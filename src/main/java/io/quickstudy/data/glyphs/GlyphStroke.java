package io.quickstudy.data.glyphs;

import java.util.Arrays;

/**
 * One pen stroke of a procedural character: control points in the unit box, y downwards. The pen
 * passes smoothly through them, except at those marked as corners.
 *
 * @param x horizontal positions, [points]
 * @param y vertical positions, [points]
 * @param corner where the direction may break, [points]
 */
record GlyphStroke(double[] x, double[] y, boolean[] corner) {
  private static final double SHARPEST = -0.85;
  private static final double NEAR = 0.09;

  int points() {
    return x.length;
  }

  /** The stroke x -> ax x + bx, y -> ay y + by. */
  GlyphStroke moved(double ax, double bx, double ay, double by) {
    return new GlyphStroke(
        Arrays.stream(x).map(v -> ax * v + bx).toArray(),
        Arrays.stream(y).map(v -> ay * v + by).toArray(),
        corner);
  }

  /** The length of the lines between the control points. */
  double length() {
    double length = 0;
    for (int i = 1; i < x.length; i++) {
      length += StrictMath.hypot(x[i] - x[i - 1], y[i] - y[i - 1]);
    }
    return length;
  }

  /** Whether the pen turns back on itself so sharply that the way back hides the way there. */
  boolean doublesBack() {
    for (int i = 1; i < x.length - 1; i++) {
      double ax = x[i] - x[i - 1];
      double ay = y[i] - y[i - 1];
      double bx = x[i + 1] - x[i];
      double by = y[i + 1] - y[i];
      double product = StrictMath.hypot(ax, ay) * StrictMath.hypot(bx, by);
      if (ax * bx + ay * by < SHARPEST * product) {
        return true;
      }
    }
    return false;
  }

  /** The share of this stroke that runs very near another one, 0 to 1. */
  double overlap(GlyphStroke other) {
    int near = 0;
    int all = 0;
    for (int i = 1; i < x.length; i++) {
      int samples = 1 + (int) (StrictMath.hypot(x[i] - x[i - 1], y[i] - y[i - 1]) * 10);
      for (int k = 0; k < samples; k++) {
        double t = (k + 0.5) / samples;
        double px = (1 - t) * x[i - 1] + t * x[i];
        double py = (1 - t) * y[i - 1] + t * y[i];
        near += other.distance(px, py) < NEAR ? 1 : 0;
        all++;
      }
    }
    return (double) near / all;
  }

  private double distance(double px, double py) {
    double least = Double.MAX_VALUE;
    for (int i = 1; i < x.length; i++) {
      double dx = x[i] - x[i - 1];
      double dy = y[i] - y[i - 1];
      double square = Math.max(1e-12, dx * dx + dy * dy);
      double t = Math.clamp(((px - x[i - 1]) * dx + (py - y[i - 1]) * dy) / square, 0, 1);
      double ex = px - x[i - 1] - t * dx;
      double ey = py - y[i - 1] - t * dy;
      least = Math.min(least, ex * ex + ey * ey);
    }
    return StrictMath.sqrt(least);
  }

  /** Collects control points. */
  static final class Builder {
    private double[] x = new double[16];
    private double[] y = new double[16];
    private boolean[] corner = new boolean[16];
    private int points;

    Builder smooth(double px, double py) {
      return add(px, py, false);
    }

    Builder corner(double px, double py) {
      return add(px, py, true);
    }

    private Builder add(double px, double py, boolean isCorner) {
      if (points == x.length) {
        x = Arrays.copyOf(x, 2 * points);
        y = Arrays.copyOf(y, 2 * points);
        corner = Arrays.copyOf(corner, 2 * points);
      }
      x[points] = px;
      y[points] = py;
      corner[points++] = isCorner;
      return this;
    }

    /**
     * Points along an ellipse, from angle {@code from} over {@code sweep} (radians, clockwise as
     * seen, since y points down); the radii grow by the factor {@code growth} over the sweep.
     */
    Builder ellipse(
        double cx, double cy, double rx, double ry, double from, double sweep, double growth) {
      int steps = Math.max(2, (int) Math.ceil(Math.abs(sweep) / (StrictMath.PI / 4)));
      for (int i = 0; i <= steps; i++) {
        double t = (double) i / steps;
        double angle = from + sweep * t;
        double scale = 1 + (growth - 1) * t;
        smooth(cx + scale * rx * StrictMath.cos(angle), cy + scale * ry * StrictMath.sin(angle));
      }
      return this;
    }

    /** Half an ellipse from a to b that bulges by {@code height} to the left of the way. */
    Builder bow(double ax, double ay, double bx, double by, double height) {
      double dx = bx - ax;
      double dy = by - ay;
      double length = Math.max(1e-9, StrictMath.hypot(dx, dy));
      for (int i = 0; i <= 4; i++) {
        double along = (1 - StrictMath.cos(StrictMath.PI * i / 4)) / 2;
        double away = height * StrictMath.sin(StrictMath.PI * i / 4) / length;
        smooth(ax + along * dx + away * dy, ay + along * dy - away * dx);
      }
      return this;
    }

    /** Marks the latest point as a corner. */
    Builder turn() {
      corner[points - 1] = true;
      return this;
    }

    double lastX() {
      return x[points - 1];
    }

    double lastY() {
      return y[points - 1];
    }

    GlyphStroke build() {
      return new GlyphStroke(
          Arrays.copyOf(x, points), Arrays.copyOf(y, points), Arrays.copyOf(corner, points));
    }
  }
}
