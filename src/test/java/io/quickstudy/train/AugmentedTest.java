package io.quickstudy.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.quickstudy.data.sampling.Distortion;
import io.quickstudy.data.sampling.Erasing;
import io.quickstudy.data.sampling.Jitter;
import io.quickstudy.graph.DType;
import io.quickstudy.graph.Ops;
import io.quickstudy.graph.Shape;
import io.quickstudy.graph.Tensor;
import io.quickstudy.random.RandomStream;
import io.quickstudy.random.RandomUse;
import io.quickstudy.reference.Reference;
import io.quickstudy.transform.Grad;
import io.quickstudy.transform.Params;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

/** Changed images against plain loops in double precision. */
class AugmentedTest {
  private static final int HEIGHT = 6;
  private static final int WIDTH = 8;
  private static final Shape ONE = Shape.of(1, HEIGHT, WIDTH, 3);
  private static final int SIZE = HEIGHT * WIDTH * 3;

  private static double[] image(int number) {
    RandomStream r = new RandomStream(2, RandomUse.PARAMETERS, number);
    double[] x = new double[SIZE];
    Arrays.setAll(x, i -> r.nextDouble());
    return x;
  }

  private static Tensor whole(double... numbers) {
    double[] times = Arrays.stream(numbers).map(v -> Math.rint(v * Distortion.ONE)).toArray();
    return Ops.literal(DType.I32, Shape.of(times.length), times);
  }

  private static double[] warped(double[] x, Warp.Kind kind, double... map) {
    return Reference.eval(Warp.apply(Ops.literal(ONE, x), whole(map), kind));
  }

  private static double at(double[] x, int row, int column, int channel) {
    boolean inside = row >= 0 && row < HEIGHT && column >= 0 && column < WIDTH;
    return inside ? x[(row * WIDTH + column) * 3 + channel] : 0;
  }

  private interface Pixel {
    double at(int row, int column, int channel);
  }

  private static double[] each(Pixel p) {
    double[] y = new double[SIZE];
    for (int k = 0; k < SIZE; k++) {
      y[k] = p.at(k / 3 / WIDTH, k / 3 % WIDTH, k % 3);
    }
    return y;
  }

  @Test
  void flipsReverseExactly() {
    double[] x = image(0);
    double[] right = each((i, j, c) -> at(x, i, WIDTH - 1 - j, c));
    double[] down = each((i, j, c) -> at(x, HEIGHT - 1 - i, j, c));
    double[] shifted = each((i, j, c) -> at(x, i - 2, j + 1, c));
    for (Warp.Kind k : Warp.Kind.values()) {
      assertArrayEquals(right, warped(x, k, -1, 0, 0, 0, 1, 0), 0, k + ", left and right");
      assertArrayEquals(down, warped(x, k, 1, 0, 0, 0, -1, 0), 0, k + ", top and bottom");
      assertArrayEquals(shifted, warped(x, k, 1, 0, 1, 0, 1, -2), 0, k + ", padded and cropped");
      assertArrayEquals(x, warped(x, k, 1, 0, 0, 0, 1, 0), 0, k + ", the whole");
    }
  }

