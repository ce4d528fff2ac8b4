package io.quickstudy.run;

import io.quickstudy.backend.BackendException;
import io.quickstudy.data.DataException;

/** A run could not go on; the message is one sentence that says the repair. */
public class RunException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** With a sentence for the user. */
  public RunException(String message) {
    super(message);
  }

  /** Whether the message of an exception is a sentence for the user about something that failed. */
  public static boolean explains(Throwable e) {
    return e instanceof RunException || e instanceof DataException || e instanceof BackendException;
  }

  /** With a sentence for the user and what caused it. */
  public RunException(String message, Throwable cause) {
    super(message, cause);
  }
}
