package io.quickstudy.train;

import io.quickstudy.graph.Ops;
import io.quickstudy.graph.Tensor;
import io.quickstudy.learner.Learner;
import io.quickstudy.learner.MetaBatch;
import io.quickstudy.task.Drawn;
import io.quickstudy.transform.Grad;
import io.quickstudy.transform.Params;
import java.util.List;
import java.util.function.BiFunction;
import java.util.function.Function;

/**
 * The tasks of a meta-step as graph.
 *
 * @param learner whose loss is meant
 * @param buffers its statistics, which no gradient moves
 * @param step how many steps were done before
 * @param map computes something of every task, stacked
 */
record TracedBatch(Learner learner, Params buffers, Tensor step, Map map) implements MetaBatch {
  /** Computes something of every task: [tasks, ...]. */
  interface Map {
    /** Of the function of one task. */
    Params each(Function<Drawn, Params> f);
  }

  @Override
  public Direction gradientOfMeanLoss(Params theta) {
    return gradientOfMean(theta, learner::loss);
  }

  @Override
  public Direction gradientOfMean(Params theta, BiFunction<Params, Drawn, Learner.Outcome> loss) {
    var r =
        Grad.valueAndGradAux(
            p -> {
              Params m = mean(task -> outcome(loss.apply(p.with(buffers), task), task));
              return new Grad.Aux<>(m.get(LOSS), m);
            },
            theta);
    return new Direction(r.grad(), r.aux());
  }

  private Params outcome(Learner.Outcome o, Drawn task) {
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
