package io.quickstudy.train;

import io.quickstudy.data.sampling.Episode;
import io.quickstudy.data.sampling.EpisodeSampler;
import io.quickstudy.data.sampling.PixelMoves;
import io.quickstudy.data.sampling.TaskSampler;
import io.quickstudy.task.Batch;
import io.quickstudy.task.Drawn;
import io.quickstudy.task.Task;
import io.quickstudy.transform.Params;
import java.util.function.UnaryOperator;

/** Classification episodes of images. */
final class EpisodeSource implements ExampleSource {
  private final EpisodeSampler sampler;
  private final ExampleTasks tasks;

  EpisodeSource(EpisodeSampler sampler, Examples examples, UnaryOperator<TaskSampler> augmented) {
    this.sampler = sampler;
    this.tasks = new ExampleTasks(augmented.apply(sampler), examples);
  }

  @Override
  public ExampleTasks tasks() {
    return tasks;
  }

  /** One task of the last {@link #fill}. */
  Episode drawn(int task) {
    return Episode.of(tasks.drawn(), task);
  }

  /** How its images are moved. */
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
