package io.quickstudy.backend.plan;

import io.quickstudy.graph.Convolution;
import io.quickstudy.graph.Indexing;
import io.quickstudy.graph.Leaf;
import io.quickstudy.graph.Pooling;
import io.quickstudy.graph.Product;
import io.quickstudy.graph.Shape;
import io.quickstudy.graph.Window;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.LongStream;

/**
 * One thing that a device runs, on buffers. Operands lie one element behind the other, row-major,
 * but where a step says that it takes strides.
 *
 * <p>A new kind of step is a record here, which {@link KernelLowering} makes of an op and each
 * backend runs: {@code backend.cpu.Encoder} and {@code backend.cuda.LaunchBuilder} do not compile
 * without it. Whatever else looks at steps asks them.
 */
public sealed interface Step permits Loop, Repeated, Step.Kernel {

  /** A step that is no loop and repeats nothing: a kernel of every backend does it. */
  sealed interface Kernel extends Step {}

  /** The first element of an operand. */
  record Place(Buffer buffer, long start) {
    private Place with(UnaryOperator<Buffer> to) {
      return new Place(to.apply(buffer), start);
    }
  }

  /** What the step reads and writes. */
  Accesses accesses();

  /** The places of both, in the order in which kernels take them. */
  default List<Place> operands() {
    return accesses().places();
  }

  /** The places that the step writes. */
  default List<Place> written() {
    return accesses().writes().stream().map(Accesses.Access::place).toList();
  }

  /** Whether the step writes to a buffer. */
  default boolean writes(Buffer b) {
    return written().stream().anyMatch(p -> p.buffer() == b);
  }

  /** The same step with every buffer replaced. */
  Step with(UnaryOperator<Buffer> to);

  /** Multiplications and additions, where these decide how long it takes; 0 where memory does. */
  default double flops() {
    return 0;
  }

  /** Whether it is a product, a convolution or a factorisation. */
  default boolean heavy() {
    return flops() > 0;
  }

  /** What it does, in a line, for profiles. */
  String what();

  /**
   * A batch of row-major matrix products C = op(A) op(B).
   *
   * @param batch how many
   * @param m rows of C
   * @param n columns of C
   * @param k what is summed over
   */
  record Gemm(long batch, long m, long n, long k, Matrix a, Matrix b, Place c, String what)
      implements Kernel {
    /**
     * A batch of matrices.
     *
     * @param transposed whether the stored matrix is the transpose of the operand
     * @param ld elements from one row of the stored matrix to the next
     * @param batchStride elements from one matrix to the next; 0 shares one
     */
    public record Matrix(Place place, boolean transposed, long ld, long batchStride) {
      private Matrix with(UnaryOperator<Buffer> to) {
        return new Matrix(place.with(to), transposed, ld, batchStride);
      }

      private View view(long batch, long rows, long columns) {
        int down = Math.toIntExact(transposed ? 1 : ld);
        int across = Math.toIntExact(transposed ? ld : 1);
        int[] strides = {Math.toIntExact(batchStride), down, across};
        return new View(place.buffer(), place.start(), shape(batch, rows, columns), strides);
      }
    }

    private static Shape shape(long... dims) {
      return Shape.of(LongStream.of(dims).mapToInt(Math::toIntExact).toArray());
    }

    @Override
    public Accesses accesses() {
      Shape s = shape(batch, m, n);
      return Accesses.of(
          List.of(a.view(batch, m, k), b.view(batch, k, n)),
          List.of(new View(c.buffer(), c.start(), s, s.strides())));
    }

    @Override
    public Step with(UnaryOperator<Buffer> to) {
      return new Gemm(batch, m, n, k, a.with(to), b.with(to), c.with(to), what);
    }

    @Override
    public double flops() {
      return 2.0 * batch * m * n * k;
    }
  }

  /**
   * A convolution or one of its gradients: images x, filters w, results y, of which the op says
   * which is written.
   *
   * @param tasks extent of the task axis
   * @param x [N, H, W, C] of one task
   * @param w [KH, KW, C, O] of one task
   * @param y [N, OH, OW, O] of one task
   */
  record Conv(Convolution op, long tasks, Operand x, Operand w, Operand y, String what)
      implements Kernel {
    /**
     * One of the three.
     *
     * @param shape of one task's part
     * @param perTask elements from one task's part to the next; 0 shares one
     */
    public record Operand(Place place, Shape shape, long perTask) {
      private Operand with(UnaryOperator<Buffer> to) {
        return new Operand(place.with(to), shape, perTask);
      }
    }

    @Override
    public List<Place> operands() {
      return List.of(x.place, w.place, y.place);
    }

    @Override
    public Accesses accesses() {
      return switch (op) {
        case Convolution.Conv c -> Accesses.of(List.of(x.place, w.place), y.place);
        case Convolution.ConvInputGrad c -> Accesses.of(List.of(w.place, y.place), x.place);
        case Convolution.ConvFilterGrad c -> Accesses.of(List.of(x.place, y.place), w.place);
      };
    }

    @Override
    public Step with(UnaryOperator<Buffer> to) {
      return new Conv(op, tasks, x.with(to), w.with(to), y.with(to), what);
    }

    @Override
    public double flops() {
      return 2.0 * tasks * y.shape.size() * w.shape.size() / w.shape.dim(3);
    }
  }

