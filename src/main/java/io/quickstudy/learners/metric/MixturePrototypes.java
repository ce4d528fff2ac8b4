package io.quickstudy.learners.metric;

import static io.quickstudy.functions.Distances.squaredEuclidean;
import static io.quickstudy.functions.Losses.crossEntropy;
import static io.quickstudy.functions.Losses.memberships;
import static io.quickstudy.functions.Losses.softmax;
import static io.quickstudy.graph.Ops.*;

import io.quickstudy.functions.Reductions;
import io.quickstudy.graph.Shape;
import io.quickstudy.graph.Tensor;
import io.quickstudy.learner.Learner;
import io.quickstudy.learner.LearnerKind;
import io.quickstudy.nn.Embedding;
import io.quickstudy.nn.Init;
import io.quickstudy.nn.Model;
import io.quickstudy.nn.Norm;
import io.quickstudy.settings.Setting;
import io.quickstudy.task.Batch;
import io.quickstudy.task.Task;
import io.quickstudy.transform.Params;
import io.quickstudy.transform.Scan;
import java.util.List;

/**
 * Infinite mixture prototypes. Allen, Shelhamer, Shin and Tenenbaum (2019), "Infinite Mixture
 * Prototypes for Few-Shot Learning", section 3 and algorithm 1: a class is as many clusters as its
 * examples need, from one, which is a prototypical network, to one for each example, which is the
 * nearest neighbour.
 *
 * <p>There are at most one cluster for each class and one for each support example; those that are
 * not opened are masked. Support examples without a label take part: label -1.
 *
 * @param h the embedding h_phi
 * @param ways classes of a task; another number with the same parameters is another such record
 * @param o the options
 * @param norm whose statistics normalise; the released code's is {@code RUNNING}
 */
public record MixturePrototypes(Model h, int ways, Options o, Norm.Policy norm) implements Learner {
  /** The name of the clusters' means [K, d] among adapted parameters. */
  public static final String CLUSTERS = "clusters";

  /**
   * The name of what says whose they are [K, ways], 1 or 0; without a 1 where a cluster is none.
   */
  public static final String OWNERS = "owners";

  /** Its declaration. */
  public static final LearnerKind<Options> KIND =
      LearnerKind.of(
              MixturePrototypes.class,
              Options.class,
              (o, s) -> new MixturePrototypes(s.embedding(), s.outputs(), o, s.norm()))
          .named("imp")
          .about("infinite mixture prototypes: as many clusters of a class as it needs")
          .paper("Allen et al. 2019")
          .ways(LearnerKind.Ways.ANY)
          .norms(Norm.Policy.RUNNING, Norm.Policy.SUPPORT, Norm.Policy.TRANSDUCTIVE)
          .takesUnlabelled()
          .makes(CLUSTERS, OWNERS);

  /**
   * Its options.
   *
   * @param alpha the concentration of the Dirichlet process
   * @param sigma the clusters' variance at first
   */
  public record Options(
      @Setting(
              value = "concentration: the smaller it is, the fewer clusters are opened",
              usual = "0.1",
              above = 0)
          double alpha,
      @Setting(
              value = "variance of a cluster's examples at first, in each feature",
              usual = "5",
              above = 0)
          double sigma) {}

  private static final String SIGMA_L = "log_sigma_l";
  private static final String SIGMA_U = "log_sigma_u";

  /** A cluster of less than this part of an example is dropped, as in the released code. */
  private static final double EMPTY = 1e-3;

  /** The logit of what is masked; finite, so that no gradient becomes infinite. */
  private static final Tensor NONE = scalar(-1e30);

  /** Variances are kept as logarithms, so that they stay positive. */
  @Override
  public Params init(Init draw) {
    Tensor start = scalar(Math.log(o.sigma()));
    return h.init(draw).with(SIGMA_L, start).with(SIGMA_U, start);
  }

  /** The loss of section 3: -log p(y | x) by the closest cluster of each class. */
  @Override
  public Outcome loss(Params phi, Task task) {
    Batch s = task.support();
    Batch q = task.query();
    Embedding.Both z = embedding().both(phi, s.x(), q.x());
    Tensor logits = closest(phi.with(clusters(phi, z.support(), s.y())), z.query());
    return new Outcome(crossEntropy(logits, q.y()), logits, z.buffers());
  }

  @Override
  public Params adapt(Params phi, Batch support) {
    Model.Pass s = embedding().support(phi, support.x());
    return embedding().kept(s).with(clusters(phi, s.y(), support.y()));
  }

  @Override
  public Tensor predict(Params adapted, Tensor queries) {
    return closest(adapted, embedding().query(adapted, queries));
  }

  private Embedding embedding() {
    return new Embedding(h, norm);
  }

