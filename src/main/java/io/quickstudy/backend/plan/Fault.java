package io.quickstudy.backend.plan;

import io.quickstudy.backend.BackendException;
import io.quickstudy.backend.FactorException;
import java.util.OptionalLong;

/**
 * What a run found wrong with what it was given, as native code and kernels write it.
 *
 * @param kind which it is, of native/plan.h and kernels/args.h
 * @param index that is outside of so many, or the task of a matrix, -1 for none
 * @param limit how many there are, or the matrix's rows
 */
public record Fault(long kind, long index, long limit) {
  private static final int OUTSIDE = 1;
  private static final int INDEFINITE = 2;

  /** As an error of a program. */
  public BackendException error(String program) {
    if (kind == OUTSIDE) {
      return new BackendException(
          "%s: Index %s is outside 0..%s: expected a label or row that there is; correct the input."
              .formatted(program, index, limit - 1));
    }
    OptionalLong task = index < 0 ? OptionalLong.empty() : OptionalLong.of(index);
    return new FactorException(program, limit, task, kind == INDEFINITE);
  }
}
