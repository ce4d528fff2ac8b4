package io.quickstudy.learner;

import io.quickstudy.graph.Tensor;
import io.quickstudy.task.Sequence;
import io.quickstudy.task.Task;
import io.quickstudy.transform.Params;

/** A learner that sees examples one after the other and answers each before its label comes. */
public interface SequenceLearner extends Learner {
  /** Logits [n, ways] for every example, each from those before it. */
  Tensor outputs(Params theta, Sequence sequence);

  /** The loss on one sequence. */
  Outcome loss(Params theta, Sequence sequence);

  /**
   * Where it attends at every example, by what it does there ("read", "write"): each [n, heads,
   * rows]. Reports show it. Often none.
   */
  default Params weightings(Params theta, Sequence sequence) {
    return Params.empty();
  }

  /** The loss on a task: its support set, then its query set, as one sequence. */
  @Override
  default Outcome loss(Params theta, Task task) {
    return loss(theta, Sequence.of(task));
  }
}
