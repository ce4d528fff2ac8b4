package io.quickstudy.learners.closed;

import static io.quickstudy.functions.Activations.softplus;
import static io.quickstudy.functions.LinearAlgebra.addToDiagonal;
import static io.quickstudy.functions.LinearAlgebra.solvePositiveDefinite;
import static io.quickstudy.graph.Ops.add;
import static io.quickstudy.graph.Ops.div;
import static io.quickstudy.graph.Ops.dot;
import static io.quickstudy.graph.Ops.exp;
import static io.quickstudy.graph.Ops.fill;
import static io.quickstudy.graph.Ops.mul;
import static io.quickstudy.graph.Ops.neg;
import static io.quickstudy.graph.Ops.oneHot;
import static io.quickstudy.graph.Ops.reshape;
import static io.quickstudy.graph.Ops.scalar;
import static io.quickstudy.graph.Ops.scale;
import static io.quickstudy.graph.Ops.sigmoid;
import static io.quickstudy.graph.Ops.sub;
import static io.quickstudy.graph.Ops.t;

import io.quickstudy.graph.Shape;
import io.quickstudy.graph.Tensor;
import io.quickstudy.learner.LearnerKind;
import io.quickstudy.nn.Init;
import io.quickstudy.nn.Model;
import io.quickstudy.nn.Norm;
import io.quickstudy.settings.Setting;
import io.quickstudy.transform.Implicit;
import io.quickstudy.transform.LinearSolver;
import io.quickstudy.transform.Params;
import java.util.Map;
import java.util.function.UnaryOperator;

/**
 * LR-D2, logistic regression as a head. Bertinetto, Henriques, Torr and Vedaldi (2019),
 * "Meta-learning with differentiable closed-form solvers", section 3.3: Newton's method as
 * iteratively reweighted least squares. X [n, d + 1] are the embedded support examples, each with a
 * 1 behind it for the intercept, and y [n] is 1 for the examples of a class. From w = 0, a step is
 *
 * <pre>
 * mu = sigmoid(X w)     s = mu (1 - mu)     z = X w + (y - mu) / s
 * w  = (X' diag(s) X + lambda I)^-1 X' diag(s) z          a system of d + 1
 *    = X'(XX' + lambda diag(s)^-1)^-1 z                   a system of n, by Woodbury's identity
 * </pre>
 *
 * <p>The smaller of the two is solved, that of n with diag(s)^1/2 on both sides, so that nothing is
 * divided by an s near 0 (Rasmussen and Williams 2006, algorithm 3.1). The paper's regression is
 * binary. With more classes each has one against the rest, all solved at once, and its score is the
 * class's logit, as in the released code; with two, this is two opposite regressions.
 *
 * @param f the embedding
 * @param ways classes of a task; another number with the same parameters is another such record
 * @param o what lambda is at first, and how the steps are taken
 * @param norm whose statistics normalise
 */
public record LogisticHead(Model f, int ways, Options o, Norm.Policy norm) implements SolvedHead {
  /** Its declaration. */
  public static final LearnerKind<Options> KIND =
      LearnerKind.of(
              LogisticHead.class,
              Options.class,
              (o, s) -> new LogisticHead(s.embedding(), s.outputs(), o, s.norm()))
          .named("lr-d2")
          .about("a logistic regression on learned features, by Newton's method")
          .paper("Bertinetto et al. 2019")
          .ways(LearnerKind.Ways.ANY)
          .norms(Norm.Policy.RUNNING, Norm.Policy.SUPPORT, Norm.Policy.TRANSDUCTIVE)
          .checkedWith(Map.of("newton-steps", "8"))
          .makes(WEIGHT);

  private static final String LOG_LAMBDA = "head.log_lambda";
  private static final String POINT = "point";

  /**
   * Its options.
   *
   * @param lambda the ridge, at first
   * @param newtonSteps how many steps of Newton's method
   * @param through how the outer gradient passes through them
   */
  public record Options(
      @Setting(value = "the ridge, at first; it is learned", usual = "0.1", above = 0)
          double lambda,
      @Setting(value = "steps of Newton's method", usual = "5", least = 1) int newtonSteps,
      @Setting(
              value =
                  "how the outer gradient passes through them: unrolled, or implicit, by the"
                      + " equation that is solved",
              usual = "unrolled")
          Through through) {}

