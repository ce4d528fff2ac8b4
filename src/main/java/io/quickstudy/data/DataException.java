package io.quickstudy.data;

/** Data that cannot be found, fetched or read. The message names the file and the repair. */
public final class DataException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** An error of one sentence. */
  public DataException(String message) {
    super(message);
  }

  /** An error of one sentence, and what lies below it. */
  public DataException(String message, Throwable cause) {
    super(message, cause);
  }
}