  /**
   * Algorithm 1, one step of clustering: from class means, by opening clusters, to the means of
   * what is softly assigned. The gradient passes through the assignments.
   *
   * @param z features of the support set [n, d]
   * @param labels I32 [n]; -1 for none
   */
  private Params clusters(Params phi, Tensor z, Tensor labels) {
    int n = z.dim(0);
    Tensor member = memberships(labels, ways);
    Tensor counts = sum(member, List.of(0));
    Tensor means = div(dot(t(member), z), column(counts));
    if (n == ways) {
      return Params.of(
          CLUSTERS, means, OWNERS, diagonal(Shape.of(ways, ways))); // 1 shot: all 0 away
    }
    Tensor labelled = sum(member, List.of(1));
    Tensor mu = concatenate(0, means, z);
    Tensor distances = squaredEuclidean(z, mu);
    Tensor own = concatenate(1, member, dot(member, t(member)));
    Tensor open = where(column(labelled), own, scalar(1)); // where an example may go
    Tensor lambda = lambda(phi, means, labelled);
    Tensor opened = opened(stop(distances), open, stop(lambda));
    Tensor there = concatenate(0, fill(1, Shape.of(ways)), opened);

    // z_ic of algorithm 1: N(h(x_i); mu_c, sigma_c), normalised over the clusters that are open
    Tensor logSigma =
        concatenate(
            0,
            repeat(phi.get(SIGMA_L), ways),
            where(labelled, repeat(phi.get(SIGMA_L), n), repeat(phi.get(SIGMA_U), n)));
    Tensor logDensity =
        sub(scale(div(distances, exp(logSigma)), -0.5), scale(logSigma, z.dim(1) / 2.0));
    Tensor p = softmax(where(mul(open, there), logDensity, NONE));
    Tensor mass = sum(p, List.of(0));
    Tensor kept = mul(there, less(scalar(EMPTY), mass));
    Tensor centres = div(dot(t(p), z), column(where(kept, mass, scalar(1))));
    Tensor owners = mul(concatenate(0, diagonal(Shape.of(ways, ways)), member), column(kept));
    return Params.of(CLUSTERS, centres, OWNERS, owners);
  }

  /**
   * lambda = -2 sigma log(alpha / (1 + rho / sigma)^(d/2)), rho being the variance of the class
   * means: the distance beyond which an example is a cluster of its own. A scalar.
   */
  private Tensor lambda(Params phi, Tensor means, Tensor labelled) {
    Tensor labelledOnly = Reductions.min(labelled, List.of(0));
    Tensor l = exp(phi.get(SIGMA_L));
    Tensor both = scale(add(l, exp(phi.get(SIGMA_U))), 0.5);
    Tensor sigma = where(labelledOnly, l, both);
    double unbiased = ways / Math.max(1.0, ways - 1);
    Tensor rho = scale(mean(Reductions.variance(means, List.of(0))), unbiased);
    Tensor spread = scale(log1p(div(rho, sigma)), means.dim(1));
    return mul(sigma, add(spread, scalar(-2 * Math.log(o.alpha()))));
  }

  /**
   * Which examples open a cluster, one after the other: those further than lambda from all clusters
   * that they may go to, those opened before included. 1 or 0, [n].
   *
   * @param distances to class means and to examples, [n, ways + n]
   * @param open 1 where an example may go there, of the same shape
   */
  private Tensor opened(Tensor distances, Tensor open, Tensor lambda) {
    int n = distances.dim(0);
    Tensor near = mul(lessEqual(distances, lambda), open);
    Tensor taken = max(slice(near, 1, 0, ways), List.of(1));
    Params each =
        Params.of("taken", taken, "near", slice(near, 1, ways, ways + n))
            .with("self", diagonal(Shape.of(n, n)));
    Params none = Params.of("opened", fill(0, Shape.of(n)));
    return Scan.scan(
            (carry, x) -> {
              Tensor before = carry.get("opened");
              Tensor covered = maximum(x.get("taken"), max(mul(x.get("near"), before), List.of(0)));
              Tensor now = add(before, mul(x.get("self"), sub(scalar(1), covered)));
              return new Scan.Step(Params.of("opened", now), Params.empty());
            },
            none,
            each)
        .carry()
        .get("opened");
  }

  /** Logits [q, ways]: the log density of the closest cluster of each class, but for a constant. */
  private Tensor closest(Params adapted, Tensor z) {
    Tensor d = squaredEuclidean(z, adapted.get(CLUSTERS));
    Tensor logits = scale(div(d, exp(adapted.get(SIGMA_L))), -0.5);
    if (d.dim(1) == ways) {
      return logits;
    }
    Shape s = Shape.of(d.dim(0), d.dim(1), ways);
    Tensor owners = broadcast(adapted.get(OWNERS), s, List.of(0));
    return max(where(owners, broadcast(logits, s, List.of(2)), NONE), List.of(1));
  }

  private static Tensor column(Tensor a) {
    return reshape(a, Shape.of(a.dim(0), 1));
  }

  @Override
  public Params network(Params phi, Tensor x, Norm by) {
    return Params.of(Model.FEATURES, h.apply(phi, x, by));
  }
}
