package io.quickstudy.task;

import io.quickstudy.graph.Ops;
import io.quickstudy.graph.Tensor;
import io.quickstudy.transform.Params;

/**
 * Examples that arrive one after the other, each to be classified before its label is seen (Santoro
 * et al. 2016, section 2).
 *
 * @param x the examples in order [n, ...]
 * @param y their labels, I32 [n]
 */
public record Sequence(Tensor x, Tensor y) implements Drawn {
  @Override
  public Tensor targets() {
    return y;
  }

  /** The two tensors by name: "x", "y". */
  public Params pack() {
    return Params.of("x", x, "y", y);
  }

  /** The inverse of {@link #pack}. */
  public static Sequence unpack(Params p) {
    return new Sequence(p.get("x"), p.get("y"));
  }

  /** A task as a sequence: its support set, then its query set. */
  public static Sequence of(Task task) {
    return new Sequence(
        Ops.concatenate(0, task.support().x(), task.query().x()),
        Ops.concatenate(0, task.support().y(), task.query().y()));
  }

  /** How many examples. */
  public int length() {
    return x.dim(0);
  }
}
