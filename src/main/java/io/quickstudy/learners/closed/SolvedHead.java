package io.quickstudy.learners.closed;

import static io.quickstudy.functions.Losses.crossEntropy;
import static io.quickstudy.graph.Ops.concatenate;
import static io.quickstudy.graph.Ops.fill;

import io.quickstudy.graph.Shape;
import io.quickstudy.graph.Tensor;
import io.quickstudy.learner.Learner;
import io.quickstudy.nn.Embedding;
import io.quickstudy.nn.Model;
import io.quickstudy.nn.Norm;
import io.quickstudy.task.Batch;
import io.quickstudy.task.Task;
import io.quickstudy.transform.Params;

/**
 * A learner whose classifier is linear in learned features and the solution of an equation or a
 * problem that the support set poses: how it is solved, and what its scores are, is all that one
 * says.
 */
public interface SolvedHead extends Learner {
  /** The name of the classifier's weights [.., ways] among adapted parameters. */
  String WEIGHT = "head.weight";

  /** Examples to features. */
  Model f();

  /** The classifier's weights [.., ways] of embedded support examples z [n, d]. */
  Tensor solve(Params phi, Tensor z, Tensor labels);

  /** Logits [q, ways] of embedded queries z [q, d]. */
  Tensor logits(Params phi, Tensor z, Tensor w);

  private Embedding embedding() {
    return new Embedding(f(), norm());
  }

  /** The cross-entropy of the queries, averaged. */
  @Override
  default Outcome loss(Params phi, Task task) {
    Batch s = task.support();
    Batch q = task.query();
    Embedding.Both z = embedding().both(phi, s.x(), q.x());
    Tensor logits = logits(phi, z.query(), solve(phi, z.support(), s.y()));
    return new Outcome(crossEntropy(logits, q.y()), logits, z.buffers());
  }

  @Override
  default Params adapt(Params phi, Batch support) {
    Model.Pass s = embedding().support(phi, support.x());
    return embedding().kept(s).with(WEIGHT, solve(phi, s.y(), support.y()));
  }

  @Override
  default Tensor predict(Params adapted, Tensor queries) {
    return logits(adapted, embedding().query(adapted, queries), adapted.get(WEIGHT));
  }

  @Override
  default Params network(Params phi, Tensor x, Norm by) {
    return Params.of(Model.FEATURES, f().apply(phi, x, by));
  }

  /** [n, d] as [n, d + 1], with a 1 behind each row. */
  static Tensor withOnes(Tensor z) {
    return concatenate(1, z, fill(1, Shape.of(z.dim(0), 1)));
  }
}
