package io.quickstudy.transform;

import static io.quickstudy.graph.Ops.*;

import io.quickstudy.graph.Ops;
import io.quickstudy.graph.Product.Form;
import io.quickstudy.graph.Shape;
import io.quickstudy.graph.Tensor;
import java.util.function.UnaryOperator;

/**
 * How w is found with A w = b, where A is given by what it makes of a vector: names and shapes as
 * those of b. A fixed number of steps, all of them graph.
 */
public sealed interface LinearSolver {

  /** w, or what the steps have made of it. */
  Params solve(UnaryOperator<Params> a, Params b);

  /**
   * Conjugate gradients from 0 for a symmetric positive definite A (Hestenes and Stiefel 1952,
   * section 3). Exact after as many steps as A has distinct eigenvalues; before, the error falls at
   * least by (sqrt(c) - 1) / (sqrt(c) + 1) with each step, where c is A's condition. Once the
   * residual is 0, further steps change nothing.
   *
   * <p>Where A may be other than it should, such as the Hessian of what is not convex, a direction
   * along which it curves less than nine tenths of what is flat is the last: it is taken as if it
   * were flat, and what was found until then stays (as the inner iteration of Nocedal and Wright,
   * Numerical Optimization, algorithm 7.1, ends). Where A curves at least so much nothing changes.
   *
   * @param steps products with A, 1 or more
   * @param flat the curvature p'Ap / p'p of what is flat, such as that of a prior; 0 to go on
   *     whatever the curvature is
   */
  record ConjugateGradients(int steps, double flat) implements LinearSolver {
    private static final double NEARLY = 0.9;

    /** Refuses fewer than one step, and a curvature that is none. */
    public ConjugateGradients {
      atLeastOne("conjugate gradients", "steps", steps);
      if (!(flat >= 0 && flat < Double.POSITIVE_INFINITY)) {
        throw new IllegalArgumentException(
            "conjugate gradients with a curvature of "
                + flat
                + ": expected a finite number of 0 or more");
      }
    }

    /** Whatever the curvature. */
    public ConjugateGradients(int steps) {
      this(steps, 0);
    }

    @Override
    public Params solve(UnaryOperator<Params> a, Params b) {
      Params w = b.map(v -> fill(0, v.shape()));
      Params r = b;
      Params p = b;
      Tensor rr = dot(r, r);
      Tensor open = scalar(1); // 0 behind the last direction
      for (int k = 1; k <= steps; k++) {
        Params ap = a.apply(p);
        Tensor curvature = dot(p, ap);
        if (flat > 0) {
          Tensor asFlat = scale(dot(p, p), flat);
          Tensor last = less(curvature, scale(asFlat, NEARLY));
          rr = mul(rr, open);
          open = where(last, scalar(0), open);
          curvature = where(last, asFlat, curvature);
        }
        Tensor alpha = ratio(rr, curvature);
        w = w.plus(p.times(alpha));
        if (k < steps) {
          r = r.minus(ap.times(alpha));
          Tensor next = dot(r, r);
          p = r.plus(p.times(ratio(next, rr)));
          rr = next;
        }
      }
      return w;
    }

    private static Tensor dot(Params u, Params v) {
      return u.zip(v, Ops::mul).values().stream().map(Ops::sum).reduce(scalar(0), Ops::add);
    }

    /** a / b, and 0 where b is. */
    private static Tensor ratio(Tensor a, Tensor b) {
      return where(equal(b, scalar(0)), scalar(0), div(a, b));
    }
  }

  /**
   * The first terms of w = b + (I - A) b + (I - A)^2 b + ..., which converges where I - A is a
   * contraction: for a fixed point, the iteration w = b + J'w of its adjoint (Lorraine, Vicol and
   * Duvenaud 2020, section 3.2).
   *
   * @param terms how many, 1 or more; with one, w is b
   */
  record NeumannSeries(int terms) implements LinearSolver {
    /** Refuses fewer than one term. */
    public NeumannSeries {
      atLeastOne("Neumann series", "terms", terms);
    }

    @Override
    public Params solve(UnaryOperator<Params> a, Params b) {
      Params w = b;
      for (int k = 1; k < terms; k++) {
        w = b.plus(w.minus(a.apply(w)));
      }
      return w;
    }
  }

  /**
   * For an A that may have negative eigenvalues, such as the Hessian of what is not convex: solves
   * (A + d I) w = b in its place (Levenberg 1944; Marquardt 1963). What it finds is shorter, and
   * leans less on where A is small.
   *
   * @param solver of the damped system
   * @param damping d, 0 or more; with 0 it is that solver
   */
  record Damped(LinearSolver solver, double damping) implements LinearSolver {
    /** Refuses what is below 0 or no number. */
    public Damped {
      if (!(damping >= 0 && damping < Double.POSITIVE_INFINITY)) {
        throw new IllegalArgumentException(
            "linear solver with damping " + damping + ": expected a finite number of 0 or more");
      }
    }

