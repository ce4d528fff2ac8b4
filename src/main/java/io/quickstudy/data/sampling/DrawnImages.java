package io.quickstudy.data.sampling;

/**
 * Labelled images, as indices.
 *
 * @param index example numbers in the image set, [images]
 * @param move rows of the move table, [images]
 * @param label the classes' numbers among those that were drawn from, [images]
 */
public record DrawnImages(int[] index, int[] move, int[] label) {
  /** One task of a batch that a {@link LabelledSampler} filled; copies. */
  public static DrawnImages of(TaskBatch b, int task) {
    return new DrawnImages(b.of("index", task), b.of("move", task), b.of("label", task));
  }
}
