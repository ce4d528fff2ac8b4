package io.quickstudy.nn;

import static io.quickstudy.graph.Ops.*;

import io.quickstudy.functions.Activations;
import io.quickstudy.graph.Shape;
import io.quickstudy.graph.Tensor;
import io.quickstudy.graph.Window;
import io.quickstudy.settings.Setting;
import io.quickstudy.transform.Params;
import java.util.List;
import java.util.Optional;

/**
 * The residual network that few-shot papers use: images [n, height, width, channels] to features
 * [n, d]. Four blocks of three 3x3 convolutions with batch normalisation and LeakyReLU of slope
 * 0.1, beside which a 1x1 convolution with batch normalisation carries the input; the sum's
 * LeakyReLU, and 2x2 maximum pooling that drops a last odd row or column. Widths are 64, 160, 320
 * and 640 in Lee et al. (2019), "Meta-Learning with Differentiable Convex Optimization", section
 * 4.1, whose released code this follows; Oreshkin et al. (2018), "TADAM", and Mishra et al. (2018),
 * "SNAIL", had it with others.
 *
 * <p>While it is trained, blocks 1 and 2 end with {@link Dropout} and the others with {@link
 * DropBlock}, as in that code. There a counter of passes says how far the rate has risen, two for
 * each step of training; here it is steps that count, so that its 40,000 passes are 20,000.
 *
 * <p>Parameters are named as those of that code, with the block's number I: "layerI.0.convK.weight"
 * and "layerI.0.bnK.*" with K from 1 to 3, "layerI.0.downsample.0.weight" [1, 1, C, O] and
 * "layerI.0.downsample.1.*".
 *
 * @param example shape of an image, [height, width, channels]
 * @param widths filters of each block, one or more
 * @param head what becomes of the last block's map
 * @param dropRate of dropout, and of DropBlock in the end
 * @param dropBlock side of DropBlock's squares
 * @param dropSteps of training in which DropBlock's rate rises; 0 for the whole of it at once
 * @param start how large the features are at first
 */
public record ResNet12(
    Shape example,
    List<Integer> widths,
    ConvNet.Head head,
    double dropRate,
    int dropBlock,
    int dropSteps,
    FeatureScale start)
    implements Backbone {
  /** Its declaration. */
  public static final ModelKind<Options> KIND =
      ModelKind.of(ResNet12.class, Options.class, Options::architecture)
          .named("resnet12")
          .about("residual blocks of three 3x3 convolutions, with DropBlock (Lee et al. 2019)")
          .normalised()
          .samples()
          .ofImages();

  /**
   * Its options.
   *
   * @param widths filters of each block
   * @param head what becomes of the last block's map
   * @param dropRate of dropout, and of DropBlock in the end
   * @param dropBlock side of DropBlock's squares
   * @param dropSteps of training in which DropBlock's rate rises
   * @param featureScale how large the features are at first
   */
  public record Options(
      @Setting(value = "filters of each residual block", usual = "64,160,320,640", least = 1)
          List<Integer> widths,
      @Setting(value = "how the last block becomes a vector", usual = "mean") ConvNet.Head head,
      @Setting(
              value = "how much of a map is dropped while training; 0 for nothing",
              usual = "0.1",
              least = 0,
              below = 1)
          double dropRate,
      @Setting(
              value = "side of the squares that DropBlock drops, in blocks 3 and 4",
              usual = "5",
              least = 1)
          int dropBlock,
      @Setting(
              value = "steps in which DropBlock's rate rises to --drop-rate; 0 for at once",
              usual = "20000",
              least = 0)
          int dropSteps,
      @Setting(
              value = "how large features are at first: unit whatever their number, or raw",
              usual = "unit",
              before = "raw")
          FeatureScale featureScale) {
    /** At least one block. */
    public Options {
      widths = List.copyOf(widths);
      if (widths.isEmpty()) {
        throw new IllegalArgumentException(
            "Option --widths is empty: expected filters of each block; 64,160,320,640 for"
                + " example.");
      }
    }

    private Architecture architecture() {
      return e -> new ResNet12(e, widths, head, dropRate, dropBlock, dropSteps, featureScale);
    }
  }

  private static final double SLOPE = 0.1;

  /**
   * The mean square of the largest of four normal numbers of variance 2, which is what the sum of
   * two normalised maps and pooling make of each number.
   */
  private static final int LARGER = 3;

  private static final int CONVOLUTIONS = 3;
  private static final int FIRST_BLOCK_DROPPED = 3;

  /** Refuses a network whose image shrinks to nothing. */
  public ResNet12 {
    widths = List.copyOf(widths);
    int n = widths.size();
    if (n > 30 || example.dim(0) >> n == 0 || example.dim(1) >> n == 0) {
      throw new IllegalArgumentException(
          "Option --widths has %s blocks: expected fewer, since so many halvings leave nothing of a %sx%s image; take some away, or larger images."
              .formatted(n, example.dim(0), example.dim(1)));
    }
  }

  @Override
  public int features() {
    return head == ConvNet.Head.MEAN ? widths.getLast() : last().size();
  }

  private Shape last() {
    int n = widths.size();
    return Shape.of(example.dim(0) >> n, example.dim(1) >> n, widths.getLast());
  }

  @Override
  public Optional<Shape> map() {
    return head == ConvNet.Head.MEAN ? Optional.empty() : Optional.of(last());
  }

  @Override
  public Params init(Init draw) {
    Params p = Params.empty();
    int in = example.dim(2);
    for (int i = 1; i <= widths.size(); i++) {
      int out = widths.get(i - 1);
      String block = block(i);
      double gamma = i == widths.size() ? start.of(LARGER * features()) : 1;
      for (int k = 1; k <= CONVOLUTIONS; k++) {
        p = p.with(Layers.conv(draw, block + "conv" + k, 3, k == 1 ? in : out, out));
        p = p.with(Layers.norm(block + "bn" + k, out, k == CONVOLUTIONS ? gamma : 1));
      }
      p = p.with(Layers.conv(draw, block + "downsample.0", 1, in, out));
      p = p.with(Layers.norm(block + "downsample.1", out, gamma));
      in = out;
    }
    return p;
  }

  private static String block(int i) {
    return "layer" + i + ".0.";
  }

  @Override
  public Pass pass(Params theta, Tensor x, Norm norm) {
    Layers.check(x, example);
    Layers on = new Layers(theta, norm);
    Tensor z = x;
    for (int i = 1; i <= widths.size(); i++) {
      String block = block(i);
      Tensor beside = on.conv(block + "downsample.0", z, Window.square(1, 1, 0));
      for (int k = 1; k <= CONVOLUTIONS; k++) {
        z = on.conv(block + "conv" + k, z, Window.square(3, 1, 1));
        z = on.norm(block + "bn" + k, z);
        z = k < CONVOLUTIONS ? Activations.leakyRelu(z, SLOPE) : z;
      }
      z = add(z, on.norm(block + "downsample.1", beside));
      // the same before and behind pooling; behind there is a quarter to do
      z = Activations.leakyRelu(maxPool(z, Window.square(2, 2, 0)), SLOPE);
      z = dropped(i, z);
    }
    Tensor y =
        head == ConvNet.Head.MEAN
            ? mean(z, List.of(1, 2))
            : reshape(z, Shape.of(z.dim(0), features()));
    return new Pass(y, on.seen());
  }

  private Tensor dropped(int block, Tensor z) {
    return block < FIRST_BLOCK_DROPPED
        ? new Dropout(dropRate).of(z)
        : new DropBlock(dropRate, dropBlock, dropSteps).of(z);
  }
}
