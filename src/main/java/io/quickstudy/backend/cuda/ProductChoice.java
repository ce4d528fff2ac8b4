package io.quickstudy.backend.cuda;

import io.quickstudy.backend.cuda.loops.LoopSchedule;
import io.quickstudy.backend.cuda.loops.ProductLayout;
import io.quickstudy.backend.plan.Step;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

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
  private final Map<String, Boolean> known = new LinkedHashMap<>();
  private final Map<String, String> earlier = new HashMap<>();

  /** As trials say; without any those are ours that are known to be faster. */
  ProductChoice(Optional<Trials> trials) {
    this.trials = trials;
  }

  /** All that was chosen so far: the product and who computes it. */
  Map<String, String> choices() {
    Map<String, String> m = new LinkedHashMap<>();
    known.forEach((product, own) -> m.put(product, own ? OWN : LIBRARY));
    return m;
  }

  /** Has later choices be those of an earlier run. */
  void repeat(Map<String, String> choices) {
    earlier.putAll(choices);
  }

  @Override
  public Optional<ProductLayout> of(Step.Gemm s) {
    Optional<ProductLayout> small = LoopSchedule.Products.SMALL.of(s);
    if (small.isPresent() || trials.isEmpty()) {
      return small;
    }
    return ProductLayout.medium(s)
        .filter(y -> known.computeIfAbsent(name(s), w -> isOwn(w, s, trials.get())));
  }

  private boolean isOwn(String what, Step.Gemm s, Trials t) {
    String before = earlier.get(what);
    if (OWN.equals(before) || LIBRARY.equals(before)) {
      return OWN.equals(before);
    }
    Map<String, CudaOptions> ways = new LinkedHashMap<>();
    ways.put(LIBRARY, t.options(x -> Optional.empty(), CudaBackend.Loops.INTERPRETED));
    ways.put(OWN, t.options(LoopSchedule.Products.ALL, CudaBackend.Loops.GENERATED));
    Map<Step.Place, Long> elements = new HashMap<>();
    elements.merge(s.a().place(), reach(s.a(), s.m(), s.k(), s.batch()), Math::max);
    elements.merge(s.b().place(), reach(s.b(), s.k(), s.n(), s.batch()), Math::max);
    elements.merge(s.c(), s.batch() * s.m() * s.n(), Math::max);
    return OWN.equals(t.fastest("product", List.of(what, t.precision().name()), s, elements, ways));
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
