package io.quickstudy.nn;

import io.quickstudy.functions.Activations;
import io.quickstudy.functions.Losses;
import io.quickstudy.graph.Ops;
import io.quickstudy.graph.Tensor;

/** What stands between linear layers. */
public enum Activation {
  /** max(x, 0). */
  RELU,
  /** Hyperbolic tangent. */
  TANH,
  /** x where it is positive, else e^x - 1 (Clevert, Unterthiner and Hochreiter 2016). */
  ELU;

  /** Of each number. */
  public Tensor of(Tensor x) {
    return switch (this) {
      case RELU -> Losses.relu(x);
      case TANH -> Ops.tanh(x);
      case ELU -> Activations.elu(x);
    };
  }
}
