package io.quickstudy.backend.plan;

import io.quickstudy.graph.Convolution;
import io.quickstudy.graph.CustomVjp;
import io.quickstudy.graph.Elementwise;
import io.quickstudy.graph.Indexing;
import io.quickstudy.graph.Layout;
import io.quickstudy.graph.Leaf;
import io.quickstudy.graph.Pooling;
import io.quickstudy.graph.Product;
import io.quickstudy.graph.Recurrence;
import io.quickstudy.graph.Reduction;
import io.quickstudy.graph.Shape;
import io.quickstudy.graph.Tensor;
import java.util.Arrays;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;

/** Makes the steps of every op that is no part of a loop. */
final class KernelLowering {
  /** A thin product has at most so many rows, and at least so many columns. */
  private static final int THIN = 16;

  /** A transposed matrix is turned where so many thin products read it, each the faster for it. */
  static final int MANY_PRODUCTS = 8;

  private final Lowering out;

  /** How many thin products read each matrix, as in a recurrence. */
  private final Map<Tensor, Integer> thinProducts = new IdentityHashMap<>();

  KernelLowering(Lowering out, List<Tensor> order) {
    this.out = out;
    for (Tensor t : order) {
      if (isThin(t)) {
        thinProducts.merge(t.input(1), 1, Integer::sum);
      }
    }
  }

  /** Whether a matrix product has few rows and many columns. */
  static boolean isThin(Tensor t) {
    return t.op() instanceof Product.Dot && t.rank() == 2 && t.dim(0) <= THIN && t.dim(1) >= THIN;
  }

  void emit(Tensor t) {
    switch (t.op()) {
      case Product.Dot op -> dot(t);
      case Product.Cholesky op ->
          out.add(
              new Step.Cholesky(
                  batch(t, 2), t.dim(-1), out.perTask(t), in(t, 0), result(t), describe(t)));
      case Product.TriangularSolve op ->
          out.add(
              new Step.Solve(
                  op,
                  batch(t, 2),
                  t.dim(-2),
                  t.dim(-1),
                  in(t, 0),
                  in(t, 1),
                  result(t),
                  describe(t)));
      case Convolution.Conv op -> conv(t, op, t.input(0), t.input(1), t);
      case Convolution.ConvInputGrad op -> conv(t, op, t, t.input(1), t.input(0));
      case Convolution.ConvFilterGrad op -> conv(t, op, t.input(0), t, t.input(1));
      case Pooling.PoolArgMax op when t.inputs().size() > 1 -> poolMax(t, op);
      case Pooling.PoolTake op when out.isComputed(t) -> {} // with the positions
      case Pooling op -> pool(t, op);
      case Indexing.Gather op -> gather(t, op);
      case Indexing.ScatterAdd op -> scatterAdd(t, op);
      case Indexing.TopK op -> {
        Tensor x = t.input(0);
        out.add(new Step.TopK(op, batch(x, 1), x.dim(-1), in(t, 0), result(t), describe(t)));
      }
      case Leaf.Random op -> {
        long keys = t.input(0).shape().size() / 2;
        out.add(new Step.Random(op, keys, in(t, 0), result(t), describe(t)));
      }
      case Layout.Pad op -> pad(t, op);
      case Layout.Concatenate op -> concatenate(t, op);
      case Elementwise.Convert op -> {
        View from = out.view(t.input(0));
        LoopBuilder w = new LoopBuilder(t.shape(), x -> from);
        w.storeInteger(t.input(0), View.of(out.result(t), t.shape()));
        out.add(w.build(describe(t)));
      }
      case Recurrence op -> new RecurrenceSteps(out, t, op).emit();
      case Elementwise op -> throw unexpected(t);
      case Reduction op -> throw unexpected(t);
      case Layout op -> throw unexpected(t);
      case Leaf op -> throw unexpected(t);
      case CustomVjp op -> throw unexpected(t);
    }
  }

  private static IllegalStateException unexpected(Tensor t) {
    return new IllegalStateException(t + " is no kernel; this is a bug in the fusion");
  }

  private Step.Place in(Tensor t, int i) {
    return out.dense(t.input(i)).place();
  }

  private Step.Place result(Tensor t) {
    return new Step.Place(out.result(t), 0);
  }

  private static String describe(Tensor t) {
    return t.op() + " " + t.inputs().stream().map(Tensor::shape).toList() + " -> " + t.shape();
  }

