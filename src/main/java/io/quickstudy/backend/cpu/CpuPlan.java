package io.quickstudy.backend.cpu;

import io.quickstudy.backend.MemoryUse;
import io.quickstudy.backend.ProgramSpec;
import io.quickstudy.backend.plan.MemorySearch;
import io.quickstudy.backend.plan.ProgramPlan;
import io.quickstudy.backend.plan.Recompute;

/**
 * A program and how many workers run it. Each worker that carries tasks through has an arena of its
 * own: fewer workers, or values computed again, take less memory and give bitwise the same results.
 */
record CpuPlan(ProgramPlan program, int tasks, int workers) {
  /** Places the buffers; what it takes is known thereby. */
  ProgramPlan.Extent layOut() {
    return program.layOut(ProgramPlan.Locals.PER_WORKER);
  }

  MemoryUse use() {
    return use(layOut());
  }

  /** What it takes, laid out so. */
  MemoryUse use(ProgramPlan.Extent e) {
    long bytes = Math.max(e.shared(), MIN_BYTES) + workers * e.local();
    return new MemoryUse(
        bytes, tasks, program.atOnce(), e.local() > 0 ? workers : 1, program.repeated());
  }

  /** No arena is smaller. */
  static final long MIN_BYTES = 64;

  /** Finds the plan of a program for so many workers. */
  record Search(ProgramSpec spec, int workers) implements MemorySearch<CpuPlan> {
    @Override
    public CpuPlan fastest() {
      return new CpuPlan(ProgramPlan.forWorkers(spec), spec.tasks(), workers);
    }

    @Override
    public MemoryUse use(CpuPlan plan) {
      return plan.use();
    }

    /** As many workers as there is room for, and as few steps repeated as that takes. */
    @Override
    public CpuPlan within(long bytes) {
      ProgramPlan plain = fastest().program;
      ProgramPlan.Extent small =
          plain.with(p -> Recompute.into(0, p)).layOut(ProgramPlan.Locals.PER_WORKER);
      int count = workers;
      if (small.local() > 0) {
        count = Math.clamp((bytes - small.shared()) / small.local(), 1, workers);
      }
      CpuPlan whole = new CpuPlan(plain, spec.tasks(), count);
      if (whole.use().bytes() <= bytes) {
        return whole;
      }
      // first what every worker has, then what is there once
      long each = (bytes - whole.layOut().shared()) / count;
      ProgramPlan locals = plain.with(p -> p.chunks() > 1 ? Recompute.into(each, p) : p);
      CpuPlan less = new CpuPlan(locals, spec.tasks(), count);
      if (less.use().bytes() <= bytes) {
        return less;
      }
      ProgramPlan.Extent e = less.layOut();
      long rest = bytes - count * e.local() - e.lasting();
      return new CpuPlan(
          locals.with(p -> p.chunks() > 1 ? p : Recompute.into(rest, p)), spec.tasks(), count);
    }
  }
}
