package io.quickstudy.learners.memory;

import static io.quickstudy.functions.Losses.crossEntropy;
import static io.quickstudy.graph.Ops.reshape;

import io.quickstudy.graph.Shape;
import io.quickstudy.graph.Tensor;
import io.quickstudy.learner.Learner;
import io.quickstudy.learner.Subtasks;
import io.quickstudy.nn.Backbone;
import io.quickstudy.nn.Embedding;
import io.quickstudy.nn.Model;
import io.quickstudy.nn.Norm;
import io.quickstudy.nn.Projected;
import io.quickstudy.nn.Standardised;
import io.quickstudy.task.Batch;
import io.quickstudy.task.Task;
import io.quickstudy.transform.Params;
import java.util.Map;

/**
 * A learner that reads an embedded support set once, and answers any number of queries by what it
 * read, each on its own. It has an output for each class of a task; an episode of several times as
 * many classes is several tasks, normalised together.
 *
 * <p>A learner says how it {@link #read}s and {@link #answers}; the rest follows.
 */
interface SupportReader extends Learner {
  /** The option that says how many classes a task has. */
  String TASK_WAYS = "task-ways";

  /** The embedding, without its linear layer. */
  Backbone f();

  /** Classes of an episode. */
  int ways();

  /** Classes of a task. */
  int taskWays();

  /** Numbers that an image is. */
  int embeddingSize();

  /** Its name, for refusals. */
  String learner();

  /** The name of what is read among adapted parameters. */
  String kept();

  /** What is made of support sets' features and labels by task: [tasks, ...]. */
  Tensor read(Params theta, Subtasks.Cut support);

  /** Logits [tasks, q, classes] of queries' features [tasks, q, d], by what was read. */
  Tensor answers(Params theta, Tensor read, Tensor queries);

  /**
   * An episode as it is cut.
   *
   * @throws IllegalArgumentException if it is no whole number of tasks
   */
  default Subtasks tasks() {
    return Subtasks.of(learner(), TASK_WAYS, ways(), taskWays());
  }

  /**
   * The embedding, standardised by the statistics that normalise it: attention by products of
   * features that all are much alike has little to go by, and makes twice the errors after the same
   * steps.
   */
  default Backbone network() {
    return Standardised.by(norm(), new Projected(f(), embeddingSize()));
  }

  private Embedding embedding() {
    return new Embedding(network(), norm());
  }

  /** -log p(y | support, x), averaged over the queries. */
  @Override
  default Outcome loss(Params theta, Task task) {
    Batch s = task.support();
    Batch q = task.query();
    Embedding.Both z = embedding().both(theta, s.x(), q.x());
    Tensor read = read(theta, tasks().cut(new Batch(z.support(), s.y())));
    Tensor y = answers(theta, read, tasks().cut(new Batch(z.query(), q.y())).x());
    Tensor logits = tasks().joined(y, q.y());
    return new Outcome(crossEntropy(logits, q.y()), logits, z.buffers());
  }

  /** What is read of the support set in its order, without the axis of tasks. */
  @Override
  default Params adapt(Params theta, Batch support) {
    tasks().single(learner(), TASK_WAYS);
    Model.Pass s = embedding().support(theta, support.x());
    Tensor read = read(theta, tasks().cut(new Batch(s.y(), support.y())));
    Shape one = read.shape().sub(1, read.rank());
    return embedding().kept(s).with(kept(), reshape(read, one));
  }

  @Override
  default Tensor predict(Params adapted, Tensor queries) {
    Tensor z = embedding().query(adapted, queries);
    Tensor read = adapted.get(kept());
    Tensor y =
        answers(adapted, reshape(read, read.shape().prepend(1)), reshape(z, z.shape().prepend(1)));
    return reshape(y, y.shape().sub(1, 3));
  }

  @Override
  default Params network(Params theta, Tensor x, Norm by) {
    return Params.of(Model.FEATURES, network().apply(theta, x, by));
  }

  @Override
  default Map<String, Shape> flattened() {
    return network().flattened();
  }
}
