package io.quickstudy.train;

/** A run could not go on; the message is one sentence that says the repair. */
public final class RunException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** With a sentence for the user. */
  public RunException(String message) {
    super(message);
  }

  /** With a sentence for the user and what caused it. */
  public RunException(String message, Throwable cause) {
    super(message, cause);
  }
}
