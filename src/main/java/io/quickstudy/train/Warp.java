package io.quickstudy.train;

import static io.quickstudy.graph.Ops.*;

import io.quickstudy.data.sampling.Distortion;
import io.quickstudy.graph.DType;
import io.quickstudy.graph.Shape;
import io.quickstudy.graph.Tensor;
import java.util.List;

/** Affine maps of images, sampled bilinearly between the four nearest pixels; blank outside. */
final class Warp {
  private Warp() {}

  /**
   * Each image under a map of its own.
   *
   * @param x images F32 [m, height, width, channels]
   * @param maps I32 [m * 6], as {@link Distortion} has them
   */
  static Tensor apply(Tensor x, Tensor maps) {
    int m = x.dim(0);
    int h = x.dim(1);
    int w = x.dim(2);
    int c = x.dim(3);
    Shape pixels = Shape.of(m, h * w);
    Tensor numbers =
        scale(
            convert(reshape(maps, Shape.of(m, Distortion.INTEGERS)), DType.F32),
            1.0 / Distortion.ONE);
    double middleX = (w - 1) / 2.0;
    double middleY = (h - 1) / 2.0;
    Tensor right = fromMiddle(h, w, 1, middleX);
    Tensor below = fromMiddle(h, w, 0, middleY);
    Tensor sx = add(mapped(numbers, 0, right, below, pixels), scalar(middleX));
    Tensor sy = add(mapped(numbers, 3, right, below, pixels), scalar(middleY));
    Tensor left = floor(sx);
    Tensor top = floor(sy);
    Tensor alongX = sub(sx, left);
    Tensor alongY = sub(sy, top);
    // one blank pixel at the end, for all that is outside
    Tensor padded = pad(reshape(x, Shape.of(m, h * w, c)), List.of(0, 0, 0), List.of(0, 1, 0));
    Tensor sum = fill(0, Shape.of(m, h * w, c));
    for (int dy = 0; dy < 2; dy++) {
      for (int dx = 0; dx < 2; dx++) {
        Tensor column = add(left, scalar(dx));
        Tensor row = add(top, scalar(dy));
        Tensor inside = mul(within(column, w), within(row, h));
        Tensor place = add(scale(row, w), column);
        Tensor index = convert(where(inside, place, fill(h * w, pixels)), DType.I32);
        Tensor weight =
            mul(
                dx == 1 ? alongX : sub(scalar(1), alongX),
                dy == 1 ? alongY : sub(scalar(1), alongY));
        Tensor shown = gather(padded, index, 1);
        sum = add(sum, mul(shown, broadcast(weight, shown.shape(), List.of(2))));
      }
    }
    return reshape(sum, x.shape());
  }

  /** How far each pixel is from the middle along an axis, row-major: [h * w]. */
  private static Tensor fromMiddle(int h, int w, int axis, double middle) {
    Tensor at = convert(iota(Shape.of(h, w), axis), DType.F32);
    return reshape(sub(at, scalar(middle)), Shape.of(h * w));
  }

  /** One coordinate of the source, a x + b y + c with the numbers from {@code first} on: [m, n]. */
  private static Tensor mapped(Tensor numbers, int first, Tensor x, Tensor y, Shape to) {
    Tensor a = broadcast(at(numbers, 1, first), to, List.of(1));
    Tensor b = broadcast(at(numbers, 1, first + 1), to, List.of(1));
    Tensor c = broadcast(at(numbers, 1, first + 2), to, List.of(1));
    return add(add(mul(a, expand(x, to)), mul(b, expand(y, to))), c);
  }

  /** 1 where a coordinate is one of 0..n-1, else 0. */
  private static Tensor within(Tensor at, int n) {
    return mul(lessEqual(scalar(0), at), lessEqual(at, scalar(n - 1)));
  }
}
