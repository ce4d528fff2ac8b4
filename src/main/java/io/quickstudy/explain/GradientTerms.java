package io.quickstudy.explain;

import io.quickstudy.train.EvalSpec;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * What the directions of MAML, FOMAML and Reptile are made of, on some tasks, for two mini-batches
 * of each: the support and the query set. All sizes are Euclidean norms over all parameters.
 *
 * @param spec the tasks
 * @param device where it was computed: a device, or "double precision"
 * @param parameters how many numbers all parameters have
 * @param a the size of A = E[g], the gradient of all tasks together
 * @param b the size of B = E[H0 g1], the term that makes a step on one mini-batch help the other
 * @param cosine of the angle between both
 * @param scale the rate at which 2 alpha B is as large as A
 * @param rounding the misfit that rounding alone makes: what is not well above it says nothing
 * @param expansions of each method, in their order
 * @param own at the learner's own inner rate; nothing for one without
 * @param seconds how long it took
 */
public record GradientTerms(
    EvalSpec spec,
    String device,
    long parameters,
    double a,
    double b,
    double cosine,
    double scale,
    double rounding,
    List<Expansion> expansions,
    Optional<AtRate> own,
    double seconds) {

  /** What two mini-batches' misfit may be for an expansion to be said to hold. */
  public static final double HOLDS = 0.1;

  /** Copies the list. */
  public GradientTerms {
    expansions = List.copyOf(expansions);
  }

  /**
   * How far a method's direction is from its first two terms.
   *
   * @param method whose direction is meant
   * @param rates inner rates, ascending
   * @param misfits the size of what is left of the direction at each, as a part of its first term's
   * @param slope of a line through the smallest misfits that tell something, both logarithmic: 2 if
   *     what is left is O(alpha^2); NaN where there are too few
   * @param holds the rate up to which the misfit is at most {@link #HOLDS}; NaN if it is nowhere
   * @param kink a rate above which steps cross kinks, as of ReLU: from there to the next the misfit
   *     has no slope near 2; nothing if there is none
   */
  public record Expansion(
      Method method,
      double[] rates,
      double[] misfits,
      double slope,
      double holds,
      OptionalDouble kink) {}

  /**
   * What the directions are at one rate.
   *
   * @param rate the inner rate
   * @param second the size of 2 alpha B as a part of A's: how much the first-order expansion takes
   *     the direction of MAML to be moved by it
   * @param moved the size of E[g_MAML] - A as a part of A's: how much it is moved
   * @param misfit of MAML's expansion
   * @param cosineA of the angle between E[g_MAML] and A
   * @param cosineFomaml of that between E[g_MAML] and E[g_FOMAML]
   * @param cosineReptile of that between E[g_MAML] and E[g_Reptile]
   */
  public record AtRate(
      double rate,
      double second,
      double moved,
      double misfit,
      double cosineA,
      double cosineFomaml,
      double cosineReptile) {}
}
