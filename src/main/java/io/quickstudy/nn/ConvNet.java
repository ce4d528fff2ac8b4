package io.quickstudy.nn;

import static io.quickstudy.functions.Normalisation.*;
import static io.quickstudy.graph.Ops.*;

import io.quickstudy.functions.Losses;
import io.quickstudy.graph.Shape;
import io.quickstudy.graph.Tensor;
import io.quickstudy.graph.Window;
import io.quickstudy.settings.Setting;
import io.quickstudy.transform.Params;
import java.util.List;
import java.util.Optional;

/**
 * Blocks of a 3x3 convolution, batch normalisation and ReLU, each or the first of them halving the
 * image: images [n, height, width, channels] to features [n, d]. The backbone of the field (Vinyals
 * et al. 2016, section 4.1.1): four blocks of 64 filters. Parameters of block i: "convI.weight" [3,
 * 3, C, O], and "normI.weight", "normI.bias", "normI.running_mean", "normI.running_var" [O]. The
 * convolution has no bias, since the normalisation would remove it.
 *
 * @param height of an image in pixels
 * @param width of an image in pixels
 * @param channels of an image
 * @param filters of every block
 * @param blocks how many
 * @param down how a block halves the image
 * @param halvings how many blocks do so, the first ones
 * @param head what becomes of the last block's map
 * @param start how large the features are at first
 */
