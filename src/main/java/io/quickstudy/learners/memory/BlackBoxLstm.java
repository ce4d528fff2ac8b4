package io.quickstudy.learners.memory;

import io.quickstudy.graph.Tensor;
import io.quickstudy.learner.LearnerKind;
import io.quickstudy.nn.Init;
import io.quickstudy.nn.Linear;
import io.quickstudy.nn.Lstm;
import io.quickstudy.nn.Norm;
import io.quickstudy.settings.Setting;
import io.quickstudy.task.TaskKind;
import io.quickstudy.transform.Params;
import java.util.Optional;

/**
 * A recurrent network as the learning algorithm, whose memory is its state. Hochreiter, Younger and
 * Conwell (2001); as compared in Santoro et al. (2016), "Meta-Learning with Memory-Augmented Neural
 * Networks", section 2 and table 1, and in Graves et al. (2014), "Neural Turing Machines", section
 * 4.
 *
 * @param timeline what it sees and answers
 * @param hidden size of the LSTM's state; 200 in Santoro's paper
 */
public record BlackBoxLstm(Timeline timeline, int hidden) implements Recurrent {
  /** Its declaration. */
  public static final LearnerKind<Options> KIND =
      LearnerKind.of(
              BlackBoxLstm.class,
              Options.class,
              (o, s) -> new BlackBoxLstm(Timeline.of(s), o.hidden()))
          .named("lstm")
          .about("a recurrent network over a sequence of labelled images")
          .paper("Santoro et al. 2016, table 1")
          .tasks(TaskKind.SEQUENCES, TaskKind.SIGNALS)
          .norms(Norm.Policy.SUPPORT)
          .backbone(LearnerKind.Backbones.OPTIONAL)
          .makes("h", "c", LABEL);

  /**
   * Its options.
   *
   * @param hidden size of the state
   */
  public record Options(
      @Setting(value = "size of the lstm's state", usual = "200", least = 1) int hidden) {}

  private Lstm lstm() {
    return new Lstm(timeline.in(), hidden);
  }

  private Linear head() {
    return new Linear(hidden, timeline.out());
  }

  @Override
  public Params init(Init draw) {
    return timeline
        .init(draw)
        .with(lstm().init(draw).under("lstm"))
        .with(head().init(draw).under("classifier"));
  }

  @Override
  public Params start(Params theta) {
    Lstm.State s = lstm().start();
    return Params.of("h", s.h(), "c", s.c());
  }

  @Override
  public Tensor project(Params theta, Tensor inputs) {
    return lstm().project(theta.sub("lstm"), inputs);
  }

  @Override
  public Step step(Params theta, Tensor projected, Params carry) {
    Lstm.State before = new Lstm.State(carry.get("h"), carry.get("c"));
    Lstm.State s = lstm().step(theta.sub("lstm"), projected, before);
    return new Step(s.h(), Params.of("h", s.h(), "c", s.c()), Params.empty());
  }

  /** As {@link Lstm#over}: with so little in each, few steps are faster as nodes of their own. */
  @Override
  public Run run(Params theta, Tensor inputs) {
    Lstm f = lstm();
    Lstm.Outputs all = f.over(theta.sub("lstm"), inputs, f.start());
    Params last = Params.of("h", all.last().h(), "c", all.last().c());
    return new Run(all.h(), Params.empty(), last);
  }

  @Override
  public Tensor logits(Params theta, Tensor y) {
    return timeline.logits(head().apply(theta.sub("classifier"), y, Norm.batch()));
  }

  @Override
  public Optional<String> inputWeights() {
    return Optional.of("lstm.weight_ih");
  }
}
