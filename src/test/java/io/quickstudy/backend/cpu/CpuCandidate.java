package io.quickstudy.backend.cpu;

import io.quickstudy.backend.Program;
import io.quickstudy.backend.ProgramSpec;
import io.quickstudy.backend.Resident;
import io.quickstudy.graph.DType;
import io.quickstudy.graph.Shape;
import io.quickstudy.graph.Tensor;
import io.quickstudy.suite.Candidate;
import io.quickstudy.transform.Simplifier;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

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

  /** The extent that the leading axes of most arguments share, or 1. */
  private static int commonAxis(Map<Tensor, double[]> arguments) {
    int tasks = 1;
    for (Tensor t : arguments.keySet()) {
      if (t.rank() > 0 && t.dtype() != DType.U8) {
        tasks = Math.max(tasks, t.dim(0));
      }
    }
    return tasks;
  }

  private static void near(Tensor t, double[] a, double[] b) {
    double largest = 0;
    for (double v : a) {
      largest = Double.isFinite(v) ? Math.max(largest, Math.abs(v)) : largest;
    }
    for (int i = 0; i < a.length; i++) {
      boolean same = Double.compare(a[i] + 0.0, b[i] + 0.0) == 0;
      if (!same && !(Math.abs(a[i] - b[i]) <= 2e-5 * (1 + largest))) {
        throw new AssertionError(
            "cut along tasks, number %d of %s is %s; whole it is %s".formatted(i, t, b[i], a[i]));
      }
    }
  }

  private List<double[]> run(List<Tensor> outputs, Map<Tensor, double[]> arguments, int tasks) {
    List<Tensor> inputs = List.copyOf(arguments.keySet());
    Set<Integer> residents = new HashSet<>();
    Set<Integer> taskInputs = new HashSet<>();
    for (int i = 0; i < inputs.size(); i++) {
      Tensor t = inputs.get(i);
      if (t.dtype() == DType.U8) {
        residents.add(i);
      } else if (tasks > 1 && t.rank() > 0 && t.dim(0) == tasks) {
        taskInputs.add(i);
      }
    }
    ProgramSpec spec =
        new ProgramSpec(
            "sample", inputs, Simplifier.simplify(outputs), residents, Map.of(), tasks, taskInputs);
    List<Resident> uploaded = new ArrayList<>();
    try (CpuBackend cpu = new CpuBackend(workers, CpuBackend.Memory.GUARDED);
        Program p = cpu.compile(spec)) {
      for (int i = 0; i < inputs.size(); i++) {
        double[] x = arguments.get(inputs.get(i));
        switch (inputs.get(i).dtype()) {
          case F32 -> p.set(i, floats(x));
          case I32 -> p.set(i, integers(x));
          case U8 -> {
            uploaded.add(cpu.upload(DType.U8, inputs.get(i).shape(), bytes(x)));
            p.bind(i, uploaded.get(uploaded.size() - 1));
          }
        }
      }
      p.run();
      List<double[]> results = new ArrayList<>();
      for (int i = 0; i < outputs.size(); i++) {
        results.add(read(p, i, outputs.get(i).dtype(), outputs.get(i).shape()));
      }
      return results;
    } finally {
      uploaded.forEach(Resident::close);
    }
  }

  private static double[] read(Program p, int i, DType dtype, Shape shape) {
    double[] y = new double[shape.size()];
    if (dtype == DType.F32) {
      float[] x = new float[y.length];
      p.get(i, x);
      for (int k = 0; k < y.length; k++) {
        y[k] = x[k];
      }
    } else if (dtype == DType.I32) {
      int[] x = new int[y.length];
      p.get(i, x);
      for (int k = 0; k < y.length; k++) {
        y[k] = x[k];
      }
    } else {
      byte[] x = new byte[y.length];
      p.get(i, x);
      for (int k = 0; k < y.length; k++) {
        y[k] = x[k] & 0xff;
      }
    }
    return y;
  }

  private static float[] floats(double[] x) {
    float[] y = new float[x.length];
    for (int i = 0; i < y.length; i++) {
      y[i] = (float) x[i];
    }
    return y;
  }

  private static int[] integers(double[] x) {
    int[] y = new int[x.length];
    for (int i = 0; i < y.length; i++) {
      y[i] = (int) x[i];
    }
    return y;
  }

  private static ByteBuffer bytes(double[] x) {
    ByteBuffer b = ByteBuffer.allocateDirect(x.length);
    for (double v : x) {
      b.put((byte) (int) v);
    }
    return b.flip();
  }
}