public record ConvNet(
    int height,
    int width,
    int channels,
    int filters,
    int blocks,
    Down down,
    int halvings,
    Head head,
    FeatureScale start)
    implements Backbone {
  /** Its declaration. */
  public static final ModelKind<Options> KIND =
      ModelKind.of(ConvNet.class, Options.class, Options::architecture)
          .named("conv")
          .about("blocks of 3x3 convolution, batch norm and ReLU, each halving the image")
          .normalised()
          .ofImages();

  /**
   * Its options.
   *
   * @param filters of every block
   * @param blocks how many
   * @param down how a block halves the image
   * @param halvings how many blocks do so, the first ones; 0 for all
   * @param head what becomes of the last block's map
   * @param featureScale how large the features are at first
   */
  public record Options(
      @Setting(value = "filters of each block of the conv model", usual = "64", least = 1)
          int filters,
      @Setting(value = "blocks of the conv model", usual = "4", least = 1) int blocks,
      @Setting(value = "how a block halves the image", usual = "pool") Down down,
      @Setting(
              value = "blocks that halve the image, the first ones; 0 for all of them",
              usual = "0",
              before = "0",
              least = 0)
          int halvings,
      @Setting(value = "how the last block becomes a vector", usual = "flatten") Head head,
      @Setting(
              value = "how large features are at first: unit whatever their number, or raw",
              usual = "unit",
              before = "raw")
          FeatureScale featureScale) {
    private Architecture architecture() {
      return new Chosen(this);
    }
  }

  private record Chosen(Options o) implements Architecture {
    @Override
    public Backbone embedding(Shape e) {
      return new ConvNet(
          e.dim(0),
          e.dim(1),
          e.dim(2),
          o.filters(),
          o.blocks(),
          o.down(),
          o.halvings() == 0 ? o.blocks() : o.halvings(),
          o.head(),
          o.featureScale());
    }

    @Override
    public Optional<String> noteOnWeights() {
      return o.down() == Down.STRIDE
          ? Optional.of(
              "with --down stride an even image is padded below and right alone, as TensorFlow"
                  + " does; in PyTorch that is F.pad(x, (0, 1, 0, 1)) before a convolution of"
                  + " stride 2 without padding, while padding=1 there gives other features")
          : Optional.empty();
    }
  }

  /** How a block halves its image. */
  public enum Down {
    /** The convolution has stride 2; 28 becomes 14, 7, 4, 2. */
    STRIDE,
    /** 2x2 maximum pooling behind it, a last odd row or column dropped; 28 becomes 14, 7, 3, 1. */
    MAX_POOL;

    /** The name that people type. */
    @Override
    public String toString() {
      return this == MAX_POOL ? "pool" : "stride";
    }
  }

  /** How the last block's map becomes a vector. */
  public enum Head {
    /** All its numbers, row-major. */
    FLATTEN,
    /** The mean over its positions. */
    MEAN
  }

  /** Refuses a network whose image shrinks to nothing. */
  public ConvNet {
    if (halvings < 0 || halvings > blocks) {
      throw new IllegalArgumentException(
          "Option --halvings is %s: expected at most %s, one for each block; change it or --blocks."
              .formatted(halvings, blocks));
    }
    if (down == Down.MAX_POOL && (height >> halvings == 0 || width >> halvings == 0)) {
      throw new IllegalArgumentException(
          "%s blocks of pooling leave nothing of a %sx%s image; take fewer blocks or larger images"
              .formatted(halvings, height, width));
    }
  }

  /** The same with every block halving the image. */
  public ConvNet(
      int height,
      int width,
      int channels,
      int filters,
      int blocks,
      Down down,
      Head head,
      FeatureScale start) {
    this(height, width, channels, filters, blocks, down, blocks, head, start);
  }

  /** The same with features as large as batch normalisation leaves them. */
  public ConvNet(
      int height, int width, int channels, int filters, int blocks, Down down, Head head) {
    this(height, width, channels, filters, blocks, down, head, FeatureScale.RAW);
  }

  @Override
  public int features() {
    return head == Head.MEAN ? filters : filters * size(height) * size(width);
  }

  @Override
  public Optional<Shape> map() {
    return head == Head.MEAN
        ? Optional.empty()
        : Optional.of(Shape.of(size(height), size(width), filters));
  }

  private int size(int extent) {
    int e = extent;
    for (int i = 0; i < halvings; i++) {
      e = down == Down.STRIDE ? (e + 1) / 2 : e / 2;
    }
    return e;
  }

  @Override
  public Params init(Init draw) {
    Params p = Params.empty();
    Shape o = Shape.of(filters);
    for (int i = 1; i <= blocks; i++) {
      Shape w = Shape.of(3, 3, i == 1 ? channels : filters, filters);
      double gamma = i == blocks ? start.of(features()) : 1;
      p =
          p.with("conv" + i + ".weight", draw.glorot(w))
              .with("norm" + i + ".weight", fill(gamma, o))
              .with("norm" + i + ".bias", fill(0, o))
              .with(Norm.pack("norm" + i, new Moments(fill(0, o), fill(1, o))));
    }
    return p;
  }

  @Override
  public Pass pass(Params theta, Tensor x, Norm norm) {
    if (x.rank() != 4 || !x.shape().sub(1, 4).equals(Shape.of(height, width, channels))) {
      throw new IllegalArgumentException(
          "images %s; this network expects [n, %s, %s, %s]: resize them or build it for their size"
              .formatted(x.shape(), height, width, channels));
    }
    Tensor z = x;
    Params seen = Params.empty();
    for (int i = 1; i <= blocks; i++) {
      String name = "norm" + i;
      boolean halves = i <= halvings;
      int stride = halves && down == Down.STRIDE ? 2 : 1;
      z = conv(z, theta.get("conv" + i + ".weight"), Window.same(3, stride, z.dim(1), z.dim(2)));
      Moments by = norm.moments(name, z);
      seen = seen.with(Norm.pack(name, by));
      z = batchNorm(z, by, theta.get(name + ".weight"), theta.get(name + ".bias"));
      if (halves && down == Down.MAX_POOL) {
        z = maxPool(z, Window.square(2, 2, 0));
      }
      z = Losses.relu(z); // the same before and behind pooling; behind there is a quarter to do
    }
    Tensor y =
        head == Head.MEAN
            ? mean(z, List.of(1, 2))
            : reshape(z, Shape.of(z.dim(0), z.dim(1) * z.dim(2) * z.dim(3)));
    return new Pass(y, seen);
  }
}
