package io.quickstudy.optim;

import static io.quickstudy.graph.Ops.*;

import io.quickstudy.graph.Tensor;

/** A learning rate, or a momentum, as a function of the number of steps done. */
public sealed interface Schedule {
  /** The rate, an F32 scalar, after t steps (an F32 scalar, 0 before the first). */
  Tensor at(Tensor t);

  /** The same rate for ever. */
  record Constant(double rate) implements Schedule {
    @Override
    public Tensor at(Tensor t) {
      return scalar(rate);
    }
  }

  /**
   * The rate times factor^(t / every), in whole steps: 0.5 every 2,000 halves it every 2,000 steps.
   */
  record Step(double rate, double factor, int every) implements Schedule {
    /** Checks that the interval is positive. */
    public Step {
      if (every < 1 || factor <= 0) {
        throw new IllegalArgumentException(
            "step schedule: factor "
                + factor
                + " every "
                + every
                + " steps; expected a positive factor and at least 1 step");
      }
    }

    @Override
    public Tensor at(Tensor t) {
      // (t + 0.5) / every is never near a whole number, so the floor does not depend on rounding
      Tensor drops = floor(scale(add(t, scalar(0.5)), 1.0 / every));
      return scale(exp(scale(drops, Math.log(factor))), rate);
    }
  }

  /** From the first to the last along a line over {@code steps}, then constant. */
  record Linear(double first, double last, int steps) implements Schedule {
    @Override
    public Tensor at(Tensor t) {
      Tensor done = minimum(scale(t, 1.0 / steps), scalar(1));
      return add(scale(done, last - first), scalar(first));
    }
  }

  /** From the rate down to {@code last} along half a cosine over {@code steps}, then constant. */
  record Cosine(double rate, double last, int steps) implements Schedule {
    @Override
    public Tensor at(Tensor t) {
      Tensor done = minimum(scale(t, 1.0 / steps), scalar(1));
      Tensor wave = scale(add(cos(scale(done, Math.PI)), scalar(1)), 0.5);
      return add(scale(wave, rate - last), scalar(last));
    }
  }

  /**
   * Another schedule times (t + 1) / steps before that many steps: a rate that rises along a line
   * to what that schedule has by then (Goyal et al. 2017, section 2.2). It goes on from where it
   * would be without, so that a cosine ends where it ended.
   */
  record WarmUp(Schedule then, int steps) implements Schedule {
    /** Checks that there are steps. */
    public WarmUp {
      if (steps < 1) {
        throw new IllegalArgumentException(
            "warm-up over " + steps + " steps; expected at least 1 step");
      }
    }

    @Override
    public Tensor at(Tensor t) {
      Tensor risen = minimum(scale(add(t, scalar(1)), 1.0 / steps), scalar(1));
      return mul(risen, then.at(t));
    }
  }
}
