package io.quickstudy.backend.cuda;

import io.quickstudy.backend.Precision;
import io.quickstudy.backend.cuda.driver.CudaDriver.Form;
import io.quickstudy.backend.cuda.driver.CudaDriver.Into;
import io.quickstudy.backend.cuda.driver.CudaDriver.Launch;
import io.quickstudy.backend.cuda.driver.CudaDriver.Matrix;
import io.quickstudy.backend.cuda.driver.CudaDriver.Products;
import io.quickstudy.backend.cuda.kernels.Grid;
import io.quickstudy.backend.plan.LoopEncoder;
import io.quickstudy.backend.plan.Step;
import io.quickstudy.graph.Product;

/**
 * Cholesky factors and triangular systems as launches. A block works a matrix of up to {@link
 * #FITS} rows through in shared memory. Of a larger one it takes a panel of rows or columns at a
 * time, and what that takes from the rest, which is nearly all of the work, is a product of cuBLAS,
 * of all matrices at once and of full precision.
 */
final class Factors {
  /** Rows of the largest matrix of a block: QS_FACTOR_FITS. */
  static final long FITS = 96;

  /** Right sides that a block solves for at a time: QS_FACTOR_COLUMNS. */
  private static final long COLUMNS = 16;

  /** Where nothing is measured. */
  static final Panels USUAL =
      new Panels() {
        @Override
        public long of(Step.Cholesky s) {
          return rows(s.n());
        }

        @Override
        public long of(Step.Solve s) {
          return rows(s.n());
        }

        private long rows(long n) {
          return n <= FITS ? n : 64;
        }
      };

  private final LaunchBuilder to;
  private final Panels panels;

  /** Launches are put into a builder's. */
  Factors(LaunchBuilder to, Panels panels) {
    this.to = to;
    this.panels = panels;
  }

  /** Says how many rows of a matrix, at most {@link #FITS}, a block takes at a time. */
  interface Panels {
    long of(Step.Cholesky s);

    long of(Step.Solve s);

    /** Always as many. */
    static Panels of(long rows) {
      return new Panels() {
        @Override
        public long of(Step.Cholesky s) {
          return rows;
        }

        @Override
        public long of(Step.Solve s) {
          return rows;
        }
      };
    }
  }

  /**
   * A part of each of a batch of matrices in memory.
   *
   * @param at its first element's address, in the first matrix
   * @param ld elements from a row to the next
   * @param stride elements from a matrix to the next
   */
  private record Part(long at, long ld, long stride) {
    Part from(long row, long column) {
      return new Part(at + Float.BYTES * (row * ld + column), ld, stride);
    }

    /** As BLAS sees it, to which rows are columns. */
    Matrix as(Form form) {
      return new Matrix(at, form, Math.toIntExact(ld), stride);
    }
  }

  /**
   * Factors.
   *
   * @param firstTask the task of the first matrix
   * @param fault where matrices that have none are recorded
   */
  void cholesky(Step.Cholesky s, long firstTask, long fault) {
    long n = s.n();
    Part x = new Part(to.address(s.a()), n, n * n);
    Part l = new Part(to.address(s.l()), n, n * n);
    long panel = panels.of(s);
    if (n <= panel) {
      factor(s, n, x, l, firstTask, fault);
      return;
    }
    lower(s, x, l);
    for (long j = 0; j < n; j += panel) {
      long rows = Math.min(panel, n - j);
      long left = n - j - rows;
      Part diagonal = l.from(j, j);
      factor(s, rows, diagonal, diagonal, firstTask, fault);
      if (left > 0) {
        // D is the diagonal's factor: X with X D' = A, whose rows are right sides of D
        Part below = l.from(j + rows, j);
        triangle(s.batch(), rows, left, false, diagonal, Sides.ROWS, below, below);
        Part rest = l.from(j + rows, j + rows);
        less(s.batch(), left, left, rows, below.as(Form.TRANSPOSED), below.as(Form.PLAIN), rest);
      }
    }
    lower(s, l, l); // products are of whole squares
  }

