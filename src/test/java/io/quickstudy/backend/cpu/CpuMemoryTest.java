package io.quickstudy.backend.cpu;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.quickstudy.backend.BackendException;
import io.quickstudy.backend.MemoryLimit;
import io.quickstudy.backend.MemoryUse;
import io.quickstudy.backend.Program;
import io.quickstudy.backend.ProgramSpec;
import io.quickstudy.graph.DType;
import io.quickstudy.graph.Ops;
import io.quickstudy.graph.Shape;
import io.quickstudy.graph.Tensor;
import io.quickstudy.suite.Draw;
import io.quickstudy.suite.Limited;
import io.quickstudy.suite.MetaStepSample;
import io.quickstudy.transform.Simplifier;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** That less memory gives the same bits: fewer workers with arenas of their own, repeated steps. */
class CpuMemoryTest {
  private static final MetaStepSample SAMPLE = MetaStepSample.small();
  private static final List<Tensor> INPUTS = List.copyOf(SAMPLE.arguments().keySet());

  private static ProgramSpec spec(int tasks) {
    Set<Integer> taskInputs = new HashSet<>();
    for (int i = 0; i < INPUTS.size(); i++) {
      if (tasks > 1 && INPUTS.get(i).dim(0) == tasks) {
        taskInputs.add(i);
      }
    }
    List<Tensor> outputs = Simplifier.simplify(SAMPLE.outputs());
    return new ProgramSpec("train", INPUTS, outputs, Set.of(), Map.of(), tasks, taskInputs);
  }

  private record Ran(MemoryUse use, List<float[]> results) {}

  private static Ran run(int tasks, int workers, CpuBackend.Memory memory, MemoryLimit limit) {
    try (CpuBackend cpu = new CpuBackend(workers, memory);
        Program p = cpu.compile(spec(tasks), limit)) {
      for (int i = 0; i < INPUTS.size(); i++) {
        double[] x = SAMPLE.arguments().get(INPUTS.get(i));
        float[] floats = new float[x.length];
        int[] integers = new int[x.length];
        for (int k = 0; k < x.length; k++) {
          floats[k] = (float) x[k];
          integers[k] = (int) x[k];
        }
        if (INPUTS.get(i).dtype() == DType.F32) {
          p.set(i, floats);
        } else {
          p.set(i, integers);
        }
      }
      p.run();
      List<float[]> results = new ArrayList<>();
      for (Tensor t : SAMPLE.outputs()) {
        float[] y = new float[t.shape().size()];
        p.get(results.size(), y);
        results.add(y);
      }
      return new Ran(p.memory(), results);
    }
  }

  /** Runs with less and less memory, until it is refused; returns what the last one took. */
  private static MemoryUse lessAndLess(int tasks, int workers) {
    Ran free = run(tasks, workers, CpuBackend.Memory.SHARED, MemoryLimit.NONE);
    Ran last = free;
    for (double part = 0.95; ; part -= 0.1) {
      MemoryLimit limit = new MemoryLimit((long) (part * free.use.bytes()));
      try {
        last = run(tasks, workers, CpuBackend.Memory.SHARED, limit);
      } catch (BackendException e) {
        assertTrue(e.getMessage().startsWith("train needs at least "), e.getMessage());
        assertTrue(e.getMessage().contains("--memory-limit is "), e.getMessage());
        return last.use;
      }
      assertTrue(last.use.bytes() <= limit.bytes(), last.use::toString);
      assertTrue(last.use.repeated() > 0 || last.use.workers() < workers, last.use::toString);
      Ran guarded = run(tasks, workers, CpuBackend.Memory.GUARDED, limit);
      for (int i = 0; i < free.results.size(); i++) {
        assertArrayEquals(free.results.get(i), last.results.get(i), "output " + i);
        assertArrayEquals(free.results.get(i), guarded.results.get(i), "guarded output " + i);
      }
    }
  }

  @Test
  void tasksTakeFewerArenasAndRepeatSteps() {
    MemoryUse least = lessAndLess(SAMPLE.tasks(), 3);
    assertEquals(1, least.workers());
    assertTrue(least.repeated() > 0, least::toString);
  }

  @Test
  void withoutATaskAxisStepsAreRepeated() {
    MemoryUse least = lessAndLess(1, 2);
    assertEquals(1, least.tasks());
    assertTrue(least.repeated() > 0, least::toString);
  }

  @Test
  void theUseIsWhatIsSaid() {
    assertEquals("all 4 tasks at once", new MemoryUse(1, 4, 4, 1, 0).how());
    assertEquals(
        "1.5 MiB, in chunks of one of 4 tasks on each of 2 workers, with recomputation (1 step)",
        new MemoryUse(3 << 19, 4, 1, 2, 1).toString());
    assertEquals("2.00 GiB, in chunks of 2 of 4 tasks", new MemoryUse(2L << 30, 4, 2, 1, 0) + "");
    assertEquals("1 KiB, one task", new MemoryUse(5, 1, 1, 1, 0).toString());
  }

  @Test
  void limitsAreReadAsPeopleTypeThem() {
    assertEquals(4L << 30, MemoryLimit.of("4G").bytes());
    assertEquals(4L << 30, MemoryLimit.of(" 4gib ").bytes());
    assertEquals(3L << 19, MemoryLimit.of("1.5M").bytes());
    assertEquals(512L << 10, MemoryLimit.of("512KB").bytes());
    assertEquals(MemoryLimit.NONE, MemoryLimit.of("none"));
    for (String bad : List.of("4", "G", "0G", "-1G", "1e3M", "4 G", "4X", "", "99999999999T")) {
      String message =
          assertThrows(IllegalArgumentException.class, () -> MemoryLimit.of(bad)).getMessage();
      assertTrue(message.contains("--memory-limit is '" + bad + "'"), message);
      assertTrue(message.endsWith("4G is 4 GiB."), message);
    }
  }

  /**
   * What is computed again has the bits it had, though its loop then does less: here the square is
   * read by two at first, and by one when the late one is on its own.
   */
  @Test
  void whatIsMultipliedAndAddedRoundsTheSameWhateverStandsBeside() {
    Tensor x = Tensor.argument("x", DType.F32, Shape.of(64, 8));
    Tensor y = Tensor.argument("y", DType.F32, Shape.of(32, 32));
    Tensor square = Ops.mul(x, x);
    Tensor early = Ops.add(square, Ops.scalar(0.3));
    Tensor late = Ops.tanh(square);
    Tensor between = Ops.dot(Ops.tanh(y), Ops.t(Ops.sin(y)));
    Map<Tensor, double[]> numbers = new LinkedHashMap<>();
    numbers.put(x, Draw.any().of(new SplittableRandom(1), x.shape().size()));
    numbers.put(y, Draw.any().of(new SplittableRandom(2), y.shape().size()));
    new Limited("cpu", CpuCandidate.guarded(1))
        .run(List.of(Ops.repeat(early, 2), between, Ops.repeat(late, 2)), numbers);
  }
}
