package io.quickstudy.run;

/** Whether the model is frozen, and what is trained upon its features if it is. */
public enum Freeze {
  /** It is not. */
  NONE,
  /** {@link io.quickstudy.nn.Frozen.Top#FEATURES}. */
  FEATURES,
  /** {@link io.quickstudy.nn.Frozen.Top#MLP}. */
  MLP,
  /** {@link io.quickstudy.nn.Frozen.Top#LINEAR}, which is meant where nothing is said. */
  LINEAR
}
