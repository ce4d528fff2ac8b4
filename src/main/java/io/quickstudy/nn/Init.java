package io.quickstudy.nn;

import static io.quickstudy.graph.Ops.*;

import io.quickstudy.graph.DType;
import io.quickstudy.graph.Ops;
import io.quickstudy.graph.Shape;
import io.quickstudy.graph.Tensor;

/**
 * Draws initial parameters. Each draw has the key (seed, number of the draw), so the same model
 * under the same seed starts from the same numbers on every machine.
 */
public final class Init {
  private final int seed;
  private int draws;

  /** A source of draws; the seed's two halves are folded into one key word. */
  public Init(long seed) {
    this.seed = (int) (seed ^ (seed >>> 32));
  }

  /** Uniform in [-bound, bound). */
  public Tensor uniform(Shape shape, double bound) {
    return scale(sub(scale(draw(shape), 2), scalar(1)), bound);
  }

  /**
   * Uniform with variance 2 / (fanIn + fanOut): Glorot and Bengio (2010), equation 16. For a filter
   * [KH, KW, C, O] or a matrix [in, out].
   */
  public Tensor glorot(Shape shape) {
    double receptive = shape.size() / ((double) shape.dim(-1) * shape.dim(-2));
    return uniform(shape, Math.sqrt(6 / (receptive * (shape.dim(-1) + shape.dim(-2)))));
  }

  /**
   * Normal with variance 2 / fanOut: He et al. (2015), section 2.2, in its form for the backward
   * pass, as residual networks start. For a filter [KH, KW, C, O].
   */
  public Tensor he(Shape filter) {
    return normal(filter, Math.sqrt(2.0 * filter.dim(-2) / filter.size()));
  }

  /** Normal with the given standard deviation (Box and Muller 1958). */
  public Tensor normal(Shape shape, double deviation) {
    Tensor radius = sqrt(scale(log(sub(scalar(1), draw(shape))), -2));
    return scale(mul(radius, cos(scale(draw(shape), 2 * Math.PI))), deviation);
  }

  private Tensor draw(Shape shape) {
    return Ops.uniform(literal(DType.I32, Shape.of(2), seed, draws++), shape);
  }
}
