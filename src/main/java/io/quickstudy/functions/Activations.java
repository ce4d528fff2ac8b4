package io.quickstudy.functions;

import static io.quickstudy.graph.Ops.*;

import io.quickstudy.graph.Tensor;

/** Nonlinearities beside the primitives; the rectifier is {@link Losses#relu}. */
public final class Activations {
  private Activations() {}

  /**
   * log(1 + e^x), without overflow and exact for small e^x. Its slope is the sigmoid everywhere,
   * also at 0, where the two ways to compute it meet.
   */
  public static Tensor softplus(Tensor x) {
    Tensor positive = less(scalar(0), x);
    Tensor linear = where(positive, x, scalar(0));
    return add(linear, log1p(exp(where(positive, neg(x), x))));
  }

  /** log of the sigmoid: -softplus(-x). */
  public static Tensor logSigmoid(Tensor x) {
    return neg(softplus(neg(x)));
  }

  /** x where it is positive, else slope x, of a slope below 1; its gradient at 0 is the slope. */
  public static Tensor leakyRelu(Tensor x, double slope) {
    return maximum(x, scale(x, slope));
  }

  /** x where it is positive, else e^x - 1 (Clevert, Unterthiner and Hochreiter 2016). */
  public static Tensor elu(Tensor x) {
    Tensor positive = less(scalar(0), x);
    // e^x of the branch that is not taken could be infinite
    return where(positive, x, expm1(where(positive, scalar(0), x)));
  }
}
