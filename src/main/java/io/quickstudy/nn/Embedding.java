package io.quickstudy.nn;

import static io.quickstudy.graph.Ops.concatenate;
import static io.quickstudy.graph.Ops.slice;

import io.quickstudy.graph.Tensor;
import io.quickstudy.transform.Params;

/**
 * An embedding as learners that compare or remember have it: of a support set and of queries,
 * whichever statistics normalise them.
 *
 * @param f examples to features
 * @param norm whose statistics normalise
 */
public record Embedding(Model f, Norm.Policy norm) {
  /**
   * Both sets of a task while training.
   *
   * @param support features of the support set [n, d]
   * @param query features of the queries [q, d]
   * @param buffers new running statistics, where there are such
   */
  public record Both(Tensor support, Tensor query, Params buffers) {}

  /** Both sets of a task for its loss, with running statistics moved towards those of the pass. */
  public Both both(Params phi, Tensor support, Tensor query) {
    if (norm != Norm.Policy.RUNNING) {
      Model.Pass s = support(phi, support);
      return new Both(s.y(), query(phi.with(kept(s)), query), Params.empty());
    }
    // support and queries pass through together, as in the official code of prototypical networks
    Model.Pass all = f.pass(phi, concatenate(0, support, query), Norm.batch());
    int n = support.dim(0);
    Tensor z = slice(all.y(), 0, n, n + query.dim(0));
    return new Both(slice(all.y(), 0, 0, n), z, buffers(norm, phi, all.moments()));
  }

  /** A support set that is adapted to. */
  public Model.Pass support(Params phi, Tensor x) {
    return f.pass(phi, x, norm == Norm.Policy.RUNNING ? Norm.given(phi) : Norm.batch());
  }

  /** What of a support set's pass has to be kept beside phi for {@link #query}; often nothing. */
  public Params kept(Model.Pass support) {
    return norm == Norm.Policy.SUPPORT ? support.moments() : Params.empty();
  }

  /** Queries, under phi with what was {@link #kept}. */
  public Tensor query(Params adapted, Tensor x) {
    return f.apply(adapted, x, ofQueries(adapted));
  }

  /** The statistics that normalise queries. */
  public Norm ofQueries(Params adapted) {
    return norm.ofQueries(adapted);
  }

  /** The running statistics, moved towards those of a pass; nothing under other policies. */
  public static Params buffers(Norm.Policy norm, Params phi, Params now) {
    return norm == Norm.Policy.RUNNING ? Norm.running(phi, now) : Params.empty();
  }
}
