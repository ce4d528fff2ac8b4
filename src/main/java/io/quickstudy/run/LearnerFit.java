package io.quickstudy.run;

import io.quickstudy.graph.DType;
import io.quickstudy.graph.Shape;
import io.quickstudy.graph.Tensor;
import io.quickstudy.learner.Learner;
import io.quickstudy.learner.SequenceLearner;
import io.quickstudy.learner.SignalLearner;
import io.quickstudy.settings.ConfigException;
import io.quickstudy.task.Batch;
import io.quickstudy.task.Sequence;
import io.quickstudy.task.Signal;
import io.quickstudy.task.TaskKind;
import io.quickstudy.transform.Params;

/** That what a learner says of a task fits it, traced before anything is trained. */
final class LearnerFit {
  private static final int QUERIES = 2;

  private LearnerFit() {}

  /**
   * Traces adapting and predicting on the smallest tasks that are measured.
   *
   * @param learner as it is measured
   * @param theta its parameters, as init makes them
   * @throws ConfigException if it does not fit
   */
  static void check(RunConfig c, Learner learner, Params theta) {
    if (c.taskKind() == TaskKind.SIGNALS && learner instanceof SignalLearner s) {
      int in = c.data().example(c.request()).size();
      int out = c.data().outputs();
      Shape n = Shape.of(QUERIES);
      Signal signal =
          new Signal(
              Tensor.argument("x", DType.F32, n.append(in)),
              Tensor.argument("y", DType.F32, n.append(out)),
              Tensor.argument("asked", DType.F32, n));
      predicts(learner, s.outputs(theta, signal), n.append(out));
      return;
    }
    int ways = c.evaluation().evalWays();
    int outputs = Components.outputs(c, ways);
    Shape example = c.data().example(c.request());
    int n = c.classifies() ? ways : c.evaluation().evalShots();
    Tensor x = Tensor.argument("x", DType.F32, Components.support(c).prepend(n));
    Tensor y =
        c.classifies()
            ? Tensor.argument("y", DType.I32, Shape.of(n))
            : Tensor.argument("y", DType.F32, Shape.of(n, outputs));
    Params made = learner.adapt(theta, new Batch(x, y));
    for (String name : made.names()) {
      Shape now = made.get(name).shape();
      if (theta.names().contains(name) && !theta.get(name).shape().equals(now)) {
        throw wrong(
            learner, "adapts '%s' to %s".formatted(name, now), theta.get(name).shape().toString());
      }
    }
    Tensor q = Tensor.argument("q", DType.F32, example.prepend(QUERIES));
    predicts(learner, learner.predict(theta.with(made), q), Shape.of(QUERIES, outputs));
    if (c.taskKind() == TaskKind.SEQUENCES && learner instanceof SequenceLearner s) {
      predicts(learner, s.outputs(theta, new Sequence(x, y)), Shape.of(n, outputs));
    }
  }

  private static void predicts(Learner learner, Tensor found, Shape expected) {
    if (found.dtype() != DType.F32 || !found.shape().equals(expected)) {
      throw wrong(learner, "predicts " + found.dtype() + found.shape(), DType.F32 + "" + expected);
    }
  }

  private static ConfigException wrong(Learner learner, String what, String expected) {
    return new ConfigException(
        "Learner %s %s: expected %s; change what it returns."
            .formatted(learner.getClass().getName(), what, expected));
  }
}
