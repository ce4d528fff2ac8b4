package io.quickstudy.backend.cuda;

import io.quickstudy.backend.BackendException;
import io.quickstudy.graph.Tensor;
import io.quickstudy.suite.BackendRun;
import io.quickstudy.suite.Candidate;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * The CUDA backend as the suite tries it: with sentinels round every buffer and with buffers that
 * share memory, each started kernel by kernel and replayed.
 */
public final class CudaCandidate implements Candidate {
  private static final int RUNS = 2; // the second is replayed

  private static final List<CudaDriver> DRIVERS = drivers();

  /** On the emulator and, where there is a GPU, on that; loops are interpreted. */
  public static final List<Candidate> ALL = all(CudaBackend.Loops.INTERPRETED);

  /** The same with kernels that are compiled for each program. */
  static final List<Candidate> GENERATED = all(CudaBackend.Loops.GENERATED);

  private final CudaDriver driver;
  private final CudaBackend.Loops loops;

  CudaCandidate(CudaDriver driver, CudaBackend.Loops loops) {
    this.driver = driver;
    this.loops = loops;
  }

  private static List<Candidate> all(CudaBackend.Loops loops) {
    return DRIVERS.stream().<Candidate>map(d -> new CudaCandidate(d, loops)).toList();
  }

  private static List<CudaDriver> drivers() {
    List<CudaDriver> out = new ArrayList<>();
    out.add(new EmulatedDriver());
    try {
      out.add(RealDriver.open(0));
    } catch (BackendException e) {
      System.out.println("CudaCandidate: on the emulator alone. " + e.getMessage());
    }
    return List.copyOf(out);
  }

  @Override
  public String name() {
    return driver.device();
  }

  @Override
  public List<double[]> run(List<Tensor> outputs, Map<Tensor, double[]> arguments) {
    List<double[]> guarded = run(CudaBackend.Memory.GUARDED, outputs, arguments);
    List<double[]> shared = run(CudaBackend.Memory.SHARED, outputs, arguments);
    for (int i = 0; i < guarded.size(); i++) {
      for (int k = 0; k < guarded.get(i).length; k++) {
        if (Double.compare(guarded.get(i)[k], shared.get(i)[k]) != 0) {
          throw new AssertionError(
              "number %d of %s is %s in memory of its own, %s in shared memory"
                  .formatted(k, outputs.get(i), guarded.get(i)[k], shared.get(i)[k]));
        }
      }
    }
    return guarded;
  }

  private List<double[]> run(
      CudaBackend.Memory memory, List<Tensor> outputs, Map<Tensor, double[]> arguments) {
    // not closed, since that would close the driver, which others use
    return BackendRun.of(new CudaBackend(driver, memory, loops), outputs, arguments, 1, RUNS);
  }
}
