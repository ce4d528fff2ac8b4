package io.quickstudy.train;

import io.quickstudy.run.RunException;

/** Training came to a loss or parameter that is no number. */
public final class DivergedException extends RunException {
  private static final long serialVersionUID = 1L;

  /** With one sentence: the value, what was expected, the repair. */
  public DivergedException(String message) {
    super(message);
  }
}