  /** Elements of all axes but the last few. */
  private static long batch(Tensor t, int but) {
    return t.shape().sub(0, t.rank() - but).size();
  }

  // ---- products

  private void dot(Tensor t) {
    long k = t.input(0).dim(-1);
    Step.Gemm.Matrix a = matrix(t.input(0));
    Step.Gemm.Matrix b = matrix(t.input(1));
    if (b.transposed() && thinProducts.getOrDefault(t.input(1), 0) >= MANY_PRODUCTS) {
      b = matrix(out.dense(t.input(1)));
    }
    out.add(new Step.Gemm(batch(t, 2), t.dim(-2), t.dim(-1), k, a, b, result(t), describe(t)));
  }

  private Step.Gemm.Matrix matrix(Tensor t) {
    Step.Gemm.Matrix m = matrix(out.view(t));
    return m == null ? matrix(out.dense(t)) : m;
  }

  /** A view as BLAS takes it, or null if its strides do not fit. */
  private static Step.Gemm.Matrix matrix(View v) {
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
      return new Step.Gemm.Matrix(v.place(), false, rows == 1 ? columns : down, batch);
    }
    if ((down == 1 || rows == 1) && (columns == 1 || across >= rows)) {
      return new Step.Gemm.Matrix(v.place(), true, columns == 1 ? rows : across, batch);
    }
    return null;
  }

  // ---- convolution and pooling

  private void conv(Tensor t, Convolution op, Tensor x, Tensor w, Tensor y) {
    long tasks = t.rank() == 5 ? t.dim(0) : 1;
    out.add(new Step.Conv(op, tasks, operand(x, t), operand(w, t), operand(y, t), describe(t)));
  }

  private Step.Conv.Operand operand(Tensor x, Tensor result) {
    Step.Place place = x == result ? result(x) : out.dense(x).place();
    Shape one = x.shape().sub(x.rank() - 4, x.rank());
    return new Step.Conv.Operand(place, one, x.rank() == 5 ? one.size() : 0);
  }

  private void pool(Tensor t, Pooling op) {
    boolean grows = op instanceof Pooling.PoolPut || op instanceof Pooling.PoolSpread;
    Shape large = flat(grows ? t : t.input(0));
    Shape small = flat(grows ? t.input(0) : t);
    var inputs = t.inputs().stream().map(x -> out.dense(x).place()).toList();
    out.add(new Step.Pool(op, large, small, inputs, result(t), describe(t)));
  }

  private void poolMax(Tensor t, Pooling.PoolArgMax op) {
    Tensor x = t.input(0);
    out.add(
        new Step.PoolMax(
            op.window(),
            flat(x),
            flat(t),
            in(t, 0),
            in(t, 1),
            result(t),
            new Step.Place(out.resultOfTake(t), 0),
            describe(t)));
  }

  private static Shape flat(Tensor t) {
    return Shape.of((int) batch(t, 3), t.dim(-3), t.dim(-2), t.dim(-1));
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
    long batch = x.shape().sub(0, op.batch()).size();
    long k = t.input(1).shape().size() / batch;
    long rowBytes = (long) one.size() / one.dim(0) * x.dtype().bytes();
    out.add(
        new Step.Gather(
            batch,
            one.dim(0),
            k,
            rowBytes,
            sharedRows ? 0 : one.dim(0) * rowBytes,
            from.place(),
            in(t, 1),
            result(t),
            describe(t)));
  }

  private static boolean repeatsBatch(View v, int batch) {
    for (int i = 0; i < batch; i++) {
      if (v.strides()[i] != 0) {
        return false;
      }
    }
    int rank = v.shape().rank();
    int[] rest = Arrays.copyOfRange(v.strides(), batch, rank);
    return new View(v.buffer(), v.start(), v.shape().sub(batch, rank), rest).contiguous();
  }

  private void scatterAdd(Tensor t, Indexing.ScatterAdd op) {
    Shape index = t.input(1).shape();
    long batch = index.sub(0, op.batch()).size();
    long row = t.shape().size() / batch / op.n();
    out.add(
        new Step.ScatterAdd(
            op, batch, index.size() / batch, row, in(t, 0), in(t, 1), result(t), describe(t)));
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
    View all = out.target(t);
    int at = 0;
    for (Tensor x : t.inputs()) {
      View part = Placement.part(all, op, at, x.shape());
      if (!out.isAt(x, part)) {
        out.copy(x, part);
      }
      at += x.dim(op.axis());
    }
  }
}
