package io.quickstudy.nn;

import static io.quickstudy.graph.Ops.*;

import io.quickstudy.functions.Losses;
import io.quickstudy.graph.Shape;
import io.quickstudy.graph.Tensor;
import io.quickstudy.graph.Window;
import io.quickstudy.settings.Setting;
import io.quickstudy.transform.Params;
import java.util.List;

/**
 * The wide residual network (Zagoruyko and Komodakis 2016, "Wide Residual Networks", table 1) in
 * the form that few-shot code has it: images [n, height, width, channels] to features [n, 64
 * width]. A 3x3 convolution of 16 filters; three stages of (depth - 4) / 6 blocks with 16, 32 and
 * 64 times the width, of which the last two begin with stride 2; batch normalisation, ReLU and the
 * mean over the positions. A block normalises first: batch normalisation, ReLU, 3x3 convolution,
 * batch normalisation, ReLU, dropout while it is trained (section 2.4), 3x3 convolution. Its input
 * is added, or where its shape changes a 1x1 convolution of its first ReLU.
 *
 * <p>Parameters have the names of that code: "conv1.weight", "blockS.layer.B.bnK.*",
 * "blockS.layer.B.convK.weight", "blockS.layer.0.convShortcut.weight" and "bn1.*".
 *
 * @param example shape of an image, [height, width, channels]
 * @param depth layers, 4 more than a multiple of 6
 * @param width how many times as many filters as the narrowest
 * @param stem filters of the first convolution, and of the first stage at width 1: 16
 * @param dropRate of dropout between a block's convolutions
 * @param start how large the features are at first
 */
public record WideResNet(
    Shape example, int depth, int width, int stem, double dropRate, FeatureScale start)
    implements Backbone {
  /** Its declaration. */
  public static final ModelKind<Options> KIND =
      ModelKind.of(WideResNet.class, Options.class, Options::architecture)
          .named("wrn")
          .about("wide residual network, by default WRN-28-10 (Zagoruyko and Komodakis 2016)")
          .normalised()
          .samples()
          .ofImages();

  /**
   * Its options.
   *
   * @param depth layers
   * @param width how many times as many filters as the narrowest
   * @param dropout its rate
   * @param featureScale how large the features are at first
   */
  public record Options(
      @Setting(
              value = "layers of the wide residual network, 4 more than a multiple of 6",
              usual = "28",
              least = 10)
          int depth,
      @Setting(
              value = "how many times as wide as a usual residual network",
              usual = "10",
              least = 1)
          int width,
      @Setting(
              value = "rate of dropout in its blocks while training; 0 for none",
              usual = "0",
              least = 0,
              below = 1)
          double dropout,
      @Setting(
              value = "how large features are at first: unit whatever their number, or raw",
              usual = "unit",
              before = "raw")
          FeatureScale featureScale) {
    private Architecture architecture() {
      return e -> new WideResNet(e, depth, width, STEM, dropout, featureScale);
    }
  }

  private static final int STAGES = 3;
  private static final int STEM = 16;

  /** Refuses a depth that is no whole number of blocks. */
  public WideResNet {
    if ((depth - 4) % (2 * STAGES) != 0 || depth < 10) {
      throw new IllegalArgumentException(
          "Option --depth is %s: expected 4 more than a multiple of 6, such as 10, 16 or 28; change it."
              .formatted(depth));
    }
  }

  private int filters(int stage) {
    return Math.multiplyExact(stem << stage, width);
  }

  @Override
  public int features() {
    return filters(STAGES - 1);
  }

  /**
   * A block of two convolutions.
   *
   * @param name what its parameters' names begin with
   * @param in channels of its input
   * @param out its filters
   * @param stride of its first convolution
   */
  private record Block(String name, int in, int out, int stride) {
    Params init(Init draw) {
      Params p =
          Layers.norm(name + "bn1", in, 1)
              .with(Layers.conv(draw, name + "conv1", 3, in, out))
              .with(Layers.norm(name + "bn2", out, 1))
              .with(Layers.conv(draw, name + "conv2", 3, out, out));
      return in == out ? p : p.with(Layers.conv(draw, name + "convShortcut", 1, in, out));
    }

    Tensor apply(Layers on, Tensor x, Dropout dropout) {
      Tensor first = Losses.relu(on.norm(name + "bn1", x));
      Tensor z = on.conv(name + "conv1", first, Window.square(3, stride, 1));
      z = dropout.of(Losses.relu(on.norm(name + "bn2", z)));
      z = on.conv(name + "conv2", z, Window.square(3, 1, 1));
      Window turned = Window.square(1, stride, 0);
      return add(z, in == out ? x : on.conv(name + "convShortcut", first, turned));
    }
  }

  private Block block(int stage, int number) {
    int out = filters(stage);
    int before = stage == 0 ? stem : filters(stage - 1);
    String name = "block%s.layer.%s.".formatted(stage + 1, number);
    boolean first = number == 0;
    return new Block(name, first ? before : out, out, first && stage > 0 ? 2 : 1);
  }

  private int blocks() {
    return (depth - 4) / (2 * STAGES);
  }

  @Override
  public Params init(Init draw) {
    Params p = Layers.conv(draw, "conv1", 3, example.dim(2), stem);
    for (int stage = 0; stage < STAGES; stage++) {
      for (int i = 0; i < blocks(); i++) {
        p = p.with(block(stage, i).init(draw));
      }
    }
    return p.with(Layers.norm("bn1", features(), start.of(features())));
  }

  @Override
  public Pass pass(Params theta, Tensor x, Norm norm) {
    Layers.check(x, example);
    Layers on = new Layers(theta, norm);
    Dropout dropout = new Dropout(dropRate);
    Tensor z = on.conv("conv1", x, Window.square(3, 1, 1));
    for (int stage = 0; stage < STAGES; stage++) {
      for (int i = 0; i < blocks(); i++) {
        z = block(stage, i).apply(on, z, dropout);
      }
    }
    z = Losses.relu(on.norm("bn1", z));
    return new Pass(mean(z, List.of(1, 2)), on.seen());
  }
}
