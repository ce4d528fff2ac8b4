package io.quickstudy.explain;

import static io.quickstudy.graph.Ops.reshape;
import static io.quickstudy.graph.Ops.tanh;

import io.quickstudy.graph.Shape;
import io.quickstudy.graph.Tensor;
import io.quickstudy.nn.Architecture;
import io.quickstudy.nn.Backbone;
import io.quickstudy.nn.Init;
import io.quickstudy.nn.Linear;
import io.quickstudy.nn.ModelKind;
import io.quickstudy.nn.Norm;
import io.quickstudy.settings.Setting;
import io.quickstudy.transform.Params;

/** A layer of tanh, which has no kinks, as a model of a user's own. */
public record SmoothNet(Options options) implements Architecture {
  /**
   * Its options.
   *
   * @param features of the layer
   */
  public record Options(
      @Setting(value = "features of the layer", usual = "12", least = 1) int features) {}

  /** Its declaration. */
  public static final ModelKind<Options> KIND =
      ModelKind.of(SmoothNet.class, Options.class, SmoothNet::new).about("a layer of tanh");

  @Override
  public Backbone embedding(Shape example) {
    return new Layer(example, new Linear(example.size(), options.features()));
  }

  private record Layer(Shape example, Linear linear) implements Backbone {
    @Override
    public int features() {
      return linear.out();
    }

    @Override
    public Params init(Init draw) {
      return linear.init(draw).under("layer");
    }

    @Override
    public Pass pass(Params theta, Tensor x, Norm norm) {
      Tensor flat = reshape(x, Shape.of(x.dim(0), example.size()));
      return new Pass(tanh(linear.apply(theta.sub("layer"), flat, norm)), Params.empty());
    }
  }
}
