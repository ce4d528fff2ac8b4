package io.quickstudy.backend.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import io.quickstudy.backend.Precision;
import io.quickstudy.backend.ProgramSpec;
import io.quickstudy.backend.cuda.driver.CudaDriver;
import io.quickstudy.backend.cuda.loops.LoopNest;
import io.quickstudy.backend.cuda.loops.LoopSchedule;
import io.quickstudy.backend.plan.Loop;
import io.quickstudy.backend.plan.Step;
import io.quickstudy.bindings.Emulator;
import io.quickstudy.graph.Tensor;
import io.quickstudy.reference.Reference;
import io.quickstudy.suite.BackendRun;
import io.quickstudy.suite.Candidate;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The CUDA backend with generated loops on the emulator. A compiler for every program would take
 * too long, so that programs are tried twice: what they need is gathered, then they run.
 */
final class GeneratedCandidate implements Candidate {
  private final GatheredKernels kernels;

  /** Of what was tried at first; made again, the same graph might be numbered otherwise. */
  private final Deque<CudaPlan> plans = new ArrayDeque<>();

  GeneratedCandidate(GatheredKernels kernels) {
    this.kernels = kernels;
  }

  @Override
  public String name() {
    return "cuda, emulated, generated";
  }

  @Override
  public List<double[]> run(List<Tensor> outputs, Map<Tensor, double[]> arguments) {
    if (!kernels.compiled()) {
      ProgramSpec spec = BackendRun.spec(outputs, arguments, 1);
      plans.add(plan(spec, CudaBackend.Loops.GENERATED));
      kernels.add(plans.getLast().generated);
      Map<Tensor, double[]> y = Reference.eval(outputs, arguments, Reference.Precision.ROUNDED);
      return outputs.stream().map(y::get).toList();
    }
    CudaDriver driver = kernels.driver();
    CudaPlan plan = plans.remove();
    List<double[]> made = null;
    for (CudaBackend.Memory m : CudaBackend.Memory.values()) {
      PlannedBackend backend = new PlannedBackend(driver, m, spec -> plan);
      Emulator.order(
          m == CudaBackend.Memory.GUARDED
              ? 1
              : 0); // a kernel that lacks a barrier gives different results
      List<double[]> y;
      try {
        y = BackendRun.of(backend, outputs, arguments, 1, 2);
      } finally {
        Emulator.order(0);
      }
      if (made != null) {
        same("threads from the first on or from the last", made, y);
      }
      made = y;
    }
    if (!addsUp(outputs, arguments)) {
      Candidate interpreter = new CudaCandidate(driver, CudaBackend.Loops.INTERPRETED);
      same("interpreted or generated", interpreter.run(outputs, arguments), made);
    }
    return made;
  }

  /** All tasks at once. */
  static CudaPlan plan(ProgramSpec spec, CudaBackend.Loops loops) {
    CudaOptions own =
        new CudaOptions(c -> Optional.empty(), Precision.FP32, loops)
            .with(LoopSchedule.Products.ALL, loops);
    return CudaPlan.inChunksOf(spec.tasks(), spec, own);
  }

  /** Whether a loop or a product of ours adds up, so that the order counts. */
  private static boolean addsUp(List<Tensor> outputs, Map<Tensor, double[]> arguments) {
    ProgramSpec spec = BackendRun.spec(outputs, arguments, 1);
    return plan(spec, CudaBackend.Loops.INTERPRETED)
        .steps()
        .anyMatch(
            s ->
                switch (s) {
                  case Step.Gemm g -> LoopSchedule.Products.ALL.of(g).isPresent();
                  case Loop l -> LoopNest.reductions(l).findAny().isPresent();
                  default -> false;
                });
  }

  private static void same(String what, List<double[]> one, List<double[]> other) {
    for (int i = 0; i < one.size(); i++) {
      assertArrayEquals(one.get(i), other.get(i), "output " + i + ", " + what);
    }
  }
}
