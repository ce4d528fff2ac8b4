package io.quickstudy.optim;

import static io.quickstudy.graph.Ops.*;

import io.quickstudy.graph.Tensor;
import io.quickstudy.transform.Params;

/** A limit on the gradient. */
public sealed interface Clip {
  /** The limited gradient. */
  Params apply(Params gradient);

  /** No limit. */
  record None() implements Clip {
    @Override
    public Params apply(Params gradient) {
      return gradient;
    }
  }

  /** Every number to [-limit, limit]. */
  record Value(double limit) implements Clip {
    @Override
    public Params apply(Params gradient) {
      return gradient.map(g -> minimum(maximum(g, scalar(-limit)), scalar(limit)));
    }
  }

  /** The whole gradient scaled down to the Euclidean norm limit where it is longer. */
  record Norm(double limit) implements Clip {
    @Override
    public Params apply(Params gradient) {
      Tensor squares = scalar(0);
      for (Tensor g : gradient.values()) {
        squares = add(squares, sum(mul(g, g)));
      }
      // squares of 0 would give 0 * infinity below
      Tensor factor = minimum(scale(rsqrt(maximum(squares, scalar(1e-30))), limit), scalar(1));
      return gradient.times(factor);
    }
  }
}
