package io.quickstudy.nn;

import io.quickstudy.graph.Tensor;
import io.quickstudy.transform.Params;

/**
 * A backbone and a linear layer, "classifier", on its features.
 *
 * @param backbone images to features
 * @param head features to outputs
 */
public record Classifier(Model backbone, Linear head) implements Model {
  @Override
  public Params init(Init draw) {
    return backbone.init(draw).with(head.init(draw).under("classifier"));
  }

  @Override
  public Pass pass(Params theta, Tensor x, Norm norm) {
    Pass p = backbone.pass(theta, x, norm);
    return new Pass(head.apply(theta.sub("classifier"), p.y(), norm), p.moments());
  }
}
