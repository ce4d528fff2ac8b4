package io.quickstudy.backend;

/** A device could not do what was asked; the message is one sentence for the user. */
public sealed class BackendException extends RuntimeException permits FactorException {
  private static final long serialVersionUID = 1L;

  /** With a sentence for the user. */
  public BackendException(String message) {
    super(message);
  }

  /** With a sentence for the user and what caused it. */
  public BackendException(String message, Throwable cause) {
    super(message, cause);
  }
}
