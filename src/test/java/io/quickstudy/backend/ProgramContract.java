package io.quickstudy.backend;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.quickstudy.graph.DType;
import io.quickstudy.graph.Ops;
import io.quickstudy.graph.Shape;
import io.quickstudy.graph.Tensor;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What a program keeps, carries and refuses, on every device. */
public interface ProgramContract {
  /** The device. */
  Backend backend();

  private static Tensor argument(DType dtype, int... dims) {
    return Tensor.argument("a", dtype, Shape.of(dims));
  }

  private static ProgramSpec spec(List<Tensor> in, List<Tensor> out, Map<Integer, Integer> carry) {
    return new ProgramSpec("test", in, out, Set.of(), carry, 1, Set.of());
  }

  private static ByteBuffer bytes(int... values) {
    ByteBuffer b = ByteBuffer.allocate(values.length);
    for (int v : values) {
      b.put((byte) v);
    }
    return b.flip();
  }

  @Test
  default void carriedOutputsAreTheNextInputs() {
    Tensor a = argument(DType.F32);
    Tensor b = argument(DType.F32);
    // Fibonacci: (a, b) becomes (b, a + b); the first output is an input of the same run
    try (Program p =
        backend().compile(spec(List.of(a, b), List.of(b, Ops.add(a, b)), Map.of(0, 0, 1, 1)))) {
      p.set(0, new float[] {0});
      p.set(1, new float[] {1});
      for (int i = 0; i < 10; i++) {
        p.run();
      }
      float[] x = new float[1];
      p.input(0, x);
      assertEquals(55, x[0]);
      p.get(1, x);
      assertEquals(89, x[0]);
    }
  }

  @Test
  default void anIndexOutOfRangeIsAnErrorAndTheProgramLives() {
    Tensor x = argument(DType.F32, 4, 2);
    Tensor i = argument(DType.I32, 3);
    try (Program p =
        backend().compile(spec(List.of(x, i), List.of(Ops.gather(x, i, 0)), Map.of()))) {
      p.set(0, new float[] {0, 1, 2, 3, 4, 5, 6, 7});
      float[] y = new float[6];
      for (int bad : new int[] {4, -1, Integer.MIN_VALUE, Integer.MAX_VALUE}) {
        p.set(1, new int[] {0, bad, 1});
        BackendException e = assertThrows(BackendException.class, () -> runAndRead(p, y));
        assertEquals(
            "test: Index %s is outside 0..3: expected a label or row that there is; correct the input."
                .formatted(bad),
            e.getMessage());
      }
      p.set(1, new int[] {3, 0, 1});
      runAndRead(p, y);
      assertArrayEquals(new float[] {6, 7, 0, 1, 2, 3}, y);
    }
  }

  /** What is wrong with a run is found by it, or beside the host and then said by what reads it. */
  private static void runAndRead(Program p, float[] y) {
    p.run();
    p.get(0, y);
  }

  /** Whole, and in pieces along the tasks, of which each has two matrices. */
  @Test
  default void aMatrixWithoutAFactorIsAnErrorOfItsTaskAndTheProgramLives() {
    int tasks = 6;
    Tensor a = argument(DType.F32, tasks, 2, 2, 2);
    Tensor l = Ops.cholesky(a);
    ProgramSpec all =
        new ProgramSpec("test", List.of(a), List.of(l), Set.of(), Map.of(), tasks, Set.of(0));
    float[] y = new float[a.shape().size()];
    for (ProgramSpec s : List.of(all, spec(List.of(a), List.of(l), Map.of()))) {
      String of = s == all ? " of task 5" : "";
      try (Program p = backend().compile(s)) {
        for (float bad : new float[] {1, 0, -4, -Float.MIN_VALUE}) {
          p.set(0, matrices(tasks, 9, bad));
          assertEquals(
              "test: The matrix [2, 2]%s is not positive definite: expected one that is, to the precision of the device; raise what is added to its diagonal, such as a ridge."
                  .formatted(of),
              assertThrows(BackendException.class, () -> runAndRead(p, y)).getMessage());
        }
        for (float bad : new float[] {Float.NaN, Float.POSITIVE_INFINITY}) {
          p.set(0, matrices(tasks, 9, bad));
          assertEquals(
              "test: The matrix [2, 2]%s holds no numbers or infinite ones: expected finite ones; lower the rate, or see what makes them."
                  .formatted(of),
              assertThrows(BackendException.class, () -> runAndRead(p, y)).getMessage());
        }
        p.set(0, matrices(tasks, 9, 2));
        runAndRead(p, y);
        assertArrayEquals(new float[] {1, 0, 1, 1}, Arrays.copyOfRange(y, 36, 40));
      }
    }
  }

