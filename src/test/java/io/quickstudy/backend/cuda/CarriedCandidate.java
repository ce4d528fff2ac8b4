package io.quickstudy.backend.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import io.quickstudy.backend.Precision;
import io.quickstudy.backend.ProgramSpec;
import io.quickstudy.backend.cpu.CpuCandidate;
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
 * The CUDA backend on the emulator with blocks that carry tasks through all steps, for programs of
 * which they can: cut along the axis that the arguments share, or as one task. Programs are tried
 * twice, as by {@link GeneratedCandidate}.
 */
final class CarriedCandidate implements Candidate {
  private static final int BLOCK_BYTES = 227 << 10;

  private final GatheredTasks kernels;

  /** Of what was tried at first; made again, the same graph might be numbered otherwise. */
  private final Deque<Optional<CudaPlan>> plans = new ArrayDeque<>();

  CarriedCandidate(GatheredTasks kernels) {
    this.kernels = kernels;
  }

  @Override
  public String name() {
    return "cuda, emulated, tasks in blocks";
  }

  static CudaOptions options() {
    return new CudaOptions(
        c -> Optional.empty(), Precision.FP32, CudaBackend.Loops.INTERPRETED, BLOCK_BYTES);
  }

  @Override
  public List<double[]> run(List<Tensor> outputs, Map<Tensor, double[]> arguments) {
    int tasks = CpuCandidate.commonAxis(arguments);
    if (!kernels.compiled()) {
      ProgramSpec spec = BackendRun.spec(outputs, arguments, tasks);
      Optional<CudaPlan> plan = CudaPlan.carried(spec, options());
      plans.add(plan);
      plan.ifPresent(p -> kernels.add(p.generated));
      return expected(outputs, arguments);
    }
    Optional<CudaPlan> plan = plans.remove();
    if (plan.isEmpty()) {
      return expected(outputs, arguments);
    }
    List<double[]> made = null;
    for (CudaBackend.Memory m : CudaBackend.Memory.values()) {
      PlannedBackend backend = new PlannedBackend(kernels.driver(), m, spec -> plan.get());
      // a kernel that lacks a barrier gives different results
      Emulator.order(m == CudaBackend.Memory.GUARDED ? 1 : 0);
      List<double[]> y;
      try {
        y = BackendRun.of(backend, outputs, arguments, tasks, 2);
      } finally {
        Emulator.order(0);
      }
      for (int i = 0; made != null && i < y.size(); i++) {
        assertArrayEquals(made.get(i), y.get(i), "output " + i + ", threads from the last on");
      }
      made = y;
    }
    return made;
  }

  private static List<double[]> expected(List<Tensor> outputs, Map<Tensor, double[]> arguments) {
    Map<Tensor, double[]> y = Reference.eval(outputs, arguments, Reference.Precision.ROUNDED);
    return outputs.stream().map(y::get).toList();
  }
}
