package io.quickstudy.data.sampling;

import java.util.stream.IntStream;

/**
 * One sequence of images, as indices.
 *
 * @param index example numbers in the image set, [length]
 * @param move rows of the move table, [length]
 * @param label labels from 0 to ways - 1, [length]
 * @param instance which appearance of its class an image is, from 1, [length]
 */
public record DrawnSequence(int[] index, int[] move, int[] label, int[] instance) {
  /** One task of a batch that a {@link SequenceSampler} filled; copies. */
  public static DrawnSequence of(TaskBatch b, int task) {
    int[] label = b.of("label", task);
    return new DrawnSequence(b.of("index", task), b.of("move", task), label, instances(label));
  }

  /** How often each label of a sequence was there before, plus 1. */
  public static int[] instances(int[] labels) {
    int[] instance = new int[labels.length];
    int[] seen = new int[1 + IntStream.of(labels).max().orElse(0)];
    for (int t = 0; t < labels.length; t++) {
      instance[t] = ++seen[labels[t]];
    }
    return instance;
  }
}
