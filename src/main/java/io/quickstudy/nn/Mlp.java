package io.quickstudy.nn;

import io.quickstudy.functions.Losses;
import io.quickstudy.graph.Tensor;
import io.quickstudy.transform.Params;
import java.util.List;

/**
 * Linear layers with ReLU between them: [n, in] to [n, out]. Layers are named "layer1", "layer2",
 * ...
 *
 * @param sizes features of the input, of every hidden layer and of the output
 */
public record Mlp(List<Integer> sizes) implements Model {
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
