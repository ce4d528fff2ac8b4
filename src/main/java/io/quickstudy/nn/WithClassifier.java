package io.quickstudy.nn;

import io.quickstudy.graph.Shape;
import io.quickstudy.graph.Tensor;
import io.quickstudy.transform.Params;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * A backbone and a linear layer, "classifier", on its features.
 *
 * @param backbone images to features
 * @param head features to outputs
 */
public record WithClassifier(Backbone backbone, Linear head) implements Model {
  @Override
  public Params init(Init draw) {
    return backbone.init(draw).with(head.init(draw).under("classifier"));
  }

  @Override
  public Pass pass(Params theta, Tensor x, Norm norm) {
    Pass p = backbone.pass(theta, x, norm);
    return new Pass(head.apply(theta.sub("classifier"), p.y(), norm), p.moments());
  }

  @Override
  public Params outputs(Params theta, Tensor x, Norm norm) {
    Tensor features = backbone.apply(theta, x, norm);
    return Params.of(
        FEATURES, features, OUTPUTS, head.apply(theta.sub("classifier"), features, norm));
  }

  @Override
  public Optional<String> lastLayer() {
    return Optional.of("classifier");
  }

  @Override
  public Map<String, Shape> flattened() {
    Map<String, Shape> m = new LinkedHashMap<>(backbone.flattened());
    backbone.map().ifPresent(s -> m.put("classifier.weight", s));
    return m;
  }
}
