package io.quickstudy.learner;

import io.quickstudy.graph.Shape;
import io.quickstudy.nn.Architecture;
import io.quickstudy.nn.Backbone;
import io.quickstudy.nn.Model;
import io.quickstudy.nn.Norm;
import io.quickstudy.task.Labelling;
import io.quickstudy.task.TaskKind;
import java.util.Optional;

/**
 * What a learner is built for, as the data and the configuration have it.
 *
 * @param tasks what it is trained on
 * @param example the shape of one example: [height, width, channels], or [d]
 * @param support the shape of one example of a support set: the same, but [attributes] where
 *     classes are described
 * @param outputs classes of a task, or numbers of a target
 * @param classes all the classes that are trained on, for a learner trained on {@link
 *     TaskKind#BATCHES}; else 0
 * @param norm whose statistics normalise
 * @param labels what the labels of a sequence are; {@code outputs} is how many there are
 * @param architecture the model that was chosen; none for a learner without a backbone
 */
public record Setup(
    TaskKind tasks,
    Shape example,
    Shape support,
    int outputs,
    int classes,
    Norm.Policy norm,
    Labelling labels,
    Optional<Architecture> architecture) {
  /** With labels that are one-hot. */
  public Setup(
      TaskKind tasks,
      Shape example,
      Shape support,
      int outputs,
      int classes,
      Norm.Policy norm,
      Optional<Architecture> architecture) {
    this(tasks, example, support, outputs, classes, norm, Labelling.ONE_HOT, architecture);
  }

  /** Where support and query examples are of one shape. */
  public Setup(
      TaskKind tasks,
      Shape example,
      int outputs,
      int classes,
      Norm.Policy norm,
      Optional<Architecture> architecture) {
    this(tasks, example, example, outputs, classes, norm, architecture);
  }

  /** Cross entropy for classes, squared error for a regression. */
  public Criterion criterion() {
    return tasks == TaskKind.REGRESSION ? Criterion.SQUARED_ERROR : Criterion.CROSS_ENTROPY;
  }

  /** The chosen model from examples to features. */
  public Backbone embedding() {
    return chosen().embedding(example);
  }

  /** The chosen model from examples to features, for a learner that does without one as well. */
  public Optional<Backbone> embeddingIfChosen() {
    return architecture.map(a -> a.embedding(example));
  }

  /** The chosen model from examples to outputs: one for each class, or a target. */
  public Model network() {
    return chosen().network(example, outputs);
  }

  /** The same for examples of another shape, such as that of examples with numbers added. */
  public Setup withExample(Shape other) {
    return new Setup(tasks, other, support, outputs, classes, norm, labels, architecture);
  }

  private Architecture chosen() {
    return architecture.orElseThrow(
        () ->
            new IllegalArgumentException(
                "This learner asks for a model and declares none: expected"
                    + " backbone(Backbones.ANY) in its KIND; add it."));
  }
}
