package io.quickstudy.settings;

/** A value that somebody gave cannot be used; the message is one sentence that says the repair. */
public final class ConfigException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** With a sentence for the user. */
  public ConfigException(String message) {
    super(message);
  }

  /** With a sentence for the user and what caused it. */
  public ConfigException(String message, Throwable cause) {
    super(message, cause);
  }
}
