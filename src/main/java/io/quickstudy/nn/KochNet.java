package io.quickstudy.nn;

import static io.quickstudy.graph.Ops.*;

import io.quickstudy.functions.Losses;
import io.quickstudy.graph.Shape;
import io.quickstudy.graph.Tensor;
import io.quickstudy.graph.Window;
import io.quickstudy.settings.Setting;
import io.quickstudy.transform.Params;
import java.util.Map;

/**
 * The network of Koch, Zemel and Salakhutdinov (2015), "Siamese Neural Networks for One-shot Image
 * Recognition", section 3.1 and figure 4: valid convolutions of 64 filters of 10x10, 128 of 7x7,
 * 128 of 4x4 and 256 of 4x4, ReLU behind each, 2x2 maximum pooling behind the first three, and a
 * linear layer to 4,096 sigmoid units. Images of 105x105 pixels become maps of 6x6x256. Parameters
 * "conv1.weight" [10, 10, C, 64], "conv1.bias" [64] to "conv4.bias", "fc.weight" [9216, 4096] and
 * "fc.bias". They start as in section 3.2: weights of convolutions normal with deviation 1e-2, of
 * the linear layer with 2e-1, biases normal about 0.5 with 1e-2.
 *
 * @param example shape of an image, [height, width, channels]
 * @param filters of the first convolution; the others have 2, 2 and 4 times as many
 * @param units of the linear layer
 */
public record KochNet(Shape example, int filters, int units) implements Backbone {
  /** Its declaration. */
  public static final ModelKind<Options> KIND =
      ModelKind.of(KochNet.class, Options.class, Options::architecture)
          .named("koch")
          .about(
              "large convolutions and a layer of sigmoids, for 105x105 images (Koch et al. 2015)")
          .ofImages();

  /**
   * Its options.
   *
   * @param firstFilters of the first convolution
   * @param units of the linear layer
   */
  public record Options(
      @Setting(
              value = "filters of the koch model's first layer; the others have 2, 2, 4 times that",
              usual = "64",
              least = 1)
          int firstFilters,
      @Setting(value = "sigmoid units of the koch model", usual = "4096", least = 1) int units) {
    private Architecture architecture() {
      return example -> new KochNet(example, firstFilters(), units());
    }
  }

  private static final int[] SIZES = {10, 7, 4, 4};
  private static final int[] TIMES = {1, 2, 2, 4};

  /** Refuses images of which the layers leave nothing. */
  public KochNet {
    for (int axis = 0; axis < 2; axis++) {
      if (size(example.dim(axis)) < 1) {
        throw new IllegalArgumentException(
            "Images of %sx%s for model 'koch': expected sides of at least %s, of which its layers leave something; say --size 105, or take another model."
                .formatted(example.dim(0), example.dim(1), least()));
      }
    }
  }

  private static int least() {
    int side = 1;
    while (size(side) < 1) {
      side++;
    }
    return side;
  }

  /** What the convolutions leave of a side. */
  private static int size(int side) {
    int s = side;
    for (int i = 0; i < SIZES.length; i++) {
      s = Math.max(0, s - SIZES[i] + 1);
      s = i < SIZES.length - 1 ? s / 2 : s;
    }
    return s;
  }

  @Override
  public int features() {
    return units;
  }

  private Shape last() {
    return Shape.of(size(example.dim(0)), size(example.dim(1)), TIMES[SIZES.length - 1] * filters);
  }

  @Override
  public Params init(Init draw) {
    Params p = Params.empty();
    int in = example.dim(2);
    for (int i = 0; i < SIZES.length; i++) {
      int out = TIMES[i] * filters;
      p =
          p.with(name(i) + ".weight", draw.normal(Shape.of(SIZES[i], SIZES[i], in, out), 1e-2))
              .with(name(i) + ".bias", bias(draw, out));
      in = out;
    }
    return p.with("fc.weight", draw.normal(Shape.of(last().size(), units), 2e-1))
        .with("fc.bias", bias(draw, units));
  }

  private static String name(int layer) {
    return "conv" + (layer + 1);
  }

  private static Tensor bias(Init draw, int n) {
    return add(draw.normal(Shape.of(n), 1e-2), scalar(0.5));
  }

  @Override
  public Pass pass(Params theta, Tensor x, Norm norm) {
    if (x.rank() != 4 || !x.shape().sub(1, 4).equals(example)) {
      throw new IllegalArgumentException(
          "images %s; this network expects [n, %s, %s, %s]: resize them or build it for their size"
              .formatted(x.shape(), example.dim(0), example.dim(1), example.dim(2)));
    }
    Tensor z = x;
    for (int i = 0; i < SIZES.length; i++) {
      z = conv(z, theta.get(name(i) + ".weight"), Window.square(SIZES[i], 1, 0));
      if (i < SIZES.length - 1) {
        z = maxPool(z, Window.square(2, 2, 0));
      }
      // a bias and ReLU give the same before and behind pooling; behind there is a quarter to do
      z = Losses.relu(add(z, theta.get(name(i) + ".bias")));
    }
    Tensor flat = reshape(z, Shape.of(z.dim(0), last().size()));
    Tensor y = add(dot(flat, theta.get("fc.weight")), theta.get("fc.bias"));
    return new Pass(sigmoid(y), Params.empty());
  }

  @Override
  public Map<String, Shape> flattened() {
    return Map.of("fc.weight", last());
  }
}
