package io.quickstudy.learners.closed;

import static io.quickstudy.functions.LinearAlgebra.addToDiagonal;
import static io.quickstudy.functions.LinearAlgebra.solvePositiveDefinite;
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
import java.util.Map;

/**
 * MetaOptNet. Lee, Maji, Ravichandran and Soatto (2019), "Meta-Learning with Differentiable Convex
 * Optimization", sections 3.2 and 3.3. A support set's classifier is a support vector machine of
 * several classes (Crammer and Singer), without an intercept, found by its dual problem:
 *
 * <pre>
 * w_m      = sum_i alpha^m_i f(x_i)        with the alpha of {@link CrammerSinger}
 * logits_m = gamma w_m . f(x)              gamma is learned
 * </pre>
 *
 * <p>By the optimality conditions the gradient passes through alpha, whatever found it. The ridge
 * variant of the released code has alpha = 2 (K + lambda I)^-1 Y, and no bounds.
 *
 * @param f the embedding
 * @param ways classes of a task; another number with the same parameters is another such record
 * @param o which machine, and how it is solved
 * @param norm whose statistics normalise
 */
public record SvmHead(Model f, int ways, Options o, Norm.Policy norm) implements SolvedHead {
  /** Its declaration. */
  public static final LearnerKind<Options> KIND =
      LearnerKind.of(
              SvmHead.class,
              Options.class,
              (o, s) -> new SvmHead(s.embedding(), s.outputs(), o, s.norm()))
          .named("metaoptnet")
          .about("a support vector machine on learned features, by its dual problem")
          .paper("Lee et al. 2019")
          .ways(LearnerKind.Ways.ANY)
          .norms(Norm.Policy.RUNNING, Norm.Policy.SUPPORT, Norm.Policy.TRANSDUCTIVE)
          .checkedWith(Map.of("solver-steps", "20"))
          .makes(WEIGHT);

  private static final String LOG_SCALE = "head.log_scale";

  /**
   * Its options.
   *
   * @param classifier which problem is solved
   * @param cost C, the largest alpha
   * @param kernelRidge what is added to the kernel's diagonal
   * @param scale gamma at first
   * @param solverSteps of the interior point method
   * @param tolerance of its objective
   */
  public record Options(
      @Setting(value = "what a support set's classifier is: svm, or ridge", usual = "svm")
          Classifier classifier,
      @Setting(value = "C, what a wrong example costs the svm", usual = "5", above = 0) double cost,
      @Setting(
              value = "what is added to the kernel's diagonal; lambda of the ridge",
              usual = "0.02",
              above = 0)
          double kernelRidge,
      @Setting(value = "what scores are times, at first; it is learned", usual = "3", above = 0)
          double scale,
      @Setting(value = "steps of the svm's solver", usual = "15", least = 1) int solverSteps,
      @Setting(
              value =
                  "how far the svm's objective may be above the least, for each example and"
                      + " relative to the size of alpha",
              usual = "0.0001",
              above = 0,
              below = 1)
          double tolerance) {}

  /** What a support set's classifier is. */
  public enum Classifier {
    /** Crammer's and Singer's support vector machine. */
    SVM,
    /** A ridge regression to one-hot labels. */
    RIDGE
  }

  @Override
  public Params init(Init draw) {
    return f.init(draw).with(LOG_SCALE, scalar(Math.log(o.scale())));
  }

  /** All w [d, ways] of embedded support examples z [n, d]. */
  @Override
  public Tensor solve(Params phi, Tensor z, Tensor labels) {
    Tensor k = addToDiagonal(dot(z, t(z)), scalar(o.kernelRidge()));
    Tensor y = oneHot(labels, ways);
    Tensor alpha =
        switch (o.classifier()) {
          case SVM -> t(new CrammerSinger(k, t(y), o.cost(), o.tolerance()).solve(o.solverSteps()));
          case RIDGE -> scale(solvePositiveDefinite(k, y), 2);
        };
    return dot(t(z), alpha);
  }

  @Override
  public Tensor logits(Params phi, Tensor z, Tensor w) {
    return mul(dot(z, w), exp(phi.get(LOG_SCALE)));
  }

  /** Gamma. */
  @Override
  public Params watched(Params phi) {
    return Params.of("scale", exp(phi.get(LOG_SCALE)));
  }
}
