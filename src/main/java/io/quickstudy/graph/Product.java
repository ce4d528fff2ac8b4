package io.quickstudy.graph;

import static io.quickstudy.graph.Ops.*;

import java.util.List;

/** Matrix products, factors and solves over the last two axes; leading axes are a batch. */
public sealed interface Product extends Op {

  /** [B..., m, k] times [B..., k, n]. */
  record Dot() implements Product {
    @Override
    public Type infer(List<Tensor> x) {
      Shape a = x.get(0).shape();
      Shape b = x.get(1).shape();
      floats(this, x);
      int r = a.rank();
      if (r < 2
          || b.rank() != r
          || a.dim(-1) != b.dim(-2)
          || !a.sub(0, r - 2).equals(b.sub(0, r - 2))) {
        throw new IllegalArgumentException(
            "dot: lhs " + a + ", rhs " + b + "; expected [B..., m, k] and [B..., k, n]");
      }
      return new Type(a.with(-1, b.dim(-1)), DType.F32);
    }

    @Override
    public List<Tensor> vjp(Tensor g, Tensor y, List<Tensor> x) {
      return List.of(dot(g, t(x.get(1))), dot(t(x.get(0)), g));
    }

    @Override
    public Tensor batch(Mapped x) {
      return Tensor.of(this, x.full());
    }
  }

  /**
   * The lower factor L of a symmetric positive definite [B..., n, n] matrix L L'. Only its lower
   * half is read; where it is not positive definite, the factor is NaN. Gradient: Murray (2016),
   * "Differentiation of the Cholesky decomposition", equation 9; symmetric.
   */
  record Cholesky() implements Product {
    @Override
    public Type infer(List<Tensor> x) {
      floats(this, x);
      square(this, x.get(0));
      return new Type(x.get(0).shape(), DType.F32);
    }

    @Override
    public List<Tensor> vjp(Tensor g, Tensor l, List<Tensor> x) {
      Tensor p = dot(t(l), g);
      Tensor half = where(diagonal(p.shape()), scale(p, 0.5), p);
      p = mul(half, lowerMask(p.shape()));
      // S = L'^-1 P L^-1, then its symmetric part
      Tensor left = triangularSolve(l, p, Form.TRANSPOSED);
      Tensor s = t(triangularSolve(l, t(left), Form.TRANSPOSED));
      return List.of(scale(add(s, t(s)), 0.5));
    }

    @Override
    public Tensor batch(Mapped x) {
      return Tensor.of(this, x.values());
    }
  }

  /** Which system a triangular solve solves, for a lower triangular L. */
  enum Form {
    /** L X = B. */
    PLAIN,
    /** L' X = B. */
    TRANSPOSED
  }

  /**
   * Solves with a lower triangular L [B..., n, n] for B [B..., n, m]; the upper half is not read.
   */
  record TriangularSolve(Form form) implements Product {
    @Override
    public Type infer(List<Tensor> x) {
      floats(this, x);
      square(this, x.get(0));
      Shape l = x.get(0).shape();
      Shape b = x.get(1).shape();
      if (b.rank() != l.rank() || !b.with(-1, 1).equals(l.with(-1, 1))) {
        throw new IllegalArgumentException(
            "triangular solve: L " + l + ", B " + b + "; expected [B..., n, n] and [B..., n, m]");
      }
      return new Type(b, DType.F32);
    }

    @Override
    public List<Tensor> vjp(Tensor g, Tensor y, List<Tensor> x) {
      Form other = form == Form.PLAIN ? Form.TRANSPOSED : Form.PLAIN;
      Tensor b = triangularSolve(x.get(0), g, other);
      Tensor outer = form == Form.PLAIN ? dot(b, t(y)) : dot(y, t(b));
      return List.of(neg(mul(outer, lowerMask(outer.shape()))), b);
    }

    @Override
    public Tensor batch(Mapped x) {
      return Tensor.of(this, x.full());
    }
  }

  private static void floats(Op op, List<Tensor> x) {
    if (x.stream().anyMatch(v -> v.dtype() != DType.F32)) {
      throw new IllegalArgumentException(
          op + ": operands must be F32, got " + x.stream().map(Tensor::dtype).toList());
    }
  }

  private static void square(Op op, Tensor a) {
    if (a.rank() < 2 || a.dim(-1) != a.dim(-2)) {
      throw new IllegalArgumentException(
          op + " of shape " + a.shape() + ": expected square matrices [B..., n, n]");
    }
  }
}
