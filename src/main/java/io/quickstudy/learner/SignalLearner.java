package io.quickstudy.learner;

import io.quickstudy.graph.Tensor;
import io.quickstudy.task.Signal;
import io.quickstudy.transform.Params;

/** A learner that sees bits over time and answers with bits. */
public interface SignalLearner extends Learner {
  /** Logits [n, out] for every step, each from those before it. */
  Tensor outputs(Params theta, Signal signal);

  /** The loss on one signal. */
  Outcome loss(Params theta, Signal signal);

  /**
   * Where it attends at every step, by what it does there ("read", "write"): each [n, heads, rows].
   * Reports show it. Often none.
   */
  default Params weightings(Params theta, Signal signal) {
    return Params.empty();
  }
}
