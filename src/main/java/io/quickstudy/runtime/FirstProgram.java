package io.quickstudy.runtime;

import io.quickstudy.backend.Backend;
import io.quickstudy.backend.BackendException;
import io.quickstudy.backend.Program;
import io.quickstudy.backend.ProgramSpec;
import io.quickstudy.graph.DType;
import io.quickstudy.graph.Ops;
import io.quickstudy.graph.Shape;
import io.quickstudy.graph.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What a device computes first, before anybody relies on it: a product, and a loop over it. */
final class FirstProgram {
  private static final int N = 4;

  private FirstProgram() {}

  /**
   * Computes it.
   *
   * @throws BackendException if it cannot be compiled or run, or the numbers are wrong
   */
  static void run(Backend backend) {
    Tensor x = Tensor.argument("x", DType.F32, Shape.of(N, N));
    Tensor y = Ops.add(Ops.dot(x, x), Ops.fill(1, x.shape()));
    ProgramSpec spec =
        new ProgramSpec("first program", List.of(x), List.of(y), Set.of(), Map.of(), 1, Set.of());
    float[] in = new float[N * N];
    float[] expected = new float[N * N];
    for (int i = 0; i < N; i++) {
      for (int j = 0; j < N; j++) {
        in[i * N + j] = i - j;
        for (int k = 0; k < N; k++) {
          expected[i * N + j] += (i - k) * (k - j);
        }
        expected[i * N + j] += 1;
      }
    }
    float[] out = new float[N * N];
    try (Program p = backend.compile(spec)) {
      p.set(0, in);
      p.run();
      p.get(0, out);
    }
    if (!Arrays.equals(expected, out)) { // small integers, exact in any precision
      throw new BackendException(
          "%s computes a first program wrongly (%s in place of %s): see what 'quickstudy check' says."
              .formatted(backend.device(), out[0], expected[0]));
    }
  }
}
