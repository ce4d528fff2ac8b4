package io.quickstudy.backend.cpu;

import io.quickstudy.graph.Convolution;
import io.quickstudy.graph.Elementwise;
import io.quickstudy.graph.Indexing;
import io.quickstudy.graph.Layout;
import io.quickstudy.graph.Leaf;
import io.quickstudy.graph.Pooling;
import io.quickstudy.graph.Product;
import io.quickstudy.graph.Reduction;
import io.quickstudy.graph.Shape;
import io.quickstudy.graph.Tensor;
import io.quickstudy.graph.Window;

/** Writes every op that is no part of a loop. */
final class Kernels {
  private final Lowering out;

  Kernels(Lowering out) {
    this.out = out;
  }

  void emit(Tensor t) {
    switch (t.op()) {
      case Product.Dot op -> dot(t);
      case Product.Cholesky op ->
          start(Format.CHOLESKY, t)
              .words(batch(t, 2), t.dim(-1))
              .operand(out.dense(t.input(0)))
              .operand(out.result(t), 0);
      case Product.TriangularSolve op -> solve(t, op);
      case Convolution.Conv op -> conv(Format.CONV, t, op, t.input(0), t.input(1), t);
      case Convolution.ConvInputGrad op -> conv(Format.CONV_DX, t, op, t, t.input(1), t.input(0));
      case Convolution.ConvFilterGrad op -> conv(Format.CONV_DW, t, op, t.input(0), t, t.input(1));
      case Pooling op -> pool(t, op);
      case Indexing.Gather op -> gather(t, op);
      case Indexing.ScatterAdd op -> scatterAdd(t, op);
      case Indexing.TopK op -> {
        View x = out.dense(t.input(0));
        start(Format.TOPK, t)
            .words(batch(t.input(0), 1), t.input(0).dim(-1), op.k())
            .operand(x)
            .operand(out.result(t), 0);
      }
      case Leaf.Random op -> {
        View key = out.dense(t.input(0));
        start(Format.RANDOM, t)
            .words(t.input(0).shape().size() / 2, op.shape().size())
            .operand(key)
            .operand(out.result(t), 0);
      }
      case Layout.Pad op -> pad(t, op);
      case Layout.Concatenate op -> concatenate(t, op);
      case Elementwise.Convert op ->
          out.write(
              t.shape(),
              "to integers " + t.shape(),
              w -> w.storeInteger(t.input(0), View.of(out.result(t), t.shape())));
      case Elementwise op -> throw unexpected(t);
      case Reduction op -> throw unexpected(t);
      case Layout op -> throw unexpected(t);
      case Leaf op -> throw unexpected(t);
    }
  }

  private static IllegalStateException unexpected(Tensor t) {
    return new IllegalStateException(t + " is no kernel; this is a bug in the fusion");
  }

  /** The instruction for t, once its inputs are in place. */
  private Instruction start(int opcode, Tensor t) {
    t.inputs().forEach(out::dense);
    return out.instruction(opcode, describe(t));
  }

  private static String describe(Tensor t) {
    return t.op() + " " + t.inputs().stream().map(Tensor::shape).toList() + " -> " + t.shape();
  }

  /** Elements of all axes but the last few. */
  private static long batch(Tensor t, int but) {
    return t.shape().sub(0, t.rank() - but).size();
  }

  // ---- products

  /**
   * A matrix as BLAS takes it: elements per row of the stored matrix, and whether it is transposed.
   */
  private record Matrix(View view, boolean transposed, long ld, long batchStride) {
    /** Null if the strides do not fit. */
    static Matrix of(View v) {
      int r = v.shape().rank();
      int rows = v.shape().dim(-2);
      int columns = v.shape().dim(-1);
      long down = v.strides()[r - 2];
      long across = v.strides()[r - 1];
      Integer batch = v.evenly(0, r - 2);
      if (batch == null) {
        return null;
      }
      if ((across == 1 || columns == 1) && (rows == 1 || down >= columns)) {
        return new Matrix(v, false, rows == 1 ? columns : down, batch);
      }
      if ((down == 1 || rows == 1) && (columns == 1 || across >= rows)) {
        return new Matrix(v, true, columns == 1 ? rows : across, batch);
      }
      return null;
    }
  }

  private Matrix matrix(Tensor t) {
    Matrix m = Matrix.of(out.view(t));
    return m == null ? Matrix.of(out.dense(t)) : m;
  }

  private void dot(Tensor t) {
    Matrix a = matrix(t.input(0));
    Matrix b = matrix(t.input(1));
    long m = t.dim(-2);
    long n = t.dim(-1);
    long k = t.input(0).dim(-1);
    out.instruction(Format.GEMM, describe(t))
        .words(batch(t, 2), m, n, k, a.transposed ? 1 : 0, b.transposed ? 1 : 0, a.ld, b.ld, n)
        .words(a.batchStride, b.batchStride, m * n, 0)
        .operand(a.view)
        .operand(b.view)
        .operand(out.result(t), 0);
  }

