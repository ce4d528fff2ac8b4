package io.quickstudy.run;

/** The learners by the names that people type. */
public enum LearnerName {
  /** {@link io.quickstudy.learners.Maml}, second order. */
  MAML("model-agnostic meta-learning, second order (Finn et al. 2017)"),
  /** {@link io.quickstudy.learners.Maml}, first order. */
  FOMAML("MAML with its first-order approximation (Finn et al. 2017, section 5.2)"),
  /** {@link io.quickstudy.learners.ProtoNet}. */
  PROTONET("prototypical networks (Snell et al. 2017)"),
  /** {@link io.quickstudy.learners.BlackBoxLstm}. */
  LSTM("a recurrent network over a sequence of labelled images (Santoro et al. 2016, table 1)");

  private final String about;

  LearnerName(String about) {
    this.about = about;
  }

  /** What it is, and by whom. */
  public String about() {
    return about;
  }

  /** Whether it adapts in gradient steps on the support set. */
  public boolean adapts() {
    return this == MAML || this == FOMAML;
  }

  /** Whether it takes sequences of images in place of episodes. */
  public boolean sequential() {
    return this == LSTM;
  }

  @Override
  public String toString() {
    return ConfigKeys.text(name());
  }
}
