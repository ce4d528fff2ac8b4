package io.quickstudy.nn;

import static io.quickstudy.graph.Ops.*;

import io.quickstudy.functions.Losses;
import io.quickstudy.graph.Shape;
import io.quickstudy.graph.Tensor;
import io.quickstudy.graph.Window;
import io.quickstudy.settings.Setting;
import io.quickstudy.transform.Params;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The residual network of 18 layers (He et al. 2016, "Deep Residual Learning for Image
 * Recognition", table 1), as torchvision has it: images [n, height, width, channels] to features
 * [n, d]. A 7x7 convolution of stride 2, 3x3 maximum pooling of stride 2, four stages of two blocks
 * of two 3x3 convolutions, of which all stages but the first begin with stride 2, and the mean over
 * the positions. A block's input is added to what it makes, through a 1x1 convolution with batch
 * normalisation where its shape changes.
 *
 * <p>Parameters have torchvision's names, so that its weights load by name: "conv1.weight",
 * "bn1.*", "layerS.B.convK.weight", "layerS.B.bnK.*", "layerS.0.downsample.0.weight" and
 * "layerS.0.downsample.1.*", with S from 1 to 4, B of 0 and 1, K of 1 and 2.
 *
 * @param example shape of an image, [height, width, channels]
 * @param widths filters of each stage; the first convolution has those of the first
 * @param start how large the features are at first
 */
public record ResNet18(Shape example, List<Integer> widths, FeatureScale start)
    implements Backbone {
  /** Its declaration. */
  public static final ModelKind<Options> KIND =
      ModelKind.of(ResNet18.class, Options.class, Options::architecture)
          .named("resnet18")
          .about("18 layers as torchvision has them, whose weights load (He et al. 2016)")
          .normalised()
          .withWeights(Map.of("normalise", "imagenet"))
          .ofImages();

  /**
   * Its options.
   *
   * @param stages filters of each stage
   * @param featureScale how large the features are at first
   */
  public record Options(
      @Setting(value = "filters of each stage of resnet18", usual = "64,128,256,512", least = 1)
          List<Integer> stages,
      @Setting(
              value = "how large features are at first: unit whatever their number, or raw",
              usual = "unit",
              before = "raw")
          FeatureScale featureScale) {
    /** At least one stage. */
    public Options {
      stages = List.copyOf(stages);
      if (stages.isEmpty()) {
        throw new IllegalArgumentException(
            "Option --stages is empty: expected filters of each stage; 64,128,256,512 for"
                + " example.");
      }
    }

    private Architecture architecture() {
      return new Chosen(this);
    }
  }

  private record Chosen(Options o) implements Architecture {
    @Override
    public Backbone embedding(Shape e) {
      return new ResNet18(e, o.stages(), o.featureScale());
    }

    @Override
    public Optional<String> noteOnWeights() {
      return o.featureScale() == FeatureScale.UNIT
          ? Optional.of(
              "with --feature-scale unit the features of resnet18 are divided by the square root"
                  + " of twice their number; divide them so in a program that does not")
          : Optional.empty();
    }
  }

  private static final int BLOCKS = 2;

  /** The mean square of a number behind the last block's sum of a normalised map and its input. */
  private static final int LARGER = 2;

  /** Copies the list. */
  public ResNet18 {
    widths = List.copyOf(widths);
  }

  @Override
  public int features() {
    return widths.getLast();
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
    boolean turns() {
      return stride != 1 || in != out;
    }

    Params init(Init draw) {
      Params p =
          Layers.conv(draw, name + "conv1", 3, in, out)
              .with(Layers.norm(name + "bn1", out, 1))
              .with(Layers.conv(draw, name + "conv2", 3, out, out))
              .with(Layers.norm(name + "bn2", out, 1));
      return turns()
          ? p.with(Layers.conv(draw, name + "downsample.0", 1, in, out))
              .with(Layers.norm(name + "downsample.1", out, 1))
          : p;
    }

    Tensor apply(Layers on, Tensor x) {
      Tensor z = on.conv(name + "conv1", x, Window.square(3, stride, 1));
      z = Losses.relu(on.norm(name + "bn1", z));
      z = on.norm(name + "bn2", on.conv(name + "conv2", z, Window.square(3, 1, 1)));
      return Losses.relu(add(z, turns() ? beside(on, x) : x));
    }

    private Tensor beside(Layers on, Tensor x) {
      Tensor turned = on.conv(name + "downsample.0", x, Window.square(1, stride, 0));
      return on.norm(name + "downsample.1", turned);
    }
  }

  private Block block(int stage, int number) {
    int out = widths.get(stage);
    int in = number > 0 ? out : widths.get(Math.max(0, stage - 1));
    String name = "layer%s.%s.".formatted(stage + 1, number);
    return new Block(name, in, out, number == 0 && stage > 0 ? 2 : 1);
  }

  @Override
  public Params init(Init draw) {
    int first = widths.getFirst();
    Params p =
        Layers.conv(draw, "conv1", 7, example.dim(2), first).with(Layers.norm("bn1", first, 1));
    for (int stage = 0; stage < widths.size(); stage++) {
      for (int i = 0; i < BLOCKS; i++) {
        p = p.with(block(stage, i).init(draw));
      }
    }
    return p;
  }

  @Override
  public Pass pass(Params theta, Tensor x, Norm norm) {
    Layers.check(x, example);
    Layers on = new Layers(theta, norm);
    Tensor z = on.norm("bn1", on.conv("conv1", x, Window.square(7, 2, 3)));
    z = Losses.relu(maxPool(z, Window.square(3, 2, 1)));
    for (int stage = 0; stage < widths.size(); stage++) {
      for (int i = 0; i < BLOCKS; i++) {
        z = block(stage, i).apply(on, z);
      }
    }
    return new Pass(scale(mean(z, List.of(1, 2)), start.of(LARGER * features())), on.seen());
  }
}
