package io.quickstudy.benchmarks;

import io.quickstudy.graph.Convolution;
import io.quickstudy.graph.Op;
import io.quickstudy.graph.Product;
import io.quickstudy.graph.Shape;
import io.quickstudy.graph.Tensor;
import io.quickstudy.transform.Graphs;
import io.quickstudy.transform.Params;
import io.quickstudy.transform.Simplifier;
import java.util.List;

/**
 * The work of a step: two operations for each multiply-add of its convolutions (padding counted)
 * and matrix products, as the simplified graph has them. The elementwise rest is not counted. The
 * same count serves both sides, so that GFLOP/s compare times and nothing else.
 */
final class Flops {
  private Flops() {}

  /** Operations of one step. */
  static long of(CaseFile start) {
    Params step = Ours.step(start, start.workload().learner(), Ours.arguments(start));
    List<Tensor> nodes = Graphs.order(Simplifier.simplify(List.copyOf(step.values())));
    return nodes.stream().mapToLong(Flops::of).sum();
  }

  private static long of(Tensor t) {
    return switch (t.op()) {
      case Convolution c -> convolution(t, c);
      case Product.Dot d -> 2L * t.shape().size() * t.input(0).dim(-1);
      case Op other -> 0;
    };
  }

  /** Each number of the map of results meets a window of channels; the filter is [KH, KW, C, O]. */
  private static long convolution(Tensor t, Convolution c) {
    return switch (c) {
      case Convolution.Conv f -> map(t, t) * product(t.input(1));
      case Convolution.ConvInputGrad f -> map(t, t.input(0)) * product(t.input(1));
      case Convolution.ConvFilterGrad f -> map(t, t.input(1)) * product(t);
    };
  }

  /** Twice the positions of a map of results, over all images and tasks. */
  private static long map(Tensor whole, Tensor map) {
    Shape s = map.shape();
    long positions = (long) s.dim(-4) * s.dim(-3) * s.dim(-2);
    return 2 * positions * tasks(whole);
  }

  private static long tasks(Tensor t) {
    long n = 1;
    for (Tensor v : List.of(t, t.input(0), t.input(1))) {
      n = Math.max(n, v.rank() == 5 ? v.dim(0) : 1);
    }
    return n;
  }

  private static long product(Tensor filter) {
    return filter.shape().sub(filter.rank() - 4, filter.rank()).size();
  }
}
