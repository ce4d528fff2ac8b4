package io.quickstudy.learners.inner;

import io.quickstudy.graph.Ops;
import io.quickstudy.graph.Tensor;
import io.quickstudy.transform.Params;

/** The order of the outer gradient. */
public enum Order {
  /** Inner gradients count as constants (Finn et al. 2017, section 5.2: first-order MAML). */
  FIRST,
  /** The outer gradient passes through the inner ones. */
  SECOND;

  /** An inner gradient as the outer one sees it. */
  public Params of(Params gradient) {
    return gradient.map(this::of);
  }

  /** What was computed inside, such as the inner loss, as the outer gradient sees it. */
  public Tensor of(Tensor inside) {
    return this == FIRST ? Ops.stop(inside) : inside;
  }
}
