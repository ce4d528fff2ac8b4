package io.quickstudy.train;

import static io.quickstudy.graph.Ops.*;

import io.quickstudy.data.sampling.Augmentation;
import io.quickstudy.data.sampling.Distortion;
import io.quickstudy.graph.DType;
import io.quickstudy.graph.Shape;
import io.quickstudy.graph.Tensor;
import java.util.ArrayList;
import java.util.List;

/** Affine maps of images, sampled bilinearly between the four nearest pixels; blank outside. */
final class Warp {
  // half a pixel is outside of its middle, and a little for what rounding makes of that
  private static final double RIM = 0.5 + 1.0 / 64;

  // columns first, each channel of one together, and back
  private static final List<Integer> COLUMNS = List.of(0, 2, 3, 1);
  private static final List<Integer> ROWS = List.of(0, 3, 1, 2);

  private Warp() {}

  /** What maps may be, which decides how much there is to compute. */
  enum Kind {
    /** Any. */
    ANY,
    /**
     * Any, of images whose pixels are squares with their colour in the middle: in the outer half of
     * those at the edge there is that colour, as in torchvision's resized crops, and no shade to
     * the blank outside.
     */
    SQUARES,
    /** Such {@link #SQUARES} as turn and shear nothing: rows come from rows. */
    PARTS,
    /** Such as show one pixel each: mirrored, or shifted by whole pixels. */
    WHOLE;

    /** What the maps of an augmentation are. */
    static Kind of(Augmentation a) {
      if (a.movesWhole()) {
        return WHOLE;
      }
      return !a.resizes() ? ANY : a.distortion().isPresent() ? SQUARES : PARTS;
    }
  }

  /**
   * Each image under a map of its own.
   *
   * @param x images F32 [m, height, width, channels]
   * @param maps I32 [m * 6], as {@link Distortion} has them
   */
  static Tensor apply(Tensor x, Tensor maps, Kind kind) {
    int m = x.dim(0);
    int h = x.dim(1);
    int w = x.dim(2);
    int c = x.dim(3);
    Shape pixels = Shape.of(m, h * w);
    Tensor numbers =
        scale(
            convert(reshape(maps, Shape.of(m, Distortion.INTEGERS)), DType.F32),
            1.0 / Distortion.ONE);
    if (kind == Kind.PARTS) {
      return parts(x, numbers);
    }
    double middleX = (w - 1) / 2.0;
    double middleY = (h - 1) / 2.0;
    Tensor right = fromMiddle(h, w, 1, middleX);
    Tensor below = fromMiddle(h, w, 0, middleY);
    Tensor sx = add(mapped(numbers, 0, right, below, pixels), scalar(middleX));
    Tensor sy = add(mapped(numbers, 3, right, below, pixels), scalar(middleY));
    if (kind == Kind.SQUARES) {
      sx = inRim(sx, w);
      sy = inRim(sy, h);
    }
    if (kind == Kind.WHOLE) {
      return reshape(gather(padded(x), place(sx, sy, h, w), 1), x.shape());
    }
    Tensor left = floor(sx);
    Tensor top = floor(sy);
    Tensor alongX = sub(sx, left);
    Tensor alongY = sub(sy, top);
    Tensor padded = padded(x);
    List<Tensor> sums = new ArrayList<>(); // channels apart, so that what runs along is long
    for (int dy = 0; dy < 2; dy++) {
      for (int dx = 0; dx < 2; dx++) {
        Tensor column = add(left, scalar(dx));
        Tensor row = add(top, scalar(dy));
        Tensor weight =
            mul(
                dx == 1 ? alongX : sub(scalar(1), alongX),
                dy == 1 ? alongY : sub(scalar(1), alongY));
        Tensor shown = gather(padded, place(column, row, h, w), 1);
        for (int k = 0; k < c; k++) {
          Tensor part = mul(at(shown, 2, k), weight);
          if (sums.size() == k) {
            sums.add(part);
          } else {
            sums.set(k, add(sums.get(k), part));
          }
        }
      }
    }
    return reshape(stack(2, sums), x.shape());
  }

  /** Down each image first, by whole rows, and then across: a quarter of the work. */
  private static Tensor parts(Tensor x, Tensor numbers) {
    Tensor down = along(x, at(numbers, 1, 4), at(numbers, 1, 5));
    Tensor across = along(transpose(down, COLUMNS), at(numbers, 1, 0), at(numbers, 1, 2));
    return transpose(across, ROWS);
  }

  /** Along axis 1: what is i from the middle comes from a i + c. */
  private static Tensor along(Tensor x, Tensor a, Tensor c) {
    int m = x.dim(0);
    int n = x.dim(1);
    double middle = (n - 1) / 2.0;
    Shape each = Shape.of(m, n);
    Tensor from = sub(convert(iota(each, 1), DType.F32), scalar(middle));
    Tensor to = add(mul(broadcast(a, each, List.of(1)), from), broadcast(c, each, List.of(1)));
    Tensor at = inRim(add(to, scalar(middle)), n);
    Tensor first = floor(at);
    Tensor share = sub(at, first);
    Tensor lines = pad(x, List.of(0, 0, 0, 0), List.of(0, 1, 0, 0)); // a blank one for what is out
    Tensor sum = null;
    for (int d = 0; d < 2; d++) {
      Tensor place = add(first, scalar(d));
      Tensor index = convert(where(within(place, n), place, fill(n, each)), DType.I32);
      Tensor shown = gather(lines, index, 1);
      Tensor weight = d == 1 ? share : sub(scalar(1), share);
      Tensor part = mul(shown, broadcast(weight, shown.shape(), List.of(2, 3)));
      sum = d == 0 ? part : add(sum, part);
    }
    return sum;
  }

  /** One blank pixel at the end, for all that is outside. */
  private static Tensor padded(Tensor x) {
    Shape flat = Shape.of(x.dim(0), x.dim(1) * x.dim(2), x.dim(3));
    return pad(reshape(x, flat), List.of(0, 0, 0), List.of(0, 1, 0));
  }

  /** Where a pixel is among those, I32 [m, n]. */
  private static Tensor place(Tensor column, Tensor row, int h, int w) {
    Tensor inside = mul(within(column, w), within(row, h));
    Tensor place = add(scale(row, w), column);
    return convert(where(inside, place, fill(h * w, place.shape())), DType.I32);
  }

  /** At the middle of the outermost pixel where it was in its outer half. */
  private static Tensor inRim(Tensor at, int n) {
    Tensor near = mul(lessEqual(scalar(-RIM), at), lessEqual(at, scalar(n - 1 + RIM)));
    return where(near, minimum(maximum(at, scalar(0)), scalar(n - 1)), at);
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
