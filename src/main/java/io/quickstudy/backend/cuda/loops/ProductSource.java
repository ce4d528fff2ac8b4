package io.quickstudy.backend.cuda.loops;

import io.quickstudy.backend.plan.Step;
import java.util.ArrayList;
import java.util.List;

/**
 * Writes a product as a function in CUDA C++: a block makes some results, and then does what loops
 * do with them.
 */
final class ProductSource extends PartSource {
  private final Step.Gemm product;
  private final ProductLayout layout;
  private final int groups;
  private final boolean rounded;

  private ProductSource(
      Step.Gemm product, ProductLayout layout, int groups, boolean rounded, List<LoopNest> behind) {
    super(behind);
    this.product = product;
    this.layout = layout;
    this.groups = groups;
    this.rounded = rounded;
  }

  /**
   * The function's text.
   *
   * @param groups results of a row that go together
   * @param rounded whether operands are rounded to TF32
   * @param behind loops that only store, one element for each such group
   */
  static String of(
      Step.Gemm product, ProductLayout layout, int groups, boolean rounded, List<LoopNest> behind) {
    ProductSource s = new ProductSource(product, layout, groups, rounded, behind);
    s.function(
        new ArrayList<>(
            List.of(
                "const unsigned block",
                "float* const shared",
                "const float* __restrict__ a",
                "const float* __restrict__ b",
                "float* c")));
    return s.text();
  }

  @Override
  void write() {
    String extents =
        "%s, %s, %s, %s, %s, %s, %s"
            .formatted(
                product.batch(),
                product.m(),
                product.n(),
                product.k(),
                layout.rows(),
                groups,
                layout.slices());
    line(
        "qs_products<%s, %s, %s, %s>(block, a, b, c, shared);"
            .formatted(extents, rounded, strides(product.a()), strides(product.b())));
    if (!hasBehind()) {
      return;
    }
    line("typedef QsProduct<%s> S;".formatted(extents));
    open("for (unsigned i = threadIdx.x; i < S::ELEMENTS; i += QS_THREADS)");
    line("[[maybe_unused]] const unsigned e = S::element(block, i);");
    line("if (e == ~0u) continue;");
    behind();
    close();
  }

  /** From one matrix, row and column of an operand to the next. */
  private static String strides(Step.Gemm.Matrix x) {
    return "%s, %s, %s"
        .formatted(x.batchStride(), x.transposed() ? 1 : x.ld(), x.transposed() ? x.ld() : 1);
  }
}
