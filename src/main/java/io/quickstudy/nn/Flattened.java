package io.quickstudy.nn;

import static io.quickstudy.graph.Ops.reshape;

import io.quickstudy.graph.Shape;
import io.quickstudy.graph.Tensor;
import io.quickstudy.transform.Params;
import java.util.Map;

/**
 * Linear layers behind the flattening of their examples.
 *
 * @param mlp takes [n, d]
 * @param example the shape of one example, of d numbers
 */
record Flattened(Mlp mlp, Shape example) implements Backbone {
  @Override
  public int features() {
    return mlp.features();
  }

  @Override
  public Params init(Init draw) {
    return mlp.init(draw);
  }

  @Override
  public Pass pass(Params theta, Tensor x, Norm norm) {
    return mlp.pass(theta, reshape(x, Shape.of(x.dim(0), example.size())), norm);
  }

  @Override
  public Map<String, Shape> flattened() {
    return example.rank() == 3 ? Map.of("layer1.weight", example) : Map.of();
  }
}