  /**
   * torchvision's resized crop of a part that reaches the image's edges: bilinear, with half a
   * pixel at each end, and what lies beyond the edge repeats it.
   */
  @Test
  void aResizedCropIsTorchvisions() {
    double[] x = image(1);
    double[][] parts = {{0, 0, 3, 4}, {3, 4, 3, 4}, {0, 2, 6, 6}, {0, 0, 6, 8}, {0, 0, 2, 8}};
    for (double[] p : parts) {
      double a = p[3] / WIDTH;
      double e = p[2] / HEIGHT;
      double moveX = p[1] + p[3] / 2 - WIDTH / 2.0;
      double moveY = p[0] + p[2] / 2 - HEIGHT / 2.0;
      double[] expected =
          each(
              (i, j, c) -> {
                double row = Math.clamp((i + 0.5) * e + p[0] - 0.5, 0, HEIGHT - 1);
                double column = Math.clamp((j + 0.5) * a + p[1] - 0.5, 0, WIDTH - 1);
                int t = Math.min((int) row, HEIGHT - 2);
                int l = Math.min((int) column, WIDTH - 2);
                double above = mix(at(x, t, l, c), at(x, t, l + 1, c), column - l);
                double below = mix(at(x, t + 1, l, c), at(x, t + 1, l + 1, c), column - l);
                return mix(above, below, row - t);
              });
      for (Warp.Kind k : List.of(Warp.Kind.SQUARES, Warp.Kind.PARTS)) {
        double[] y = warped(x, k, a, 0, moveX, 0, e, moveY);
        assertArrayEquals(expected, y, 1e-4, Arrays.toString(p)); // maps are sixteen bits
      }
    }
  }

  private static double mix(double a, double b, double share) {
    return (1 - share) * a + share * b;
  }

  private static double[] recoloured(double[] x, Jitter jitter, double... numbers) {
    return Reference.eval(Recolour.apply(Ops.literal(ONE, x), whole(numbers), jitter));
  }

  private static double grey(double[] x, int pixel) {
    return 0.2989 * x[3 * pixel] + 0.587 * x[3 * pixel + 1] + 0.114 * x[3 * pixel + 2];
  }

  private static double[] blend(double[] x, double factor, UnaryOperator<double[]> with) {
    double[] other = with.apply(x);
    double[] y = new double[SIZE];
    Arrays.setAll(y, k -> Math.clamp(factor * x[k] + (1 - factor) * other[k], 0, 1));
    return y;
  }

  private static double[] meanGrey(double[] x) {
    double sum = 0;
    for (int p = 0; p < SIZE / 3; p++) {
      sum += grey(x, p);
    }
    double[] y = new double[SIZE];
    Arrays.fill(y, sum / (SIZE / 3.0));
    return y;
  }

  private static double[] greys(double[] x) {
    double[] y = new double[SIZE];
    Arrays.setAll(y, k -> grey(x, k / 3));
    return y;
  }

  /** By torchvision's own way there and back, with its sectors. */
  private static double[] hue(double[] x, double by) {
    double[] y = new double[SIZE];
    for (int k = 0; k < SIZE; k += 3) {
      double r = x[k];
      double g = x[k + 1];
      double b = x[k + 2];
      double max = Math.max(r, Math.max(g, b));
      double chroma = max - Math.min(r, Math.min(g, b));
      double s = chroma == 0 ? 0 : chroma / max;
      double divisor = chroma == 0 ? 1 : chroma;
      double rc = (max - r) / divisor;
      double gc = (max - g) / divisor;
      double bc = (max - b) / divisor;
      double h = max == r ? bc - gc : max == g ? 2 + rc - bc : 4 + gc - rc;
      h = (h / 6 + 1) % 1;
      h = (h + by + 1) % 1;
      int sector = (int) Math.floor(h * 6);
      double f = h * 6 - sector;
      double p = max * (1 - s);
      double q = max * (1 - s * f);
      double t = max * (1 - s * (1 - f));
      double[] rgb =
          switch (sector % 6) {
            case 0 -> new double[] {max, t, p};
            case 1 -> new double[] {q, max, p};
            case 2 -> new double[] {p, max, t};
            case 3 -> new double[] {p, q, max};
            case 4 -> new double[] {t, p, max};
            default -> new double[] {max, p, q};
          };
      System.arraycopy(rgb, 0, y, k, 3);
    }
    return y;
  }