    @Override
    public Params solve(UnaryOperator<Params> a, Params b) {
      return damping == 0
          ? solver.solve(a, b)
          : solver.solve(v -> a.apply(v).plus(v.times(damping)), b);
    }
  }

  /** Solvers that write A out, [n, n] for n numbers in b: for small systems. */
  enum Dense implements LinearSolver {
    /** By the Cholesky factor of a symmetric positive definite A; an error where it is not. */
    CHOLESKY {
      @Override
      Tensor solve(Tensor a, Tensor b) {
        return positiveDefinite(a, b);
      }
    },
    /**
     * For any A that is not singular, by elimination with partial pivoting (Golub and Van Loan,
     * Matrix Computations, section 3.4). The normal equations would need less graph, since this
     * unrolls n columns, but they square the condition, of which 32 bits leave too little.
     */
    LU {
      @Override
      Tensor solve(Tensor a, Tensor b) {
        return Elimination.solve(a, b);
      }
    };

    /** X [n, m] with A X = B. */
    abstract Tensor solve(Tensor a, Tensor b);

    @Override
    public Params solve(UnaryOperator<Params> a, Params b) {
      Flat flat = Flat.like(b);
      Tensor x = solve(matrix(a, flat), column(flat.join(b)));
      return flat.split(reshape(x, Shape.of(flat.size())));
    }
  }

  /**
   * For the symmetric matrix [H A'; A -D] of a problem under constraints, where H is positive
   * semidefinite, D is diagonal, 0 or 1, and A is 0 in the rows where D is 1. Two Cholesky factors:
   * H + r A'A is positive definite where the whole is not singular (Nocedal and Wright, Numerical
   * Optimization, section 16.2), and adding r A' times the second row to the first changes no
   * solution. r makes the parts alike in size.
   *
   * @param n rows of H
   */
  record Saddle(int n) implements LinearSolver {
    @Override
    public Params solve(UnaryOperator<Params> k, Params b) {
      Flat flat = Flat.like(b);
      int size = flat.size();
      Tensor matrix = matrix(k, flat);
      Tensor upper = slice(matrix, 0, 0, n);
      Tensor lower = slice(matrix, 0, n, size);
      Tensor a = slice(lower, 1, 0, n);
      Tensor right = column(flat.join(b));
      Tensor second = slice(right, 0, n, size);
      Tensor r = relative(slice(upper, 1, 0, n), a);
      Tensor h = add(slice(upper, 1, 0, n), mul(r, dot(t(a), a)));
      Tensor first = add(slice(right, 0, 0, n), mul(r, dot(t(a), second)));
      // z = h^-1 (first - A'y), and A z - D y = second
      Tensor solved = positiveDefinite(h, concatenate(1, t(a), first));
      Tensor spread = slice(solved, 1, 0, size - n);
      Tensor free = slice(solved, 1, size - n, size - n + 1);
      Tensor schur = sub(dot(a, spread), slice(lower, 1, n, size));
      Tensor y = positiveDefinite(schur, sub(dot(a, free), second));
      Tensor z = sub(free, dot(spread, y));
      return flat.split(reshape(concatenate(0, z, y), Shape.of(size)));
    }

    /** The mean of H's diagonal over that of A A'; 0 where A is. */
    private static Tensor relative(Tensor h, Tensor a) {
      Tensor curvature = scale(sum(mul(diagonal(h.shape()), h)), 1.0 / h.dim(0));
      Tensor squares = scale(sum(mul(a, a)), 1.0 / a.dim(0));
      Tensor size = where(less(scalar(0), curvature), curvature, scalar(1));
      return where(equal(squares, scalar(0)), scalar(0), div(size, squares));
    }
  }

  /** The matrix of a linear map of such tensors: [n, n]. */
  static Tensor matrix(UnaryOperator<Params> a, Flat flat) {
    Tensor identity = diagonal(Shape.of(flat.size(), flat.size()));
    Tensor images =
        Vmap.vmap(e -> flat.join(a.apply(flat.split(e.get("e")))), Params.of("e", identity));
    return t(images);
  }

  /** A vector as a matrix of one column. */
  static Tensor column(Tensor v) {
    return reshape(v, Shape.of(v.dim(0), 1));
  }

  /** X with A X = B for a symmetric positive definite A. */
  static Tensor positiveDefinite(Tensor a, Tensor b) {
    Tensor l = cholesky(a);
    return triangularSolve(l, triangularSolve(l, b, Form.PLAIN), Form.TRANSPOSED);
  }

  private static void atLeastOne(String what, String of, int n) {
    if (n < 1) {
      throw new IllegalArgumentException(what + " with " + n + " " + of + ": expected 1 or more");
    }
  }
}
