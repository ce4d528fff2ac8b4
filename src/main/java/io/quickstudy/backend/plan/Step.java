package io.quickstudy.backend.plan;

import io.quickstudy.graph.Convolution;
import io.quickstudy.graph.DType;
import io.quickstudy.graph.Elementwise;
import io.quickstudy.graph.Indexing;
import io.quickstudy.graph.Leaf;
import io.quickstudy.graph.Pooling;
import io.quickstudy.graph.Product;
import io.quickstudy.graph.Shape;
import io.quickstudy.graph.Window;
import java.util.ArrayList;
import java.util.List;

/**
 * One thing that a device runs, on buffers. Operands lie one element behind the other, row-major,
 * but where a step says that it takes strides.
 */
public sealed interface Step {

  /** The first element of an operand. */
  record Place(Buffer buffer, long start) {}

  /** What the step reads and writes. */
  List<Place> operands();

  /** What it does, in a line, for profiles. */
  String what();

  /**
   * A loop over a shape: reads inputs through strides, computes, stores and reduces. Values are
   * numbered: inputs, constants, then the result of each op.
   *
   * @param space the shape
   */
  record Loop(
      Shape space,
      List<Input> inputs,
      List<Double> constants,
      List<Apply> ops,
      List<Output> outputs,
      String what)
      implements Step {
    /**
     * Something read.
     *
     * @param as how its elements are seen: I32 and U8 become floats; F32 are floats as they are
     * @param view of the loop's shape; stride 0 repeats
     */
    public record Input(DType as, View view) {}

    /**
     * An op on values.
     *
     * @param op a function of one, two or three operands
     * @param operands the numbers of its operands
     */
    public record Apply(Elementwise op, List<Integer> operands) {}

    /**
     * Something written.
     *
     * @param value its number
     * @param mode what becomes of it
     * @param as I32 truncates, F32 stores floats as they are
     * @param view of the loop's shape; a reduction has stride 0 along the axes it removes
     */
    public record Output(int value, Mode mode, DType as, View view) {}

    /** What becomes of a value. */
    public enum Mode {
      /** Every element is stored. */
      STORE,
      /** Elements that fall on one place are added. */
      SUM,
      /** Of the elements that fall on one place the largest is kept, NaN before all. */
      MAX
    }

    @Override
    public List<Place> operands() {
      List<Place> all = new ArrayList<>();
      inputs.forEach(i -> all.add(i.view.place()));
      outputs.forEach(o -> all.add(o.view.place()));
      return all;
    }
  }

  /**
   * A batch of row-major matrix products C = op(A) op(B).
   *
   * @param batch how many
   * @param m rows of C
   * @param n columns of C
   * @param k what is summed over
   */
  record Gemm(long batch, long m, long n, long k, Matrix a, Matrix b, Place c, String what)
      implements Step {
    /**
     * A batch of matrices.
     *
     * @param transposed whether the stored matrix is the transpose of the operand
     * @param ld elements from one row of the stored matrix to the next
     * @param batchStride elements from one matrix to the next; 0 shares one
     */
    public record Matrix(Place place, boolean transposed, long ld, long batchStride) {}

    @Override
    public List<Place> operands() {
      return List.of(a.place, b.place, c);
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
      implements Step {
    /**
     * One of the three.
     *
     * @param shape of one task's part
     * @param perTask elements from one task's part to the next; 0 shares one
     */
    public record Operand(Place place, Shape shape, long perTask) {}

    @Override
    public List<Place> operands() {
      return List.of(x.place, w.place, y.place);
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
      implements Step {
    @Override
    public List<Place> operands() {
      return with(inputs, result);
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
      implements Step {
    @Override
    public List<Place> operands() {
      return List.of(x, factor, index, y);
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
      implements Step {
    @Override
    public List<Place> operands() {
      return List.of(x, index, y);
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
      implements Step {
    @Override
    public List<Place> operands() {
      return List.of(g, index, y);
    }
  }

  /**
   * Positions of the largest elements of rows.
   *
   * @param n elements of a row
   */
  record TopK(Indexing.TopK op, long rows, long n, Place x, Place y, String what) implements Step {
    @Override
    public List<Place> operands() {
      return List.of(x, y);
    }
  }

  /** Cholesky factors of a batch of [n, n] matrices. */
  record Cholesky(long batch, long n, Place a, Place l, String what) implements Step {
    @Override
    public List<Place> operands() {
      return List.of(a, l);
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
      implements Step {
    @Override
    public List<Place> operands() {
      return List.of(l, b, x);
    }
  }

  /**
   * Random numbers.
   *
   * @param keys how many keys
   */
  record Random(Leaf.Random op, long keys, Place key, Place y, String what) implements Step {
    @Override
    public List<Place> operands() {
      return List.of(key, y);
    }
  }

  /** Copies elements of any kind, untouched, from one view to another of the same shape. */
  record Copy(View from, View to, String what) implements Step {
    @Override
    public List<Place> operands() {
      return List.of(from.place(), to.place());
    }
  }

  private static List<Place> with(List<Place> some, Place more) {
    List<Place> all = new ArrayList<>(some);
    all.add(more);
    return List.copyOf(all);
  }
}
