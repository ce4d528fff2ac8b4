package io.quickstudy.nn;

import static io.quickstudy.graph.Ops.add;
import static io.quickstudy.graph.Ops.fill;
import static io.quickstudy.graph.Ops.mean;
import static io.quickstudy.graph.Ops.mul;
import static io.quickstudy.graph.Ops.rsqrt;
import static io.quickstudy.graph.Ops.scalar;
import static io.quickstudy.graph.Ops.sub;

import io.quickstudy.functions.Normalisation;
import io.quickstudy.functions.Normalisation.Moments;
import io.quickstudy.graph.Shape;
import io.quickstudy.graph.Tensor;
import io.quickstudy.transform.Params;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A backbone whose features are standardised by whatever statistics normalise the layers within:
 * each number less its mean, and all over their common deviation. Behind a last ReLU all features
 * are positive, so that those of any two images point nearly the same way; what asks how alike two
 * directions are then tells hardly anything apart. The deviation is one for all, since a feature
 * that is 0 throughout a small support set has none of its own.
 *
 * @param of the backbone
 */
public record Standardised(Backbone of) implements Backbone {
  private static final String LAYER = "standardised";

  /**
   * A backbone standardised by what normalises it; as it is where nothing does, since each example
   * is on its own there.
   */
  public static Backbone by(Norm.Policy norm, Backbone of) {
    return norm == Norm.Policy.NONE ? of : new Standardised(of);
  }

  @Override
  public int features() {
    return of.features();
  }

  @Override
  public Optional<Shape> map() {
    return of.map();
  }

  @Override
  public Params init(Init draw) {
    Shape d = Shape.of(features());
    Moments first = new Moments(fill(0, d), fill(1, d));
    return of.init(draw).with(Norm.pack(LAYER, first));
  }

  @Override
  public Pass pass(Params theta, Tensor x, Norm norm) {
    Pass p = of.pass(theta, x, norm);
    Moments by = norm.moments(LAYER, p.y());
    Tensor variance = add(mean(by.variance(), List.of(0)), scalar(Normalisation.EPSILON));
    Tensor y = mul(sub(p.y(), by.mean()), rsqrt(variance));
    return new Pass(y, p.moments().with(Norm.pack(LAYER, by)));
  }

  @Override
  public Map<String, Shape> flattened() {
    return of.flattened();
  }
}
