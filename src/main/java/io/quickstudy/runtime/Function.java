package io.quickstudy.runtime;

import io.quickstudy.transform.Params;

/** A function to trace: called once, with placeholders, it builds the graph. */
@FunctionalInterface
public interface Function {
  /**
   * What a function returns.
   *
   * @param state the next value of every state, under the same names
   * @param outputs what is read after a run
   */
  record Result(Params state, Params outputs) {}

  /** Builds the graph. */
  Result apply(Params state, Params inputs, Params residents);
}
