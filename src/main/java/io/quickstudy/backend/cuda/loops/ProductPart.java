package io.quickstudy.backend.cuda.loops;

import io.quickstudy.backend.plan.Accesses;
import io.quickstudy.backend.plan.Step;
import io.quickstudy.backend.plan.View;
import io.quickstudy.graph.DType;
import java.util.List;

/**
 * A product of matrices with loops over its results: over each, or over all that lie in one row a
 * half, a third or a quarter of it apart, as the gates of a cell do.
 */
final class ProductPart extends Part {
  /** Results of one row that go together. */
  private static final int MOST_GROUPS = 4;

  private final Step.Gemm product;
  private final ProductLayout layout;
  private final boolean rounded;
  private int groups = 1;

  /**
   * A product.
   *
   * @param rounded whether its operands are rounded to TF32
   */
  ProductPart(Step.Gemm product, ProductLayout layout, boolean rounded) {
    super(product.accesses());
    this.product = product;
    this.layout = layout;
    this.rounded = rounded;
    holds(product.accesses());
  }

  @Override
  List<Operand> first() {
    return List.of(
        new Operand(DType.F32, product.a().place(), false),
        new Operand(DType.F32, product.b().place(), false),
        new Operand(DType.F32, product.c(), true));
  }

  @Override
  int blocks() {
    return layout.blocks(product, groups);
  }

  @Override
  int shared() {
    return layout.rows() * groups;
  }

  @Override
  String source() {
    return ProductSource.of(product, layout, groups, rounded, behind());
  }

  private long results() {
    return product.batch() * product.m() * product.n();
  }

  @Override
  boolean matches(LoopNest n) {
    long g = n.size() == 0 ? 0 : results() / n.size();
    return behind().isEmpty()
        ? g >= 1 && g <= MOST_GROUPS && g * n.size() == results() && product.n() % g == 0
        : g == groups && g * n.size() == results();
  }

  /**
   * Whether an element (row, column) of a loop over [.., N / g] reads result (row, column + i N /
   * g).
   */
  @Override
  boolean isOwn(Accesses.Access read) {
    if (read.buffer() != product.c().buffer() || read.view().isEmpty()) {
      return false;
    }
    View v = read.view().get();
    long size = v.shape().size();
    if (size == 0 || results() % size != 0) {
      return false;
    }
    long width = product.n() / (results() / size);
    long start = v.start() - product.c().start();
    return start >= 0 && start < product.n() && start % width == 0 && isRows(v, width);
  }

  /** Whether a view's elements, in their order, are so many of each row of the results. */
  private boolean isRows(View v, long width) {
    long inside = 1; // elements of the axes so far, from the innermost on
    for (int d = v.shape().rank() - 1; d >= 0; d--) {
      int extent = v.shape().dim(d);
      if (extent == 1) {
        continue;
      }
      boolean right =
          inside < width
              ? v.strides()[d] == inside && width % (inside * extent) == 0
              : v.strides()[d] == inside / width * product.n();
      if (!right) {
        return false;
      }
      inside *= extent;
    }
    return true;
  }

  @Override
  void add(LoopNest n, Accesses u) {
    if (behind().isEmpty()) {
      groups = Math.toIntExact(results() / n.size());
    }
    super.add(n, u);
  }
}
