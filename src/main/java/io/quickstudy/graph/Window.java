package io.quickstudy.graph;

/**
 * A sliding window over height and width: its size, strides, and the zero rows and columns that are
 * thought around the input.
 */
public record Window(
    int height, int width, int strideH, int strideW, int top, int bottom, int left, int right) {
  /** Checks sizes and strides. */
  public Window {
    if (height < 1 || width < 1 || strideH < 1 || strideW < 1) {
      throw new IllegalArgumentException(
          "window %sx%s with strides %s, %s: each must be at least 1"
              .formatted(height, width, strideH, strideW));
    }
    if (top < 0 || bottom < 0 || left < 0 || right < 0) {
      throw new IllegalArgumentException(
          "window padding %s, %s, %s, %s: must not be negative"
              .formatted(top, bottom, left, right));
    }
  }

  /** A square window, the same padding on all four sides. */
  public static Window square(int size, int stride, int padding) {
    return new Window(size, size, stride, stride, padding, padding, padding, padding);
  }

  /**
   * A square window padded so that the result has ceil(extent / stride) rows and columns; an odd
   * padding has its larger half below and right.
   */
  public static Window same(int size, int stride, int h, int w) {
    int ph = Math.max(0, ((h + stride - 1) / stride - 1) * stride + size - h);
    int pw = Math.max(0, ((w + stride - 1) / stride - 1) * stride + size - w);
    return new Window(size, size, stride, stride, ph / 2, ph - ph / 2, pw / 2, pw - pw / 2);
  }

  /** Rows of the result for an input of h rows. */
  public int outH(int h) {
    return out(h, height, strideH, top + bottom);
  }

  /** Columns of the result for an input of w columns. */
  public int outW(int w) {
    return out(w, width, strideW, left + right);
  }

  private int out(int extent, int size, int stride, int padding) {
    if (extent + padding < size) {
      throw new IllegalArgumentException(
          "%s: an extent of %s is smaller than the window; pad it or take a larger image"
              .formatted(this, extent));
    }
    return (extent + padding - size) / stride + 1;
  }

  @Override
  public String toString() {
    return "window %sx%s/%s,%s pad %s,%s,%s,%s"
        .formatted(height, width, strideH, strideW, top, bottom, left, right);
  }
}
