package io.quickstudy.learners;

import io.quickstudy.graph.Tensor;
import io.quickstudy.nn.Init;
import io.quickstudy.nn.Norm;
import io.quickstudy.task.Batch;
import io.quickstudy.task.Task;
import io.quickstudy.transform.Params;
import java.util.List;

/** What a meta-learner says of itself; all of it pure functions that build graph. */
public interface Learner {

  /**
   * What a learner says of one task.
   *
   * @param loss the outer loss, an F32 scalar
   * @param outputs its predictions for the queries: logits [q, ways] or values [q, d]
   * @param buffers new values of batch-norm statistics, by name; often none
   */
  record Outcome(Tensor loss, Tensor outputs, Params buffers) {}

  /** Initial parameters and buffers. */
  Params init(Init draw);

  /** The outer loss on one task. */
  Outcome loss(Params theta, Task task);

  /**
   * What a support set makes of theta: the tensors that it adds or changes, by name. {@code
   * theta.with(adapt(theta, support))} is the adapted learner, and all that predictions need.
   */
  Params adapt(Params theta, Batch support);

  /**
   * Predictions of an adapted learner for queries x [q, ...]: logits [q, ways] or values [q, d].
   * Each query on its own, unless {@link #norm} is {@code TRANSDUCTIVE}.
   */
  Tensor predict(Params adapted, Tensor queries);

  /** Predictions for queries x [q, ...] after seeing a support set: logits [q, ways] or values. */
  default Tensor predict(Params theta, Batch support, Tensor queries) {
    return predict(theta.with(adapt(theta, support)), queries);
  }

  /**
   * Predictions after each step of adaptation, the first before any; for a learner that does not
   * adapt in steps just {@link #predict}.
   */
  default List<Tensor> predictByStep(Params theta, Batch support, Tensor queries) {
    return List.of(predict(theta, support, queries));
  }

  /** Whose statistics normalise, printed with every result. */
  Norm.Policy norm();
}
