package io.quickstudy.backend.cuda.loops;

import io.quickstudy.backend.plan.Accesses;
import io.quickstudy.backend.plan.Buffer;
import io.quickstudy.backend.plan.Step;
import io.quickstudy.graph.DType;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;

/**
 * What some blocks of a launch do: a loop or a product, and the loops over its results, or over a
 * loop's elements, that go with it.
 */
abstract sealed class Part permits LoopPart, ProductPart {
  /** A part of more blocks keeps a GPU busy by itself. */
  private static final int LARGE = 2048;

  private final List<LoopNest> behind = new ArrayList<>();
  private final List<Accesses> uses = new ArrayList<>();

  /** What holds one number for each result (or element), in their order. */
  private final Set<Buffer> results = Collections.newSetFromMap(new IdentityHashMap<>());

  Part(Accesses main) {
    uses.add(main);
  }

  // ---- what it does

  /** An operand of the launch and its type there. */
  record Operand(DType as, Step.Place place, boolean written) {
    String type() {
      return (written ? "" : "const ") + LoopValues.type(as) + "*";
    }
  }

  /** What comes first reads and writes this, in the order of the function's parameters. */
  abstract List<Operand> first();

  /** How many blocks. */
  abstract int blocks();

  /** Floats of a block's memory for each thread; where there are none the function has none. */
  abstract int shared();

  /** Parts that a result is made of, each by a block of its own. */
  int slices() {
    return 1;
  }

  /** Floats that these leave behind. */
  long floats() {
    return 0;
  }

  /** Counters that say which of them is the last. */
  int counters() {
    return 0;
  }

  /** The function's text. */
  abstract String source();

  /** The operands of all its function's parameters. */
  List<Operand> operands() {
    List<Operand> all = new ArrayList<>(first());
    behind.forEach(n -> all.addAll(operands(n)));
    return all;
  }

  static List<Operand> operands(LoopNest n) {
    List<Operand> all = new ArrayList<>();
    n.inputs().forEach(o -> all.add(new Operand(o.as(), o.place(), false)));
    n.outputs().forEach(o -> all.add(new Operand(o.as(), o.place(), true)));
    return all;
  }

  boolean large() {
    return blocks() > LARGE;
  }

  // ---- what goes behind it

  /** The loops over its results. */
  List<LoopNest> behind() {
    return behind;
  }

  /** Whether an element of a loop is one of its results, or of what is done with them. */
  abstract boolean matches(LoopNest n);

  /** Whether an access reads nothing of what comes first but what an element's thread has. */
  boolean isOwn(Accesses.Access read) {
    return false;
  }

  /** Whether who has a result can do a loop's work for it. */
  boolean takes(LoopNest n, Accesses u) {
    return !n.reduces() && matches(n) && uses.stream().allMatch(own -> follows(u, own));
  }

  private boolean follows(Accesses u, Accesses own) {
    return !Accesses.overlap(u.writes(), own.reads())
        && !Accesses.overlap(u.writes(), own.writes())
        && u.reads().stream()
            .filter(r -> own.writes().stream().anyMatch(r::overlaps))
            .allMatch(r -> (r.whole() && results.contains(r.buffer())) || isOwn(r));
  }

  boolean conflicts(Accesses u) {
    return uses.stream().anyMatch(u::conflicts);
  }

  void add(LoopNest n, Accesses u) {
    behind.add(n);
    uses.add(u);
    holds(u);
  }

  /** What is written whole holds a number for each result. */
  void holds(Accesses u) {
    u.writes().stream().filter(Accesses.Access::whole).forEach(w -> results.add(w.buffer()));
  }

  /** A buffer holds a number for each result. */
  void holds(Buffer b) {
    results.add(b);
  }
}
