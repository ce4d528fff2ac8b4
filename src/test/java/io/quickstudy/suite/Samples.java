package io.quickstudy.suite;

import java.util.List;
import java.util.stream.Stream;

/** Every sample. A new op needs one here, or {@link OpSuiteTest} fails and names it. */
public final class Samples {
  private Samples() {}

  /** All of them, in the order of the ops' files. */
  public static List<Sample> all() {
    return Stream.of(
            LeafSamples.all(),
            ElementwiseSamples.all(),
            ReductionSamples.all(),
            LayoutSamples.all(),
            ProductSamples.all(),
            ConvolutionSamples.all(),
            PoolingSamples.all(),
            IndexingSamples.all(),
            RecurrenceSamples.all(),
            CompositeSamples.all(),
            CustomSamples.all(),
            FunctionSamples.all())
        .flatMap(List::stream)
        .toList();
  }
}
