package io.quickstudy.optim;

import static io.quickstudy.graph.Ops.*;

import io.quickstudy.graph.Tensor;
import io.quickstudy.transform.Params;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A rule that moves parameters along a gradient; a pure function. */
public interface Optimiser {
  /**
   * New parameters and slots.
   *
   * @param theta the parameters
   * @param slots the optimiser's memory
   */
  record Update(Params theta, Params slots) {}

  /** The slots before the first step. */
  Params init(Params theta);

  /** One step, given how many were done before it (t, an F32 scalar). */
  Update step(Params theta, Params gradient, Params slots, Tensor t);

  /** Scalars of its memory that are worth watching, by name; often none. */
  default Params watched(Params slots) {
    return Params.empty();
  }

  /**
   * Stochastic gradient descent with momentum: v = m v + g, theta -= rate v.
   *
   * @param rate the learning rate
   * @param momentum m
   */
  record Sgd(Schedule rate, Schedule momentum) implements Optimiser {
    /** The same momentum for ever. */
    public Sgd(Schedule rate, double momentum) {
      this(rate, new Schedule.Constant(momentum));
    }

    /** The momentum at the end. */
    double last() {
      return switch (momentum) {
        case Schedule.Constant c -> c.rate();
        case Schedule.Linear l -> l.last();
        case Schedule.Step s -> 0;
        case Schedule.Cosine c -> c.last();
        case Schedule.WarmUp w -> new Sgd(rate, w.then()).last();
      };
    }

    @Override
    public Params init(Params theta) {
      return zeros(theta).under("velocity");
    }

    @Override
    public Update step(Params theta, Params gradient, Params slots, Tensor t) {
      Params v = slots.sub("velocity").times(momentum.at(t)).plus(gradient);
      return new Update(theta.minus(v.times(rate.at(t))), v.under("velocity"));
    }
  }

  /** Adam (Kingma and Ba 2015, algorithm 1). */
  record Adam(Schedule rate, double beta1, double beta2, double epsilon) implements Optimiser {
    /** The paper's constants: 0.9, 0.999, 1e-8. */
    public Adam(Schedule rate) {
      this(rate, 0.9, 0.999, 1e-8);
    }

    @Override
    public Params init(Params theta) {
      return zeros(theta).under("m").with(zeros(theta).under("v"));
    }

    @Override
    public Update step(Params theta, Params gradient, Params slots, Tensor t) {
      Params m = average(slots.sub("m"), gradient, beta1);
      Params v = average(slots.sub("v"), gradient.map(g -> mul(g, g)), beta2);
      Tensor count = add(t, scalar(1));
      Tensor c1 = correction(beta1, count);
      Tensor c2 = correction(beta2, count);
      Tensor a = rate.at(t);
      Params move =
          m.zip(v, (p, q) -> div(mul(p, mul(a, c1)), add(sqrt(mul(q, c2)), scalar(epsilon))));
      return new Update(theta.minus(move), m.under("m").with(v.under("v")));
    }

    /** 1 / (1 - beta^t). */
    private static Tensor correction(double beta, Tensor count) {
      return neg(reciprocal(expm1(scale(count, Math.log(beta)))));
    }
  }

  /**
   * RMSProp with momentum (Hinton 2012; Graves 2013 without centring): v = m v + g / sqrt(s + eps).
   */
  record RmsProp(Schedule rate, double decay, double momentum, double epsilon)
      implements Optimiser {
    @Override
    public Params init(Params theta) {
      return zeros(theta).under("square").with(zeros(theta).under("velocity"));
    }

    @Override
    public Update step(Params theta, Params gradient, Params slots, Tensor t) {
      Params s = average(slots.sub("square"), gradient.map(g -> mul(g, g)), decay);
      Params scaled = gradient.zip(s, (g, q) -> mul(g, rsqrt(add(q, scalar(epsilon)))));
      Params v = slots.sub("velocity").times(momentum).plus(scaled);
      return new Update(
          theta.minus(v.times(rate.at(t))), s.under("square").with(v.under("velocity")));
    }
  }

  /**
   * Another rule whose every move is times a factor.
   *
   * @param rule the rule
   * @param factor 0 or more
   */
  record Scaled(Optimiser rule, double factor) implements Optimiser {
    @Override
    public Params init(Params theta) {
      return rule.init(theta);
    }

    @Override
    public Update step(Params theta, Params gradient, Params slots, Tensor t) {
      Update u = rule.step(theta, gradient, slots, t);
      return new Update(theta.plus(u.theta().minus(theta).times(factor)), u.slots());
    }
  }

