package io.quickstudy.task;

import io.quickstudy.graph.Tensor;

/**
 * Labelled examples.
 *
 * @param x the examples [n, ...]: images [n, height, width, channels], numbers [n, d]
 * @param y their labels, I32 [n] with classes from 0, or F32 targets [n, d]; in a support set -1
 *     for an example without a label, where the learner takes such
 */
public record Batch(Tensor x, Tensor y) implements Drawn {
  @Override
  public Tensor targets() {
    return y;
  }

  /** Checks that there is one label for each example. */
  public Batch {
    if (x.rank() < 1 || y.rank() < 1 || x.dim(0) != y.dim(0)) {
      throw new IllegalArgumentException(
          "batch: examples "
              + x.shape()
              + ", labels "
              + y.shape()
              + "; expected one label for each example");
    }
  }

  /** How many examples. */
  public int count() {
    return x.dim(0);
  }
}
