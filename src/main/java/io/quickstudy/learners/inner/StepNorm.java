package io.quickstudy.learners.inner;

import static io.quickstudy.graph.Ops.repeat;
import static io.quickstudy.graph.Ops.stack;

import io.quickstudy.graph.Ops;
import io.quickstudy.graph.Tensor;
import io.quickstudy.nn.Norm;
import io.quickstudy.transform.Params;
import java.util.List;

/**
 * Batch norm by inner steps (Antoniou et al. 2019, section 4): a layer's gains and biases, and its
 * running statistics, may be other ones before each inner step and after the last. They stand as
 * "inner.norm.NAME" [steps + 1, C] in place of the model's "NAME" [C], are learned by the outer
 * steps alone, and a pass sees those of its step.
 *
 * @param gains whether gains and biases are by steps
 * @param statistics whether running statistics are
 * @param steps inner steps that are trained
 */
public record StepNorm(Gains gains, Statistics statistics, int steps) {
  private static final String NAME = InnerLoop.OWN + "norm.";

  /** Whether the steps share gains and biases. */
  public enum Gains {
    /** They do, and inner steps change them like all parameters. */
    SHARED,
    /** Each step has its own, which inner steps do not change. */
    OWN
  }

  /** Whether there are running statistics by steps. */
  public enum Statistics {
    /** There are not. */
    NONE,
    /** Each step has its own. */
    OWN
  }

  /** The model's batch norm as it is. */
  public static StepNorm shared() {
    return new StepNorm(Gains.SHARED, Statistics.NONE, 0);
  }

  private boolean own(Params theta, String name) {
    if (Norm.isBuffer(name)) {
      return statistics == Statistics.OWN;
    }
    int dot = name.lastIndexOf('.');
    return gains == Gains.OWN
        && dot > 0
        && theta.names().contains(name.substring(0, dot + 1) + Norm.MEAN);
  }

  /** The model's parameters with those by steps in place of their namesakes. */
  Params init(Params theta) {
    Params p = Params.empty();
    for (String n : theta.names()) {
      Tensor v = theta.get(n);
      p = own(theta, n) ? p.with(NAME + n, repeat(v, steps + 1)) : p.with(n, v);
    }
    return p;
  }

  /**
   * Theta as a pass behind so many inner steps sees it.
   *
   * @throws IllegalArgumentException if fewer were trained
   */
  Params at(Params theta, int step) {
    Params p = theta;
    for (String n : theta.names()) {
      if (n.startsWith(NAME)) {
        Tensor v = theta.get(n);
        InnerLoop.known(step - 1, v.dim(0) - 1, "batch norm");
        p = p.with(n.substring(NAME.length()), Ops.at(v, 0, step));
      }
    }
    return p;
  }

  /** What {@link #at} added. */
  Params chosen(Params seen) {
    return seen.select(n -> seen.names().contains(NAME + n));
  }

  /**
   * The running statistics, moved towards those of passes before each step and behind the last;
   * nothing where there are none.
   */
  Params moved(Params theta, List<Params> seen) {
    Params p = Params.empty();
    if (statistics == Statistics.OWN) {
      for (String n : seen.getFirst().names()) {
        Tensor now = stack(0, seen.stream().map(s -> s.get(n)).toList());
        Tensor moved = Norm.moved(theta.get(NAME + n), now);
        p = p.with(NAME + n, moved);
      }
    }
    return p;
  }
}
