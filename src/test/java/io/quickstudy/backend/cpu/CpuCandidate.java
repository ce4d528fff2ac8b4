package io.quickstudy.backend.cpu;

import io.quickstudy.backend.Backend;
import io.quickstudy.graph.DType;
import io.quickstudy.graph.Tensor;
import io.quickstudy.suite.BackendRun;
import io.quickstudy.suite.Candidate;
import java.util.List;
import java.util.Map;

/**
 * The CPU backend with sentinels round every buffer, as the suite tries it: once whole and, where
 * the arguments agree on a leading axis, once more cut along it.
 */
public final class CpuCandidate implements Candidate {
  private final int workers;

  /** The backend with so many workers. */
  public CpuCandidate(int workers) {
    this.workers = workers;
  }

  /** The backend with sentinels round every buffer. */
  public static Backend guarded(int workers) {
    return new CpuBackend(workers, CpuBackend.Memory.GUARDED);
  }

  @Override
  public String name() {
    return "cpu, " + workers + (workers == 1 ? " worker" : " workers");
  }

  @Override
  public List<double[]> run(List<Tensor> outputs, Map<Tensor, double[]> arguments) {
    List<double[]> whole = run(outputs, arguments, 1);
    int tasks = commonAxis(arguments);
    if (tasks > 1) {
      List<double[]> split = run(outputs, arguments, tasks);
      for (int i = 0; i < whole.size(); i++) {
        near(outputs.get(i), whole.get(i), split.get(i));
      }
    }
    return whole;
  }

  /** The largest extent of a leading axis, or 1. */
  public static int commonAxis(Map<Tensor, double[]> arguments) {
    int tasks = 1;
    for (Tensor t : arguments.keySet()) {
      if (t.rank() > 0 && t.dtype() != DType.U8) {
        tasks = Math.max(tasks, t.dim(0));
      }
    }
    return tasks;
  }

  /** Refuses numbers that differ by more than the order of sums explains. */
  public static void near(Tensor t, double[] a, double[] b) {
    double largest = 0;
    for (double v : a) {
      largest = Double.isFinite(v) ? Math.max(largest, Math.abs(v)) : largest;
    }
    for (int i = 0; i < a.length; i++) {
      boolean same = Double.compare(a[i] + 0.0, b[i] + 0.0) == 0;
      if (!same && !(Math.abs(a[i] - b[i]) <= 2e-5 * (1 + largest))) {
        throw new AssertionError(
            "cut along tasks, number %s of %s is %s; whole it is %s".formatted(i, t, b[i], a[i]));
      }
    }
  }

  private List<double[]> run(List<Tensor> outputs, Map<Tensor, double[]> arguments, int tasks) {
    try (Backend cpu = guarded(workers)) {
      return BackendRun.of(cpu, outputs, arguments, tasks, 1);
    }
  }
}
