package io.quickstudy.train;

import io.quickstudy.backend.Resident;
import io.quickstudy.data.ExampleSet;
import io.quickstudy.graph.Op;
import io.quickstudy.runtime.Compiled;
import java.util.Map;

/** Tasks of images, vectors or features of classes: what each kind makes of them is its own. */
sealed interface ExampleSource extends TaskSource
    permits EpisodeSource, AttributeSource, SequenceSource, TrainingSource {
  /** The examples, and how tasks of them are drawn. */
  ExampleTasks tasks();

  /** Where the examples are from. */
  default ExampleSet set() {
    return tasks().examples().set();
  }

  @Override
  default Map<String, Op.Type> inputs() {
    return tasks().inputs();
  }

  @Override
  default Map<String, Resident> residents() {
    return tasks().examples().residents();
  }

  @Override
  default void fill(long first, int n, Compiled into) {
    tasks().fill(first, n, into);
  }

  @Override
  default void describe(TaskDigest into) {
    tasks().describe(into);
  }
}
