package io.quickstudy.backend.cuda.loops;

import io.quickstudy.backend.cuda.driver.CudaDriver;
import io.quickstudy.backend.plan.Accesses;
import io.quickstudy.backend.plan.Buffer;
import io.quickstudy.backend.plan.Loop;
import io.quickstudy.backend.plan.Step;
import io.quickstudy.graph.DType;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Puts steps into groups that are started together. A loop over the results of a reduction or a
 * small product, or over the elements of another loop, goes with it. Other loops, copies and small
 * products go with one that is independent of them, and before which nothing has to happen that
 * they need: the blocks of a launch are divided among them.
 */
public final class LoopSchedule {
  /** Operands of a launch. */
  static final int MOST_OPERANDS = CudaDriver.Launch.WORDS - 2;

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

    /** Loops and products; none where the step is another one. */
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

    private boolean hasRoom(int operands) {
      return operands + parts.stream().mapToInt(p -> p.operands().size()).sum() <= MOST_OPERANDS;
    }

    private boolean takes(Part p) {
      return hasRoom(p.operands().size())
          && !parts.isEmpty()
          && parts.stream().noneMatch(Part::large);
    }
  }

  /** Which products kernels are generated for. */
  public interface Products {
    /** How a product is shared out, or nothing where a library computes it. */
    Optional<ProductLayout> of(Step.Gemm s);

    /** Those that are known to be faster so. */
    Products SMALL = ProductLayout::small;

    /** These, and those that may be. */
    Products ALL = s -> ProductLayout.small(s).or(() -> ProductLayout.medium(s));
  }

  /**
   * A schedule.
   *
   * @param products for which kernels are generated
   * @param rounded whether their operands are rounded to TF32
   */
  public LoopSchedule(List<Step> steps, Products products, boolean rounded) {
    for (Step s : steps) {
      switch (s) {
        case Loop l -> LoopSplit.of(l, temporaries::add).forEach(this::loop);
        case Step.Copy c -> loop(c, moved(c));
        case Step.Gemm g ->
            products
                .of(g)
                .filter(y -> g.batch() * g.m() * g.n() > 0)
                .ifPresentOrElse(y -> product(g, new ProductPart(g, y, rounded)), () -> other(g));
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
    int needed = needed(u);
    Group g = needed < 0 ? null : goesBehind(groups.get(needed), n, u);
    if (g == null) {
      g = goesWith(needed + 1, new LoopPart(n, u));
    }
    g.add(s, u);
  }

  private void product(Step.Gemm s, ProductPart p) {
    Accesses u = s.accesses();
    goesWith(needed(u) + 1, p).add(s, u);
  }

  /** The last group that has to come before what uses this, or -1. */
  private int needed(Accesses u) {
    int last = groups.size() - 1;
    while (last >= 0 && !groups.get(last).conflicts(u)) {
      last--;
    }
    return last;
  }

  /** The group, if one of its parts takes the loop and the others do not mind; else null. */
  private static Group goesBehind(Group g, LoopNest n, Accesses u) {
    List<Part> in = g.parts.stream().filter(p -> p.conflicts(u)).toList();
    if (in.size() != 1 || !g.hasRoom(n.places().size()) || !in.get(0).takes(n, u)) {
      return null;
    }
    in.get(0).add(n, u);
    return g;
  }

  /** The first group from a place on that takes a part, or a new one. */
  private Group goesWith(int from, Part p) {
    Group g = null;
    for (int i = from; i < groups.size() && g == null && !p.large(); i++) {
      g = groups.get(i).takes(p) ? groups.get(i) : null;
    }
    if (g == null) {
      g = new Group();
      groups.add(g);
    }
    g.parts.add(p);
    return g;
  }
}
