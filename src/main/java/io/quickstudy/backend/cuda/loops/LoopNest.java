package io.quickstudy.backend.cuda.loops;

import io.quickstudy.backend.plan.Loop;
import io.quickstudy.backend.plan.Step;
import io.quickstudy.backend.plan.View;
import io.quickstudy.graph.DType;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A loop with as few axes as its operands allow: none of extent 1, and none that all operands could
 * walk together with the next.
 *
 * @param extents of the axes, outermost first; none where there is one element
 * @param removed whether the reductions remove an axis; false throughout where there are none
 * @param inputs in the step's order
 * @param outputs in the step's order
 */
public record LoopNest(
    Loop step,
    List<Integer> extents,
    List<Boolean> removed,
    List<Operand> inputs,
    List<Operand> outputs) {

  /** Elements, and elements from the first to the last of an operand, that 32 bits count easily. */
  private static final long MOST = 1L << 30;

  /** Elements of a quad. */
  static final int QUAD = 4;

  /**
   * Where a loop reads or writes.
   *
   * @param strides elements from one index to the next along every axis
   */
  public record Operand(DType as, Step.Place place, List<Integer> strides) {

    /** The stride along the innermost axis. */
    int innermost() {
      return strides.isEmpty() ? 0 : strides.get(strides.size() - 1);
    }

    /**
     * Whether four neighbours, from a multiple of four on, always lie on a multiple of 16 bytes.
     */
    boolean quads() {
      boolean outer = strides.stream().limit(strides.size() - 1L).allMatch(s -> s % QUAD == 0);
      boolean first =
          place.start() % QUAD == 0 && place.buffer().isAligned((long) QUAD * DType.F32.bytes());
      return as == DType.F32 && innermost() == 1 && outer && first;
    }
  }

  /** A loop as kernels are generated for it, or nothing where it is too large for that. */
  public static Optional<LoopNest> of(Loop s) {
    List<View> views = new ArrayList<>();
    s.inputs().forEach(i -> views.add(i.view()));
    s.outputs().forEach(o -> views.add(o.view()));
    if (s.space().size() > MOST || !views.stream().allMatch(LoopNest::near)) {
      return Optional.empty();
    }
    List<Integer> extents = new ArrayList<>();
    List<Integer> axes = new ArrayList<>(); // the innermost of those walked together
    for (int d = 0; d < s.space().rank(); d++) {
      int extent = s.space().dim(d);
      if (extent == 1) {
        continue;
      }
      int end = axes.size() - 1;
      if (end >= 0 && together(views, axes.get(end), d, extent)) {
        extents.set(end, extents.get(end) * extent);
        axes.set(end, d);
      } else {
        extents.add(extent);
        axes.add(d);
      }
    }
    List<Operand> inputs = new ArrayList<>();
    s.inputs().forEach(i -> inputs.add(operand(i.as(), i.view(), axes)));
    List<Operand> outputs = new ArrayList<>();
    s.outputs().forEach(o -> outputs.add(operand(o.as(), o.view(), axes)));
    List<Boolean> removed = new ArrayList<>();
    for (int d : axes) {
      removed.add(reductions(s).anyMatch(o -> o.view().strides()[d] == 0));
    }
    return Optional.of(new LoopNest(s, extents, removed, inputs, outputs));
  }

  /** The outputs that are no plain stores. */
  public static java.util.stream.Stream<Loop.Output> reductions(Loop s) {
    return s.outputs().stream().filter(o -> o.mode() != Loop.Mode.STORE);
  }

  private static boolean near(View v) {
    long last = 0;
    for (int d = 0; d < v.strides().length; d++) {
      if (v.strides()[d] < 0) {
        return false;
      }
      last += (v.shape().dim(d) - 1L) * v.strides()[d];
    }
    return last <= MOST;
  }

  private static boolean together(List<View> views, int outer, int inner, int extent) {
    return views.stream().allMatch(v -> v.strides()[outer] == (long) v.strides()[inner] * extent);
  }

  private static Operand operand(DType as, View v, List<Integer> axes) {
    return new Operand(as, v.place(), axes.stream().map(d -> v.strides()[d]).toList());
  }

  /** How many elements. */
  public int size() {
    return step.space().size();
  }

  /** How many results of reductions; where it only stores, elements. */
  public long results() {
    long n = 1;
    for (int d = 0; d < extents.size(); d++) {
      n *= removed.get(d) ? 1 : extents.get(d);
    }
    return n;
  }

  /** Whether anything is reduced. */
  public boolean reduces() {
    return reductions(step).findAny().isPresent();
  }

  /** What it reads and writes, in order. */
  List<Step.Place> places() {
    return step.operands();
  }
}