  @Test
  void coloursAreTorchvisions() {
    double[] x = image(2);
    double b = 1.25;
    double c = 0.625;
    double s = 1.375;
    double h = -0.0625;
    double[] bright = blend(x, b, v -> new double[SIZE]);
    assertArrayEquals(bright, recoloured(x, new Jitter(0.4, 0, 0, 0), b, c, s, h), 1e-12);
    double[] contrast = blend(x, c, AugmentedTest::meanGrey);
    assertArrayEquals(contrast, recoloured(x, new Jitter(0, 0.4, 0, 0), b, c, s, h), 1e-12);
    double[] saturated = blend(x, s, AugmentedTest::greys);
    assertArrayEquals(saturated, recoloured(x, new Jitter(0, 0, 0.4, 0), b, c, s, h), 1e-12);
    assertArrayEquals(hue(x, h), recoloured(x, new Jitter(0, 0, 0, 0.1), b, c, s, h), 1e-12);
    assertArrayEquals(hue(x, 0.5), recoloured(x, new Jitter(0, 0, 0, 0.5), b, c, s, 0.5), 1e-12);
    double[] all = blend(x, b, v -> new double[SIZE]);
    all = blend(all, c, AugmentedTest::meanGrey);
    all = hue(blend(all, s, AugmentedTest::greys), h);
    assertArrayEquals(all, recoloured(x, new Jitter(0.4, 0.4, 0.4, 0.1), b, c, s, h), 1e-12);
    assertTrue(Arrays.stream(bright).anyMatch(v -> v == 1), "some is cut");
  }

  /** Numbers of Python's colorsys: turned by 0.1 and so on. */
  @Test
  void huesAreThoseOfAnotherProgram() {
    double[][] turned = {
      {0.9, 0.2, 0.4, 0.125, 0.9, 0.525, 0.2},
      {0.1, 0.8, 0.3, -0.25, 0.8, 0.65, 0.1},
      {0.2, 0.3, 0.7, 0.5, 0.7, 0.6, 0.2},
      {0.4, 0.4, 0.4, 0.25, 0.4, 0.4, 0.4},
      {0, 0, 0, 0.25, 0, 0, 0},
      {1, 0, 0, 0.5, 0, 1, 1}
    };
    for (double[] t : turned) {
      double[] x = new double[SIZE];
      Arrays.setAll(x, k -> t[k % 3]);
      double[] y = recoloured(x, new Jitter(0, 0, 0, 0.5), 1, 1, 1, t[3]);
      assertArrayEquals(
          Arrays.copyOfRange(t, 4, 7), Arrays.copyOf(y, 3), 1e-12, Arrays.toString(t));
    }
  }

  @Test
  void greyHasBrightnessAndContrastAlone() {
    double[] x = {0.1, 0.3, 0.5, 0.9};
    Tensor images = Ops.literal(Shape.of(1, 2, 2, 1), x);
    Tensor numbers = whole(1.5, 0.5, 0, 0.25);
    double[] y = Reference.eval(Recolour.apply(images, numbers, new Jitter(0.5, 0.5, 1, 0.5)));
    double[] bright = {0.15, 0.45, 0.75, 1};
    double mean = Arrays.stream(bright).average().orElseThrow();
    assertArrayEquals(Arrays.stream(bright).map(v -> 0.5 * v + 0.5 * mean).toArray(), y, 1e-12);
  }

  private static double[] erased(double[] two, Erasing.Paint paint) {
    Tensor x = Ops.literal(Shape.of(2, HEIGHT, WIDTH, 3), two);
    Tensor keys = Ops.literal(DType.I32, Shape.of(4), 1, 2, 3, 4);
    Tensor boxes = Ops.literal(DType.I32, Shape.of(8), 1, 2, 3, 4, 4, 0, 2, 1);
    return Reference.eval(Erase.apply(x, boxes, Erase.paint(paint, x, keys)));
  }

