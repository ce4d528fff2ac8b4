package io.quickstudy.backend.cuda.loops;

import io.quickstudy.backend.plan.Loop;
import java.util.ArrayList;
import java.util.List;

/**
 * Writes a loop as a function in CUDA C++, on top of {@code kernels/generated.cuh}: values in
 * registers, extents and strides as constants, everything stored and reduced in one pass. Loops
 * behind it that go over its results are done by the thread that has the result: it reads what it
 * wrote itself.
 */
final class LoopSource extends PartSource {
  private final LoopNest main;
  private final LoopLayout layout;

  private LoopSource(LoopNest main, List<LoopNest> behind) {
    super(behind);
    this.main = main;
    this.layout = LoopLayout.of(main);
  }

  /**
   * The function's text.
   *
   * @param main the loop
   * @param behind loops that only store, one element for each result or, where the first only
   *     stores, for each element
   */
  static String of(LoopNest main, List<LoopNest> behind) {
    LoopSource s = new LoopSource(main, behind);
    s.function();
    return s.text();
  }

  private void function() {
    List<String> parameters = new ArrayList<>(List.of("const unsigned block"));
    if (main.reduces()) {
      parameters.add("float* const shared");
    }
    if (layout.slices() > 1) {
      parameters.addAll(List.of("float* const parts", "unsigned* const counters"));
    }
    // what the first loop reads is written by nothing in the launch
    operands(parameters, main, "", " __restrict__");
    function(parameters);
  }

  @Override
  void write() {
    if (main.reduces()) {
      reduction();
    } else {
      stores();
    }
  }

  // ---- loops that only store

  private void stores() {
    int elements = layout.kept() / layout.vector();
    if (layout.rounds() > 1) {
      unrolled("for (unsigned u = 0; u < %su; u++)".formatted(layout.rounds()));
      line(
          "const unsigned e = (block * %su + u) * QS_THREADS + threadIdx.x;"
              .formatted(layout.rounds()));
    } else {
      line("const unsigned e = block * QS_THREADS + threadIdx.x;");
    }
    open("if (e < %su)".formatted(elements));
    indices(main, axes(main, false), "e", layout.vector());
    body(main, "", layout.vector());
    behind();
    close();
    if (layout.rounds() > 1) {
      close();
    }
  }

  // ---- reductions

  private List<Integer> reductions() {
    List<Integer> out = new ArrayList<>();
    for (int i = 0; i < main.outputs().size(); i++) {
      if (main.step().outputs().get(i).mode() != Loop.Mode.STORE) {
        out.add(i);
      }
    }
    return out;
  }

  private String join(int output) {
    return join(main.step().outputs().get(output));
  }

  private void nothing(String array, int output) {
    unrolled("for (int j = 0; j < %s; j++)".formatted(array.startsWith("s") ? layout.vector() : 1));
    line("%s[j] = %s::nothing();".formatted(array, join(output)));
    close();
  }

  private void reduction() {
    String lane = layout.near() ? "threadIdx.x % " : "threadIdx.x / ";
    String mine = layout.near() ? "threadIdx.x / " : "threadIdx.x % ";
    int other = layout.near() ? layout.along() : layout.across();
    line("const unsigned lane = %s%su;".formatted(lane, other));
    if (layout.slices() > 1) {
      line(
          "const unsigned group = block %% %su, slice = block / %1$su;".formatted(layout.groups()));
    } else {
      line("const unsigned group = block, slice = 0;");
    }
    line("const unsigned k = group * %su + %s%su;".formatted(layout.across(), mine, other));
    indices(main, axes(main, false), "k", layout.near() ? 1 : layout.vector());
    for (int i : reductions()) {
      line("float s%s[%s];".formatted(i, layout.vector()));
      nothing("s" + i, i);
    }
    open("if (k < %su)".formatted(layout.kept()));
    line("const unsigned first = slice * %su;".formatted(layout.each()));
    line(
        "const unsigned end = first + %su < %su ? first + %1$su : %2$su;"
            .formatted(layout.each(), layout.reduced()));
    open("for (unsigned r = first + lane; r < end; r += %su)".formatted(layout.along()));
    indices(main, axes(main, true), "r", layout.near() ? layout.vector() : 1);
    body(main, "", layout.vector());
    close();
    close();
    for (int i : reductions()) {
      if (layout.near() && layout.vector() > 1) {
        line("float t%s[1] = {qs_join_own<%s>(s%1$s)};".formatted(i, join(i)));
      }
      lanes(i);
    }
    if (layout.slices() > 1) {
      slices();
    }
    open("if (lane == 0 && k < %su)".formatted(layout.kept()));
    for (int i : reductions()) {
      put(main, "", i, layout.width(), result(i));
    }
    results();
    close();
  }

  /** The array with a thread's results. */
  private String result(int output) {
    return (layout.near() && layout.vector() > 1 ? "t" : "s") + output;
  }

  private void lanes(int output) {
    line(
        "qs_join_lanes<%s, %s, %b>(%s, shared, lane);"
            .formatted(join(output), layout.along(), layout.near(), result(output)));
  }

  /** Leaves parts to the last block of a group, which joins them in their order. */
  private void slices() {
    int results = layout.results();
    int width = layout.width();
    open("if (lane == 0 && k < %su)".formatted(layout.kept()));
    unrolled("for (int j = 0; j < %s; j++)".formatted(width));
    int first = 0;
    for (int i : reductions()) {
      line(
          "parts[%su + slice * %su + k * %su + j] = %s[j];"
              .formatted(first, results, width, result(i)));
      first += layout.slices() * results;
    }
    close();
    close();
    line("if (!qs_last(counters + group, %su)) return;".formatted(layout.slices()));
    for (int i : reductions()) {
      nothing(result(i), i);
    }
    open("if (k < %su)".formatted(layout.kept()));
    open("for (unsigned p = lane; p < %su; p += %su)".formatted(layout.slices(), layout.along()));
    unrolled("for (int j = 0; j < %s; j++)".formatted(width));
    first = 0;
    for (int i : reductions()) {
      line(
          "%s[j] = %s::join(%1$s[j], qs_others(parts + (%su + p * %su + k * %su + j)));"
              .formatted(result(i), join(i), first, results, width));
      first += layout.slices() * results;
    }
    close();
    close();
    close();
    reductions().forEach(this::lanes);
  }

  /** The loops over the results. */
  private void results() {
    if (!hasBehind()) {
      return;
    }
    unrolled("for (unsigned n = 0; n < %su; n++)".formatted(layout.width()));
    line("[[maybe_unused]] const unsigned e = k * %su + n;".formatted(layout.width()));
    behind();
    close();
  }
}
