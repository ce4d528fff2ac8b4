package io.quickstudy.learners.memory;

import static io.quickstudy.graph.Ops.*;

import io.quickstudy.graph.Shape;
import io.quickstudy.graph.Tensor;
import io.quickstudy.nn.Init;
import io.quickstudy.nn.Linear;
import io.quickstudy.nn.Lstm;
import io.quickstudy.transform.Params;

/**
 * The controller of an outer memory: a network that sees the input x_t and what was read at the
 * step before, r_{t-1}.
 *
 * @param in numbers of an input
 * @param read numbers that are read at a step
 * @param hidden size of its state and output
 * @param kind what it is
 */
public record Controller(int in, int read, int hidden, Kind kind) {
  /** What a controller is. */
  public enum Kind {
    /** A recurrent network with a state of its own. */
    LSTM,
    /** One layer, which remembers by the memory alone. */
    FEED_FORWARD
  }

  private Lstm lstm() {
    return new Lstm(in + read, hidden);
  }

  private Linear layer() {
    return new Linear(in + read, hidden);
  }

  /** Its parameters. */
  public Params init(Init draw) {
    return kind == Kind.LSTM ? lstm().init(draw) : layer().init(draw);
  }

  /** What its first step begins with: "h" and "c" [hidden] of an LSTM. */
  public Params start() {
    Tensor zero = fill(0, Shape.of(hidden));
    return kind == Kind.LSTM ? Params.of("h", zero, "c", zero) : Params.empty();
  }

  /** The name of the matrix that inputs are multiplied by, rows of what is read behind theirs. */
  String inputs() {
    return kind == Kind.LSTM ? "weight_ih" : "weight";
  }

  /** What x alone makes, for all steps at once: [n, in] to [n, d]. */
  public Tensor project(Params theta, Tensor x) {
    return add(dot(x, slice(theta.get(inputs()), 0, 0, in)), theta.get("bias"));
  }

  /**
   * A step's output and what the next one begins with.
   *
   * @param h [1, hidden]
   */
  public record Step(Tensor h, Params carry) {}

  /**
   * One step.
   *
   * @param projected a row of {@link #project}
   * @param reads r_{t-1} [read]
   * @param before what {@link #start} names
   */
  public Step step(Params theta, Tensor projected, Tensor reads, Params before) {
    Tensor ofReads = slice(theta.get(inputs()), 0, in, in + read);
    Shape row = Shape.of(1, hidden);
    return switch (kind) {
      case LSTM -> {
        Tensor w = concatenate(0, theta.get("weight_hh"), ofReads);
        Tensor z = add(projected, times(concatenate(0, before.get("h"), reads), w));
        Lstm.State s = Lstm.cell(z, before.get("c"));
        yield new Step(reshape(s.h(), row), Params.of("h", s.h(), "c", s.c()));
      }
      case FEED_FORWARD ->
          new Step(reshape(tanh(add(projected, times(reads, ofReads))), row), Params.empty());
    };
  }

  /** x W of one row. */
  private static Tensor times(Tensor x, Tensor w) {
    return reshape(dot(reshape(x, x.shape().prepend(1)), w), Shape.of(w.dim(1)));
  }
}
