package io.quickstudy.backend.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.quickstudy.backend.Precision;
import io.quickstudy.backend.ProgramSpec;
import io.quickstudy.backend.cuda.CudaCost.Kind;
import io.quickstudy.graph.DType;
import io.quickstudy.graph.Ops;
import io.quickstudy.graph.Shape;
import io.quickstudy.graph.Tensor;
import io.quickstudy.graph.Window;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What is counted of programs whose bytes and operations are known. */
class CudaCostTest {
  private static List<CudaCost> costs(List<Tensor> inputs, Tensor output) {
    return CudaCost.of(
        new ProgramSpec("cost", inputs, List.of(output), Set.of(), Map.of(), 1, Set.of()),
        Precision.FP32);
  }

  private static Tensor argument(String name, int... dims) {
    return Tensor.argument(name, DType.F32, Shape.of(dims));
  }

  private static double bytes(List<CudaCost> costs, Kind kind) {
    return costs.stream().filter(c -> c.kind() == kind).mapToDouble(CudaCost::bytes).sum();
  }

  private static double flops(List<CudaCost> costs) {
    return costs.stream().mapToDouble(CudaCost::flops).sum();
  }

  @Test
  void aProductMovesItsOperandsOnce() {
    Tensor a = argument("a", 300, 200);
    Tensor b = argument("b", 200, 100);
    List<CudaCost> costs = costs(List.of(a, b), Ops.dot(a, b));
    assertEquals(4 * (300 * 200 + 200 * 100 + 300 * 100), bytes(costs, Kind.PRODUCT));
    assertEquals(2.0 * 300 * 200 * 100, flops(costs));
    assertEquals(1, costs.stream().mapToInt(CudaCost::launches).sum());
  }

  @Test
  void whatRepeatsIsReadOnce() {
    Tensor a = argument("a", 50, 40);
    Tensor row = argument("row", 40);
    Tensor all = Ops.broadcast(row, a.shape(), List.of(0));
    List<CudaCost> costs = costs(List.of(a, row), Ops.exp(Ops.mul(a, all)));
    assertEquals(4 * (2 * 50 * 40 + 40), bytes(costs, Kind.LOOP));
    assertEquals(0, flops(costs));
    assertEquals(1, costs.stream().mapToInt(CudaCost::launches).sum());
  }

  @Test
  void aConvolutionMultipliesAWindowForEachResult() {
    Tensor x = argument("x", 6, 8, 8, 3);
    Tensor f = argument("f", 3, 3, 3, 16);
    List<CudaCost> costs = costs(List.of(x, f), Ops.conv(x, f, Window.same(3, 1, 8, 8)));
    assertEquals(4 * (6 * 64 * 3 + 27 * 16 + 6 * 64 * 16), bytes(costs, Kind.CONVOLUTION));
    assertEquals(2.0 * 6 * 64 * 16 * 27, flops(costs));
  }
}
