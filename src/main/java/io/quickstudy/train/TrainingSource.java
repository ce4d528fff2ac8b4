package io.quickstudy.train;

import io.quickstudy.data.sampling.PixelMoves;
import io.quickstudy.task.Batch;
import io.quickstudy.task.Drawn;
import io.quickstudy.task.Pairs;
import io.quickstudy.transform.Params;

/**
 * What is trained on and never measured: pairs of images, or labelled images of all classes.
 *
 * @param tasks draws them
 * @param moves how they are moved
 * @param form which of both
 */
record TrainingSource(ExampleTasks tasks, PixelMoves moves, Form form) implements ExampleSource {
  /** What a task is. */
  enum Form {
    /** {@link Pairs}. */
    PAIRS,
    /** A {@link Batch}. */
    BATCH
  }

  @Override
  public Drawn build(Params inputs, Params residents) {
    return switch (form) {
      case PAIRS ->
          new Pairs(
              tasks.gathered(inputs.sub("left"), residents),
              tasks.gathered(inputs.sub("right"), residents),
              inputs.get("label"));
      case BATCH -> new Batch(tasks.gathered(inputs, residents), inputs.get("label"));
    };
  }
}
