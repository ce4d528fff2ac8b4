package io.quickstudy.nn;

import io.quickstudy.functions.Losses;
import io.quickstudy.graph.Shape;
import io.quickstudy.graph.Tensor;
import io.quickstudy.settings.Setting;
import io.quickstudy.transform.Params;
import java.util.ArrayList;
import java.util.List;

/**
 * Linear layers with ReLU between them: [n, in] to [n, out]. Layers are named "layer1", "layer2",
 * ...
 *
 * @param sizes features of the input, of every hidden layer and of the output
 */
public record Mlp(List<Integer> sizes) implements Backbone {
  /** Its declaration. */
  public static final ModelKind<Options> KIND =
      ModelKind.of(Mlp.class, Options.class, Hidden::new)
          .named("mlp")
          .about("linear layers with ReLU between them, on numbers or flattened images");

  /**
   * Its options.
   *
   * @param hidden sizes of the hidden layers
   */
  public record Options(
      @Setting(value = "sizes of the mlp's hidden layers", usual = "40,40", least = 1)
          List<Integer> hidden) {
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
      return of(example, options.hidden());
    }

    @Override
    public Model network(Shape example, int outputs) {
      List<Integer> layers = new ArrayList<>(options.hidden());
      layers.add(outputs);
      return of(example, layers);
    }

    private static Backbone of(Shape example, List<Integer> layers) {
      List<Integer> sizes = new ArrayList<>(List.of(example.size()));
      sizes.addAll(layers);
      Mlp mlp = new Mlp(List.copyOf(sizes));
      return example.rank() == 1 ? mlp : new Flattened(mlp, example);
    }
  }

  @Override
  public int features() {
    return sizes.getLast();
  }

  @Override
  public Params init(Init draw) {
    Params p = Params.empty();
    for (int i = 1; i < sizes.size(); i++) {
      p = p.with(layer(i).init(draw).under("layer" + i));
    }
    return p;
  }

  @Override
  public Pass pass(Params theta, Tensor x, Norm norm) {
    Tensor z = x;
    for (int i = 1; i < sizes.size(); i++) {
      z = layer(i).apply(theta.sub("layer" + i), i == 1 ? z : Losses.relu(z), norm);
    }
    return new Pass(z, Params.empty());
  }

  private Linear layer(int i) {
    return new Linear(sizes.get(i - 1), sizes.get(i));
  }
}
