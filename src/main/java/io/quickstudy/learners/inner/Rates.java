package io.quickstudy.learners.inner;

import static io.quickstudy.graph.Ops.at;
import static io.quickstudy.graph.Ops.fill;
import static io.quickstudy.graph.Ops.mean;
import static io.quickstudy.graph.Ops.mul;
import static io.quickstudy.graph.Ops.scale;

import io.quickstudy.graph.Shape;
import io.quickstudy.graph.Tensor;
import io.quickstudy.transform.Params;
import java.util.Map;
import java.util.Optional;

/**
 * How far an inner step goes: alpha. A constant, or learned with the parameters, and then stored
 * among them: under "inner.rate" for one, "inner.rate.LAYER" by layer, "inner.rate.PARAMETER" for
 * each number (Li et al. 2017: Meta-SGD). With rates for each step these have a leading axis
 * [steps] (Antoniou et al. 2019, section 4: per-layer per-step rates).
 *
 * @param shared which numbers share one
 * @param bySteps whether each step has its own
 * @param steps as many as have their own where each has
 * @param start alpha at first, or for ever
 */
public record Rates(Shared shared, BySteps bySteps, int steps, double start) {
  /** A pattern of the names of learned rates. */
  public static final String NAMES = "inner[.]rate([.].*)?";

  private static final String NAME = InnerLoop.OWN + "rate";

  /** Which numbers share a rate. */
  public enum Shared {
    /** All, and it is not learned. */
    FIXED,
    /** All share one that is learned. */
    ONE,
    /** The weights and biases of a layer. */
    LAYER,
    /** None: a rate for each number, which may also turn the direction. */
    PARAMETER
  }

  /** Whether the steps share their rates. */
  public enum BySteps {
    /** They do. */
    SHARED,
    /** Each step has its own. */
    OWN
  }

  /** Refuses rates that contradict themselves. */
  public Rates {
    if (shared == Shared.FIXED && bySteps == BySteps.OWN) {
      throw new IllegalArgumentException(
          "Option --step-rates is 'own' with fixed rates: expected learned ones; choose --rates"
              + " one, layer or parameter.");
    }
    if (bySteps == BySteps.OWN && steps < 1) {
      throw new IllegalArgumentException(
          "Option --step-rates is 'own' with %s inner steps: expected at least 1; take more steps or shared rates."
              .formatted(steps));
    }
  }

  /** A constant. */
  public static Rates fixed(double alpha) {
    return new Rates(Shared.FIXED, BySteps.SHARED, 0, alpha);
  }

  private static String name(Shared shared, String parameter) {
    return switch (shared) {
      case FIXED, ONE -> NAME;
      case LAYER -> NAME + "." + parameter.substring(0, Math.max(parameter.lastIndexOf('.'), 0));
      case PARAMETER -> NAME + "." + parameter;
    };
  }

  /** What is learned, at first: nothing where it is fixed. */
  Params init(Params adapted) {
    Params p = Params.empty();
    if (shared == Shared.FIXED) {
      return p;
    }
    for (String n : adapted.names()) {
      Shape s = shared == Shared.PARAMETER ? adapted.get(n).shape() : Shape.of();
      p = p.with(name(shared, n), fill(start, bySteps == BySteps.OWN ? s.prepend(steps) : s));
    }
    return p;
  }

  /**
   * alpha times a gradient.
   *
   * @param theta holds what is learned
   * @param step which, from 0
   * @throws IllegalArgumentException if the step has no rate
   */
  Params times(Params theta, Params gradient, int step) {
    Params moved = gradient;
    for (String n : gradient.names()) {
      Tensor g = gradient.get(n);
      moved =
          moved.with(
              n,
              shared == Shared.FIXED ? scale(g, start) : mul(g, of(theta, name(shared, n), step)));
    }
    return moved;
  }

  private Tensor of(Params theta, String name, int step) {
    Tensor rate = theta.get(name);
    if (bySteps == BySteps.SHARED) {
      return rate;
    }
    InnerLoop.known(step, rate.dim(0), "rates", "--step-rates own");
    return at(rate, 0, step);
  }

  /** That one rate of all, which cannot mean a direction, is not above 0. */
  public Optional<String> objection(Map<String, Double> watched) {
    Double one = shared == Shared.ONE ? watched.get(NAME.substring(InnerLoop.OWN.length())) : null;
    return one == null || one > 0
        ? Optional.empty()
        : Optional.of(
            "the learned inner rate is %s: expected more than 0, since a step along the gradient unlearns; begin with a larger --inner-rate, or learn it more slowly with a smaller --rate."
                .formatted(one));
  }

  /** The mean learned rate of each layer or of all, by name, to be watched: scalars. */
  Params watched(Params theta) {
    Params p = Params.empty();
    if (shared == Shared.FIXED) {
      return p;
    }
    for (String n : theta.names()) {
      if (n.equals(NAME) || n.startsWith(NAME + ".")) {
        p = p.with(n.substring(InnerLoop.OWN.length()), mean(theta.get(n)));
      }
    }
    return p;
  }
}
