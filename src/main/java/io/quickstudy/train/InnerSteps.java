package io.quickstudy.train;

import io.quickstudy.graph.Tensor;
import io.quickstudy.learner.Learner;
import io.quickstudy.nn.Init;
import io.quickstudy.run.Components;
import io.quickstudy.task.Task;
import io.quickstudy.transform.Params;
import java.util.LinkedHashMap;
import java.util.Map;

/** How many steps a learner adapts in where it is measured. */
public final class InnerSteps {
  private InnerSteps() {}

  /**
   * Traces the adaptation to one task, and counts.
   *
   * @return 0 for a learner that does not adapt in steps
   * @throws io.quickstudy.settings.ConfigException if the data does not have such tasks
   */
  public static int of(Session session, EvalSpec spec) {
    return traced(
        session,
        spec,
        0,
        (learner, theta, t) -> learner.predictByStep(theta, t.support(), t.query().x()).size() - 1);
  }

  /**
   * Traces the adaptation to one task, and sees whether the learner says how sure it is of values.
   *
   * @throws io.quickstudy.settings.ConfigException if the data does not have such tasks
   */
  static boolean predictive(Session session, EvalSpec spec) {
    return traced(
        session,
        spec,
        false,
        (learner, theta, t) ->
            learner
                .predictive(theta.with(learner.adapt(theta, t.support())), t.query().x())
                .isPresent());
  }

  /**
   * Traces the adaptation to one task, and sees of how many sampled models its answer is the mean.
   *
   * @return 0 for a learner of one model
   * @throws io.quickstudy.settings.ConfigException if the data does not have such tasks
   */
  static int samples(Session session, EvalSpec spec) {
    return traced(
        session,
        spec,
        0,
        (learner, theta, t) ->
            learner
                .samples(theta.with(learner.adapt(theta, t.support())), t.query().x())
                .map(y -> y.dim(0))
                .orElse(0));
  }

  /** What is asked of a learner and one of its tasks. */
  private interface Question<T> {
    T of(Learner learner, Params theta, Task task);
  }

  private static <T> T traced(Session session, EvalSpec spec, T otherwise, Question<T> question) {
    TaskSource source = session.tasks().pictured(spec);
    Learner learner =
        Components.measured(session.config(), spec.ways(), spec.options(), session.classes());
    Map<String, Tensor> inputs = new LinkedHashMap<>();
    source.inputs().forEach((n, t) -> inputs.put(n, Tensor.argument(n, t.dtype(), t.shape())));
    Map<String, Tensor> residents = new LinkedHashMap<>();
    source
        .residents()
        .forEach((n, r) -> residents.put(n, Tensor.argument(n, r.dtype(), r.shape())));
    return source.build(Params.of(inputs), Params.of(residents)) instanceof Task t
        ? question.of(learner, learner.init(new Init(0)), t)
        : otherwise;
  }
}
