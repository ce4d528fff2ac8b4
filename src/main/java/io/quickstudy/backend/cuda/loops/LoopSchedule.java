package io.quickstudy.backend.cuda.loops;

import io.quickstudy.backend.cuda.driver.CudaDriver;
import io.quickstudy.backend.plan.Accesses;
import io.quickstudy.backend.plan.Buffer;
import io.quickstudy.backend.plan.Loop;
import io.quickstudy.backend.plan.Step;
import io.quickstudy.graph.DType;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;

/**
 * Puts steps into groups that are started together. A loop over the results of a reduction, or over
 * the elements of another loop, goes with it. Other loops and copies go with one that is
 * independent of them, and before which nothing has to happen that they need: the blocks of a
 * launch are divided among them.
 */
public final class LoopSchedule {
  /** Operands of a launch. */
  static final int MOST_OPERANDS = CudaDriver.Launch.WORDS - 2;

  /** A loop of more blocks keeps a GPU busy by itself. */
  private static final int LARGE = 2048;

  private final List<Group> groups = new ArrayList<>();
  private final List<Buffer> temporaries = new ArrayList<>();

  /** Steps that are started together: loops that kernels are generated for, or one other step. */
  public static final class Group {
    private final List<Step> steps = new ArrayList<>();
    private final List<Accesses> uses = new ArrayList<>();
    private final List<Part> parts = new ArrayList<>();

    /** In their order. */
    public List<Step> steps() {
      return steps;
    }

    /** The loops; none where the step is another one. */
    List<Part> parts() {
      return parts;
    }

    private void add(Step step, Accesses u) {
      steps.add(step);
      uses.add(u);
    }

    private boolean conflicts(Accesses u) {
      return uses.stream().anyMatch(u::conflicts);
    }

    private boolean takes(LoopNest n) {
      int operands = parts.stream().mapToInt(Part::operands).sum() + n.places().size();
      return operands <= MOST_OPERANDS && !parts.isEmpty() && parts.stream().noneMatch(Part::large);
    }
  }

  /** A loop with the loops over its results, or over its elements, that go with it. */
  static final class Part {
    private final LoopNest main;
    private final List<LoopNest> behind = new ArrayList<>();
    private final List<Accesses> uses = new ArrayList<>();

    /** What holds one number for each result (or element), in their order. */
    private final Set<Buffer> results = Collections.newSetFromMap(new IdentityHashMap<>());

    private Part(LoopNest main, Accesses u) {
      this.main = main;
      uses.add(u);
      if (main.reduces()) {
        LoopNest.reductions(main.step()).forEach(o -> results.add(o.view().buffer()));
      } else {
        u.writes().stream().filter(Accesses.Access::whole).forEach(w -> results.add(w.buffer()));
      }
    }

    LoopNest main() {
      return main;
    }

    List<LoopNest> behind() {
      return behind;
    }

    /** Of all its loops. */
    int operands() {
      return main.places().size() + behind.stream().mapToInt(n -> n.places().size()).sum();
    }

    int blocks() {
      return LoopLayout.of(main).blocks(main.reduces());
    }

    private boolean large() {
      return blocks() > LARGE;
    }

    /** Whether the thread that has a result can do a loop's work for it. */
    private boolean takes(LoopNest n, Accesses u) {
      LoopLayout y = LoopLayout.of(main);
      return !n.reduces()
          && (main.reduces() || y.single())
          && n.size() == y.results()
          && uses.stream().allMatch(own -> follows(u, own));
    }

    private boolean follows(Accesses u, Accesses own) {
      return !Accesses.overlap(u.writes(), own.reads())
          && !Accesses.overlap(u.writes(), own.writes())
          && u.reads().stream()
              .filter(r -> own.writes().stream().anyMatch(r::overlaps))
              .allMatch(r -> r.whole() && results.contains(r.buffer()));
    }

    private void add(LoopNest n, Accesses u) {
      behind.add(n);
      uses.add(u);
      u.writes().stream().filter(Accesses.Access::whole).forEach(w -> results.add(w.buffer()));
    }
  }

  public LoopSchedule(List<Step> steps) {
    for (Step s : steps) {
      switch (s) {
        case Loop l -> LoopSplit.of(l, temporaries::add).forEach(this::loop);
        case Step.Copy c -> loop(c, moved(c));
        default -> other(s);
      }
    }
  }

  /** In the order in which they are started. */
  public List<Group> groups() {
    return groups;
  }

  /** Buffers that are needed besides the steps' own. */
  public List<Buffer> temporaries() {
    return temporaries;
  }

  /** A copy as a loop: numbers that nothing is done to may as well be floats. */
  public static Loop moved(Step.Copy c) {
    DType as = c.from().buffer().dtype() == DType.U8 ? DType.U8 : DType.F32;
    return new Loop(
        c.to().shape(),
        List.of(new Loop.Input(as, c.from())),
        List.of(),
        List.of(),
        List.of(new Loop.Output(0, Loop.Mode.STORE, as, c.to())),
        c.what());
  }

  private void other(Step s) {
    Group g = new Group();
    g.add(s, s.accesses());
    groups.add(g);
  }

  private void loop(Loop s) {
    loop(s, s);
  }

  private void loop(Step s, Loop as) {
    LoopNest n = LoopNest.of(as).orElse(null);
    if (n == null || n.places().size() > MOST_OPERANDS) {
      other(s);
      return;
    }
    Accesses u = s.accesses();
    int needed = groups.size() - 1; // the last group that has to come before
    while (needed >= 0 && !groups.get(needed).conflicts(u)) {
      needed--;
    }
    Group g = needed < 0 ? null : goesBehind(groups.get(needed), n, u);
    if (g == null) {
      g = goesWith(needed + 1, n, u);
    }
    g.add(s, u);
  }

  /** The group, if one of its parts takes the loop and the others do not mind; else null. */
  private static Group goesBehind(Group g, LoopNest n, Accesses u) {
    List<Part> in = g.parts.stream().filter(p -> p.uses.stream().anyMatch(u::conflicts)).toList();
    int operands = g.parts.stream().mapToInt(Part::operands).sum() + n.places().size();
    if (in.size() != 1 || operands > MOST_OPERANDS || !in.get(0).takes(n, u)) {
      return null;
    }
    in.get(0).add(n, u);
    return g;
  }

  /** The first group from a place on that takes the loop, or a new one. */
  private Group goesWith(int from, LoopNest n, Accesses u) {
    Part p = new Part(n, u);
    Group g = null;
    for (int i = from; i < groups.size() && g == null && !p.large(); i++) {
      g = groups.get(i).takes(n) ? groups.get(i) : null;
    }
    if (g == null) {
      g = new Group();
      groups.add(g);
    }
    g.parts.add(p);
    return g;
  }
}
