package io.quickstudy.data.sampling;

import java.util.Map;

/**
 * Draws tasks of images as integers. Task {@code i} depends on the sampler's seed, {@code i} and
 * the arguments of its constructor alone: it is the same on any machine, in any order and in any
 * batch. Safe for use by several threads.
 *
 * <p>Of an image there are an {@code index}, its number in the image set, and a {@code move}, its
 * row in the table of {@link #moves}.
 */
public interface TaskSampler {
  /** How many integers describe one task, by name, in an order of their own. */
  Map<String, Integer> sizes();

  /** The table that the tasks' moves refer to. */
  PixelMoves moves();

  /** The number of classes to draw from, rotated ones included. */
  int poolSize();

  /**
   * Writes task {@code i} into a batch of these {@link #sizes}.
   *
   * @param i any number from 0 on
   * @param task where in the batch
   */
  void draw(long i, TaskBatch into, int task);

  /** How the images are changed by integers beside their "index"; none, but for one sampler. */
  default Augmentation augmentation() {
    return Augmentation.NONE;
  }

  /** Room for some tasks. */
  default TaskBatch batch(int tasks) {
    return new TaskBatch(tasks, sizes());
  }

  /**
   * Writes tasks {@code first} to {@code first + tasks - 1} into a batch.
   *
   * @throws IllegalArgumentException if the batch was made for tasks of another form
   */
  default void fill(long first, TaskBatch batch) {
    batch.check(sizes());
    for (int task = 0; task < batch.tasks(); task++) {
      draw(first + task, batch, task);
    }
  }

  /** A batch of one task alone. */
  default TaskBatch one(long i) {
    TaskBatch batch = batch(1);
    draw(i, batch, 0);
    return batch;
  }
}
