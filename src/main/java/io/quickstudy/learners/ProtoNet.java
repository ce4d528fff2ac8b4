package io.quickstudy.learners;

import static io.quickstudy.functions.Distances.squaredEuclidean;
import static io.quickstudy.functions.Losses.classMeans;
import static io.quickstudy.functions.Losses.crossEntropy;
import static io.quickstudy.graph.Ops.concatenate;
import static io.quickstudy.graph.Ops.neg;
import static io.quickstudy.graph.Ops.slice;

import io.quickstudy.graph.Tensor;
import io.quickstudy.nn.Init;
import io.quickstudy.nn.Model;
import io.quickstudy.nn.Norm;
import io.quickstudy.task.Batch;
import io.quickstudy.task.Task;
import io.quickstudy.transform.Params;

/**
 * Prototypical networks. Snell, Swersky and Zemel (2017), "Prototypical Networks for Few-shot
 * Learning", algorithm 1.
 *
 * @param f the embedding f_phi
 * @param ways classes of a task; another number with the same parameters is another such record
 * @param norm whose statistics normalise; the official code's is {@code RUNNING}
 */
public record ProtoNet(Model f, int ways, Norm.Policy norm) implements Learner {
  /** The name of the prototypes among adapted parameters. */
  public static final String PROTOTYPES = "prototypes";

  /** Its declaration. */
  public static final LearnerKind<LearnerKind.NoOptions> KIND =
      LearnerKind.of(
              ProtoNet.class,
              LearnerKind.NoOptions.class,
              (o, s) -> new ProtoNet(s.embedding(), s.outputs(), s.norm()))
          .named("protonet")
          .about("prototypical networks")
          .paper("Snell et al. 2017")
          .ways(LearnerKind.Ways.ANY)
          .norms(Norm.Policy.RUNNING, Norm.Policy.SUPPORT, Norm.Policy.TRANSDUCTIVE)
          .makes(PROTOTYPES);

  /** Weight of the newest batch in the running statistics. */
  private static final double MOMENTUM = 0.1;

  @Override
  public Params init(Init draw) {
    return f.init(draw);
  }

  /** -log p(y = k | x), averaged over the queries (equations 1 and 2). */
  @Override
  public Outcome loss(Params phi, Task task) {
    Batch s = task.support();
    Batch q = task.query();
    if (norm != Norm.Policy.RUNNING) {
      Tensor logits = predict(phi, s, q.x());
      return new Outcome(crossEntropy(logits, q.y()), logits, Params.empty());
    }
    // support and queries pass through together, as in the official code
    Model.Pass all = f.pass(phi, concatenate(0, s.x(), q.x()), Norm.batch());
    Tensor c = classMeans(slice(all.y(), 0, 0, s.count()), s.y(), ways);
    Tensor z = slice(all.y(), 0, s.count(), s.count() + q.count());
    Tensor logits = neg(squaredEuclidean(z, c));
    return new Outcome(crossEntropy(logits, q.y()), logits, moved(phi, all.moments()));
  }

  /** The running statistics, moved towards those of this pass. */
  private static Params moved(Params phi, Params now) {
    Params old = now;
    for (String name : now.names()) {
      old = old.with(name, phi.get(name));
    }
    return old.times(1 - MOMENTUM).plus(now.times(MOMENTUM));
  }

  /**
   * The prototypes c_k [ways, d] (equation 1), with the statistics of the support set where these
   * normalise the queries.
   */
  @Override
  public Params adapt(Params phi, Batch support) {
    Model.Pass s =
        f.pass(phi, support.x(), norm == Norm.Policy.RUNNING ? Norm.given(phi) : Norm.batch());
    Params seen = norm == Norm.Policy.SUPPORT ? s.moments() : Params.empty();
    return seen.with(PROTOTYPES, classMeans(s.y(), support.y(), ways));
  }

  /** Logits: minus the squared distance to each prototype (equation 2). */
  @Override
  public Tensor predict(Params adapted, Tensor queries) {
    Norm by = norm == Norm.Policy.TRANSDUCTIVE ? Norm.batch() : Norm.given(adapted);
    return neg(squaredEuclidean(f.apply(adapted, queries, by), adapted.get(PROTOTYPES)));
  }

  @Override
  public Params network(Params phi, Tensor x, Norm by) {
    return Params.of(Model.FEATURES, f.apply(phi, x, by));
  }
}
