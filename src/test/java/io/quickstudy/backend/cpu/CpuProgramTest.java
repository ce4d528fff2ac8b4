package io.quickstudy.backend.cpu;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.quickstudy.backend.Backend;
import io.quickstudy.backend.BackendException;
import io.quickstudy.backend.Program;
import io.quickstudy.backend.ProgramContract;
import io.quickstudy.backend.ProgramSpec;
import io.quickstudy.backend.Resident;
import io.quickstudy.backend.plan.ProgramPlan;
import io.quickstudy.backend.plan.Step;
import io.quickstudy.bindings.Native;
import io.quickstudy.graph.DType;
import io.quickstudy.graph.Ops;
import io.quickstudy.graph.Shape;
import io.quickstudy.graph.Tensor;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What programs on the CPU do besides what they do on every device. */
@Tag("cpu")
class CpuProgramTest implements ProgramContract {
  private final CpuBackend cpu = new CpuBackend(2);

  @Override
  public Backend backend() {
    return cpu;
  }

  private static Tensor argument(DType dtype, int... dims) {
    return Tensor.argument("a", dtype, Shape.of(dims));
  }

  private static ProgramSpec spec(List<Tensor> in, List<Tensor> out, Map<Integer, Integer> carry) {
    return new ProgramSpec("test", in, out, Set.of(), carry, 1, Set.of());
  }

  /**
   * One matrix after the other, each the one before times w', as a recurrence's gradient has it.
   */
  private static ProgramSpec recurrence(int steps) {
    Tensor h = argument(DType.F32, 8, 24);
    Tensor w = argument(DType.F32, 24, 24);
    List<Tensor> in = List.of(h, w);
    for (int i = 0; i < steps; i++) {
      h = Ops.dot(h, Ops.t(w));
    }
    return spec(in, List.of(h), Map.of());
  }

  @Test
  void aMatrixThatARecurrenceReadsTransposedIsTurnedOnce() {
    List<Step> few = ProgramPlan.forWorkers(recurrence(3)).segments().get(0).steps();
    assertEquals(3, few.size());
    assertTrue(few.stream().allMatch(s -> ((Step.Gemm) s).b().transposed()));

    List<Step> many = ProgramPlan.forWorkers(recurrence(10)).segments().get(0).steps();
    assertEquals(11, many.size());
    assertTrue(many.get(0) instanceof Step.Copy);
    assertTrue(many.stream().skip(1).noneMatch(s -> ((Step.Gemm) s).b().transposed()));

    try (Program p = cpu.compile(recurrence(10))) {
      float[] h = new float[8 * 24];
      float[] w = new float[24 * 24];
      for (int i = 0; i < 24; i++) {
        w[i * 24 + (i + 1) % 24] = 1; // w' moves each number one column on, to the left
      }
      for (int i = 0; i < h.length; i++) {
        h[i] = i;
      }
      p.set(0, h);
      p.set(1, w);
      p.run();
      float[] y = new float[h.length];
      p.get(0, y);
      for (int i = 0; i < y.length; i++) {
        assertEquals(h[i / 24 * 24 + (i + 10) % 24], y[i]);
      }
    }
  }

  @Test
  void aDataSetIsReadWhereItLies() {
    Tensor d = argument(DType.U8, 3);
    ProgramSpec s =
        new ProgramSpec(
            "test",
            List.of(d),
            List.of(Ops.convert(d, DType.F32)),
            Set.of(0),
            Map.of(),
            1,
            Set.of());
    ByteBuffer own = ByteBuffer.allocateDirect(5).put(new byte[] {9, 1, 2, 3, 9});
    long before = Native.allocated();
    try (Program p = cpu.compile(s);
        Resident set = cpu.upload(DType.U8, Shape.of(3), own.slice(1, 3).asReadOnlyBuffer());
        Resident copy = cpu.upload(DType.U8, Shape.of(3), own.slice(1, 3))) {
      own.put(2, (byte) 200);
      float[] r = new float[3];
      p.bind(0, set);
      p.run();
      p.get(0, r);
      assertArrayEquals(new float[] {1, 200, 3}, r);
      p.bind(0, copy);
      p.run();
      p.get(0, r);
      assertArrayEquals(new float[] {1, 2, 3}, r);
    }
    assertEquals(before, Native.allocated());
    assertEquals(200, own.get(2) & 255, "it is still its owner's");
  }

  @Test
  void memoryIsFreedByClosing() {
    Tensor x = argument(DType.F32, 1000, 1000);
    long before = Native.allocated();
    for (int i = 0; i < 20; i++) {
      try (Program p = cpu.compile(spec(List.of(x), List.of(Ops.exp(x)), Map.of()))) {
        assertTrue(p.bytes() >= 8_000_000, "two buffers of 4 MB");
        assertTrue(Native.allocated() > before);
        p.run();
      }
    }
    assertEquals(before, Native.allocated());
  }

  @Test
  void tooMuchMemoryIsASentence() {
    Tensor x = argument(DType.F32, 2_000_000_000);
    List<Tensor> outputs = new ArrayList<>();
    for (long bytes = 0; bytes <= CpuBackend.Memory.available(); bytes += 8_000_000_000L) {
      outputs.add(Ops.scale(x, 3 + outputs.size()));
    }
    ProgramSpec s = spec(List.of(x), outputs, Map.of());
    long before = Native.allocated();
    BackendException e = assertThrows(BackendException.class, () -> cpu.compile(s));
    assertTrue(e.getMessage().contains("iB of memory on cpu"), e.getMessage());
    assertEquals(before, Native.allocated());
  }

  @Test
  void anUnknownKernelSetIsRefused() {
    CpuBackend.forced(null, "x86-64-v4");
    CpuBackend.forced("", "x86-64-v4");
    CpuBackend.forced("portable", "portable");
    BackendException e =
        assertThrows(BackendException.class, () -> CpuBackend.forced("v5", "x86-64-v4"));
    assertTrue(e.getMessage().contains("'v5'"), e.getMessage());
  }

  @Test
  void workersMustBeAtLeastOne() {
    assertThrows(BackendException.class, () -> new CpuBackend(0));
  }
}
