package io.quickstudy.run;

/** The optimisers by the names that people type. */
public enum OptimiserName {
  /** {@link io.quickstudy.optim.Optimiser.Adam}. */
  ADAM,
  /** {@link io.quickstudy.optim.Optimiser.Sgd}. */
  SGD,
  /** {@link io.quickstudy.optim.Optimiser.RmsProp}. */
  RMSPROP
}
