package io.quickstudy.backend;

/**
 * A compiled graph with its memory. Not for use by two threads at once. Freed when closed; every
 * later call throws {@link IllegalStateException}.
 */
public interface Program extends AutoCloseable {
  /** Sets an F32 input. */
  void set(int input, float[] values);

  /** Sets an I32 input. */
  void set(int input, int[] values);

  /** Gives a resident input its data. */
  void bind(int input, Resident data);

  /**
   * Runs once and carries the outputs that are carried.
   *
   * @throws BackendException if a kernel found bad values, such as an index out of range
   */
  void run();

  /** Copies an F32 output of the last run, or the present value of a carried one. */
  void get(int output, float[] into);

  /** Copies an I32 output of the last run. */
  void get(int output, int[] into);

  /** Copies a U8 output of the last run. */
  void get(int output, byte[] into);

  /** The present value of an F32 input that is set or carried. */
  void input(int input, float[] into);

  /** Memory held for this program, in bytes. */
  long bytes();

  /**
   * One line for each kernel call of a run with the time it took, longest first; runs the program.
   */
  String profile(int runs);

  @Override
  void close();
}
