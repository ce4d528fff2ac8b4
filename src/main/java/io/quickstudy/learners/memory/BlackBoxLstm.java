package io.quickstudy.learners.memory;

import static io.quickstudy.functions.Losses.crossEntropy;
import static io.quickstudy.graph.Ops.*;

import io.quickstudy.graph.Shape;
import io.quickstudy.graph.Tensor;
import io.quickstudy.learner.LearnerKind;
import io.quickstudy.learner.SequenceLearner;
import io.quickstudy.nn.Init;
import io.quickstudy.nn.Linear;
import io.quickstudy.nn.Lstm;
import io.quickstudy.nn.Norm;
import io.quickstudy.settings.Setting;
import io.quickstudy.task.Batch;
import io.quickstudy.task.Sequence;
import io.quickstudy.task.TaskKind;
import io.quickstudy.transform.Params;
import java.util.List;
import java.util.Map;

/**
 * A recurrent network as the learning algorithm. Hochreiter, Younger and Conwell (2001); as
 * compared in Santoro et al. (2016), "Meta-Learning with Memory-Augmented Neural Networks", section
 * 2 and table 1: step t sees the flattened image x_t beside the label of the image before it,
 * y_{t-1}, and classifies x_t.
 *
 * @param example the shape of one example, which is flattened
 * @param hidden size of the LSTM's state; 200 in the paper
 * @param ways classes
 */
public record BlackBoxLstm(Shape example, int hidden, int ways) implements SequenceLearner {
  /** Its declaration. */
  public static final LearnerKind<Options> KIND =
      LearnerKind.of(
              BlackBoxLstm.class,
              Options.class,
              (o, s) -> new BlackBoxLstm(s.example(), o.hidden(), s.outputs()))
          .named("lstm")
          .about("a recurrent network over a sequence of labelled images")
          .paper("Santoro et al. 2016, table 1")
          .tasks(TaskKind.SEQUENCES)
          .norms(Norm.Policy.NONE)
          .backbone(LearnerKind.Backbones.NONE)
          .makes("h", "c", "y");

  /**
   * Its options.
   *
   * @param hidden size of the state
   */
  public record Options(
      @Setting(value = "size of the lstm's state", usual = "200", least = 1) int hidden) {}

  private int features() {
    return example.size();
  }

  private Lstm lstm() {
    return new Lstm(features() + ways, hidden);
  }

  private Linear head() {
    return new Linear(hidden, ways);
  }

  @Override
  public Params init(Init draw) {
    return lstm().init(draw).under("lstm").with(head().init(draw).under("classifier"));
  }

  /** The inputs (x_t, y_{t-1}), y one-hot and zero before the first step: [n, features + ways]. */
  private Tensor steps(Tensor x, Tensor y) {
    int n = x.dim(0);
    Tensor previous = fill(0, Shape.of(1, ways));
    if (n > 1) {
      previous = concatenate(0, previous, slice(oneHot(y, ways), 0, 0, n - 1));
    }
    return concatenate(1, reshape(x, Shape.of(n, features())), previous);
  }

  private Tensor logits(Params theta, List<Tensor> h) {
    return head().apply(theta.sub("classifier"), stack(0, h), Norm.batch());
  }

  @Override
  public Tensor outputs(Params theta, Sequence s) {
    Lstm f = lstm();
    List<Lstm.State> states = f.run(theta.sub("lstm"), steps(s.x(), s.y()), f.start());
    return logits(theta, states.stream().map(Lstm.State::h).toList());
  }

  /** -log p(y_t | x_1..x_t, y_1..y_{t-1}), averaged over the sequence. */
  @Override
  public Outcome loss(Params theta, Sequence s) {
    Tensor y = outputs(theta, s);
    return new Outcome(crossEntropy(y, s.y()), y, Params.empty());
  }

  /** The state behind the support set, "h" and "c", and the last label, "y", one-hot. */
  @Override
  public Params adapt(Params theta, Batch support) {
    Lstm f = lstm();
    int n = support.count();
    List<Lstm.State> seen = f.run(theta.sub("lstm"), steps(support.x(), support.y()), f.start());
    Lstm.State last = seen.get(n - 1);
    Tensor y = reshape(slice(oneHot(support.y(), ways), 0, n - 1, n), Shape.of(ways));
    return Params.of("h", last.h(), "c", last.c()).with("y", y);
  }

  /** Each query on its own, as the step that follows the support set. */
  @Override
  public Tensor predict(Params adapted, Tensor queries) {
    Lstm f = lstm();
    Params p = adapted.sub("lstm");
    Lstm.State last = new Lstm.State(adapted.get("h"), adapted.get("c"));
    int q = queries.dim(0);
    Tensor x =
        concatenate(1, reshape(queries, Shape.of(q, features())), repeat(adapted.get("y"), q));
    Tensor projected = f.project(p, x);
    List<Tensor> h =
        java.util.stream.IntStream.range(0, q)
            .mapToObj(i -> f.step(p, at(projected, 0, i), last).h())
            .toList();
    return logits(adapted, h);
  }

  @Override
  public Map<String, Shape> flattened() {
    return example.rank() == 3 ? Map.of("lstm.weight_ih", example) : Map.of();
  }

  @Override
  public Norm.Policy norm() {
    return Norm.Policy.NONE;
  }
}
