package io.quickstudy.learners.closed;

import static io.quickstudy.functions.LinearAlgebra.diagonalMatrix;
import static io.quickstudy.functions.LinearAlgebra.diagonalOf;
import static io.quickstudy.graph.Ops.add;
import static io.quickstudy.graph.Ops.cholesky;
import static io.quickstudy.graph.Ops.diagonal;
import static io.quickstudy.graph.Ops.div;
import static io.quickstudy.graph.Ops.dot;
import static io.quickstudy.graph.Ops.expand;
import static io.quickstudy.graph.Ops.less;
import static io.quickstudy.graph.Ops.max;
import static io.quickstudy.graph.Ops.maximum;
import static io.quickstudy.graph.Ops.mean;
import static io.quickstudy.graph.Ops.mul;
import static io.quickstudy.graph.Ops.neg;
import static io.quickstudy.graph.Ops.reciprocal;
import static io.quickstudy.graph.Ops.reshape;
import static io.quickstudy.graph.Ops.scalar;
import static io.quickstudy.graph.Ops.scale;
import static io.quickstudy.graph.Ops.stop;
import static io.quickstudy.graph.Ops.sub;
import static io.quickstudy.graph.Ops.sum;
import static io.quickstudy.graph.Ops.t;
import static io.quickstudy.graph.Ops.triangularSolve;
import static io.quickstudy.graph.Ops.where;

import io.quickstudy.graph.Product.Form;
import io.quickstudy.graph.Shape;
import io.quickstudy.graph.Tensor;
import io.quickstudy.transform.Implicit;
import io.quickstudy.transform.LinearSolver;
import io.quickstudy.transform.Params;
import java.util.List;

/**
 * The dual problem of a support vector machine of several classes. Crammer and Singer (2001), "On
 * the Algorithmic Implementation of Multiclass Kernel-based Vector Machines", section 3, in the
 * form of Lee et al. (2019), section 3.3, for classes m and examples i with labels y_i:
 *
 * <pre>
 * min_alpha  sum_m alpha_m' K alpha_m / 2 - sum_i alpha^{y_i}_i
 * where      alpha^m_i &lt;= C if m = y_i, else 0,   and   sum_m alpha^m_i = 0
 * </pre>
 *
 * <p>What is left of each bound, s = C Y - alpha, is at least 0 and sums to C for each example. It
 * is found by an interior point method with predictor and corrector (Mehrotra 1992; Nocedal and
 * Wright, "Numerical Optimization", algorithm 16.4): s, multipliers z of s &gt;= 0 and nu of the
 * sums, with z s = mu for a mu that falls. Of the Newton system everything but nu is eliminated
 * class by class, so that a step factors a matrix of n for each class and one for nu, and no matrix
 * of n times the classes is ever made.
 *
 * <p>It ends at the mu whose duality gap, n ways mu, is the tolerance for each example, times the
 * size tau = 1 / (1 / C + mean K_ii) that alpha has. The solution for that mu, not 0, is what has
 * been computed: it is smooth in K, and its gradient is by the conditions that it fulfils. Newton's
 * step does not move there and has no slope, so that its slope in K is the solution's: a system
 * with the factors of one step. First derivatives alone are right.
 *
 * @param k K [n, n], symmetric and positive definite
 * @param y Y [ways, n], 1 where an example is of a class
 * @param cost C
 * @param tolerance of the objective, for each example, relative to tau
 */
record CrammerSinger(Tensor k, Tensor y, double cost, double tolerance) {
  private static final String S = "s";
  private static final String Z = "z";
  private static final String NU = "nu";

  /** How much of the way to the nearest bound is gone. */
  private static final double NEAR = 0.99;

  /** Alpha [ways, n] after so many steps; 15 were enough in every trial. */
  Tensor solve(int steps) {
    CrammerSinger still = new CrammerSinger(stop(k), y, cost, tolerance);
    Tensor end = scale(tau(), tolerance / ways()); // moves with K as well
    Params p = still.start();
    for (int i = 0; i < steps; i++) {
      p = still.step(p, stop(end));
    }
    Params s =
        Implicit.fixedPoint(
            q -> {
              Newton newton = still.newton(q);
              Tensor zero = scalar(0);
              return q.plus(newton.towards(end, zero, residual(q)));
            },
            p,
            new LinearSolver.NeumannSeries(1));
    return sub(scale(y, cost), s.get(S));
  }

