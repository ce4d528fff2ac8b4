package io.quickstudy.check;

/** A learner cannot be checked as it is; the message is one sentence that says the repair. */
public final class CheckException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** With a sentence for the user. */
  public CheckException(String message) {
    super(message);
  }

  /** With a sentence for the user and what caused it. */
  public CheckException(String message, Throwable cause) {
    super(message, cause);
  }
}