  /**
   * Another rule for a loss to which lambda ||theta||^2 is added: the gradient plus 2 lambda theta.
   *
   * @param rule the rule
   * @param lambda 0 or more
   */
  record Regularised(Optimiser rule, double lambda) implements Optimiser {
    @Override
    public Params init(Params theta) {
      return rule.init(theta);
    }

    @Override
    public Update step(Params theta, Params gradient, Params slots, Tensor t) {
      return rule.step(theta, gradient.plus(theta.times(2 * lambda)), slots, t);
    }
  }

  /**
   * Gradient descent that descends on its own rate as well (Baydin et al. 2018, "Online Learning
   * Rate Adaptation with Hypergradient Descent", algorithm 4): rate += mu g . g_before, theta -=
   * rate g, where g . g_before is how much the loss falls with the rate of the step before. A rate
   * that would be below 0 is 0: theta then stays, so that the next g . g_before lifts it again.
   *
   * @param start the rate at first, above 0
   * @param mu the rate of the rate, 0 or more
   */
  record Hypergradient(double start, double mu) implements Optimiser {
    /** The name of the rate among slots and what is watched. */
    public static final String RATE = "outer-rate";

    @Override
    public Params init(Params theta) {
      return zeros(theta).under("before").with(RATE, scalar(start));
    }

    @Override
    public Update step(Params theta, Params gradient, Params slots, Tensor t) {
      Tensor fall =
          gradient.zip(slots.sub("before"), (g, b) -> sum(mul(g, b))).values().stream()
              .reduce(scalar(0), (a, b) -> add(a, b));
      Tensor rate = maximum(add(slots.get(RATE), scale(fall, mu)), scalar(0));
      return new Update(
          theta.minus(gradient.times(rate)), gradient.under("before").with(RATE, rate));
    }

    @Override
    public Params watched(Params slots) {
      return Params.of(RATE, slots.get(RATE));
    }
  }

  /**
   * Rules of their own for some parameters, and one for the rest: layer-wise rates, for example.
   *
   * @param groups each parameter goes to the first whose pattern its whole name matches
   * @param rest for parameters that none matches
   */
  record Groups(List<Group> groups, Optimiser rest) implements Optimiser {
    /**
     * Some parameters.
     *
     * @param names a regular expression, such as {@code conv[12]\\..*}
     * @param rule that moves them
     */
    public record Group(String names, Optimiser rule) {}

    /** Copies the list. */
    public Groups {
      groups = List.copyOf(groups);
    }

    private Params part(Params all, int group) {
      Map<String, Tensor> m = new LinkedHashMap<>();
      for (String n : all.names()) {
        int first = 0;
        while (first < groups.size() && !n.matches(groups.get(first).names())) {
          first++;
        }
        if (first == group) {
          m.put(n, all.get(n));
        }
      }
      return Params.of(m);
    }

    private Optimiser rule(int group) {
      return group < groups.size() ? groups.get(group).rule() : rest;
    }

    /**
     * {@inheritDoc}
     *
     * @throws IllegalArgumentException if a group's pattern matches no parameter
     */
    @Override
    public Params init(Params theta) {
      Params slots = Params.empty();
      for (int i = 0; i <= groups.size(); i++) {
        Params mine = part(theta, i);
        if (i < groups.size() && mine.count() == 0) {
          throw new IllegalArgumentException(
              "Parameters '%s' are none: expected a pattern of some of %s; correct it."
                  .formatted(groups.get(i).names(), theta.names()));
        }
        slots = slots.with(rule(i).init(mine).under("group" + i));
      }
      return slots;
    }

    @Override
    public Update step(Params theta, Params gradient, Params slots, Tensor t) {
      Params moved = theta; // keeps the order of names
      Params kept = Params.empty();
      for (int i = 0; i <= groups.size(); i++) {
        Params mine = part(theta, i);
        if (mine.count() > 0) {
          Update u = rule(i).step(mine, part(gradient, i), slots.sub("group" + i), t);
          moved = moved.with(u.theta());
          kept = kept.with(u.slots().under("group" + i));
        }
      }
      return new Update(moved, kept);
    }

    @Override
    public Params watched(Params slots) {
      Params p = Params.empty();
      for (int i = 0; i <= groups.size(); i++) {
        p = p.with(rule(i).watched(slots.sub("group" + i)));
      }
      return p;
    }
  }

  private static Params zeros(Params like) {
    return like.map(v -> fill(0, v.shape()));
  }

  /** d old + (1 - d) now. */
  private static Params average(Params old, Params now, double d) {
    return old.times(d).plus(now.times(1 - d));
  }
}