  /**
   * A pooling op.
   *
   * @param large [N, H, W, C] of the side with the images
   * @param small [N, OH, OW, C] of the side with the windows' results
   * @param inputs in the op's order
   */
  record Pool(Pooling op, Shape large, Shape small, List<Place> inputs, Place result, String what)
      implements Kernel {
    @Override
    public Accesses accesses() {
      return Accesses.of(inputs, result);
    }

    @Override
    public Step with(UnaryOperator<Buffer> to) {
      return new Pool(
          op, large, small, inputs.stream().map(p -> p.with(to)).toList(), result.with(to), what);
    }
  }

  /**
   * The positions of maxima and the elements there, of images times a factor.
   *
   * @param large [N, H, W, C] of the images
   * @param small [N, OH, OW, C] of the windows' results
   * @param factor [N, C]
   * @param index the positions, I32
   * @param y the elements of x
   */
  record PoolMax(
      Window window,
      Shape large,
      Shape small,
      Place x,
      Place factor,
      Place index,
      Place y,
      String what)
      implements Kernel {
    @Override
    public Accesses accesses() {
      return Accesses.of(List.of(x, factor), index, y);
    }

    @Override
    public Step with(UnaryOperator<Buffer> to) {
      return new PoolMax(
          window, large, small, x.with(to), factor.with(to), index.with(to), y.with(to), what);
    }
  }

  /**
   * Rows by number, for each of a batch.
   *
   * @param n rows of x
   * @param k rows wanted
   * @param rowBytes bytes of a row
   * @param strideX bytes from one x of the batch to the next; 0 shares one
   */
  record Gather(
      long batch,
      long n,
      long k,
      long rowBytes,
      long strideX,
      Place x,
      Place index,
      Place y,
      String what)
      implements Kernel {
    @Override
    public Accesses accesses() {
      return Accesses.of(List.of(x, index), y);
    }

    @Override
    public Step with(UnaryOperator<Buffer> to) {
      return new Gather(
          batch, n, k, rowBytes, strideX, x.with(to), index.with(to), y.with(to), what);
    }
  }

  /**
   * Rows added at numbers, for each of a batch.
   *
   * @param op says how many rows the result has
   * @param k rows of g
   * @param row elements of a row
   */
  record ScatterAdd(
      Indexing.ScatterAdd op,
      long batch,
      long k,
      long row,
      Place g,
      Place index,
      Place y,
      String what)
      implements Kernel {
    @Override
    public Accesses accesses() {
      return Accesses.of(List.of(g, index), y);
    }

    @Override
    public Step with(UnaryOperator<Buffer> to) {
      return new ScatterAdd(op, batch, k, row, g.with(to), index.with(to), y.with(to), what);
    }
  }

  /**
   * Positions of the largest elements of rows.
   *
   * @param n elements of a row
   */
  record TopK(Indexing.TopK op, long rows, long n, Place x, Place y, String what)
      implements Kernel {
    @Override
    public Accesses accesses() {
      return Accesses.of(List.of(x), y);
    }

    @Override
    public Step with(UnaryOperator<Buffer> to) {
      return new TopK(op, rows, n, x.with(to), y.with(to), what);
    }
  }

  /**
   * Cholesky factors of a batch of [n, n] matrices.
   *
   * @param perTask how many of them each task has, one behind the other; 0 where they are no task's
   */
  record Cholesky(long batch, long n, long perTask, Place a, Place l, String what)
      implements Kernel {
    @Override
    public Accesses accesses() {
      return Accesses.of(List.of(a), l);
    }

    @Override
    public Step with(UnaryOperator<Buffer> to) {
      return new Cholesky(batch, n, perTask, a.with(to), l.with(to), what);
    }

    @Override
    public boolean heavy() {
      return true;
    }
  }

  /** Solves a batch of triangular [n, n] systems for [n, m]. */
  record Solve(
      Product.TriangularSolve op,
      long batch,
      long n,
      long m,
      Place l,
      Place b,
      Place x,
      String what)
      implements Kernel {
    @Override
    public Accesses accesses() {
      return Accesses.of(List.of(l, b), x);
    }

    @Override
    public Step with(UnaryOperator<Buffer> to) {
      return new Solve(op, batch, n, m, l.with(to), b.with(to), x.with(to), what);
    }

    @Override
    public boolean heavy() {
      return true;
    }
  }

  /**
   * Random numbers.
   *
   * @param keys how many keys
   */
  record Random(Leaf.Random op, long keys, Place key, Place y, String what) implements Kernel {
    @Override
    public Accesses accesses() {
      return Accesses.of(List.of(key), y);
    }

    @Override
    public Step with(UnaryOperator<Buffer> to) {
      return new Random(op, keys, key.with(to), y.with(to), what);
    }
  }

  /** Copies elements of any kind, untouched, from one view to another of the same shape. */
  record Copy(View from, View to, String what) implements Kernel {
    @Override
    public Accesses accesses() {
      return Accesses.of(List.of(from), List.of(to));
    }

    @Override
    public Step with(UnaryOperator<Buffer> other) {
      return new Copy(from.with(other), to.with(other), what);
    }
  }
}
