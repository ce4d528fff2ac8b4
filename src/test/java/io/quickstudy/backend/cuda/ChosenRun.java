package io.quickstudy.backend.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.quickstudy.backend.Precision;
import io.quickstudy.graph.Tensor;
import io.quickstudy.reference.Reference;
import io.quickstudy.suite.BackendRun;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Runs a program by what a choice chooses.
 *
 * @param precision of products
 * @param loops who does loops
 */
record ChosenRun(
    ClockedDriver device,
    Precision precision,
    CudaBackend.Loops loops,
    FactorChoice factors,
    ProductChoice products) {

  /** With factors as they are chosen. */
  static ChosenRun of(ClockedDriver d, FactorChoice c) {
    return new ChosenRun(
        d, Precision.FP32, CudaBackend.Loops.INTERPRETED, c, new ProductChoice(Optional.empty()));
  }

  /** With products as they are chosen. */
  static ChosenRun of(ClockedDriver d, Precision precision, ProductChoice c) {
    return new ChosenRun(
        d, precision, CudaBackend.Loops.GENERATED, new FactorChoice(Optional.empty()), c);
  }

  /** What it computes, the second time. */
  List<double[]> results(List<Tensor> out, Map<Tensor, double[]> values) {
    CudaBackend cuda =
        new CudaBackend(
            device,
            CudaBackend.Memory.GUARDED,
            precision,
            loops,
            ConvolutionChoice.own(device, precision),
            factors,
            products);
    return BackendRun.of(cuda, out, values, 1, 2);
  }

  /** Expects them to be right. */
  void check(List<Tensor> out, Map<Tensor, double[]> values) {
    List<double[]> found = results(out, values);
    Map<Tensor, double[]> expected = Reference.eval(out, values);
    for (int i = 0; i < out.size(); i++) {
      double[] e = expected.get(out.get(i));
      for (int k = 0; k < e.length; k++) {
        assertEquals(e[k], found.get(i)[k], 1e-5 * Math.max(1, Math.abs(e[k])));
      }
    }
  }
}
