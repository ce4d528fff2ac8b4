package io.quickstudy.suite;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.quickstudy.backend.Backend;
import io.quickstudy.backend.MemoryLimit;
import io.quickstudy.backend.MemoryUse;
import io.quickstudy.backend.Program;
import io.quickstudy.backend.ProgramSpec;
import io.quickstudy.backend.Resident;
import io.quickstudy.backend.cpu.CpuCandidate;
import io.quickstudy.graph.DType;
import io.quickstudy.graph.Shape;
import io.quickstudy.graph.Tensor;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/**
 * A backend that may take as little memory as it says it can do with, and somewhat more. One task
 * gives the bits that it gives with all the memory there is; several may be added up otherwise.
 */
public record Limited(String device, Backend backend) implements Candidate {
  /** Of what is between the least and the most that a program takes, how much it may. */
  private static final double[] PARTS = {0, 0.4};

  @Override
  public String name() {
    return device + ", little memory";
  }

  @Override
  public List<double[]> run(List<Tensor> outputs, Map<Tensor, double[]> arguments) {
    List<double[]> least = null; // of one task, with which it begins
    for (int tasks : new TreeSet<>(List.of(1, CpuCandidate.commonAxis(arguments)))) {
      List<double[]> free = BackendRun.of(backend, outputs, arguments, tasks, 1);
      for (double part : PARTS) {
        List<double[]> y =
            BackendRun.of(new WithLimit(backend, part), outputs, arguments, tasks, 2);
        for (int i = 0; i < y.size(); i++) {
          if (tasks == 1) {
            assertArrayEquals(free.get(i), y.get(i), "output " + i + " with little memory");
          }
          CpuCandidate.near(outputs.get(i), free.get(i), y.get(i));
        }
        least = least == null ? y : least;
      }
    }
    return least;
  }

  /** Compiles every program with a limit of its own. */
  private record WithLimit(Backend of, double part) implements Backend {
    @Override
    public Program compile(ProgramSpec spec, MemoryLimit limit) {
      long least = of.leastMemory(spec).bytes();
      long more = Math.max(0, most(spec) - least);
      long given = least + (long) (part * more);
      Program p = of.compile(spec, new MemoryLimit(given));
      assertTrue(p.memory().bytes() <= given, () -> p.memory() + ", allowed " + given);
      return p;
    }

    private long most(ProgramSpec spec) {
      try (Program p = of.compile(spec)) {
        return p.memory().bytes();
      }
    }

    @Override
    public MemoryUse leastMemory(ProgramSpec spec) {
      return of.leastMemory(spec);
    }

    @Override
    public String device() {
      return of.device();
    }

    @Override
    public boolean concurrent() {
      return of.concurrent();
    }

    @Override
    public Map<String, String> describe() {
      return of.describe();
    }

    @Override
    public Resident upload(DType dtype, Shape shape, ByteBuffer data) {
      return of.upload(dtype, shape, data);
    }

    @Override
    public Map<String, String> choices() {
      return of.choices();
    }

    @Override
    public void repeat(Map<String, String> choices) {
      of.repeat(choices);
    }

    @Override
    public void close() {
      of.close();
    }
  }
}
