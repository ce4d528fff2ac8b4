package io.quickstudy.learners.memory;

import static io.quickstudy.functions.Losses.crossEntropy;
import static io.quickstudy.transform.Vmap.vmap;

import io.quickstudy.functions.Losses;
import io.quickstudy.graph.Shape;
import io.quickstudy.graph.Tensor;
import io.quickstudy.learner.SequenceLearner;
import io.quickstudy.learner.SignalLearner;
import io.quickstudy.nn.Norm;
import io.quickstudy.task.Batch;
import io.quickstudy.task.Sequence;
import io.quickstudy.task.Signal;
import io.quickstudy.transform.Params;
import io.quickstudy.transform.Scan;
import java.util.Map;
import java.util.Optional;

/**
 * A network over time as the learning algorithm. Hochreiter, Younger and Conwell (2001); the task
 * is that of Santoro et al. (2016), "Meta-Learning with Memory-Augmented Neural Networks", section
 * 2: step t sees the flattened image x_t beside the label of the image before it, y_{t-1}, and
 * classifies x_t. So the network has to hold an image until its label comes, bind the two, and find
 * them when a like image is shown.
 *
 * <p>A learner says how it begins and what a step does; the rest follows.
 */
public interface Recurrent extends SequenceLearner, SignalLearner {
  /** The name of the last label, one-hot, among what adapting makes. */
  String LABEL = "y";

  /**
   * What a step makes.
   *
   * @param y its output, before the classifier [out]
   * @param carry what the next step begins with, by the names of {@link #start}
   * @param weightings where it attends: each [heads, rows]; often none
   */
  record Step(Tensor y, Params carry, Params weightings) {}

  /** What it sees. */
  Timeline timeline();

  /** What the first step begins with: F32 tensors by name. */
  Params start(Params theta);

  /** What of a step depends on its input alone, for all steps at once: [n, in] to [n, d]. */
  Tensor project(Params theta, Tensor inputs);

  /**
   * One step.
   *
   * @param projected a row of {@link #project}: [d]
   * @param carry what the step before it left
   */
  Step step(Params theta, Tensor projected, Params carry);

  /**
   * The name of the matrix that examples are multiplied by, with a row for each of their numbers,
   * which weights of other programs have in another order. Needed for these alone.
   */
  default Optional<String> inputWeights() {
    return Optional.empty();
  }

  /** Logits of outputs: [n, out] to [n, outputs]. */
  Tensor logits(Params theta, Tensor y);

  /**
   * All steps.
   *
   * @param y their outputs [n, out]
   * @param weightings each [n, heads, rows]
   * @param last what the last one left
   */
  record Run(Tensor y, Params weightings, Params last) {}

  /** The steps over inputs [n, in], without weightings. */
  default Run run(Params theta, Tensor inputs) {
    return looped(theta, inputs, false);
  }

  /** A loop that is one node; the weightings are stacked where somebody looks at them. */
  private Run looped(Params theta, Tensor inputs, boolean watched) {
    Scan.Result r =
        Scan.scan(
            (carry, x) -> {
              Step s = step(theta, x.get("x"), carry);
              Params y = Params.of("y", s.y());
              return new Scan.Step(s.carry(), watched ? y.with(s.weightings().under("w")) : y);
            },
            start(theta),
            Params.of("x", project(theta, inputs)));
    return new Run(r.ys().get("y"), r.ys().sub("w"), r.carry());
  }

  private Tensor inputs(Params theta, Sequence s) {
    return timeline().inputs(timeline().seen(theta, s.x()).rows(), s.y());
  }

  @Override
  default Tensor outputs(Params theta, Sequence s) {
    return logits(theta, run(theta, inputs(theta, s)).y());
  }

  @Override
  default Tensor outputs(Params theta, Signal s) {
    return logits(theta, run(theta, timeline().seen(theta, s.x()).rows()).y());
  }

  @Override
  default Params weightings(Params theta, Sequence s) {
    return looped(theta, inputs(theta, s), true).weightings();
  }

  @Override
  default Params weightings(Params theta, Signal s) {
    return looped(theta, timeline().seen(theta, s.x()).rows(), true).weightings();
  }

  /** -log p(y_t | x_1..x_t, y_1..y_{t-1}), averaged over the sequence (section 2). */
  @Override
  default Outcome loss(Params theta, Sequence s) {
    Tensor y = outputs(theta, s);
    return new Outcome(crossEntropy(y, s.y()), y, Params.empty());
  }

  /** -log p of the bits that are asked for, averaged. */
  @Override
  default Outcome loss(Params theta, Signal s) {
    Tensor y = outputs(theta, s);
    return new Outcome(Losses.binaryCrossEntropy(y, s.y(), s.asked()), y, Params.empty());
  }

  /** What the support set leaves, and its last label, "y", one-hot. */
  @Override
  default Params adapt(Params theta, Batch support) {
    Timeline.Seen x = timeline().seen(theta, support.x());
    return run(theta, timeline().inputs(x.rows(), support.y()))
        .last()
        .with(LABEL, timeline().last(support.y()))
        .with(x.kept());
  }

  /** Each query on its own, as the step that follows the support set. */
  @Override
  default Tensor predict(Params adapted, Tensor queries) {
    Params left = adapted.select(start(adapted).names()::contains);
    Tensor rows = timeline().behind(adapted, queries);
    Tensor x = project(adapted, timeline().inputsBehind(adapted.get(LABEL), rows));
    Tensor y = vmap(one -> step(adapted, one.get("x"), left).y(), Params.of("x", x));
    return logits(adapted, y);
  }

  /** What the model before the network makes of single examples; nothing without one. */
  @Override
  default Params network(Params theta, Tensor x, Norm by) {
    return timeline().network(theta, x, by);
  }

  @Override
  default Norm.Policy norm() {
    return timeline().norm();
  }

  @Override
  default Map<String, Shape> flattened() {
    return timeline().flattened(inputWeights());
  }
}
