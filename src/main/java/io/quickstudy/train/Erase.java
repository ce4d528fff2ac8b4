package io.quickstudy.train;

import static io.quickstudy.graph.Ops.*;

import io.quickstudy.data.sampling.Erasing;
import io.quickstudy.graph.DType;
import io.quickstudy.graph.Shape;
import io.quickstudy.graph.Tensor;
import java.util.List;

/** Rectangles that are painted over. */
final class Erase {
  private Erase() {}

  /**
   * One in each image.
   *
   * @param x images F32 [m, height, width, channels]
   * @param rectangles I32 [m * 4], as {@link Erasing} has them
   * @param paint F32 of the images' shape
   */
  static Tensor apply(Tensor x, Tensor rectangles, Tensor paint) {
    Tensor each = convert(reshape(rectangles, Shape.of(x.dim(0), Erasing.INTEGERS)), DType.F32);
    int c = x.dim(3);
    Shape lines = Shape.of(x.dim(0), x.dim(1), x.dim(2) * c); // long ones
    Tensor inside =
        mul(
            broadcast(within(each, 0, x.dim(1), 1), lines, List.of(2)),
            broadcast(within(each, 1, x.dim(2), c), lines, List.of(1)));
    return reshape(where(inside, reshape(paint, lines), reshape(x, lines)), x.shape());
  }

  /** 1 where a rectangle is along an axis, else 0, each so many times: [m, n * times]. */
  private static Tensor within(Tensor each, int axis, int n, int times) {
    Shape s = Shape.of(each.dim(0), n * times);
    Tensor at = convert(iota(s, 1), DType.F32);
    Tensor first = scale(broadcast(at(each, 1, axis), s, List.of(1)), times);
    Tensor length = scale(broadcast(at(each, 1, 2 + axis), s, List.of(1)), times);
    return mul(lessEqual(first, at), less(at, add(first, length)));
  }

  /**
   * What to paint with: F32 of the images' shape.
   *
   * @param keys of the noise, I32 [m * 2]; null for another paint
   */
  static Tensor paint(Erasing.Paint paint, Tensor x, Tensor keys) {
    return switch (paint) {
      case NOISE -> noise(x, reshape(keys, Shape.of(x.dim(0), Erasing.KEY)));
      case MEAN -> broadcast(mean(x, List.of(1, 2)), x.shape(), List.of(1, 2));
      case BLACK -> fill(0, x.shape());
      case WHITE -> fill(1, x.shape());
    };
  }

  /**
   * Numbers for each pixel and channel, which take as long to draw as all else together: they are
   * drawn for one image, and turned round from 1 to 0 by a number of each image's own.
   */
  private static Tensor noise(Tensor x, Tensor keys) {
    Shape one = x.shape().sub(1, x.rank());
    Tensor all = reshape(uniform(slice(keys, 0, 0, 1), one), one);
    Tensor own = reshape(uniform(keys, Shape.of(1)), Shape.of(x.dim(0)));
    Tensor sum =
        add(broadcast(all, x.shape(), List.of(0)), broadcast(own, x.shape(), List.of(1, 2, 3)));
    return sub(sum, floor(sum));
  }
}
