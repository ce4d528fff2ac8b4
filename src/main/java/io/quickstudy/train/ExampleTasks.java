package io.quickstudy.train;

import io.quickstudy.data.sampling.TaskBatch;
import io.quickstudy.data.sampling.TaskSampler;
import io.quickstudy.graph.DType;
import io.quickstudy.graph.Op;
import io.quickstudy.graph.Shape;
import io.quickstudy.graph.Tensor;
import io.quickstudy.runtime.Compiled;
import io.quickstudy.transform.Params;
import java.util.LinkedHashMap;
import java.util.Map;

/** Tasks of images or vectors as a sampler draws them, of any kind: integers in, examples out. */
final class ExampleTasks {
  private final TaskSampler sampler;
  private final Examples examples;
  private TaskBatch batch;

  ExampleTasks(TaskSampler sampler, Examples examples) {
    this.sampler = sampler;
    this.examples = examples;
  }

  /** What describes one task. */
  Map<String, Op.Type> inputs() {
    Map<String, Op.Type> m = new LinkedHashMap<>();
    sampler.sizes().forEach((name, n) -> m.put(name, new Op.Type(Shape.of(n), DType.I32)));
    return m;
  }

  /** Draws tasks and gives them to a function. */
  void fill(long first, int tasks, Compiled into) {
    if (batch == null || batch.tasks() != tasks) {
      batch = sampler.batch(tasks);
    }
    sampler.fill(first, batch);
    batch.names().forEach(name -> into.set(name, batch.all(name)));
  }

  /** Adds what the last {@link #fill} drew, and of which images, to what tells it from others. */
  void describe(TaskDigest into) {
    into.add(examples.set());
    for (String name : batch.names()) {
      into.add(name);
      into.add(batch.all(name));
    }
  }

  /** What the last {@link #fill} drew. */
  TaskBatch drawn() {
    return batch;
  }

  /**
   * The examples of one task that "index" and "move" say, changed as the sampler drew it: F32 [n,
   * height, width, channels] of images.
   */
  Tensor gathered(Params inputs, Params residents) {
    Tensor x = examples.gathered(residents, inputs.get("index"), inputs.get("move"));
    return Augmented.apply(x, inputs, sampler.augmentation());
  }

  /** Where the images are from. */
  Examples examples() {
    return examples;
  }
}
