package io.quickstudy.backend;

import java.util.OptionalLong;

/** A matrix that a run was to factor has no Cholesky factor. */
public final class FactorException extends BackendException {
  private static final long serialVersionUID = 1L;

  private final String program;
  private final long rows;
  private final long task;
  private final boolean finite;

  /**
   * Of one matrix.
   *
   * @param program that was run
   * @param rows of the matrix
   * @param task that it is of, counted from 0
   * @param finite whether it is made of numbers, and not positive definite
   */
  public FactorException(String program, long rows, OptionalLong task, boolean finite) {
    this(program, rows, task.orElse(-1), finite);
  }

  private FactorException(String program, long rows, long task, boolean finite) {
    super(program + ": " + sentence(rows, task, finite));
    this.program = program;
    this.rows = rows;
    this.task = task;
    this.finite = finite;
  }

  private static String sentence(long rows, long task, boolean finite) {
    String of = task < 0 ? "" : " of task " + (task + 1);
    return "The matrix [%s, %s]%s ".formatted(rows, rows, of)
        + (finite
            ? "is not positive definite: expected one that is, to the precision of the device;"
                + " raise what is added to its diagonal, such as a ridge."
            : "holds no numbers or infinite ones: expected finite ones; lower the rate, or see what"
                + " makes them.");
  }

  /** The same where the run's first task is another one. */
  public FactorException from(long first) {
    return task < 0 ? this : new FactorException(program, rows, first + task, finite);
  }

  /** The message without the program's name. */
  public String sentence() {
    return sentence(rows, task, finite);
  }
}
