package io.quickstudy.train;

import io.quickstudy.backend.Resident;
import io.quickstudy.data.ExampleSet;
import io.quickstudy.data.sampling.DrawnSequence;
import io.quickstudy.data.sampling.PixelMoves;
import io.quickstudy.data.sampling.SequenceSampler;
import io.quickstudy.data.sampling.TaskSampler;
import io.quickstudy.graph.Op;
import io.quickstudy.runtime.Compiled;
import io.quickstudy.task.Drawn;
import io.quickstudy.task.Sequence;
import io.quickstudy.transform.Params;
import java.util.Map;
import java.util.function.UnaryOperator;

/** Sequences of images. */
final class SequenceSource implements TaskSource {
  private final SequenceSampler sampler;
  private final ExampleTasks tasks;

  SequenceSource(SequenceSampler sampler, Examples examples, UnaryOperator<TaskSampler> augmented) {
    this.sampler = sampler;
    this.tasks = new ExampleTasks(augmented.apply(sampler), examples);
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

  /** One sequence of the last {@link #fill}. */
  DrawnSequence drawn(int task) {
    return DrawnSequence.of(tasks.drawn(), task);
  }

  /** Where its images are from. */
  ExampleSet set() {
    return tasks.examples().set();
  }

  /** How they are moved. */
  PixelMoves moves() {
    return sampler.moves();
  }

  @Override
  public Drawn build(Params inputs, Params residents) {
    return new Sequence(tasks.gathered(inputs, residents), inputs.get("label"));
  }
}
