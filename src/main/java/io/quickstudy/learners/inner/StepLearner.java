package io.quickstudy.learners.inner;

import io.quickstudy.graph.Tensor;
import io.quickstudy.learner.Learner;
import io.quickstudy.nn.Init;
import io.quickstudy.nn.Model;
import io.quickstudy.nn.Norm;
import io.quickstudy.task.Batch;
import io.quickstudy.task.Task;
import io.quickstudy.transform.Params;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A learner that is an inner loop, and an outer loss behind it. */
public interface StepLearner extends Learner {
  /** Its inner loop. */
  InnerLoop inner();

  @Override
  default Params init(Init draw) {
    return inner().init(draw);
  }

  /** The loss on the queries behind all inner steps (Finn et al. 2017, algorithm 2, line 10). */
  @Override
  default Outcome loss(Params theta, Task task) {
    List<InnerLoop.Fast> path = inner().training(theta, task.support());
    Model.Pass y = inner().query(path.getLast(), task.support(), task.query().x());
    return new Outcome(
        inner().criterion().of(y.y(), task.query().y()), y.y(), inner().statistics(theta, path, y));
  }

  @Override
  default Params adapt(Params theta, Batch support) {
    return inner().adapt(theta, support);
  }

  @Override
  default Tensor predict(Params adapted, Tensor queries) {
    return inner().predict(adapted, queries);
  }

  @Override
  default List<Tensor> predictByStep(Params theta, Batch support, Tensor queries) {
    return inner().path(theta, support).stream()
        .map(f -> predict(f.theta().with(inner().adapted(f, support)), queries))
        .toList();
  }

  @Override
  default Params network(Params theta, Tensor x, Norm by) {
    return inner().f().outputs(inner().model(theta), x, by);
  }

  @Override
  default Params watched(Params theta) {
    return inner().rates().watched(theta);
  }

  @Override
  default Optional<String> objection(Map<String, Double> watched) {
    return inner().rates().objection(watched);
  }

  @Override
  default Norm.Policy norm() {
    return inner().norm();
  }
}
