package io.quickstudy.reference;

import io.quickstudy.graph.Convolution;
import io.quickstudy.graph.Pooling;
import io.quickstudy.graph.Tensor;
import io.quickstudy.graph.Window;
import java.util.List;

/** Convolution and pooling: every pair of a window's element and the input element under it. */
final class Windows {
  private Windows() {}

  /** Window (i, j), its element (r, s), and the input element (h, w) under it. */
  interface Visitor {
    void at(int i, int j, int r, int s, int h, int w);
  }

  /**
   * Visits windows in order and each window's elements in order; those in the padding are left out.
   */
  private static void slide(Window v, int height, int width, Visitor visitor) {
    for (int i = 0; i < v.outH(height); i++) {
      for (int j = 0; j < v.outW(width); j++) {
        for (int r = 0; r < v.height(); r++) {
          for (int s = 0; s < v.width(); s++) {
            int h = i * v.strideH() + r - v.top();
            int w = j * v.strideW() + s - v.left();
            if (h >= 0 && h < height && w >= 0 && w < width) {
              visitor.at(i, j, r, s, h, w);
            }
          }
        }
      }
    }
  }

  // ---- convolution: y[n, i, j, o] = sum x[n, h, w, c] f[r, s, c, o], for each task

  /** Positions of the channels of x, the row of f, and the channels of y that meet. */
  interface Meeting {
    void at(int x, int f, int y, int channels, int outputs);
  }

  private static void meet(Window v, Tensor x, Tensor f, Tensor y, Meeting meeting) {
    int tasks = x.rank() == 5 ? x.dim(0) : f.rank() == 5 ? f.dim(0) : y.rank() == 5 ? y.dim(0) : 1;
    int images = x.dim(-4);
    int height = x.dim(-3);
    int width = x.dim(-2);
    int c = x.dim(-1);
    int o = y.dim(-1);
    int oh = y.dim(-3);
    int ow = y.dim(-2);
    for (int t = 0; t < tasks; t++) {
      int xt = x.rank() == 5 ? t * images * height * width * c : 0;
      int ft = f.rank() == 5 ? t * v.height() * v.width() * c * o : 0;
      int yt = y.rank() == 5 ? t * images * oh * ow * o : 0;
      for (int n = 0; n < images; n++) {
        int image = n;
        slide(
            v,
            height,
            width,
            (i, j, r, s, h, w) ->
                meeting.at(
                    xt + ((image * height + h) * width + w) * c,
                    ft + (r * v.width() + s) * c * o,
                    yt + ((image * oh + i) * ow + j) * o,
                    c,
                    o));
      }
    }
  }

  static double[] conv(Tensor t, Convolution.Conv op, double[] x, double[] f) {
    double[] y = new double[t.shape().size()];
    meet(
        op.window(),
        t.input(0),
        t.input(1),
        t,
        (px, pf, py, channels, outputs) -> {
          for (int c = 0; c < channels; c++) {
            for (int o = 0; o < outputs; o++) {
              y[py + o] += x[px + c] * f[pf + c * outputs + o];
            }
          }
        });
    return y;
  }

  static double[] inputGrad(Tensor t, Convolution.ConvInputGrad op, double[] g, double[] f) {
    double[] x = new double[t.shape().size()];
    meet(
        op.window(),
        t,
        t.input(1),
        t.input(0),
        (px, pf, pg, channels, outputs) -> {
          for (int c = 0; c < channels; c++) {
            for (int o = 0; o < outputs; o++) {
              x[px + c] += g[pg + o] * f[pf + c * outputs + o];
            }
          }
        });
    return x;
  }

  static double[] filterGrad(Tensor t, Convolution.ConvFilterGrad op, double[] x, double[] g) {
    double[] f = new double[t.shape().size()];
    meet(
        op.window(),
        t.input(0),
        t,
        t.input(1),
        (px, pf, pg, channels, outputs) -> {
          for (int c = 0; c < channels; c++) {
            for (int o = 0; o < outputs; o++) {
              f[pf + c * outputs + o] += x[px + c] * g[pg + o];
            }
          }
        });
    return f;
  }

  // ---- pooling

  /** Position in the large image and in the small one, and the element's position in its window. */
  interface Cell {
    void at(int large, int small, int position);
  }

  private static void cells(Window v, Tensor large, Cell cell) {
    int height = large.dim(-3);
    int width = large.dim(-2);
    int c = large.dim(-1);
    int oh = v.outH(height);
    int ow = v.outW(width);
    for (int n = 0; n < large.shape().size() / (height * width * c); n++) {
      int image = n;
      slide(
          v,
          height,
          width,
          (i, j, r, s, h, w) -> {
            for (int k = 0; k < c; k++) {
              cell.at(
                  ((image * height + h) * width + w) * c + k,
                  ((image * oh + i) * ow + j) * c + k,
                  r * v.width() + s);
            }
          });
    }
  }

  static double[] argMax(Tensor t, Pooling.PoolArgMax op, List<double[]> in) {
    double[] x = in.get(0).clone();
    if (in.size() > 1) {
      int c = t.dim(-1);
      int image = t.input(0).dim(-3) * t.input(0).dim(-2) * c;
      for (int i = 0; i < x.length; i++) {
        x[i] *= in.get(1)[i / image * c + i % c];
      }
    }
    double[] best = new double[t.shape().size()];
    double[] y = new double[best.length];
    java.util.Arrays.fill(y, -1);
    cells(
        op.window(),
        t.input(0),
        (a, b, position) -> {
          if (y[b] < 0 || x[a] > best[b] || (Double.isNaN(x[a]) && !Double.isNaN(best[b]))) {
            best[b] = x[a];
            y[b] = position;
          }
        });
    return y;
  }

  static double[] take(Tensor t, Pooling.PoolTake op, double[] x, double[] index) {
    double[] y = new double[t.shape().size()];
    cells(
        op.window(),
        t.input(0),
        (a, b, position) -> {
          if (index[b] == position) {
            y[b] = x[a];
          }
        });
    return y;
  }

  static double[] put(Tensor t, Pooling.PoolPut op, double[] g, double[] index) {
    double[] y = new double[t.shape().size()];
    cells(
        op.window(),
        t,
        (a, b, position) -> {
          if (index[b] == position) {
            y[a] += g[b];
          }
        });
    return y;
  }

  static double[] sum(Tensor t, Pooling.PoolSum op, double[] x) {
    double[] y = new double[t.shape().size()];
    cells(op.window(), t.input(0), (a, b, position) -> y[b] += x[a]);
    return y;
  }

  static double[] spread(Tensor t, Pooling.PoolSpread op, double[] g) {
    double[] y = new double[t.shape().size()];
    cells(op.window(), t, (a, b, position) -> y[a] += g[b]);
    return y;
  }
}
