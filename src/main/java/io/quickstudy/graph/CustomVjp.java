package io.quickstudy.graph;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * The first input's value, with a gradient that is written down rather than derived. Inputs: the
 * value y, the arguments, then what the rule reads besides. Cotangents go to the arguments only,
 * not to y itself, so nothing that y was computed from is kept for a gradient. Once all gradients
 * are taken it is its first input, and the simplifier puts that in its place: no backend sees this
 * op.
 *
 * @param rule the gradient
 * @param arguments how many of the inputs behind the value have a gradient
 */
public record CustomVjp(Rule rule, int arguments) implements Op {

  /** A vector-Jacobian product that closes over no tensor: all it reads is among its arguments. */
  public interface Rule {
    /**
     * Cotangents of the arguments, one for each, null for one without.
     *
     * @param g the cotangent of the result
     * @param y the result
     * @param x the inputs behind the value
     */
    List<Tensor> vjp(Tensor g, Tensor y, List<Tensor> x);

    /**
     * The rule of n tasks at once: g, y and the flagged inputs have a leading axis of n, the others
     * are shared.
     */
    Rule batch(int n, List<Boolean> mapped);
  }

  @Override
  public Type infer(List<Tensor> x) {
    return new Type(x.get(0).shape(), x.get(0).dtype());
  }

  @Override
  public List<Tensor> vjp(Tensor g, Tensor y, List<Tensor> x) {
    List<Tensor> all = new ArrayList<>(Collections.singletonList(null));
    all.addAll(rule.vjp(g, y, x.subList(1, x.size())));
    all.addAll(Collections.nCopies(x.size() - all.size(), null));
    return all;
  }

  @Override
  public Tensor batch(Mapped x) {
    List<Tensor> in = new ArrayList<>(x.values());
    in.set(0, x.full(0));
    Rule each = rule.batch(x.n(), x.flags().subList(1, in.size()));
    return Tensor.of(new CustomVjp(each, arguments), in);
  }
}
