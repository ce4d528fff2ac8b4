package io.quickstudy.explain;

import static io.quickstudy.graph.Ops.add;
import static io.quickstudy.graph.Ops.sum;
import static io.quickstudy.transform.Grad.grad;

import io.quickstudy.graph.Ops;
import io.quickstudy.graph.Tensor;
import io.quickstudy.transform.Params;
import java.util.function.Function;

/**
 * Two mini-batches of one task, as Nichol, Achiam and Schulman (2018), "On First-Order
 * Meta-Learning Algorithms", section 5.1, have them for k = 2: g_i is the gradient of L_i at the
 * initial point phi, H_i its Hessian there. What is made of both is averaged over their two orders,
 * so that the expectations of the section are exact on any set of tasks.
 *
 * @param l0 the loss L_0 of the one, a scalar function of phi
 * @param l1 the loss L_1 of the other
 */
public record TwoBatches(Function<Params, Tensor> l0, Function<Params, Tensor> l1) {

  /**
   * The directions of three methods at one point, up to sign those in which they move phi.
   *
   * @param maml g_MAML, the gradient of L_1 after an inner step on L_0
   * @param fomaml g_FOMAML, the same with the step's derivative left out
   * @param reptile g_Reptile = (phi - W) / alpha, W being phi after a step on each
   */
  public record Directions(Params maml, Params fomaml, Params reptile) {}

  /** The gradient g; over tasks the mean of these is A, "AvgGrad" in the paper. */
  public Params gradient(Params phi) {
    return mean(grad(l0, phi), grad(l1, phi));
  }

  /**
   * H_0 g_1 = grad(g_0 . g_1) / 2, the derivative of the inner product of both gradients; over
   * tasks the mean of these is B, "AvgGradInner". A step against it, as all three methods take,
   * lets a step on one mini-batch do more for the other.
   */
  public Params inner(Params phi) {
    return grad(p -> dot(grad(l0, p), grad(l1, p)), phi).times(0.5);
  }

  /**
   * The directions with inner steps of a rate.
   *
   * @param alpha the rate, a scalar
   */
  public Directions directions(Params phi, Tensor alpha) {
    Directions a = ordered(l0, l1, phi, alpha);
    Directions b = ordered(l1, l0, phi, alpha);
    return new Directions(
        mean(a.maml, b.maml), mean(a.fomaml, b.fomaml), mean(a.reptile, b.reptile));
  }

  private static Directions ordered(
      Function<Params, Tensor> first, Function<Params, Tensor> second, Params phi, Tensor alpha) {
    Params g0 = grad(first, phi);
    Params phi1 = phi.minus(g0.times(alpha));
    Params g1 = grad(second, phi1); // at phi1, where the gradients above are at phi
    // U'(phi) g1 with U'(phi) = I - alpha H_0
    Params h0 = grad(p -> dot(grad(first, p), g1.map(Ops::stop)), phi);
    return new Directions(g1.minus(h0.times(alpha)), g1, g0.plus(g1));
  }

  private static Params mean(Params a, Params b) {
    return a.plus(b).times(0.5);
  }

  /** The inner product over all parameters. */
  private static Tensor dot(Params a, Params b) {
    Tensor s = Ops.scalar(0);
    for (Tensor t : a.zip(b, Ops::mul).values()) {
      s = add(s, sum(t));
    }
    return s;
  }
}