  private int ways() {
    return y.dim(0);
  }

  private int n() {
    return y.dim(1);
  }

  private Tensor tau() {
    return reciprocal(add(mean(diagonalOf(k)), scalar(1 / cost)));
  }

  /** Where alpha is as large as it may be expected, and all z s are alike. */
  private Params start() {
    Tensor part = scale(tau(), 1.0 / ways());
    Tensor own = sub(scalar(cost), scale(part, ways() - 1.0));
    Tensor s = where(y, expand(own, y.shape()), expand(part, y.shape()));
    Tensor z = div(part, s);
    Tensor nu = mean(sub(z, slope(s)), List.of(0));
    return Params.of(S, s, Z, z).with(NU, nu);
  }

  /** The objective's derivative in s: K (s - C Y) + Y. */
  private Tensor slope(Tensor s) {
    return add(dot(sub(s, scale(y, cost)), k), y);
  }

  /** What is missing to slope + nu = z. */
  private Tensor residual(Params p) {
    return sub(add(slope(p.get(S)), p.get(NU)), p.get(Z));
  }

  private Params step(Params p, Tensor end) {
    Newton newton = newton(p);
    Tensor residual = residual(p);
    Tensor mu = mean(mul(p.get(S), p.get(Z)));
    Params predicted = newton.towards(scalar(0), scalar(0), residual);
    Params there = p.plus(predicted.times(length(p, predicted)));
    Tensor ratio = div(mean(mul(there.get(S), there.get(Z))), mu);
    Tensor target = maximum(mul(mul(mul(ratio, ratio), ratio), mu), end);
    Tensor curve = mul(predicted.get(S), predicted.get(Z));
    // at the end there is nothing to foresee, and the plain step converges quadratically
    Tensor corrected = where(less(end, target), curve, scalar(0));
    Params move = newton.towards(target, corrected, residual);
    return p.plus(move.times(length(p, move)));
  }

  /** The step that stays above 0, at most 1. */
  private static Tensor length(Params p, Params move) {
    Tensor s = max(div(neg(move.get(S)), p.get(S)), List.of(0, 1));
    Tensor z = max(div(neg(move.get(Z)), p.get(Z)), List.of(0, 1));
    return div(scalar(NEAR), maximum(maximum(s, z), scalar(NEAR)));
  }

  private Newton newton(Params p) {
    Shape square = Shape.of(ways(), n(), n());
    Tensor d = div(p.get(Z), p.get(S));
    Tensor l = cholesky(add(diagonalMatrix(d), k));
    Tensor half = triangularSolve(l, diagonal(square), Form.PLAIN);
    Tensor m = dot(t(half), half);
    return new Newton(this, p, d, m, cholesky(sum(m, List.of(0))));
  }

  /**
   * The system at a point. For each class (K + D) ds + dnu = r with D = diag(z / s), and the sum of
   * all ds is what the sums lack.
   *
   * @param d z / s [ways, n]
   * @param m (K + D)^-1 [ways, n, n]
   * @param l the Cholesky factor of the sum of these [n, n]
   */
  private record Newton(CrammerSinger of, Params at, Tensor d, Tensor m, Tensor l) {
    /** Where z s = target - curve to first order, and the residual is gone. */
    Params towards(Tensor target, Tensor curve, Tensor residual) {
      Tensor s = at.get(S);
      Tensor z = at.get(Z);
      Tensor aim = sub(div(sub(target, curve), s), z);
      Tensor own = times(sub(aim, residual));
      Tensor lacking = sub(scalar(of.cost()), sum(s, List.of(0)));
      Tensor right = reshape(sub(sum(own, List.of(0)), lacking), Shape.of(of.n(), 1));
      Tensor nu = triangularSolve(l, triangularSolve(l, right, Form.PLAIN), Form.TRANSPOSED);
      Tensor all = dot(reshape(m, Shape.of(of.ways() * of.n(), of.n())), nu);
      Tensor ds = sub(own, reshape(all, of.y().shape()));
      Tensor dz = sub(aim, mul(d, ds));
      return Params.of(S, ds, Z, dz).with(NU, reshape(nu, Shape.of(of.n())));
    }

    /** Each class's matrix times its row of r [ways, n]. */
    private Tensor times(Tensor r) {
      return reshape(dot(m, reshape(r, r.shape().append(1))), r.shape());
    }
  }
}
