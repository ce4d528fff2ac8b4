package io.quickstudy.functions;

import static io.quickstudy.graph.Ops.*;

import io.quickstudy.graph.Shape;
import io.quickstudy.graph.Tensor;

/**
 * Random numbers of other distributions, by key: the same key gives the same numbers everywhere.
 */
public final class Sampling {
  private Sampling() {}

  /**
   * Standard normal numbers (Box and Muller 1958) for a key I32 [B..., 2]: F32 [B..., shape...]. As
   * they come from 24 bits, none is larger than 5.8.
   */
  public static Tensor normal(Tensor key, Shape shape) {
    Tensor u = uniform(key, shape.prepend(2));
    int axis = key.rank() - 1;
    // 1 - u is in (0, 1], where the logarithm is finite
    Tensor radius = sqrt(scale(log(sub(scalar(1), at(u, axis, 0))), -2));
    return mul(radius, cos(scale(at(u, axis, 1), 2 * Math.PI)));
  }

  /** mean + e^logDeviation times a standard normal number: differentiable in both, of one shape. */
  public static Tensor reparametrised(Tensor mean, Tensor logDeviation, Tensor normal) {
    return add(mean, mul(exp(logDeviation), normal));
  }
}
