package io.quickstudy.backend.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.quickstudy.backend.ProgramSpec;
import io.quickstudy.graph.DType;
import io.quickstudy.graph.Ops;
import io.quickstudy.graph.Shape;
import io.quickstudy.graph.Tensor;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What is started together. That results stay right is {@link GeneratedLoopsTest}'s. */
class LoopScheduleTest {
  private static Tensor argument(int... dims) {
    return Tensor.argument("a", DType.F32, Shape.of(dims));
  }

  private static CudaPlan plan(List<Tensor> in, Map<Integer, Integer> carry, Tensor... out) {
    ProgramSpec spec = new ProgramSpec("test", in, List.of(out), Set.of(), carry, 1, Set.of());
    return GeneratedCandidate.plan(spec, CudaBackend.Loops.GENERATED);
  }

  private static long launches(CudaPlan p) {
    return p.steps().filter(s -> !p.generated.has(s) || p.generated.call(s).isPresent()).count();
  }

  @Test
  void whatIsDoneWithSumsGoesWithThem() {
    Tensor x = argument(8, 100, 64);
    Tensor mean = Ops.mean(x, List.of(1));
    Tensor y = Ops.rsqrt(Ops.mul(mean, mean));
    assertEquals(1, launches(plan(List.of(x), Map.of(), mean, y)));
    // a sum of sums needs all of them
    assertEquals(2, launches(plan(List.of(x), Map.of(), y, Ops.sum(y))));
  }

  @Test
  void loopsThatNeedEachOtherDoNotGoTogether() {
    Tensor x = argument(30, 40);
    Tensor y = Ops.tanh(Ops.broadcast(Ops.sum(x, List.of(1)), x.shape(), List.of(1)));
    assertEquals(2, launches(plan(List.of(x), Map.of(), y)));
    // zeros everywhere come before what is put among them
    assertEquals(2, launches(plan(List.of(x), Map.of(), Ops.pad(x, List.of(1, 1), List.of(1, 1)))));
  }

  @Test
  void whatIsDoneWithTheResultsOfFewRowsGoesWithTheProduct() {
    Tensor x = argument(16, 200);
    Tensor w = argument(200, 800);
    Tensor before = argument(16, 200);
    Tensor z = Ops.dot(x, w);
    assertEquals(1, launches(plan(List.of(x, w), Map.of(), Ops.tanh(z))));
    Tensor gates = Ops.sigmoid(Ops.slice(z, 1, 0, 200));
    for (int i = 1; i < 4; i++) {
      gates = Ops.mul(gates, Ops.slice(z, 1, 200 * i, 200 * (i + 1)));
    }
    Tensor h = Ops.add(before, gates);
    assertEquals(1, launches(plan(List.of(x, w, before), Map.of(), h, Ops.exp(h))));
    // what needs a neighbour's result has to wait for all
    Tensor off = Ops.mul(Ops.slice(z, 1, 0, 200), Ops.slice(z, 1, 201, 401));
    assertEquals(2, launches(plan(List.of(x, w), Map.of(), off)));
    assertEquals(2, launches(plan(List.of(x, w), Map.of(), Ops.tanh(Ops.t(z)))));
    Tensor back = argument(800, 200);
    assertEquals(2, launches(plan(List.of(x, w, back), Map.of(), Ops.dot(z, back))));
  }

  @Test
  void partsOfOneTensorAreCopiedTogether() {
    Tensor x = argument(16, 30);
    Tensor y = argument(16, 7);
    CudaPlan p = plan(List.of(x, y), Map.of(), Ops.concatenate(1, x, y, x, y));
    assertEquals(4, p.steps().count());
    assertEquals(1, launches(p));
  }

  @Test
  void carriedNumbersAreCopiedTogether() {
    List<Tensor> in = new ArrayList<>();
    List<Tensor> out = new ArrayList<>();
    Map<Integer, Integer> carry = new HashMap<>();
    for (int i = 0; i < 60; i++) {
      in.add(argument(5, 1 + i));
      out.add(Ops.exp(in.get(i)));
      carry.put(i, i);
    }
    CudaPlan p = plan(in, carry, out.toArray(Tensor[]::new));
    assertEquals(120, p.steps().count());
    assertTrue(launches(p) <= 6, "launches: " + launches(p));
  }

  @Test
  void whatIsDoneTwiceHasOneKernel() {
    Tensor x = argument(100, 7);
    Tensor w = argument(7, 7);
    Tensor y = x;
    for (int i = 0; i < 5; i++) {
      y = Ops.tanh(Ops.dot(y, w));
    }
    String all = String.join("", plan(List.of(x, w), Map.of(), y).generated.sources());
    assertEquals(2, all.split("QS_KERNEL_OF").length, all);
  }
}
