package io.quickstudy.nn;

import static io.quickstudy.graph.Ops.scale;

import io.quickstudy.graph.Shape;
import io.quickstudy.graph.Tensor;
import io.quickstudy.settings.Setting;
import io.quickstudy.transform.Params;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Linear layers with a nonlinearity between them: [n, in] to [n, out]. Layers are named "layer1",
 * "layer2", ...
 *
 * @param sizes features of the input, of every hidden layer and of the output
 * @param start how large the outputs are at first: raw where they are no features
 * @param activation what stands between them
 */
public record Mlp(List<Integer> sizes, FeatureScale start, Activation activation)
    implements Backbone {
  /** Its declaration. */
  public static final ModelKind<Options> KIND =
      ModelKind.of(Mlp.class, Options.class, Hidden::new)
          .named("mlp")
          .about("linear layers, on numbers or flattened images");

  /**
   * Its options.
   *
   * @param hidden sizes of the hidden layers
   * @param featureScale how large the features are at first
   * @param activation between the layers
   */
  public record Options(
      @Setting(value = "sizes of the mlp's hidden layers", usual = "40,40", least = 1)
          List<Integer> hidden,
      @Setting(
              value = "how large features are at first: unit whatever their number, or raw",
              usual = "unit",
              before = "raw")
          FeatureScale featureScale,
      @Setting(
              value = "what stands between the mlp's layers: relu, tanh, elu",
              usual = "relu",
              before = "relu")
          Activation activation) {
    /** With ReLU. */
    public Options(List<Integer> hidden, FeatureScale featureScale) {
      this(hidden, featureScale, Activation.RELU);
    }

    /** At least one layer. */
    public Options {
      hidden = List.copyOf(hidden);
      if (hidden.isEmpty()) {
        throw new IllegalArgumentException(
            "Option --hidden is empty: expected sizes of at least 1; 40,40 for example.");
      }
    }
  }

  /** The layers between examples and outputs; the features are the last of them. */
  private record Hidden(Options options) implements Architecture {
    @Override
    public Backbone embedding(Shape example) {
      return of(example, options.hidden(), options.featureScale());
    }

    @Override
    public Model network(Shape example, int outputs) {
      List<Integer> layers = new ArrayList<>(options.hidden());
      layers.add(outputs);
      return of(example, layers, FeatureScale.RAW);
    }

    private Backbone of(Shape example, List<Integer> layers, FeatureScale last) {
      List<Integer> sizes = new ArrayList<>(List.of(example.size()));
      sizes.addAll(layers);
      Mlp mlp = new Mlp(List.copyOf(sizes), last, options.activation());
      return example.rank() == 1 ? mlp : new Flattened(mlp, example, options.featureScale());
    }

    @Override
    public Optional<String> noteOnWeights() {
      return options.featureScale() == FeatureScale.UNIT
          ? Optional.of(
              "with --feature-scale unit the mlp divides a flattened image by the square root of"
                  + " its numbers; divide it so, or the rows of layer1.weight, in a program that"
                  + " does not")
          : Optional.empty();
    }
  }

  /** The same with outputs as large as the layers leave them. */
  public Mlp(List<Integer> sizes) {
    this(sizes, FeatureScale.RAW, Activation.RELU);
  }

  @Override
  public int features() {
    return sizes.getLast();
  }

  @Override
  public Optional<String> lastLayer() {
    return Optional.of("layer" + (sizes.size() - 1));
  }

  @Override
  public Params init(Init draw) {
    Params p = Params.empty();
    for (int i = 1; i < sizes.size(); i++) {
      p = p.with(layer(i).init(draw).under("layer" + i));
    }
    String last = "layer" + (sizes.size() - 1) + ".weight";
    return p.with(last, scale(p.get(last), start.of(features())));
  }

  @Override
  public Pass pass(Params theta, Tensor x, Norm norm) {
    Tensor z = x;
    for (int i = 1; i < sizes.size(); i++) {
      z = layer(i).apply(theta.sub("layer" + i), i == 1 ? z : activation.of(z), norm);
    }
    return new Pass(z, Params.empty());
  }

  private Linear layer(int i) {
    return new Linear(sizes.get(i - 1), sizes.get(i));
  }
}
