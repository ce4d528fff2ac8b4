package io.quickstudy.train;

import io.quickstudy.backend.Resident;
import io.quickstudy.data.ExampleSet;
import io.quickstudy.data.sampling.PixelMoves;
import io.quickstudy.graph.Op;
import io.quickstudy.runtime.Compiled;
import io.quickstudy.task.Batch;
import io.quickstudy.task.Drawn;
import io.quickstudy.task.Pairs;
import io.quickstudy.transform.Params;
import java.util.Map;

/**
 * What is trained on and never measured: pairs of images, or labelled images of all classes.
 *
 * @param tasks draws them
 * @param moves how they are moved
 * @param form which of both
 */
record TrainingSource(ExampleTasks tasks, PixelMoves moves, Form form) implements TaskSource {
  /** What a task is. */
  enum Form {
    /** {@link Pairs}. */
    PAIRS,
    /** A {@link Batch}. */
    BATCH
  }

  @Override
  public Map<String, Op.Type> inputs() {
    return tasks.inputs();
  }

  @Override
  public Map<String, Resident> residents() {
    return tasks.examples().residents();
  }

  @Override
  public void fill(long first, int n, Compiled into) {
    tasks.fill(first, n, into);
  }

  @Override
  public void describe(TaskDigest into) {
    tasks.describe(into);
  }

  /** Where its images are from. */
  ExampleSet set() {
    return tasks.examples().set();
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
