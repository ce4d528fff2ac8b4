package io.quickstudy.learner;

import io.quickstudy.graph.Tensor;
import io.quickstudy.task.Pairs;
import io.quickstudy.transform.Params;

/** A learner that is trained on pairs of examples and measured on episodes. */
public interface PairLearner extends Learner {
  /** The loss on some pairs. */
  Outcome loss(Params theta, Pairs pairs);

  /**
   * What a trained learner says of new pairs: logits [n, 2], of two classes and of one. Those of
   * the loss, unless training normalises otherwise.
   */
  default Tensor outputs(Params theta, Pairs pairs) {
    return loss(theta, pairs).outputs();
  }
}
