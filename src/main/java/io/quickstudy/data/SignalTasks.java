package io.quickstudy.data;

/**
 * Signals without end: task {@code i} is some items over time, and what is to be answered of them.
 * It depends on {@code i} and the numbers of items alone, so that runs can be replayed. Used by one
 * thread at a time.
 */
public interface SignalTasks {
  /** What they are, one line. */
  String about();

  /** The numbers that are seen at a step. */
  int inputs();

  /** The bits that are answered at a step. */
  int outputs();

  /** The fewest items of a task. */
  int least();

  /** The steps of a task of so many items. */
  int steps(int items);

  /**
   * Writes a task.
   *
   * @param task any number from 0 on
   * @param items how many, at least {@link #least}
   * @param x takes what is seen, row-major [steps, inputs], from {@code at * inputs} on; holds
   *     zeros
   * @param y takes the bits that are right, [steps, outputs] likewise; holds zeros
   * @param asked takes 1 where bits are asked for, [steps] likewise; holds zeros
   * @param at the first step's place in all three
   */
  void write(long task, int items, float[] x, float[] y, float[] asked, int at);
}
