package io.quickstudy.run;

import io.quickstudy.nn.Architecture;
import io.quickstudy.nn.Frozen;
import java.util.Optional;

/** Whether the model is frozen, and what is trained upon its features if it is. */
public enum Freeze {
  /** It is not. */
  NONE(Optional.empty()),
  /** {@link Frozen.Top#FEATURES}. */
  FEATURES(Optional.of(Frozen.Top.FEATURES)),
  /** {@link Frozen.Top#MLP}. */
  MLP(Optional.of(Frozen.Top.MLP)),
  /** {@link Frozen.Top#LINEAR}, which is meant where nothing is said. */
  LINEAR(Optional.of(Frozen.Top.LINEAR));

  private final Optional<Frozen.Top> top;

  Freeze(Optional<Frozen.Top> top) {
    this.top = top;
  }

  /** The model, or what is trained upon it where it is frozen. */
  Architecture of(Architecture a) {
    return top.<Architecture>map(t -> new Frozen(a, t)).orElse(a);
  }
}
