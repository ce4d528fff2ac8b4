package io.quickstudy.learner;

import io.quickstudy.task.Batch;
import io.quickstudy.transform.Params;

/** A learner that is trained on examples of all training classes and measured on episodes. */
public interface BatchLearner extends Learner {
  /** The loss on one batch, whose labels number all training classes. */
  Outcome loss(Params theta, Batch batch);
}