  @Test
  void aRectangleIsPaintedAndNothingElse() {
    double[] two = new double[2 * SIZE];
    System.arraycopy(image(3), 0, two, 0, SIZE);
    System.arraycopy(image(4), 0, two, SIZE, SIZE);
    for (Erasing.Paint paint : Erasing.Paint.values()) {
      double[] y = erased(two, paint);
      double[] before = new double[3];
      int painted = 0;
      for (int k = 0; k < 2 * SIZE; k++) {
        int row = k % SIZE / 3 / WIDTH;
        int column = k / 3 % WIDTH;
        boolean inside =
            k < SIZE ? row >= 1 && row < 4 && column >= 2 && column < 6 : row >= 4 && column == 0;
        if (!inside) {
          assertEquals(two[k], y[k], paint + " outside");
          continue;
        }
        painted++;
        int first = k / SIZE * SIZE;
        int channel = k % 3;
        double[] own = Arrays.copyOfRange(two, first, first + SIZE);
        double mean = 0;
        for (int i = channel; i < SIZE; i += 3) {
          mean += own[i] / (SIZE / 3.0);
        }
        switch (paint) {
          case MEAN -> assertEquals(mean, y[k], 1e-12);
          case BLACK -> assertEquals(0, y[k]);
          case WHITE -> assertEquals(1, y[k]);
          case NOISE -> {
            assertTrue(y[k] >= 0 && y[k] < 1 && y[k] != two[k] && y[k] != before[channel]);
            before[channel] = y[k];
          }
        }
      }
      assertEquals(3 * (12 + 2), painted);
    }
  }

  @Test
  void noiseIsEvenAndEveryImagesOwn() {
    Shape s = Shape.of(2, 40, 40, 3);
    Tensor keys = Ops.literal(DType.I32, Shape.of(4), 7, -8, 9, 10);
    double[] y = Reference.eval(Erase.paint(Erasing.Paint.NOISE, Ops.fill(0, s), keys));
    int half = y.length / 2;
    int[] tenths = new int[10];
    int same = 0;
    for (int i = 0; i < y.length; i++) {
      tenths[(int) (10 * y[i])]++;
      same += i >= half && y[i] == y[i - half] ? 1 : 0;
    }
    for (int n : tenths) {
      assertEquals(y.length / 10.0, n, 5 * Math.sqrt(0.09 * y.length), "of each tenth");
    }
    assertEquals(0, same, "of two images");
  }

  /** Each image's gradient is what differences of it say, through all of it at once. */
  @Test
  void gradientsFlowThrough() {
    double[] x = image(5);
    Tensor weights = Ops.literal(ONE, image(6));
    java.util.function.Function<Params, Tensor> f =
        p -> {
          Tensor y =
              Warp.apply(p.get("x"), whole(0.75, 0.1, 0.25, -0.1, 0.75, 0.5), Warp.Kind.SQUARES);
          y = Recolour.apply(y, whole(0.8, 0.7, 1.1, 0.05), new Jitter(1, 1, 1, 0.1));
          Tensor box = Ops.literal(DType.I32, Shape.of(4), 1, 1, 2, 2);
          y = Erase.apply(y, box, Erase.paint(Erasing.Paint.MEAN, y, null));
          return Ops.sum(Ops.mul(y, weights));
        };
    double[] g = Reference.eval(Grad.grad(f, Params.of("x", Ops.literal(ONE, x))).get("x"));
    double step = 1e-6;
    int moved = 0;
    for (int k = 0; k < SIZE; k += 5) {
      double[] up = x.clone();
      double[] down = x.clone();
      up[k] += step;
      down[k] -= step;
      double slope = (value(f, up) - value(f, down)) / (2 * step);
      assertEquals(slope, g[k], 1e-6, "of number " + k);
      moved += slope != 0 ? 1 : 0;
    }
    assertTrue(moved > SIZE / 20, "most pixels are shown");
  }

  private static double value(java.util.function.Function<Params, Tensor> f, double[] x) {
    return Reference.eval(f.apply(Params.of("x", Ops.literal(ONE, x))), Map.of())[0];
  }
}
