package io.quickstudy.train;

import io.quickstudy.graph.Ops;
import io.quickstudy.learner.Learner;
import io.quickstudy.learner.MetaBatch;
import io.quickstudy.task.Drawn;
import io.quickstudy.transform.Grad;
import io.quickstudy.transform.Params;
import java.util.List;
import java.util.function.Function;

/**
 * The tasks of a meta-step as graph.
 *
 * @param learner whose loss is meant
 * @param buffers its statistics, which no gradient moves
 * @param map computes something of every task, stacked
 */
record TracedBatch(Learner learner, Params buffers, Map map) implements MetaBatch {
  /** Computes something of every task: [tasks, ...]. */
  interface Map {
    /** Of the function of one task. */
    Params each(Function<Drawn, Params> f);
  }

  @Override
  public Direction gradientOfMeanLoss(Params theta) {
    var r =
        Grad.valueAndGradAux(
            p -> {
              Params m = mean(task -> outcome(p.with(buffers), task));
              return new Grad.Aux<>(m.get(LOSS), m);
            },
            theta);
    return new Direction(r.grad(), r.aux());
  }

  private Params outcome(Params theta, Drawn task) {
    Learner.Outcome o = learner.loss(theta, task);
    if (o.loss().rank() != 0) {
      throw new IllegalArgumentException(
          "The loss of learner %s has shape %s: expected a scalar; take a mean or a sum."
              .formatted(learner.getClass().getName(), o.loss().shape()));
    }
    return MetaBatch.means(o, task.targets());
  }

  @Override
  public Params mean(Function<Drawn, Params> each) {
    return map.each(each).map(v -> Ops.mean(v, List.of(0)));
  }
}
