package io.quickstudy.backend.cuda.loops;

import io.quickstudy.backend.plan.Accesses;
import java.util.List;

/** A loop with those over its results, or over its elements. */
final class LoopPart extends Part {
  private final LoopNest main;
  private final LoopLayout layout;

  LoopPart(LoopNest main, Accesses u) {
    super(u);
    this.main = main;
    this.layout = LoopLayout.of(main);
    if (main.reduces()) {
      LoopNest.reductions(main.step()).forEach(o -> holds(o.view().buffer()));
    } else {
      holds(u);
    }
  }

  @Override
  List<Operand> first() {
    return operands(main);
  }

  @Override
  int blocks() {
    return layout.blocks(main.reduces());
  }

  @Override
  int shared() {
    return main.reduces() ? layout.width() : 0;
  }

  @Override
  int slices() {
    return layout.slices();
  }

  @Override
  long floats() {
    long reductions = LoopNest.reductions(main.step()).count();
    return slices() > 1 ? (long) slices() * layout.results() * reductions : 0;
  }

  @Override
  int counters() {
    return slices() > 1 ? layout.groups() : 0;
  }

  @Override
  String source() {
    return LoopSource.of(main, behind());
  }

  @Override
  boolean matches(LoopNest n) {
    return (main.reduces() || layout.single()) && n.size() == layout.results();
  }
}
