package io.quickstudy.backend.cuda;

import io.quickstudy.backend.cuda.loops.LoopSchedule;
import io.quickstudy.backend.cuda.loops.ProductLayout;
import io.quickstudy.backend.plan.Step;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Which products of matrices go into kernels that are generated, with the loops over their results,
 * and which are left to cuBLAS: of those of few rows {@link Trials} say, once for each shape. They
 * time the product alone, so that the launch that a loop behind it saves comes on top. The ways
 * differ in rounding, so that a run that goes on repeats its own choices.
 */
final class ProductChoice implements LoopSchedule.Products {
  private static final String OWN = "own";
  private static final String LIBRARY = "cuBLAS";

  private final Optional<Trials> trials;
  private final Choices choices = new Choices();

  /** As trials say; without any those are ours that are known to be faster. */
  ProductChoice(Optional<Trials> trials) {
    this.trials = trials;
  }

  /** All that was chosen so far: the product and who computes it. */
  Map<String, String> choices() {
    return choices.all();
  }

  /** Has later choices be those of an earlier run. */
  void repeat(Map<String, String> earlier) {
    choices.repeat(earlier);
  }

  @Override
  public Optional<ProductLayout> of(Step.Gemm s) {
    Optional<ProductLayout> small = LoopSchedule.Products.SMALL.of(s);
    if (small.isPresent() || trials.isEmpty()) {
      return small;
    }
    return ProductLayout.medium(s).filter(y -> OWN.equals(chosen(s, trials.get())));
  }

  private String chosen(Step.Gemm s, Trials t) {
    String what = name(s);
    return choices.of(what, Set.of(OWN, LIBRARY), () -> fastest(what, s, t));
  }

  private static String fastest(String what, Step.Gemm s, Trials t) {
    Map<String, CudaOptions> ways = new LinkedHashMap<>();
    ways.put(LIBRARY, t.options(x -> Optional.empty(), CudaBackend.Loops.INTERPRETED));
    ways.put(OWN, t.options(LoopSchedule.Products.ALL, CudaBackend.Loops.GENERATED));
    Map<Step.Place, Long> elements = new HashMap<>();
    elements.merge(s.a().place(), reach(s.a(), s.m(), s.k(), s.batch()), Math::max);
    elements.merge(s.b().place(), reach(s.b(), s.k(), s.n(), s.batch()), Math::max);
    elements.merge(s.c(), s.batch() * s.m() * s.n(), Math::max);
    return t.fastest("product", List.of(what, t.precision().name()), s, elements, ways);
  }

  private static String name(Step.Gemm s) {
    return "product of %s x [%s, %s]%s and [%s, %s]%s"
        .formatted(s.batch(), s.m(), s.k(), stored(s.a()), s.k(), s.n(), stored(s.b()));
  }

  private static String stored(Step.Gemm.Matrix x) {
    return x.transposed() ? " transposed" : "";
  }

  /** Floats from the first element to behind the last. */
  private static long reach(Step.Gemm.Matrix x, long rows, long columns, long batch) {
    long down = x.transposed() ? columns : rows;
    long across = x.transposed() ? rows : columns;
    return (batch - 1) * x.batchStride() + (down - 1) * x.ld() + across;
  }
}