  private void solve(Tensor t, Product.TriangularSolve op) {
    int transposed =
        switch (op.form()) {
          case PLAIN -> 0;
          case TRANSPOSED -> 1;
        };
    start(Format.TRISOLVE, t)
        .words(batch(t, 2), t.dim(-2), t.dim(-1), transposed)
        .operand(out.dense(t.input(0)))
        .operand(out.dense(t.input(1)))
        .operand(out.result(t), 0);
  }

  // ---- convolution and pooling

  private void conv(int opcode, Tensor t, Convolution op, Tensor x, Tensor w, Tensor y) {
    Window win = op.window();
    Instruction i =
        start(opcode, t)
            .words(t.rank() == 5 ? t.dim(0) : 1)
            .words(x.dim(-4), x.dim(-3), x.dim(-2), x.dim(-1))
            .words(win.height(), win.width(), y.dim(-1), win.strideH(), win.strideW())
            .words(win.top(), win.left(), y.dim(-3), y.dim(-2))
            .words(perTask(x), perTask(w), perTask(y));
    for (Tensor operand : new Tensor[] {x, w, y}) {
      if (operand == t) {
        i.operand(out.result(t), 0);
      } else {
        i.operand(out.dense(operand));
      }
    }
  }

  private static long perTask(Tensor t) {
    return t.rank() == 5 ? t.shape().size() / t.dim(0) : 0;
  }

  private void pool(Tensor t, Pooling op) {
    int opcode =
        switch (op) {
          case Pooling.PoolArgMax p -> Format.POOL_ARGMAX;
          case Pooling.PoolTake p -> Format.POOL_TAKE;
          case Pooling.PoolPut p -> Format.POOL_PUT;
          case Pooling.PoolSum p -> Format.POOL_SUM;
          case Pooling.PoolSpread p -> Format.POOL_SPREAD;
        };
    boolean grows = op instanceof Pooling.PoolPut || op instanceof Pooling.PoolSpread;
    Tensor large = grows ? t : t.input(0);
    Tensor small = grows ? t.input(0) : t;
    Window w = op.window();
    Instruction i =
        start(opcode, t)
            .words(batch(large, 3), large.dim(-3), large.dim(-2), large.dim(-1))
            .words(w.height(), w.width(), w.strideH(), w.strideW(), w.top(), w.left())
            .words(small.dim(-3), small.dim(-2));
    t.inputs().forEach(x -> i.operand(out.dense(x)));
    i.operand(out.result(t), 0);
  }

  // ---- indexing

  private void gather(Tensor t, Indexing.Gather op) {
    Tensor x = t.input(0);
    View from = out.view(x);
    Shape one = x.shape().sub(op.batch(), x.rank());
    boolean sharedRows = op.batch() > 0 && repeatsBatch(from, op.batch());
    if (!sharedRows) {
      from = out.dense(x);
    }
    View index = out.dense(t.input(1));
    long batch = x.shape().sub(0, op.batch()).size();
    long rowBytes = (long) one.size() / one.dim(0) * x.dtype().bytes();
    out.instruction(Format.GATHER, describe(t))
        .words(batch, one.dim(0), t.input(1).shape().size() / batch, rowBytes)
        .words(sharedRows ? 0 : one.dim(0) * rowBytes)
        .operand(from)
        .operand(index)
        .operand(out.result(t), 0);
  }

  private static boolean repeatsBatch(View v, int batch) {
    for (int i = 0; i < batch; i++) {
      if (v.strides()[i] != 0) {
        return false;
      }
    }
    int rank = v.shape().rank();
    int[] rest = java.util.Arrays.copyOfRange(v.strides(), batch, rank);
    return new View(v.buffer(), v.start(), v.shape().sub(batch, rank), rest).contiguous();
  }

  private void scatterAdd(Tensor t, Indexing.ScatterAdd op) {
    Tensor index = t.input(1);
    long batch = index.shape().sub(0, op.batch()).size();
    long k = index.shape().size() / batch;
    start(Format.SCATTER_ADD, t)
        .words(batch, op.n(), k, t.shape().size() / batch / op.n())
        .operand(out.dense(t.input(0)))
        .operand(out.dense(index))
        .operand(out.result(t), 0);
  }

  // ---- layout

  private void pad(Tensor t, Layout.Pad op) {
    View all = View.of(out.result(t), t.shape());
    out.fill(t.shape(), 0, all);
    int[] strides = all.strides();
    long start = 0;
    int[] inner = new int[strides.length];
    for (int i = 0; i < strides.length; i++) {
      start += (long) op.low().get(i) * strides[i];
      inner[i] = strides[i] * (op.interior().get(i) + 1);
    }
    Tensor x = t.input(0);
    out.copy(x, new View(all.buffer(), start, x.shape(), inner));
  }

  private void concatenate(Tensor t, Layout.Concatenate op) {
    View all = View.of(out.result(t), t.shape());
    long start = 0;
    for (Tensor x : t.inputs()) {
      out.copy(x, new View(all.buffer(), start, x.shape(), all.strides()));
      start += (long) x.dim(op.axis()) * all.strides()[op.axis()];
    }
  }
}
