package io.quickstudy.data.sampling;

import java.nio.IntBuffer;

/**
 * Room for several sequences, made once and filled for every step.
 *
 * @param tasks how many sequences there is room for
 * @param spec the form of the sequences
 * @param index [tasks, length]
 * @param move [tasks, length]
 * @param label [tasks, length]
 * @param instance [tasks, length]
 */
public record SequenceBatch(
    int tasks,
    SequenceSpec spec,
    IntBuffer index,
    IntBuffer move,
    IntBuffer label,
    IntBuffer instance) {

  /** Checks the room in the buffers. */
  public SequenceBatch {
    if (tasks < 1) {
      throw new IllegalArgumentException(
          "A batch of %d sequences: expected at least 1.".formatted(tasks));
    }
    EpisodeBatch.room("indices", index, tasks, spec.length());
    EpisodeBatch.room("moves", move, tasks, spec.length());
    EpisodeBatch.room("labels", label, tasks, spec.length());
    EpisodeBatch.room("instance numbers", instance, tasks, spec.length());
  }

  /** A batch in fresh arrays. */
  public static SequenceBatch allocate(int tasks, SequenceSpec spec) {
    int size = Math.max(0, tasks) * spec.length();
    return new SequenceBatch(
        tasks,
        spec,
        IntBuffer.allocate(size),
        IntBuffer.allocate(size),
        IntBuffer.allocate(size),
        IntBuffer.allocate(size));
  }
}
