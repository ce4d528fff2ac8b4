package io.quickstudy.task;

import java.util.Locale;

/** What a learner is trained on. */
public enum TaskKind {
  /** A {@link Task} of labelled examples: a support and a query set of a few classes. */
  EPISODES,
  /** A {@link Sequence} of labelled examples, each to be answered before its label comes. */
  SEQUENCES,
  /** A {@link Signal}: bits over time, to be answered with bits. */
  SIGNALS,
  /** {@link Pairs} of examples, of one class or of two. Measured on episodes. */
  PAIRS,
  /** A {@link Batch} of examples of all training classes. Measured on episodes. */
  BATCHES,
  /**
   * A {@link Task} whose classes are described and not shown: the support set has one vector of
   * attributes for each class, [ways, attributes]; the queries are examples.
   */
  ATTRIBUTES,
  /** A {@link Task} of points of one function. */
  REGRESSION;

  /** What is measured of a learner that is trained on this. */
  public TaskKind measured() {
    return this == PAIRS || this == BATCHES ? EPISODES : this;
  }

  /** The name in lists and messages. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
