package io.quickstudy.nn;

import static io.quickstudy.graph.Ops.reshape;
import static io.quickstudy.graph.Ops.scale;

import io.quickstudy.graph.Shape;
import io.quickstudy.graph.Tensor;
import io.quickstudy.transform.Params;
import java.util.Map;
import java.util.Optional;

/**
 * Linear layers behind the flattening of their examples.
 *
 * @param mlp takes [n, d]
 * @param example the shape of one example, of d numbers
 * @param start of the numbers that the layers see. Unit ones have a squared norm below 1, and
 *     weights that start larger by as much: the outputs are the same, but a gradient step does not
 *     move them the further the larger the image is
 */
record Flattened(Mlp mlp, Shape example, FeatureScale start) implements Backbone {
  private static final String FIRST = "layer1.weight";

  @Override
  public int features() {
    return mlp.features();
  }

  @Override
  public Optional<String> lastLayer() {
    return mlp.lastLayer();
  }

  @Override
  public Params init(Init draw) {
    Params p = mlp.init(draw);
    return p.with(FIRST, scale(p.get(FIRST), 1 / start.of(example.size())));
  }

  @Override
  public Pass pass(Params theta, Tensor x, Norm norm) {
    Tensor flat = reshape(x, Shape.of(x.dim(0), example.size()));
    return mlp.pass(theta, scale(flat, start.of(example.size())), norm);
  }

  @Override
  public Map<String, Shape> flattened() {
    return example.rank() == 3 ? Map.of(FIRST, example) : Map.of();
  }
}
