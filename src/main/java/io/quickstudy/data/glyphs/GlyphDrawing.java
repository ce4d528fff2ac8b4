package io.quickstudy.data.glyphs;

import io.quickstudy.random.RandomStream;
import java.util.Arrays;
import java.util.List;

/**
 * Draws procedural characters: bends and jitters the strokes, lets a round pen follow them on a
 * fine grid, and averages that down. Holds its working memory; one per thread.
 */
final class GlyphDrawing {
  private static final double USUAL_SIZE = 0.57;
  private static final double USUAL_PEN = 0.0240;
  private static final double MARGIN = 0.01;
  private static final int PATH = 4096;

  private final int side;
  private final int factor;
  private final int fine;
  private final byte[] ink;
  private final double[] px = new double[PATH];
  private final double[] py = new double[PATH];
  private final double[] qx = new double[PATH];
  private final double[] qy = new double[PATH];
  private final double[] bend = new double[12];
  private int length;

  GlyphDrawing(int side) {
    this.side = side;
    this.factor = Math.max(2, Math.round(105f / side));
    this.fine = side * factor;
    this.ink = new byte[fine * fine];
  }

  /** Draws a character and writes its [side, side] bytes from {@code at}. */
  void draw(GlyphCharacter character, GlyphWriter writer, RandomStream random, byte[] out, int at) {
    Arrays.fill(ink, (byte) 0);
    double mess = writer.mess() * StrictMath.exp(0.22 * random.nextGaussian());
    for (int i = 0; i < bend.length; i++) {
      bend[i] = 0.045 * mess * random.nextGaussian();
    }
    List<GlyphStroke> strokes = character.strokes();
    double aspect = writer.aspect() + 0.08 * mess * random.nextGaussian();
    double size =
        USUAL_SIZE
            * character.size()
            * StrictMath.exp(writer.size() + 0.07 * mess * random.nextGaussian());
    double wide = size * StrictMath.exp(aspect / 2);
    double high = size * StrictMath.exp(-aspect / 2);
    double slant = writer.slant() + 0.06 * mess * random.nextGaussian();
    double tilt = writer.tilt() + 0.045 * mess * random.nextGaussian();
    double right = 0.475 + writer.right() + 0.035 * random.nextGaussian();
    double down = 0.46 + writer.down() + 0.035 * random.nextGaussian();
    double pen = USUAL_PEN * writer.pen() * StrictMath.exp(0.04 * random.nextGaussian());
    double[] affine = {
      wide * StrictMath.cos(tilt), high * (-StrictMath.sin(tilt) - slant), right,
      wide * StrictMath.sin(tilt), high * StrictMath.cos(tilt), down
    };
    int count = strokes.size();
    double[][] x = new double[count][];
    double[][] y = new double[count][];
    for (int i = 0; i < count; i++) {
      trace(strokes.get(i), writer, mess, random);
      x[i] = project(affine, 0);
      y[i] = project(affine, 3);
    }
    fit(x, pen);
    fit(y, pen);
    for (int i = 0; i < count; i++) {
      follow(x[i], y[i], pen * fine * (strokes.get(i).length() < 0.1 ? 1.15 : 1));
    }
    shrink(out, at);
  }

  private double[] project(double[] affine, int row) {
    double[] projected = new double[length];
    for (int i = 0; i < length; i++) {
      projected[i] = affine[row] * px[i] + affine[row + 1] * py[i] + affine[row + 2];
    }
    return projected;
  }

  /** Moves, and where need be shrinks, one coordinate of all strokes onto the canvas. */
  private static void fit(double[][] strokes, double pen) {
    double low = Double.MAX_VALUE;
    double high = -Double.MAX_VALUE;
    for (double[] stroke : strokes) {
      for (double v : stroke) {
        low = Math.min(low, v);
        high = Math.max(high, v);
      }
    }
    double from = pen + MARGIN;
    double to = 1 - from;
    double scale = Math.min(1, (to - from) / Math.max(1e-9, high - low));
    double shift = Math.clamp(low, from, Math.max(from, to - scale * (high - low))) - scale * low;
    for (double[] stroke : strokes) {
      for (int i = 0; i < stroke.length; i++) {
        stroke[i] = scale * stroke[i] + shift;
      }
    }
  }

  /** The pen's way along one stroke, in the character's box. */
  private void trace(GlyphStroke stroke, GlyphWriter writer, double mess, RandomStream random) {
    int n = stroke.points();
    double sx = 1 + 0.10 * mess * random.nextGaussian();
    double sy = 1 + 0.10 * mess * random.nextGaussian();
    double turn = 0.07 * mess * random.nextGaussian();
    double mx = 0.028 * mess * random.nextGaussian();
    double my = 0.028 * mess * random.nextGaussian();
    double cx = 0;
    double cy = 0;
    for (int i = 0; i < n; i++) {
      cx += stroke.x()[i] / n;
      cy += stroke.y()[i] / n;
    }
    double[] x = new double[n];
    double[] y = new double[n];
    for (int i = 0; i < n; i++) {
      double dx = sx * (stroke.x()[i] - cx);
      double dy = sy * (stroke.y()[i] - cy);
      double own = 0.025 * mess;
      double bx = cx + mx + dx - turn * dy + own * random.nextGaussian();
      double by = cy + my + dy + turn * dx + own * random.nextGaussian();
      x[i] = bx + bent(bx, by, 0);
      y[i] = by + bent(bx, by, 6);
    }
    overshoot(x, y, 0, writer.overshoot() + 0.025 * mess * random.nextGaussian());
    overshoot(x, y, n - 1, writer.overshoot() + 0.025 * mess * random.nextGaussian());
    sample(x, y, stroke.corner());
    tremble(writer.wobble() * mess, random);
    round(writer.rounding() * StrictMath.exp(0.4 * random.nextGaussian()));
  }

