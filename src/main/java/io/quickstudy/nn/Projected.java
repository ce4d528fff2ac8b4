package io.quickstudy.nn;

import io.quickstudy.graph.Shape;
import io.quickstudy.graph.Tensor;
import io.quickstudy.transform.Params;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A backbone and a linear layer, "features", that makes its features as many as are wanted.
 *
 * @param backbone images to features
 * @param features how many there are to be
 */
public record Projected(Backbone backbone, int features) implements Backbone {
  private static final String LAYER = "features";

  private Linear linear() {
    return new Linear(backbone.features(), features);
  }

  @Override
  public Params init(Init draw) {
    return backbone.init(draw).with(linear().init(draw).under(LAYER));
  }

  @Override
  public Pass pass(Params theta, Tensor x, Norm norm) {
    Pass p = backbone.pass(theta, x, norm);
    return new Pass(linear().apply(theta.sub(LAYER), p.y(), norm), p.moments());
  }

  @Override
  public Map<String, Shape> flattened() {
    Map<String, Shape> m = new LinkedHashMap<>(backbone.flattened());
    backbone.map().ifPresent(s -> m.put(LAYER + ".weight", s));
    return m;
  }
}
