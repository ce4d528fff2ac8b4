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
import java.util.regex.Pattern;

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

  /** What learned rates are called where they are watched: the same, or with ".LAYER" behind. */
  private static final String WATCHED = "inner-rate";

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

  /** Which rates are learned, as people choose it. */
  public enum Learned {
    /** None. */
    FIXED(Shared.FIXED, BySteps.SHARED),
    /** One for all. */
    ONE(Shared.ONE, BySteps.SHARED),
    /** One for each layer. */
    LAYER(Shared.LAYER, BySteps.SHARED),
    /** One for each number. */
    PARAMETER(Shared.PARAMETER, BySteps.SHARED),
    /** One for each step. */
    STEP(Shared.ONE, BySteps.OWN),
    /** One for each layer and step. */
    LAYER_STEP(Shared.LAYER, BySteps.OWN),
    /** One for each number and step. */
    PARAMETER_STEP(Shared.PARAMETER, BySteps.OWN);

    private final Shared shared;
    private final BySteps bySteps;

    Learned(Shared shared, BySteps bySteps) {
      this.shared = shared;
      this.bySteps = bySteps;
    }

    /**
     * The rates.
     *
     * @param steps inner steps
     * @param start alpha at first
     */
    public Rates rates(int steps, double start) {
      return new Rates(shared, bySteps, steps, start);
    }
  }

  /** Whether the steps share their rates. */
  public enum BySteps {
    /** They do. */
    SHARED,
    /** Each step has its own. */
    OWN
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
    InnerLoop.known(step, rate.dim(0), "learned rate");
    return at(rate, 0, step);
  }

  /** That one rate of all, which cannot mean a direction, is not above 0. */
  public Optional<String> objection(Map<String, Double> watched) {
    Double one = shared == Shared.ONE ? watched.get(WATCHED) : null;
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
        p = p.with(n.replaceFirst(Pattern.quote(NAME), WATCHED), mean(theta.get(n)));
      }
    }
    return p;
  }
}