  /** How a gradient passes through a solver. */
  public enum Through {
    /** Back through its steps, as in the paper. */
    UNROLLED,
    /**
     * By the equation that its end solves. Newton's step does not move there and has no slope, so
     * that its slope in everything else is the gradient of the solution.
     */
    IMPLICIT
  }

  @Override
  public Params init(Init draw) {
    return f.init(draw).with(LOG_LAMBDA, scalar(Math.log(o.lambda())));
  }

  /** All w [d + 1, ways] of embedded support examples z [n, d]. */
  @Override
  public Tensor solve(Params phi, Tensor z, Tensor labels) {
    Tensor x = SolvedHead.withOnes(z);
    Tensor y = t(oneHot(labels, ways));
    Tensor lambda = exp(phi.get(LOG_LAMBDA));
    if (x.dim(0) > x.dim(1)) {
      return t(newton(x.dim(1), w -> features(x, y, lambda, w)));
    }
    Tensor k = div(dot(x, t(x)), lambda);
    Tensor a = newton(x.dim(0), v -> examples(k, y, v));
    return div(dot(t(x), t(a)), lambda);
  }

  @Override
  public Tensor logits(Params phi, Tensor z, Tensor w) {
    return dot(SolvedHead.withOnes(z), w);
  }

  /** Where steps lead from 0, a row of so many numbers for each class. */
  private Tensor newton(int numbers, UnaryOperator<Tensor> step) {
    Tensor v = fill(0, Shape.of(ways, numbers));
    for (int i = 0; i < o.newtonSteps(); i++) {
      v = step.apply(v);
    }
    return switch (o.through()) {
      case UNROLLED -> v;
      case IMPLICIT ->
          Implicit.fixedPoint(
                  p -> Params.of(POINT, step.apply(p.get(POINT))),
                  Params.of(POINT, v),
                  new LinearSolver.NeumannSeries(1))
              .get(POINT);
    };
  }

  /** A step of w [ways, d + 1] for labels y [ways, n], by the system of d + 1. */
  private static Tensor features(Tensor x, Tensor y, Tensor lambda, Tensor w) {
    Irls now = Irls.at(dot(w, t(x)), y);
    Shape all = Shape.of(y.dim(0), x.dim(0), x.dim(1));
    Tensor weighted = mul(reshape(now.root(), Shape.of(all.dim(0), all.dim(1), 1)), x);
    Tensor h = addToDiagonal(dot(t(weighted), weighted), lambda);
    return solved(h, dot(now.sz(), x));
  }

  /**
   * A step of a [ways, n] with w = X' a / lambda, by the system of n.
   *
   * @param k XX' / lambda
   */
  private static Tensor examples(Tensor k, Tensor y, Tensor a) {
    Irls now = Irls.at(dot(a, k), y);
    Tensor r = now.root();
    Shape column = Shape.of(y.dim(0), y.dim(1), 1);
    Shape row = Shape.of(y.dim(0), 1, y.dim(1));
    Tensor weighted = mul(mul(reshape(r, column), k), reshape(r, row));
    Tensor b = addToDiagonal(weighted, scalar(1));
    return sub(now.sz(), mul(r, solved(b, mul(r, dot(now.sz(), k)))));
  }

  /** A row of solutions [ways, m] for each matrix [ways, m, m] and right side [ways, m]. */
  private static Tensor solved(Tensor a, Tensor b) {
    Tensor x = solvePositiveDefinite(a, reshape(b, b.shape().append(1)));
    return reshape(x, b.shape());
  }

  /**
   * The weighted least squares of a step.
   *
   * @param root s^1/2 [ways, n]
   * @param sz diag(s) z [ways, n]
   */
  private record Irls(Tensor root, Tensor sz) {
    /** At scores X w. */
    static Irls at(Tensor scores, Tensor y) {
      // the root of mu (1 - mu) without the difference, which rounds to 0 and has no slope there
      Tensor root = exp(scale(add(softplus(scores), softplus(neg(scores))), -0.5));
      Tensor s = mul(root, root);
      return new Irls(root, add(mul(s, scores), sub(y, sigmoid(scores))));
    }
  }

  /** Lambda. */
  @Override
  public Params watched(Params phi) {
    return Params.of("lambda", exp(phi.get(LOG_LAMBDA)));
  }
}
