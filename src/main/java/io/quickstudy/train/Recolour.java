package io.quickstudy.train;

import static io.quickstudy.graph.Ops.*;

import io.quickstudy.data.sampling.Distortion;
import io.quickstudy.data.sampling.Jitter;
import io.quickstudy.graph.DType;
import io.quickstudy.graph.Shape;
import io.quickstudy.graph.Tensor;
import java.util.ArrayList;
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
    boolean coloured = x.dim(3) == LUMA.length;
    List<Tensor> y = new ArrayList<>(); // channels apart, so that what runs along is long
    for (int c = 0; c < x.dim(3); c++) {
      y.add(at(x, 3, c));
    }
    if (jitter.brightness() > 0) {
      Tensor factor = all(at(each, 1, 0), x);
      y.replaceAll(c -> clamp(mul(c, factor)));
    }
    if (jitter.contrast() > 0) {
      away(all(mean(grey(y), List.of(1, 2)), x), y, all(at(each, 1, 1), x));
    }
    if (coloured && jitter.saturation() > 0) {
      away(grey(y), y, all(at(each, 1, 2), x));
    }
    if (coloured && jitter.hue() > 0) {
      y = turned(y, all(at(each, 1, 3), x));
    }
    return stack(3, y);
  }

  /** One number of each image for each of its pixels, [m, height, width]. */
  private static Tensor all(Tensor each, Tensor x) {
    return broadcast(each, x.shape().sub(0, 3), List.of(1, 2));
  }

  private static Tensor clamp(Tensor x) {
    return minimum(maximum(x, scalar(0)), scalar(1));
  }

  /** factor x + (1 - factor) from, which torchvision calls blending. */
  private static void away(Tensor from, List<Tensor> x, Tensor factor) {
    x.replaceAll(c -> clamp(add(from, mul(sub(c, from), factor))));
  }

  /** [m, height, width]. */
  private static Tensor grey(List<Tensor> x) {
    if (x.size() == 1) {
      return x.get(0);
    }
    Tensor sum = scale(x.get(0), LUMA[0]);
    for (int c = 1; c < LUMA.length; c++) {
      sum = add(sum, scale(x.get(c), LUMA[c]));
    }
    return sum;
  }

  /** By way of hue, saturation and value: Smith (1978), "Color Gamut Transform Pairs". */
  private static List<Tensor> turned(List<Tensor> x, Tensor by) {
    Tensor r = x.get(0);
    Tensor g = x.get(1);
    Tensor b = x.get(2);
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
    Tensor to = add(sector, scale(by, SECTORS));
    // a channel loses none of the chroma in two of the six sectors, all in two, and part between
    return List.of(
        channel(to, value, chroma, 5),
        channel(to, value, chroma, 3),
        channel(to, value, chroma, 1));
  }

  private static Tensor channel(Tensor sector, Tensor value, Tensor chroma, int from) {
    Tensor s = add(sector, scalar(from));
    Tensor k = sub(s, scale(floor(scale(s, 1.0 / SECTORS)), SECTORS));
    Tensor lost = clamp(minimum(k, sub(scalar(4), k)));
    return sub(value, mul(chroma, lost));
  }
}
