package io.quickstudy.task;

import io.quickstudy.graph.Tensor;

/**
 * What a learner is trained on at a time, as graph: one of the forms that {@link TaskKind} names.
 */
public sealed interface Drawn permits Task, Sequence, Signal, Pairs, Batch {
  /** What its predictions are compared with: I32 classes [n], or F32 values [n, d]. */
  Tensor targets();
}
