package io.quickstudy.backend.cuda;

import io.quickstudy.backend.plan.Step;
import io.quickstudy.graph.Product;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * How many rows of a matrix a block factors or solves by at a time: all of them where they fit, or
 * panels, of which products of cuBLAS take the rest. By {@link Trials}, once for each shape, since
 * that depends on how many matrices there are for how many processors. The ways differ in rounding,
 * so that a run that goes on repeats its own choices.
 */
final class FactorChoice implements Factors.Panels {
  /** A matrix of up to so many rows is one panel whatever may be measured. */
  private static final long SMALL = 32;

  private static final List<Long> PANELS = List.of(Factors.FITS, 64L, 32L);

  private final Optional<Trials> trials;
  private final Choices choices = new Choices();

  /** As trials say; without any {@link Factors#USUAL}. */
  FactorChoice(Optional<Trials> trials) {
    this.trials = trials;
  }

  /** All that was chosen so far: the step and the rows of its panels. */
  Map<String, String> choices() {
    return choices.all();
  }

  /** Has later choices be those of an earlier run. */
  void repeat(Map<String, String> earlier) {
    choices.repeat(earlier);
  }

  @Override
  public long of(Step.Cholesky s) {
    if (trials.isEmpty()) {
      return Factors.USUAL.of(s);
    }
    String what = "factors of %s x [%s, %s]".formatted(s.batch(), s.n(), s.n());
    long matrix = s.batch() * s.n() * s.n();
    return panel(s.n(), what, s, Map.of(s.a(), matrix, s.l(), matrix));
  }

  @Override
  public long of(Step.Solve s) {
    if (trials.isEmpty()) {
      return Factors.USUAL.of(s);
    }
    boolean transposed = s.op().form() == Product.Form.TRANSPOSED;
    String what =
        "%s systems of %s x [%s, %s] with %s right sides"
            .formatted(transposed ? "upper" : "lower", s.batch(), s.n(), s.n(), s.m());
    long right = s.batch() * s.n() * s.m();
    Map<Step.Place, Long> elements = new HashMap<>(Map.of(s.l(), s.batch() * s.n() * s.n()));
    elements.put(s.b(), right);
    elements.put(s.x(), right);
    return panel(s.n(), what, s, elements);
  }

  private long panel(long n, String what, Step s, Map<Step.Place, Long> elements) {
    if (n <= SMALL) {
      return n;
    }
    Map<String, Long> byName = new LinkedHashMap<>();
    PANELS.stream().filter(p -> p == Factors.FITS || p < n).forEach(p -> byName.put(name(p), p));
    return byName.get(choices.of(what, byName.keySet(), () -> fastest(what, s, elements, byName)));
  }

  private String fastest(
      String what, Step s, Map<Step.Place, Long> elements, Map<String, Long> byName) {
    Map<String, CudaOptions> ways = new LinkedHashMap<>();
    Trials t = trials.orElseThrow();
    byName.forEach((name, rows) -> ways.put(name, t.options(Factors.Panels.of(rows))));
    return t.fastest("factor", List.of(what), s, elements, ways);
  }

  private static String name(long rows) {
    return "panels of " + rows;
  }
}
