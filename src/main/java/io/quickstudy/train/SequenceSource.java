package io.quickstudy.train;

import io.quickstudy.data.sampling.DrawnSequence;
import io.quickstudy.data.sampling.PixelMoves;
import io.quickstudy.data.sampling.SequenceSampler;
import io.quickstudy.data.sampling.TaskSampler;
import io.quickstudy.task.Drawn;
import io.quickstudy.task.Sequence;
import io.quickstudy.transform.Params;
import java.util.function.UnaryOperator;

/** Sequences of images. */
final class SequenceSource implements ExampleSource {
  private final SequenceSampler sampler;
  private final ExampleTasks tasks;

  SequenceSource(SequenceSampler sampler, Examples examples, UnaryOperator<TaskSampler> augmented) {
    this.sampler = sampler;
    this.tasks = new ExampleTasks(augmented.apply(sampler), examples);
  }

  @Override
  public ExampleTasks tasks() {
    return tasks;
  }

  /** One sequence of the last {@link #fill}. */
  DrawnSequence drawn(int task) {
    return DrawnSequence.of(tasks.drawn(), task);
  }

  /** How its images are moved. */
  PixelMoves moves() {
    return sampler.moves();
  }

  @Override
  public Drawn build(Params inputs, Params residents) {
    return new Sequence(tasks.gathered(inputs, residents), inputs.get("label"));
  }
}
