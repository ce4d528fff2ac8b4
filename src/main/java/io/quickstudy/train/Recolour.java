package io.quickstudy.train;

import static io.quickstudy.graph.Ops.*;

import io.quickstudy.data.sampling.Distortion;
import io.quickstudy.data.sampling.Jitter;
import io.quickstudy.graph.DType;
import io.quickstudy.graph.Shape;
import io.quickstudy.graph.Tensor;
import java.util.List;

/**
 * Changes of images' colours as torchvision's {@code ColorJitter} has them for numbers from 0 to 1:
 * brightness, contrast, saturation, hue, in this order.
 */
final class Recolour {
  /** How much red, green and blue count in grey (ITU-R BT.601, as torchvision rounds it). */
  private static final double[] LUMA = {0.2989, 0.587, 0.114};

  private static final int SECTORS = 6; // of the circle of hues

  private Recolour() {}

  /**
   * Each image by numbers of its own; what a {@link Jitter} leaves out is not computed, and an
   * image of one channel has no saturation and no hue.
   *
   * @param x images F32 [m, height, width, channels], 0 to 1
   * @param numbers I32 [m * 4], as {@link Jitter} has them
   */
  static Tensor apply(Tensor x, Tensor numbers, Jitter jitter) {
    Tensor each =
        scale(
            convert(reshape(numbers, Shape.of(x.dim(0), Jitter.INTEGERS)), DType.F32),
            1.0 / Distortion.ONE);
    Tensor y = x;
    if (jitter.brightness() > 0) {
      y = clamp(mul(y, broadcast(at(each, 1, 0), y.shape(), List.of(1, 2, 3))));
    }
    if (jitter.contrast() > 0) {
      Tensor mean = broadcast(mean(grey(y), List.of(1, 2)), y.shape(), List.of(1, 2, 3));
      y = away(mean, y, at(each, 1, 1));
    }
    if (x.dim(3) == LUMA.length) {
      if (jitter.saturation() > 0) {
        y = away(broadcast(grey(y), y.shape(), List.of(3)), y, at(each, 1, 2));
      }
      if (jitter.hue() > 0) {
        y = turned(y, at(each, 1, 3));
      }
    }
    return y;
  }

  private static Tensor clamp(Tensor x) {
    return minimum(maximum(x, scalar(0)), scalar(1));
  }

  /** factor x + (1 - factor) from, which torchvision calls blending. */
  private static Tensor away(Tensor from, Tensor x, Tensor factor) {
    return clamp(
        add(from, mul(sub(x, from), broadcast(factor, x.shape(), List.of(1, 2, 3)))));
  }

  /** [m, height, width]. */
  private static Tensor grey(Tensor x) {
    if (x.dim(3) == 1) {
      return at(x, 3, 0);
    }
    Tensor sum = scale(at(x, 3, 0), LUMA[0]);
    for (int c = 1; c < LUMA.length; c++) {
      sum = add(sum, scale(at(x, 3, c), LUMA[c]));
    }
    return sum;
  }

  /** By way of hue, saturation and value: Smith (1978), "Color Gamut Transform Pairs". */
  private static Tensor turned(Tensor x, Tensor by) {
    Tensor r = at(x, 3, 0);
    Tensor g = at(x, 3, 1);
    Tensor b = at(x, 3, 2);
    Tensor value = maximum(maximum(r, g), b);
    Tensor chroma = sub(value, minimum(minimum(r, g), b));
    Tensor divisor = where(equal(chroma, scalar(0)), fill(1, r.shape()), chroma);
    Tensor sector = // the hue times six; 0 of grey, where nothing depends on it
        where(
            equal(r, value),
            div(sub(g, b), divisor),
            where(
                equal(g, value),
                add(div(sub(b, r), divisor), scalar(2)),
                add(div(sub(r, g), divisor), scalar(4))));
    Tensor to = add(sector, broadcast(scale(by, SECTORS), r.shape(), List.of(1, 2)));
    // a channel loses none of the chroma in two of the six sectors, all in two, and part between
    return stack(
        3,
        List.of(
            channel(to, value, chroma, 5),
            channel(to, value, chroma, 3),
            channel(to, value, chroma, 1)));
  }

  private static Tensor channel(Tensor sector, Tensor value, Tensor chroma, int from) {
    Tensor s = add(sector, scalar(from));
    Tensor k = sub(s, scale(floor(scale(s, 1.0 / SECTORS)), SECTORS));
    Tensor lost = clamp(minimum(k, sub(scalar(4), k)));
    return sub(value, mul(chroma, lost));
  }
}
