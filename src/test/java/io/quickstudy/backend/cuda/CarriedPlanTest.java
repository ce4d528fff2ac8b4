package io.quickstudy.backend.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.quickstudy.backend.Precision;
import io.quickstudy.backend.ProgramSpec;
import io.quickstudy.backend.cpu.CpuCandidate;
import io.quickstudy.graph.DType;
import io.quickstudy.graph.Ops;
import io.quickstudy.graph.Shape;
import io.quickstudy.graph.Tensor;
import io.quickstudy.graph.Window;
import io.quickstudy.reference.Reference;
import io.quickstudy.suite.BackendRun;
import io.quickstudy.suite.MetaStepSample;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** When blocks of threads carry tasks, and what they make of sinusoids. */
class CarriedPlanTest {
  private static final int BLOCK = 227 << 10;

  private static CudaPlan.Search search(MetaStepSample m, int blockBytes) {
    return search(BackendRun.spec(m.outputs(), m.arguments(), m.tasks()), blockBytes);
  }

  private static CudaPlan.Search search(ProgramSpec spec, int blockBytes) {
    CudaOptions o =
        new CudaOptions(
            c -> Optional.empty(), Precision.FP32, CudaBackend.Loops.GENERATED, blockBytes);
    return new CudaPlan.Search(spec, o);
  }

  @Test
  void sinusoidsAreCarriedWhereTheyFit() {
    MetaStepSample m = MetaStepSample.sinusoids(25, 5, 40);
    CudaPlan plan = search(m, BLOCK).inBlocks().orElseThrow();
    assertEquals("all 25 tasks at once", plan.use().how());
    CudaPlan launches = search(m, 0).fastest();
    assertTrue(
        plan.predicted() < launches.predicted() / 3,
        () -> plan.predicted() + " and " + launches.predicted());
    assertTrue(plan.launches() <= 8, () -> plan.launches() + " launches");
    assertTrue(launches.launches() > 100, () -> launches.launches() + " launches");
  }

  @Test
  void aGpuWithLessMemoryForABlockTakesThePlainWay() {
    MetaStepSample m = MetaStepSample.sinusoids(25, 5, 40);
    assertTrue(search(m, 48 << 10).inBlocks().isEmpty());
    assertTrue(search(m, 0).inBlocks().isEmpty());
    assertTrue(search(MetaStepSample.sinusoids(25, 1, 40), 48 << 10).inBlocks().isPresent());
  }

  @Test
  void largeProgramsAreNot() {
    Tensor a = Tensor.argument("a", DType.F32, Shape.of(2, 100, 100));
    Tensor b = Tensor.argument("b", DType.F32, Shape.of(2, 100, 100));
    Tensor y = Ops.exp(Ops.dot(a, b));
    for (int i = 0; i < 4; i++) {
      y = Ops.exp(Ops.dot(y, b));
    }
    double[] x = new double[2 * 100 * 100];
    ProgramSpec large = BackendRun.spec(List.of(y), Map.of(a, x, b, x), 2);
    assertTrue(CudaPlan.carried(large, search(large, BLOCK).options()).isPresent());
    assertTrue(search(large, BLOCK).inBlocks().isEmpty());
    Tensor image = Tensor.argument("image", DType.F32, Shape.of(1, 8, 8, 1));
    Tensor filter = Tensor.argument("filter", DType.F32, Shape.of(3, 3, 1, 2));
    Tensor z = Ops.conv(image, filter, Window.square(3, 1, 1));
    ProgramSpec conv =
        BackendRun.spec(List.of(z), Map.of(image, new double[64], filter, new double[18]), 1);
    assertTrue(CudaPlan.carried(conv, search(conv, BLOCK).options()).isEmpty());
  }

  /** From the choice to the replayed graph. */
  @Test
  void sinusoidsAgreeWithTheReferenceAndTheOtherWay() {
    MetaStepSample m = MetaStepSample.sinusoids(3, 2, 8);
    Map<Tensor, double[]> y =
        Reference.eval(m.outputs(), m.arguments(), Reference.Precision.ROUNDED);
    for (CudaBackend.Memory memory : CudaBackend.Memory.values()) {
      EmulatedDriver driver = new EmulatedDriver();
      CudaBackend cuda =
          new CudaBackend(
              driver,
              memory,
              Precision.FP32,
              CudaBackend.Loops.GENERATED,
              ConvolutionChoice.own(driver, Precision.FP32));
      List<double[]> made = BackendRun.of(cuda, m.outputs(), m.arguments(), m.tasks(), 3);
      for (int i = 0; i < made.size(); i++) {
        Tensor t = m.outputs().get(i);
        CpuCandidate.near(t, y.get(t), made.get(i));
      }
    }
    assertTrue(search(m, BLOCK).inBlocks().isPresent());
  }
}
