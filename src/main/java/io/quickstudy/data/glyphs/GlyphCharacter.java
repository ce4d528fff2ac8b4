package io.quickstudy.data.glyphs;

import io.quickstudy.random.RandomStream;
import java.util.List;

/**
 * A procedural character: its strokes, centred on the origin and scaled so that the longer side of
 * its box is 1.
 *
 * @param strokes the strokes in the order of writing
 * @param size the longer side of the box when written, relative to the usual size
 * @param blot whether so much ink is in the box that nobody could tell the strokes apart
 * @param sketch ink on a coarse grid, to compare characters
 */
record GlyphCharacter(List<GlyphStroke> strokes, double size, boolean blot, double[] sketch) {
  private static final int GRID = 8;
  private static final double PEN = 0.084;
  private static final double SIMPLE_LENGTH = 1.8;
  private static final double MOST_INK = 0.42;

  /** A character from strokes in any box. */
  static GlyphCharacter of(List<GlyphStroke> drawn, double aspect, RandomStream random) {
    double left = Double.MAX_VALUE;
    double right = -Double.MAX_VALUE;
    double top = Double.MAX_VALUE;
    double bottom = -Double.MAX_VALUE;
    for (GlyphStroke s : drawn) {
      for (int i = 0; i < s.points(); i++) {
        left = Math.min(left, s.x()[i]);
        right = Math.max(right, s.x()[i]);
        top = Math.min(top, s.y()[i]);
        bottom = Math.max(bottom, s.y()[i]);
      }
    }
    double stretch = StrictMath.sqrt(aspect);
    double width = (right - left) * stretch;
    double height = (bottom - top) / stretch;
    double scale = 1 / Math.max(0.2, Math.max(width, height));
    double ax = stretch * scale;
    double ay = scale / stretch;
    double bx = -ax * (left + right) / 2;
    double by = -ay * (top + bottom) / 2;
    List<GlyphStroke> strokes = drawn.stream().map(s -> s.moved(ax, bx, ay, by)).toList();
    double size = StrictMath.exp(0.11 * random.nextGaussian());
    double length = strokes.stream().mapToDouble(GlyphStroke::length).sum();
    double box = (width * scale + PEN) * (height * scale + PEN);
    boolean blot = length > SIMPLE_LENGTH && length * PEN > MOST_INK * box;
    return new GlyphCharacter(strokes, size, blot, sketch(strokes));
  }

  private static double[] sketch(List<GlyphStroke> strokes) {
    double[] ink = new double[GRID * GRID];
    double sum = 0;
    for (GlyphStroke s : strokes) {
      for (int i = 1; i < s.points(); i++) {
        double dx = s.x()[i] - s.x()[i - 1];
        double dy = s.y()[i] - s.y()[i - 1];
        double length = StrictMath.hypot(dx, dy);
        int steps = 1 + (int) (length * 24);
        for (int k = 0; k <= steps; k++) {
          double t = (double) k / steps;
          splat(ink, s.x()[i - 1] + t * dx, s.y()[i - 1] + t * dy, length / (steps + 1));
        }
        sum += length;
      }
    }
    for (int i = 0; i < ink.length; i++) {
      ink[i] /= Math.max(1e-9, sum);
    }
    return ink;
  }

  private static void splat(double[] ink, double x, double y, double amount) {
    double gx = Math.clamp((x + 0.5) * (GRID - 1), 0, GRID - 1.001);
    double gy = Math.clamp((y + 0.5) * (GRID - 1), 0, GRID - 1.001);
    int column = (int) gx;
    int row = (int) gy;
    int cell = row * GRID + column;
    double fx = gx - column;
    double fy = gy - row;
    ink[cell] += amount * (1 - fx) * (1 - fy);
    ink[cell + 1] += amount * fx * (1 - fy);
    ink[cell + GRID] += amount * (1 - fx) * fy;
    ink[cell + GRID + 1] += amount * fx * fy;
  }

  /** The root of the summed squared differences of the coarse ink, each of which sums to 1. */
  double difference(GlyphCharacter other) {
    double sum = 0;
    for (int i = 0; i < sketch.length; i++) {
      double d = sketch[i] - other.sketch[i];
      sum += d * d;
    }
    return StrictMath.sqrt(sum);
  }
}