  private void factor(Step.Cholesky s, long n, Part a, Part l, long firstTask, long fault) {
    to.new Kernel("qs_cholesky", Grid.of(s.batch()), n <= 32 ? Grid.SMALL : Grid.BLOCK)
        .numbers(s.batch(), n, s.perTask(), firstTask, a.ld, a.stride, s.n())
        .at(0, a.at)
        .at(1, l.at)
        .at(Launch.POINTERS - 1, fault)
        .start();
  }

  private void lower(Step.Cholesky s, Part a, Part l) {
    to.kernel("qs_lower", s.batch() * s.n() * s.n())
        .numbers(s.batch(), s.n())
        .at(0, a.at)
        .at(1, l.at)
        .start();
  }

  /** Solutions of triangular systems. */
  void solve(Step.Solve s) {
    long n = s.n();
    long m = s.m();
    boolean transposed = s.op().form() == Product.Form.TRANSPOSED;
    Part l = new Part(to.address(s.l()), n, n * n);
    Part b = new Part(to.address(s.b()), m, n * m);
    Part x = new Part(to.address(s.x()), m, n * m);
    long panel = panels.of(s);
    if (n <= panel) {
      triangle(s.batch(), n, m, transposed, l, Sides.COLUMNS, b, x);
      return;
    }
    if (b.at != x.at) {
      copy(s.batch() * n * m, b.at, x.at);
    }
    long count = Grid.divide(n, panel);
    for (long p = 0; p < count; p++) {
      long j = panel * (transposed ? count - 1 - p : p);
      long rows = Math.min(panel, n - j);
      Part diagonal = l.from(j, j);
      Part solved = x.from(j, 0);
      triangle(s.batch(), rows, m, transposed, diagonal, Sides.COLUMNS, solved, solved);
      long left = transposed ? j : n - j - rows;
      if (left > 0) {
        Matrix factor =
            transposed ? l.from(j, 0).as(Form.TRANSPOSED) : l.from(j + rows, j).as(Form.PLAIN);
        Part rest = transposed ? x : x.from(j + rows, 0);
        less(s.batch(), m, left, rows, solved.as(Form.PLAIN), factor, rest);
      }
    }
  }

  /** Whether each right side is a column of the matrix that holds them, or a row. */
  private enum Sides {
    COLUMNS,
    ROWS
  }

  /** Solves systems of n rows for m right sides, in place or from one matrix into another. */
  private void triangle(
      long batch, long n, long m, boolean transposed, Part l, Sides sides, Part from, Part into) {
    long columns = Math.min(m, COLUMNS);
    int block = n * columns <= 1024 ? Grid.SMALL : Grid.BLOCK;
    to.new Kernel("qs_trisolve", Grid.of(batch * Grid.divide(m, COLUMNS)), block)
        .shared(Float.BYTES * n * (n + columns))
        .numbers(batch, n, m, transposed ? 1 : 0, l.ld, l.stride)
        .numbers(sides == Sides.ROWS ? 1 : into.ld, sides == Sides.ROWS ? into.ld : 1)
        .numbers(into.stride)
        .at(0, l.at)
        .at(1, from.at)
        .at(2, into.at)
        .start();
  }

  private void copy(long count, long from, long into) {
    int[] one = {1};
    to.kernel("qs_copy", count)
        .numbers(Float.BYTES, 1)
        .padded(new int[] {Math.toIntExact(count)}, LoopEncoder.MAX_DIMS)
        .padded(one, LoopEncoder.MAX_DIMS)
        .padded(one, LoopEncoder.MAX_DIMS)
        .at(0, from)
        .at(1, into)
        .start();
  }

  /** c, [rows, columns] to BLAS, is less by the product, of which depth is summed over. */
  private void less(long batch, long rows, long columns, long depth, Matrix a, Matrix b, Part c) {
    to.products(
        new Products(
            Math.toIntExact(rows),
            Math.toIntExact(columns),
            Math.toIntExact(depth),
            a,
            b,
            c.as(Form.PLAIN),
            Math.toIntExact(batch),
            Precision.FP32,
            Into.LESS));
  }
}
