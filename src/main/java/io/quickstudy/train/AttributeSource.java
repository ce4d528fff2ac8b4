package io.quickstudy.train;

import static io.quickstudy.graph.Ops.gather;

import io.quickstudy.backend.Resident;
import io.quickstudy.data.Attributes;
import io.quickstudy.data.sampling.DescribedSampler;
import io.quickstudy.data.sampling.Episode;
import io.quickstudy.data.sampling.PixelMoves;
import io.quickstudy.data.sampling.TaskSampler;
import io.quickstudy.graph.Shape;
import io.quickstudy.runtime.Array;
import io.quickstudy.runtime.Engine;
import io.quickstudy.task.Batch;
import io.quickstudy.task.Drawn;
import io.quickstudy.task.Task;
import io.quickstudy.transform.Params;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.UnaryOperator;

/** Tasks of classes that are described by attributes, with images to classify. */
final class AttributeSource implements ExampleSource {
  private static final String TABLE = "attributes";

  private final DescribedSampler sampler;
  private final ExampleTasks tasks;
  private final Attributes attributes;
  private final Resident table;

  /**
   * Tasks.
   *
   * @param augmented the same tasks with images changed, or as they are
   * @param attributes of all classes of the set, in its order
   * @param table the same on the device, F32 [classes, attributes]
   */
  AttributeSource(
      DescribedSampler sampler,
      Examples examples,
      UnaryOperator<TaskSampler> augmented,
      Attributes attributes,
      Resident table) {
    this.sampler = sampler;
    this.tasks = new ExampleTasks(augmented.apply(sampler), examples);
    this.attributes = attributes;
    this.table = table;
  }

  /** Uploads what classes are like: F32 [classes, attributes]. */
  static Resident upload(Engine engine, Attributes attributes) {
    Shape s = Shape.of(attributes.classes().size(), attributes.names().size());
    return engine.upload(new Array(s, attributes.values()));
  }

  @Override
  public ExampleTasks tasks() {
    return tasks;
  }

  @Override
  public Map<String, Resident> residents() {
    Map<String, Resident> m = new LinkedHashMap<>(ExampleSource.super.residents());
    m.put(TABLE, table);
    return m;
  }

  @Override
  public void describe(TaskDigest into) {
    ExampleSource.super.describe(into);
    into.add(attributes.values());
  }

  /** One task of the last {@link #fill}; see {@link DescribedSampler#episode}. */
  Episode drawn(int task) {
    return sampler.episode(tasks.drawn(), task);
  }

  /** How they are moved: not at all. */
  PixelMoves moves() {
    return sampler.moves();
  }

  /** What the classes are like. */
  Attributes attributes() {
    return attributes;
  }

  @Override
  public Drawn build(Params inputs, Params residents) {
    Params support = inputs.sub("support");
    Params query = inputs.sub("query");
    return new Task(
        new Batch(gather(residents.get(TABLE), support.get("class"), 0), support.get("label")),
        new Batch(tasks.gathered(query, residents), query.get("label")));
  }
}
