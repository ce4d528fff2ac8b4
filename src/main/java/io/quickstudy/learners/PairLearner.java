package io.quickstudy.learners;

import io.quickstudy.task.Pairs;
import io.quickstudy.transform.Params;

/** A learner that is trained on pairs of examples and measured on episodes. */
public interface PairLearner extends Learner {
  /** The loss on some pairs. */
  Outcome loss(Params theta, Pairs pairs);
}
