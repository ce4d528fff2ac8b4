package io.quickstudy.backend;

/**
 * A compiled graph with its memory. A device may still compute when {@link #run()} returns; reading
 * waits for it, setting inputs does not. Not for use by two threads at once. Freed when closed;
 * every later call throws {@link IllegalStateException}.
 */
public interface Program extends AutoCloseable {
  /** Sets an F32 input for the runs to come. */
  void set(int input, float[] values);

  /** Sets an I32 input for the runs to come. */
  void set(int input, int[] values);

  /** Gives a resident input its data. */
  void bind(int input, Resident data);

  /**
   * Runs once and carries the outputs that are carried.
   *
   * @throws BackendException if a kernel found bad values, such as an index out of range, in this
   *     run or the one before; whatever reads what a run left throws it too
   */
  void run();

  /** Copies an F32 output of the last run, or the present value of a carried one. */
  void get(int output, float[] into);

  /** Copies an I32 output of the last run. */
  void get(int output, int[] into);

  /** Copies a U8 output of the last run. */
  void get(int output, byte[] into);

  /**
   * Copies a small F32 output of the run before the last one, without waiting for the last one.
   *
   * @throws IllegalArgumentException if it is carried, or has more than {@link #SMALL} numbers
   * @throws IllegalStateException if there was no such run
   */
  void before(int output, float[] into);

  /** Numbers of an output that is kept for one more run. */
  int SMALL = 64;

  /** The present value of an F32 input that is set or carried. */
  void input(int input, float[] into);

  /** Memory held for this program, in bytes. */
  default long bytes() {
    return memory().bytes();
  }

  /** Memory held for this program, and what was done to make it fit. */
  MemoryUse memory();

  /**
   * One line for each kernel call of a run with the time it took, longest first; runs the program.
   */
  String profile(int runs);

  @Override
  void close();
}
