package io.quickstudy.graph;

import static io.quickstudy.graph.Ops.*;

import java.util.Arrays;
import java.util.List;

/** Ops that read, write or find positions. */
public sealed interface Indexing extends Op {

  /**
   * Rows by number: x [B..., n, R...] and I32 index [B..., K...] give [B..., K..., R...], where
   * B... are the first {@code batch} axes. An index outside 0..n-1 stops the run with an error.
   */
  record Gather(int batch) implements Indexing {
    @Override
    public Type infer(List<Tensor> in) {
      Shape x = in.get(0).shape();
      Shape k = rows(this, batch, in.get(1));
      if (x.rank() <= batch || !x.sub(0, batch).equals(k.sub(0, batch))) {
        throw new IllegalArgumentException(
            this + ": x " + x + ", index " + k + "; expected [B..., n, R...] and [B..., K...]");
      }
      return new Type(k.append(x.sub(batch + 1, x.rank()).dims()), in.get(0).dtype());
    }

    @Override
    public List<Tensor> vjp(Tensor g, Tensor y, List<Tensor> in) {
      return Arrays.asList(scatterAdd(g, in.get(1), in.get(0).dim(batch), batch), null);
    }

    @Override
    public Tensor batch(Mapped in) {
      if (batch == 0 && !in.has(0)) {
        return Tensor.of(this, in.values());
      }
      return Tensor.of(new Gather(batch + 1), in.full());
    }
  }

  /**
   * The transpose of {@link Gather}: adds the rows of g [B..., K..., R...] into zeros [B..., n,
   * R...] at the positions of an I32 index [B..., K...], in order. An index outside 0..n-1 stops
   * the run with an error.
   */
  record ScatterAdd(int batch, int n) implements Indexing {
    @Override
    public Type infer(List<Tensor> in) {
      Shape g = in.get(0).shape();
      Shape k = rows(this, batch, in.get(1));
      if (in.get(0).dtype() != DType.F32 || g.rank() < k.rank() || !g.sub(0, k.rank()).equals(k)) {
        throw new IllegalArgumentException(
            this
                + ": g "
                + in.get(0).dtype()
                + g
                + ", index "
                + k
                + "; expected F32 [B..., K..., R...] and [B..., K...]");
      }
      Shape b = g.sub(0, batch).append(n);
      return new Type(b.append(g.sub(k.rank(), g.rank()).dims()), DType.F32);
    }

    @Override
    public List<Tensor> vjp(Tensor g, Tensor y, List<Tensor> in) {
      return Arrays.asList(gather(g, in.get(1), batch), null);
    }

    @Override
    public Tensor batch(Mapped in) {
      return Tensor.of(new ScatterAdd(batch + 1, n), in.full());
    }
  }

  /**
   * Positions of the k largest elements along the last axis, descending, the lower of equals first,
   * NaN the largest: F32 [B..., n] to I32 [B..., k].
   */
  record TopK(int k) implements Indexing {
    @Override
    public Type infer(List<Tensor> in) {
      Tensor x = in.get(0);
      if (x.rank() < 1 || x.dtype() != DType.F32 || k < 1 || k > x.dim(-1)) {
        throw new IllegalArgumentException(
            this
                + " of "
                + x.dtype()
                + x.shape()
                + ": expected F32 with at least k in its last axis");
      }
      return new Type(x.shape().with(-1, k), DType.I32);
    }

    @Override
    public List<Tensor> vjp(Tensor g, Tensor y, List<Tensor> in) {
      return Arrays.asList((Tensor) null);
    }

    @Override
    public Tensor batch(Mapped in) {
      return Tensor.of(this, in.values());
    }
  }

  private static Shape rows(Op op, int batch, Tensor index) {
    if (batch < 0) {
      throw new IllegalArgumentException(
          op + ": " + batch + " batch axes; expected 0 or more: count those that lead");
    }
    if (index.dtype() != DType.I32 || index.rank() < batch) {
      throw new IllegalArgumentException(
          op + ": index " + index.dtype() + index.shape() + "; expected I32 with rank >= " + batch);
    }
    return index.shape();
  }
}
