package io.quickstudy.learners.closed;

import static io.quickstudy.functions.LinearAlgebra.addToDiagonal;
import static io.quickstudy.functions.LinearAlgebra.solvePositiveDefinite;
import static io.quickstudy.graph.Ops.add;
import static io.quickstudy.graph.Ops.dot;
import static io.quickstudy.graph.Ops.exp;
import static io.quickstudy.graph.Ops.mul;
import static io.quickstudy.graph.Ops.oneHot;
import static io.quickstudy.graph.Ops.scalar;
import static io.quickstudy.graph.Ops.scale;
import static io.quickstudy.graph.Ops.t;

import io.quickstudy.graph.Tensor;
import io.quickstudy.learner.LearnerKind;
import io.quickstudy.nn.Init;
import io.quickstudy.nn.Model;
import io.quickstudy.nn.Norm;
import io.quickstudy.settings.Setting;
import io.quickstudy.transform.Params;

/**
 * R2-D2, ridge regression as a head. Bertinetto, Henriques, Torr and Vedaldi (2019), "Meta-learning
 * with differentiable closed-form solvers", section 3.2. X [n, d + 1] are the embedded support
 * examples, each with a 1 behind it for the intercept, and Y [n, ways] their labels, one-hot:
 *
 * <pre>
 * W  = argmin_W ||X W - Y||^2 + lambda ||W||^2
 *    = (X'X + lambda I)^-1 X'Y      a system of d + 1
 *    = X'(XX' + lambda I)^-1 Y      a system of n, by Woodbury's identity
 * Y^ = alpha X^ W + beta            the queries' logits
 * </pre>
 *
 * <p>The smaller of the two systems is solved; both give the same W. Lambda is n times what is
 * learned, since the released code divides both sums by n: so it suits another number of examples
 * than that of training. Lambda and alpha are positive, and learned by their logarithm. Beta is one
 * number, which moves all logits alike: no softmax sees it, as in the released code.
 *
 * @param f the embedding
 * @param ways classes of a task; another number with the same parameters is another such record
 * @param o what lambda and alpha are at first
 * @param norm whose statistics normalise
 */
public record RidgeHead(Model f, int ways, Options o, Norm.Policy norm) implements SolvedHead {
  /** Its declaration. */
  public static final LearnerKind<Options> KIND =
      LearnerKind.of(
              RidgeHead.class,
              Options.class,
              (o, s) -> new RidgeHead(s.embedding(), s.outputs(), o, s.norm()))
          .named("r2-d2")
          .about("a ridge regression on learned features, in closed form")
          .paper("Bertinetto et al. 2019")
          .ways(LearnerKind.Ways.ANY)
          .norms(Norm.Policy.RUNNING, Norm.Policy.SUPPORT, Norm.Policy.TRANSDUCTIVE)
          .makes(WEIGHT);

  private static final String LOG_LAMBDA = "head.log_lambda";
  private static final String LOG_ALPHA = "head.log_alpha";
  private static final String BETA = "head.beta";

  /**
   * Its options.
   *
   * @param lambda the penalty for each example, at first
   * @param alpha what outputs are multiplied by, at first
   */
  public record Options(
      @Setting(
              value = "the ridge for each support example, at first; it is learned",
              usual = "0.01",
              above = 0)
          double lambda,
      @Setting(
              value = "what the regression's outputs are times, at first; it is learned",
              usual = "5",
              above = 0)
          double alpha) {}

  @Override
  public Params init(Init draw) {
    return f.init(draw)
        .with(LOG_LAMBDA, scalar(Math.log(o.lambda())))
        .with(LOG_ALPHA, scalar(Math.log(o.alpha())))
        .with(BETA, scalar(0));
  }

  /** W [d + 1, ways] of embedded support examples z [n, d]. */
  @Override
  public Tensor solve(Params phi, Tensor z, Tensor labels) {
    Tensor x = SolvedHead.withOnes(z);
    Tensor y = oneHot(labels, ways);
    int n = x.dim(0);
    Tensor lambda = scale(exp(phi.get(LOG_LAMBDA)), n);
    return n <= x.dim(1)
        ? dot(t(x), solvePositiveDefinite(addToDiagonal(dot(x, t(x)), lambda), y))
        : solvePositiveDefinite(addToDiagonal(dot(t(x), x), lambda), dot(t(x), y));
  }

  /** Y^ [q, ways] of embedded queries z [q, d]. */
  @Override
  public Tensor logits(Params phi, Tensor z, Tensor w) {
    return add(mul(dot(SolvedHead.withOnes(z), w), exp(phi.get(LOG_ALPHA))), phi.get(BETA));
  }

  /** Lambda and alpha. */
  @Override
  public Params watched(Params phi) {
    return Params.of("lambda", exp(phi.get(LOG_LAMBDA)), "alpha", exp(phi.get(LOG_ALPHA)));
  }
}
