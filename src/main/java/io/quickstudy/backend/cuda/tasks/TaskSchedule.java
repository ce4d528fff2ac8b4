package io.quickstudy.backend.cuda.tasks;

import io.quickstudy.backend.cuda.loops.LoopNest;
import io.quickstudy.backend.cuda.loops.LoopSchedule;
import io.quickstudy.backend.cuda.loops.LoopSplit;
import io.quickstudy.backend.plan.Accesses;
import io.quickstudy.backend.plan.Buffer;
import io.quickstudy.backend.plan.Loop;
import io.quickstudy.backend.plan.Step;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Steps as units, each between the barriers where all that it needs was done. */
final class TaskSchedule {
  private final List<TaskUnit> units = new ArrayList<>();
  private final List<Buffer> temporaries = new ArrayList<>();
  private boolean complete = true;

  private TaskSchedule() {}

  /** The schedule, or nothing where a step is none that a block of threads does. */
  static Optional<TaskSchedule> of(List<Step> steps) {
    TaskSchedule t = new TaskSchedule();
    for (Step s : steps) {
      switch (s) {
        case Loop l -> LoopSplit.of(l, t.temporaries::add).forEach(part -> t.loop(part, part));
        case Step.Copy c -> t.loop(c, LoopSchedule.moved(c));
        case Step.Gemm g -> t.product(g);
        default -> t.complete = false;
      }
    }
    return t.complete ? Optional.of(t) : Optional.empty();
  }

  /** In the order of their phases. */
  List<TaskUnit> units() {
    return units.stream().sorted(java.util.Comparator.comparingInt(TaskUnit::phase)).toList();
  }

  /** Buffers that are needed besides the steps' own. */
  List<Buffer> temporaries() {
    return temporaries;
  }

  /** The last phase that has to be over, or -1. */
  private int before(Accesses u) {
    int last = -1;
    for (TaskUnit t : units) {
      if (t.phase() > last && t.conflicts(u)) {
        last = t.phase();
      }
    }
    return last;
  }

  private void product(Step.Gemm s) {
    if (s.batch() * s.m() * s.n() > 0) {
      Accesses u = s.accesses();
      units.add(TaskUnit.product(s, u, before(u) + 1));
    }
  }

  private void loop(Step s, Loop as) {
    Optional<LoopNest> nest = LoopNest.of(as);
    if (nest.isEmpty()) {
      complete = false;
      return;
    }
    LoopNest n = nest.get();
    if (n.results() == 0) {
      return;
    }
    Accesses u = s.accesses();
    int last = before(u);
    List<TaskUnit> in = units.stream().filter(t -> t.phase() == last && t.conflicts(u)).toList();
    if (in.size() == 1 && in.get(0).takes(n, u)) {
      in.get(0).add(s, n, u);
    } else {
      units.add(TaskUnit.loop(s, n, u, last + 1));
    }
  }
}
