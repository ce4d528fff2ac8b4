package io.quickstudy.learner;

import io.quickstudy.graph.Shape;
import io.quickstudy.graph.Tensor;
import io.quickstudy.nn.Init;
import io.quickstudy.nn.Norm;
import io.quickstudy.optim.Optimiser;
import io.quickstudy.task.Batch;
import io.quickstudy.task.Drawn;
import io.quickstudy.task.Pairs;
import io.quickstudy.task.Sequence;
import io.quickstudy.task.Signal;
import io.quickstudy.task.Task;
import io.quickstudy.transform.Params;
import java.util.List;
import java.util.Map;
import java.util.Optional;

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
   * The outer loss on whatever the learner is trained on.
   *
   * @throws IllegalArgumentException if it is of a form that this learner does not take
   */
  default Outcome loss(Params theta, Drawn drawn) {
    return switch (drawn) {
      case Task t -> loss(theta, t);
      case Sequence s when this instanceof SequenceLearner l -> l.loss(theta, s);
      case Signal s when this instanceof SignalLearner l -> l.loss(theta, s);
      case Pairs p when this instanceof PairLearner l -> l.loss(theta, p);
      case Batch b when this instanceof BatchLearner l -> l.loss(theta, b);
      default ->
          throw new IllegalArgumentException(
              "Learner %s with %s: expected a learner that implements the interface for these; implement it or declare other tasks."
                  .formatted(getClass().getName(), drawn.getClass().getSimpleName()));
    };
  }

  /**
   * Which way theta moves in one meta-step: against the gradient of the mean loss, unless the
   * learner's paper has another rule.
   */
  default MetaBatch.Direction direction(Params theta, MetaBatch tasks) {
    return tasks.gradientOfMeanLoss(theta);
  }

  /**
   * The rule that moves theta: the configured one, unless the learner's paper has one of its own,
   * such as rates by layer.
   */
  default Optimiser optimiser(Optimiser configured) {
    return configured;
  }

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
   * What an adapted learner expects of the values at queries x [q, ...], and how surely; its mean
   * is what {@link #predict} gives. Nothing where the learner does not say, or classifies: its
   * logits say how sure it is.
   */
  default Optional<Predictive> predictive(Params adapted, Tensor queries) {
    return Optional.empty();
  }

  /**
   * What each of the models predicts that the learner has sampled for a task, whose mean is what
   * {@link #predict} gives: logits [m, q, ways] or values [m, q, d] at queries x [q, ...]. Nothing
   * where it has one model alone. How far they differ is how little the support set says.
   */
  default Optional<Tensor> samples(Params adapted, Tensor queries) {
    return Optional.empty();
  }

  /**
   * Predictions after each step of adaptation, the first before any; for a learner that does not
   * adapt in steps just {@link #predict}.
   */
  default List<Tensor> predictByStep(Params theta, Batch support, Tensor queries) {
    return List.of(predict(theta, support, queries));
  }

  /**
   * The learner as it takes a step of training, counted from 0: itself, unless its paper changes
   * the rule on the way, as from first to second order. Parameters stay what they are.
   */
  default Learner trainedAt(int step) {
    return this;
  }

  /**
   * Scalars of its parameters that are worth watching while it trains, such as learned rates, by
   * name: they stand in metrics and are drawn in the report.
   */
  default Params watched(Params theta) {
    return Params.empty();
  }

  /**
   * Why training cannot go on with such values of what is watched: one sentence that says the
   * value, what was expected, and the repair. Often nothing.
   */
  default Optional<String> objection(Map<String, Double> watched) {
    return Optional.empty();
  }

  /**
   * What the learner's network makes of single examples x [n, ...], for other programs: {@link
   * io.quickstudy.nn.Model#FEATURES} [n, d] and {@link io.quickstudy.nn.Model#OUTPUTS}, those of
   * them that there are. Nothing for a learner without such a network.
   */
  default Params network(Params theta, Tensor x, Norm norm) {
    return Params.empty();
  }

  /** As {@link io.quickstudy.nn.Model#flattened}, of matrices that are the learner's own. */
  default Map<String, Shape> flattened() {
    return Map.of();
  }

  /** Whose statistics normalise, printed with every result. */
  Norm.Policy norm();
}