  /** [1, 1; 1, 2], and in one place another last number, of which 1 and less is too little. */
  private static float[] matrices(int tasks, int at, float last) {
    float[] a = new float[tasks * 8];
    for (int i = 0; i < tasks * 2; i++) {
      System.arraycopy(new float[] {1, 1, 1, i == at ? last : 2}, 0, a, 4 * i, 4);
    }
    return a;
  }

  @Test
  default void onlySmallOutputsOfTheRunBeforeAreKept() {
    Tensor x = argument(DType.F32, 3);
    Tensor large = Ops.broadcast(Ops.sum(x), Shape.of(65), List.of(0));
    ProgramSpec s = spec(List.of(x), List.of(Ops.neg(x), large, Ops.exp(x)), Map.of(0, 0));
    try (Program p = backend().compile(s)) {
      float[] y = new float[3];
      assertThrows(IllegalStateException.class, () -> p.before(2, y));
      p.set(0, new float[] {0, 0, 0});
      p.run();
      assertThrows(IllegalStateException.class, () -> p.before(2, y), "one run has none before");
      p.run();
      p.before(2, y);
      assertArrayEquals(new float[] {1, 1, 1}, y);
      assertThrows(IllegalArgumentException.class, () -> p.before(0, y), "carried");
      assertThrows(IllegalArgumentException.class, () -> p.before(1, new float[65]), "large");
      assertThrows(IllegalArgumentException.class, () -> p.before(2, new float[2]), "length");
    }
  }

  @Test
  default void wrongSizesKindsAndOrderAreRefused() {
    Tensor x = argument(DType.F32, 2);
    Tensor d = argument(DType.U8, 3);
    List<Tensor> outputs = List.of(Ops.convert(d, DType.F32), Ops.neg(x));
    Program p =
        backend()
            .compile(
                new ProgramSpec("test", List.of(x, d), outputs, Set.of(1), Map.of(), 1, Set.of()));
    assertThrows(IllegalArgumentException.class, () -> p.set(0, new float[3]));
    assertThrows(IllegalArgumentException.class, () -> p.set(0, new int[2]));
    assertThrows(IllegalArgumentException.class, () -> p.set(1, new float[3]));
    assertThrows(IllegalArgumentException.class, () -> p.get(0, new float[4]));
    assertThrows(IllegalStateException.class, p::run, "data not bound");
    Shape two = Shape.of(2);
    assertThrows(IllegalArgumentException.class, () -> backend().upload(DType.U8, two, bytes(1)));
    try (Resident wrong = backend().upload(DType.U8, two, bytes(1, 2));
        Resident right = backend().upload(DType.U8, Shape.of(3), bytes(1, -1, 3))) {
      assertThrows(IllegalArgumentException.class, () -> p.bind(1, wrong));
      p.bind(1, right);
      float[] r = new float[3];
      runAndRead(p, r);
      assertArrayEquals(new float[] {1, 255, 3}, r);
    }
    p.close();
    p.close();
    assertThrows(IllegalStateException.class, p::run);
    assertThrows(IllegalStateException.class, () -> p.set(0, new float[2]));
  }
}