  /** A smooth displacement of the whole box, of low frequency. */
  private double bent(double x, double y, int from) {
    double u = 2 * x;
    double v = 2 * y;
    double uu = u * u - 0.5;
    double vv = v * v - 0.5;
    return bend[from] * u * v
        + bend[from + 1] * uu
        + bend[from + 2] * vv
        + bend[from + 3] * u * (u * u - 1)
        + bend[from + 4] * v * (v * v - 1)
        + bend[from + 5] * uu * v;
  }

  private static void overshoot(double[] x, double[] y, int end, double by) {
    int before = end == 0 ? 1 : end - 1;
    double dx = x[end] - x[before];
    double dy = y[end] - y[before];
    double length = StrictMath.sqrt(dx * dx + dy * dy);
    if (length > 0.15) {
      x[end] += dx / length * by;
      y[end] += dy / length * by;
    }
  }

  /** Catmull and Rom's splines between corners, sampled evenly enough for the fine grid. */
  private void sample(double[] x, double[] y, boolean[] corner) {
    length = 0;
    int last = x.length - 1;
    for (int i = 0; i < last; i++) {
      boolean start = i == 0 || corner[i];
      boolean stop = i + 1 == last || corner[i + 1];
      double ax = start ? (stop ? 2 * x[i] - x[i + 1] : x[i]) : x[i - 1];
      double ay = start ? (stop ? 2 * y[i] - y[i + 1] : y[i]) : y[i - 1];
      double bx = stop ? x[i + 1] : x[i + 2];
      double by = stop ? y[i + 1] : y[i + 2];
      double dx = x[i + 1] - x[i];
      double dy = y[i + 1] - y[i];
      int steps = 1 + (int) (StrictMath.sqrt(dx * dx + dy * dy) * 40);
      for (int k = 0; k < steps && length < PATH - 1; k++) {
        double t = (double) k / steps;
        px[length] = spline(ax, x[i], x[i + 1], bx, t);
        py[length++] = spline(ay, y[i], y[i + 1], by, t);
      }
    }
    px[length] = x[last];
    py[length++] = y[last];
  }

  private static double spline(double a, double b, double c, double d, double t) {
    double cubic = 3 * (b - c) + d - a;
    double square = 2 * a - 5 * b + 4 * c - d;
    return b + 0.5 * t * (c - a + t * (square + t * cubic));
  }

  private void tremble(double amplitude, RandomStream random) {
    double tx = 0;
    double ty = 0;
    for (int i = 0; i < length; i += 1) {
      if (i % 4 == 0) {
        qx[0] = amplitude * random.nextGaussian();
        qy[0] = amplitude * random.nextGaussian();
      }
      tx += 0.3 * (qx[0] - tx);
      ty += 0.3 * (qy[0] - ty);
      px[i] += tx;
      py[i] += ty;
    }
  }

  /** Rounds corners: a moving average over a length that shrinks towards the ends. */
  private void round(double over) {
    int reach = (int) StrictMath.rint(over * 40 / 2);
    if (reach == 0 || length < 4) {
      return;
    }
    for (int i = 0; i < length; i++) {
      int r = Math.min(reach, Math.min(i, length - 1 - i));
      double sx = 0;
      double sy = 0;
      for (int k = i - r; k <= i + r; k++) {
        sx += px[k];
        sy += py[k];
      }
      qx[i] = sx / (2 * r + 1);
      qy[i] = sy / (2 * r + 1);
    }
    System.arraycopy(qx, 0, px, 0, length);
    System.arraycopy(qy, 0, py, 0, length);
  }

  private void follow(double[] x, double[] y, double radius) {
    for (int i = 1; i < x.length; i++) {
      segment(fine * x[i - 1], fine * y[i - 1], fine * x[i], fine * y[i], radius);
    }
  }

  /** Blackens the fine pixels whose centres lie within the radius of a segment. */
  private void segment(double ax, double ay, double bx, double by, double radius) {
    int left = Math.max(0, (int) (Math.min(ax, bx) - radius));
    int right = Math.min(fine - 1, (int) (Math.max(ax, bx) + radius));
    int top = Math.max(0, (int) (Math.min(ay, by) - radius));
    int bottom = Math.min(fine - 1, (int) (Math.max(ay, by) + radius));
    double dx = bx - ax;
    double dy = by - ay;
    double scale = 1 / Math.max(1e-12, dx * dx + dy * dy);
    double square = radius * radius;
    for (int y = top; y <= bottom; y++) {
      for (int x = left; x <= right; x++) {
        double ox = x + 0.5 - ax;
        double oy = y + 0.5 - ay;
        double t = Math.clamp((ox * dx + oy * dy) * scale, 0, 1);
        double ex = ox - t * dx;
        double ey = oy - t * dy;
        if (ex * ex + ey * ey <= square) {
          ink[y * fine + x] = 1;
        }
      }
    }
  }

  private void shrink(byte[] out, int at) {
    int area = factor * factor;
    for (int y = 0; y < side; y++) {
      for (int x = 0; x < side; x++) {
        int sum = 0;
        for (int k = 0; k < factor; k++) {
          int row = (y * factor + k) * fine + x * factor;
          for (int j = 0; j < factor; j++) {
            sum += ink[row + j];
          }
        }
        out[at + y * side + x] = (byte) ((sum * 255 + area / 2) / area);
      }
    }
  }
}
