package io.quickstudy.train;

import io.quickstudy.backend.Resident;
import io.quickstudy.data.ExampleSet;
import io.quickstudy.data.sampling.Episode;
import io.quickstudy.data.sampling.EpisodeSampler;
import io.quickstudy.data.sampling.PixelMoves;
import io.quickstudy.data.sampling.TaskSampler;
import io.quickstudy.graph.Op;
import io.quickstudy.runtime.Compiled;
import io.quickstudy.task.Batch;
import io.quickstudy.task.Drawn;
import io.quickstudy.task.Task;
import io.quickstudy.transform.Params;
import java.util.Map;
import java.util.function.UnaryOperator;

/** Classification episodes of images. */
final class EpisodeSource implements TaskSource {
  private final EpisodeSampler sampler;
  private final ExampleTasks tasks;

  EpisodeSource(EpisodeSampler sampler, Examples examples, UnaryOperator<TaskSampler> augmented) {
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

  /** One task of the last {@link #fill}. */
  Episode drawn(int task) {
    return Episode.of(tasks.drawn(), task);
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
    return new Task(part(inputs.sub("support"), residents), part(inputs.sub("query"), residents));
  }

  private Batch part(Params of, Params residents) {
    return new Batch(tasks.gathered(of, residents), of.get("label"));
  }
}
