package io.quickstudy.data.sampling;

/**
 * Pairs of images, as indices.
 *
 * @param leftIndex example numbers in the image set, [pairs]
 * @param leftMove rows of the move table, [pairs]
 * @param rightIndex example numbers, [pairs]
 * @param rightMove rows of the move table, [pairs]
 * @param label 1 where both are of one class, else 0, [pairs]
 */
public record DrawnPairs(
    int[] leftIndex, int[] leftMove, int[] rightIndex, int[] rightMove, int[] label) {
  /** One task of a batch that a {@link PairSampler} filled; copies. */
  public static DrawnPairs of(TaskBatch b, int task) {
    return new DrawnPairs(
        b.of("left.index", task),
        b.of("left.move", task),
        b.of("right.index", task),
        b.of("right.move", task),
        b.of("label", task));
  }
}
