package io.quickstudy.learner;

import io.quickstudy.graph.Tensor;
import io.quickstudy.task.Drawn;
import io.quickstudy.transform.Params;
import java.util.function.BiFunction;
import java.util.function.Function;

/** The tasks of one meta-step, for a learner that says itself how theta moves. */
public interface MetaBatch {
  /** The name of the loss among {@link Direction#means}. */
  String LOSS = "loss";

  /** The name of the accuracy among {@link Direction#means}. */
  String ACCURACY = "accuracy";

  /** What new values of batch-norm statistics have before their names. */
  String BUFFER = "buffer";

  /**
   * Which way theta moves.
   *
   * @param gradient against which the optimiser goes: one tensor for each trained parameter
   * @param means what the runner reports and keeps, averaged over the tasks: "loss", "accuracy"
   *     where there are classes, and "buffer.*"
   */
  record Direction(Params gradient, Params means) {}

  /** The gradient of the mean loss, which is what most learners go by. */
  Direction gradientOfMeanLoss(Params theta);

  /**
   * The same of another loss.
   *
   * @param loss the outer loss of theta and one task
   */
  Direction gradientOfMean(Params theta, BiFunction<Params, Drawn, Learner.Outcome> loss);

  /** How many steps were done before this one: an F32 scalar. */
  Tensor step();

  /** The running statistics of batch norm, which no direction moves; often none. */
  Params buffers();

  /**
   * The mean over the tasks of what a function makes of one.
   *
   * @param each gives the same names and shapes for every task
   */
  Params mean(Function<Drawn, Params> each);

  /** What {@link Direction#means} has to hold of one task, from the learner's outcome on it. */
  static Params means(Learner.Outcome o, Tensor targets) {
    Params p = Params.of(LOSS, o.loss()).with(o.buffers().under(BUFFER));
    return targets.dtype() == io.quickstudy.graph.DType.I32
        ? p.with(ACCURACY, io.quickstudy.functions.Losses.accuracy(o.outputs(), targets))
        : p;
  }
}
