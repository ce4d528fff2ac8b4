package io.quickstudy.backend.cuda.tasks;

import io.quickstudy.backend.cuda.loops.LoopNest;
import io.quickstudy.backend.plan.Accesses;
import io.quickstudy.backend.plan.Buffer;
import io.quickstudy.backend.plan.Step;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * A loop or a product with the loops over its results that go with it: the thread that has a result
 * does the rest of the work for it, and reads what it wrote itself.
 */
final class TaskUnit {
  private final Step main;
  private final Optional<LoopNest> nest;
  private final List<LoopNest> behind = new ArrayList<>();
  private final List<Step> steps = new ArrayList<>();
  private final List<Accesses> uses = new ArrayList<>();
  private final int phase;
  private final long results;

  /** What holds one number for each result, in their order. */
  private final Set<Buffer> inOrder = Collections.newSetFromMap(new IdentityHashMap<>());

  private TaskUnit(
      Step step, Step main, Optional<LoopNest> nest, Accesses u, int phase, long results) {
    this.main = main;
    this.nest = nest;
    this.phase = phase;
    this.results = results;
    steps.add(step);
    uses.add(u);
  }

  /**
   * A loop.
   *
   * @param step what it stands for: itself, or a copy
   */
  static TaskUnit loop(Step step, LoopNest n, Accesses u, int phase) {
    long results = n.reduces() ? n.results() : n.size();
    TaskUnit t = new TaskUnit(step, n.step(), Optional.of(n), u, phase, results);
    if (n.reduces()) {
      LoopNest.reductions(n.step()).forEach(o -> t.inOrder.add(o.view().buffer()));
    } else {
      t.whole(u);
    }
    return t;
  }

  /** A product. */
  static TaskUnit product(Step.Gemm s, Accesses u, int phase) {
    TaskUnit t = new TaskUnit(s, s, Optional.empty(), u, phase, s.batch() * s.m() * s.n());
    t.whole(u);
    return t;
  }

  private void whole(Accesses u) {
    u.writes().stream().filter(Accesses.Access::whole).forEach(w -> inOrder.add(w.buffer()));
  }

  /** The loop that comes first, or the product. */
  Step main() {
    return main;
  }

  /** The loop that comes first, if it is one. */
  Optional<LoopNest> nest() {
    return nest;
  }

  /** The loops over its results. */
  List<LoopNest> behind() {
    return behind;
  }

  /** All steps, in order. */
  List<Step> steps() {
    return steps;
  }

  /** Between which barriers it runs. */
  int phase() {
    return phase;
  }

  /** How many results; of a loop that only stores, elements. */
  long results() {
    return results;
  }

  boolean conflicts(Accesses u) {
    return uses.stream().anyMatch(u::conflicts);
  }

  /** Whether the thread that has a result can do a loop's work for it. */
  boolean takes(LoopNest n, Accesses u) {
    return !n.reduces() && n.size() == results && uses.stream().allMatch(own -> follows(u, own));
  }

  private boolean follows(Accesses u, Accesses own) {
    return !Accesses.overlap(u.writes(), own.reads())
        && !Accesses.overlap(u.writes(), own.writes())
        && u.reads().stream()
            .filter(r -> own.writes().stream().anyMatch(r::overlaps))
            .allMatch(r -> r.whole() && inOrder.contains(r.buffer()));
  }

  void add(Step step, LoopNest n, Accesses u) {
    steps.add(step);
    behind.add(n);
    uses.add(u);
    whole(u);
  }
}
