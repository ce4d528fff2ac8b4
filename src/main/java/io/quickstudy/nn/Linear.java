package io.quickstudy.nn;

import static io.quickstudy.graph.Ops.*;

import io.quickstudy.graph.Shape;
import io.quickstudy.graph.Tensor;
import io.quickstudy.transform.Params;

/**
 * x W + b: [n, in] to [n, out]. Parameters "weight" [in, out] and "bias" [out].
 *
 * @param in features of an example
 * @param out outputs
 */
public record Linear(int in, int out) implements Model {
  @Override
  public Params init(Init draw) {
    return Params.of("weight", draw.glorot(Shape.of(in, out)), "bias", fill(0, Shape.of(out)));
  }

  @Override
  public Pass pass(Params theta, Tensor x, Norm norm) {
    return new Pass(add(dot(x, theta.get("weight")), theta.get("bias")), Params.empty());
  }
}
