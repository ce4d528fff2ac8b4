package io.quickstudy.suite;

import io.quickstudy.backend.Backend;
import io.quickstudy.backend.Program;
import io.quickstudy.backend.ProgramSpec;
import io.quickstudy.backend.Resident;
import io.quickstudy.graph.DType;
import io.quickstudy.graph.Shape;
import io.quickstudy.graph.Tensor;
import io.quickstudy.transform.Simplifier;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Computes a graph once on a backend, with bytes as resident data. */
public final class BackendRun {
  private BackendRun() {}

  /**
   * The values of the outputs.
   *
   * @param tasks the extent of the task axis, which arguments of that leading extent have; 1 for
   *     none
   * @param runs how often to run; every run must give bitwise the same
   */
  public static List<double[]> of(
      Backend backend, List<Tensor> outputs, Map<Tensor, double[]> arguments, int tasks, int runs) {
    List<Tensor> inputs = List.copyOf(arguments.keySet());
    ProgramSpec spec = spec(outputs, arguments, tasks);
    List<Resident> uploaded = new ArrayList<>();
    try (Program p = backend.compile(spec)) {
      for (int i = 0; i < inputs.size(); i++) {
        double[] x = arguments.get(inputs.get(i));
        switch (inputs.get(i).dtype()) {
          case F32 -> p.set(i, floats(x));
          case I32 -> p.set(i, integers(x));
          case U8 -> {
            uploaded.add(backend.upload(DType.U8, inputs.get(i).shape(), bytes(x)));
            p.bind(i, uploaded.get(uploaded.size() - 1));
          }
        }
      }
      p.run();
      List<double[]> results = read(p, outputs);
      for (int run = 1; run < runs; run++) {
        p.run();
        same(results, read(p, outputs), run);
      }
      return results;
    } finally {
      uploaded.forEach(Resident::close);
    }
  }

  /** What is compiled for that. */
  public static ProgramSpec spec(List<Tensor> outputs, Map<Tensor, double[]> arguments, int tasks) {
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
    return new ProgramSpec(
        "sample", inputs, Simplifier.simplify(outputs), residents, Map.of(), tasks, taskInputs);
  }

  private static void same(List<double[]> first, List<double[]> again, int run) {
    for (int i = 0; i < first.size(); i++) {
      for (int k = 0; k < first.get(i).length; k++) {
        if (Double.compare(first.get(i)[k], again.get(i)[k]) != 0) {
          throw new AssertionError(
              "run %s gives %s for number %s of output %s; the first gave %s"
                  .formatted(run + 1, again.get(i)[k], k, i, first.get(i)[k]));
        }
      }
    }
  }

  private static List<double[]> read(Program p, List<Tensor> outputs) {
    List<double[]> results = new ArrayList<>();
    for (int i = 0; i < outputs.size(); i++) {
      results.add(read(p, i, outputs.get(i).dtype(), outputs.get(i).shape()));
    }
    return results;
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
