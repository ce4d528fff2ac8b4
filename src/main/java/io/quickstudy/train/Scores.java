package io.quickstudy.train;

import static io.quickstudy.graph.Ops.abs;
import static io.quickstudy.graph.Ops.add;
import static io.quickstudy.graph.Ops.concatenate;
import static io.quickstudy.graph.Ops.convert;
import static io.quickstudy.graph.Ops.div;
import static io.quickstudy.graph.Ops.less;
import static io.quickstudy.graph.Ops.lessEqual;
import static io.quickstudy.graph.Ops.mean;
import static io.quickstudy.graph.Ops.mul;
import static io.quickstudy.graph.Ops.reshape;
import static io.quickstudy.graph.Ops.scalar;
import static io.quickstudy.graph.Ops.scale;
import static io.quickstudy.graph.Ops.stack;
import static io.quickstudy.graph.Ops.sub;
import static io.quickstudy.graph.Ops.sum;

import io.quickstudy.data.Metric;
import io.quickstudy.functions.Losses;
import io.quickstudy.graph.DType;
import io.quickstudy.graph.Shape;
import io.quickstudy.graph.Tensor;
import io.quickstudy.learner.Learner;
import io.quickstudy.learner.Predictive;
import io.quickstudy.task.Drawn;
import io.quickstudy.task.Signal;
import io.quickstudy.task.Task;
import io.quickstudy.transform.Params;
import java.util.List;

/**
 * What a device computes of one task that is measured.
 *
 * @param learner what is measured
 * @param metric by what
 * @param detail how much of it
 * @param predictive whether the learner says how sure it is of values
 * @param probable whether its logits are those of the classes of a task, one for each
 */
record Scores(
    Learner learner, Metric metric, Evaluator.Detail detail, boolean predictive, boolean probable) {
  /**
   * Right or wrong for every prediction [n], by step with the loss behind [steps + 1, n + 1]; or
   * the squared error after 0, 1, ... inner steps, and of a learner that says how sure it is behind
   * them the log density per query, and the fraction of the values within {@link Likelihood#BAND}.
   */
  static final String SCORES = "scores";

  /** Of classes: the label of every prediction and behind it the logits [n, 1 + ways]. */
  static final String ANSWERS = "answers";

  /**
   * Of a learner that says how sure it is of values: the cumulative probability of each [n * d].
   */
  static final String BELOW = "below";

  Params of(Params theta, Drawn drawn) {
    Tensor y = drawn.targets();
    return switch (metric) {
      case ACCURACY -> {
        if (detail == Evaluator.Detail.RESULT) {
          Tensor logits = Predictions.logits(learner, theta, drawn);
          yield answered(correct(logits, y), logits, y);
        }
        List<Tensor> steps = Predictions.byStep(learner, theta, drawn);
        Tensor scores =
            stack(
                0,
                steps.stream()
                    .map(
                        logits ->
                            concatenate(
                                0,
                                correct(logits, y),
                                reshape(Losses.crossEntropy(logits, y), Shape.of(1))))
                    .toList());
        yield answered(scores, steps.getLast(), y);
      }
      case BITS ->
          Params.of(SCORES, wrong(Predictions.logits(learner, theta, drawn), (Signal) drawn));
      case MSE -> {
        Tensor errors =
            stack(
                0,
                Predictions.byStep(learner, theta, drawn).stream()
                    .map(prediction -> Losses.meanSquaredError(prediction, y))
                    .toList());
        yield predictive ? sureness(errors, theta, (Task) drawn) : Params.of(SCORES, errors);
      }
    };
  }

  private Params answered(Tensor scores, Tensor logits, Tensor labels) {
    Params p = Params.of(SCORES, scores);
    return probable ? p.with(ANSWERS, answers(logits, labels)) : p;
  }

  /** Labels [n] and logits [n, ways] side by side: [n, 1 + ways]. */
  static Tensor answers(Tensor logits, Tensor labels) {
    Tensor column = reshape(convert(labels, DType.F32), Shape.of(labels.dim(0), 1));
    return concatenate(1, column, logits);
  }

  private Params sureness(Tensor errors, Params theta, Task task) {
    Tensor y = task.query().y();
    Params adapted = theta.with(learner.adapt(theta, task.support()));
    Predictive p = learner.predictive(adapted, task.query().x()).orElseThrow();
    Tensor density = scale(sum(p.logDensity(y)), 1.0 / y.dim(0));
    Tensor off = abs(div(sub(y, p.mean()), p.deviation()));
    Tensor within = mean(lessEqual(off, scalar(Likelihood.BAND)));
    Tensor below = p.cumulative(y);
    return Params.of(SCORES, concatenate(0, errors, stack(0, List.of(density, within))))
        .with(BELOW, reshape(below, Shape.of(below.shape().size())));
  }

  /** How many of the bits that are asked for are wrong: [1]. */
  private static Tensor wrong(Tensor logits, Signal s) {
    Tensor said = less(scalar(0), logits);
    Tensor each = sum(abs(sub(said, s.y())), List.of(1));
    Tensor of = mul(add(each, nothing(logits)), s.asked());
    return reshape(sum(of), Shape.of(1));
  }

  private static Tensor correct(Tensor logits, Tensor y) {
    return add(Losses.correct(logits, y), nothing(logits));
  }

  /**
   * 0 for each row of logits that are finite, else NaN: the largest of what is no number is some
   * class, and would count as a wrong answer.
   */
  private static Tensor nothing(Tensor logits) {
    Tensor sum = sum(logits, List.of(logits.rank() - 1));
    return sub(sum, sum);
  }
}
