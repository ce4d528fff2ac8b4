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
final class LoopSource {
  /** Stands for the function's name, so that equal functions have equal texts. */
  static final String NAME = "@";

  private final StringBuilder out = new StringBuilder();
  private final LoopNest main;
  private final List<LoopNest> behind;
  private final LoopLayout layout;
  private String indent = "  ";

  private LoopSource(LoopNest main, List<LoopNest> behind) {
    this.main = main;
    this.behind = behind;
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
    return s.out.toString();
  }

  private void line(String text) {
    out.append(indent).append(text).append('\n');
  }

  private void open(String text) {
    line(text + " {");
    indent += "  ";
  }

  private void close() {
    indent = indent.substring(2);
    line("}");
  }

  private void unrolled(String text) {
    out.append("#pragma unroll\n");
    open(text);
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
    for (int i = 0; i < behind.size(); i++) {
      operands(parameters, behind.get(i), "e" + i, "");
    }
    out.append("QS_DEV void ").append(NAME).append('(');
    out.append(String.join(", ", parameters)).append(") {\n");
    if (main.reduces()) {
      reduction();
    } else {
      stores();
    }
    out.append("}\n");
  }

  private static void operands(List<String> to, LoopNest n, String prefix, String restrict) {
    for (int i = 0; i < n.inputs().size(); i++) {
      to.add(
          "const "
              + LoopValues.type(n.inputs().get(i).as())
              + "*"
              + restrict
              + " "
              + prefix
              + "x"
              + i);
    }
    for (int i = 0; i < n.outputs().size(); i++) {
      to.add(LoopValues.type(n.outputs().get(i).as()) + "* " + prefix + "y" + i);
    }
  }

  // ---- where elements lie

  /** Declares the indices along some axes of the element that a variable numbers, row-major. */
  private void indices(LoopNest n, List<Integer> axes, String number, int vector) {
    String rest = number;
    for (int i = axes.size() - 1; i >= 0; i--) {
      int d = axes.get(i);
      boolean innermost = d == n.extents().size() - 1;
      int extent = n.extents().get(d) / (innermost ? vector : 1);
      String times = innermost && vector > 1 ? " * " + vector + "u" : "";
      if (i == 0) {
        line("const unsigned i%s = %s%s;".formatted(d, rest, times));
      } else {
        String next = number + d;
        line(
            "const unsigned i%s = %s %% %su%s, %s = %s / %su;"
                .formatted(d, rest, extent, times, next, rest, extent));
        rest = next;
      }
    }
  }

  private static List<Integer> axes(LoopNest n, boolean removed) {
    List<Integer> out = new ArrayList<>();
    for (int d = 0; d < n.extents().size(); d++) {
      if (n.removed().get(d) == removed) {
        out.add(d);
      }
    }
    return out;
  }

  private static String offset(LoopNest.Operand o) {
    List<String> terms = new ArrayList<>();
    for (int d = 0; d < o.strides().size(); d++) {
      int s = o.strides().get(d);
      if (s != 0) {
        terms.add(s == 1 ? "i" + d : "i" + d + " * " + s + "u");
      }
    }
    return terms.isEmpty() ? "" : " + (" + String.join(" + ", terms) + ")";
  }

  private static String access(LoopNest.Operand o, int vector) {
    boolean quads = vector == LoopNest.QUAD && o.quads();
    return "<" + vector + ", " + o.innermost() + ", " + quads + ">";
  }

  // ---- what is done with them

  /** Reads, computes and stores the elements that the indices name; adds up what is reduced. */
  private void body(LoopNest n, String prefix, int vector) {
    for (int i = 0; i < n.inputs().size(); i++) {
      LoopNest.Operand o = n.inputs().get(i);
      line("float a%s[%s];".formatted(i, vector));
      line("qs_take%s(a%s, %sx%s%s);".formatted(access(o, vector), i, prefix, i, offset(o)));
    }
    List<Loop.Output> outputs = n.step().outputs();
    for (int i = 0; i < outputs.size(); i++) {
      if (outputs.get(i).mode() == Loop.Mode.STORE) {
        line("float b%s[%s];".formatted(i, vector));
      }
    }
    unrolled("for (int j = 0; j < %s; j++)".formatted(vector));
    List<String> values = LoopValues.declare(n.step(), i -> "a" + i + "[j]", this::line);
    for (int i = 0; i < outputs.size(); i++) {
      String v = values.get(outputs.get(i).value());
      switch (outputs.get(i).mode()) {
        case STORE -> line("b%s[j] = %s;".formatted(i, v));
        case SUM, MAX -> line("s%s[j] = %s::join(s%s[j], %s);".formatted(i, join(i), i, v));
      }
    }
    close();
    for (int i = 0; i < outputs.size(); i++) {
      if (outputs.get(i).mode() == Loop.Mode.STORE) {
        put(n, prefix, i, vector, "b" + i);
      }
    }
  }

  private void put(LoopNest n, String prefix, int output, int vector, String values) {
    LoopNest.Operand o = n.outputs().get(output);
    line("qs_put%s(%sy%s%s, %s);".formatted(access(o, vector), prefix, output, offset(o), values));
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
    return switch (main.step().outputs().get(output).mode()) {
      case SUM -> "QsSum";
      case MAX -> "QsMax";
      case STORE -> throw new IllegalStateException("output " + output + " is stored");
    };
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
    if (behind.isEmpty()) {
      return;
    }
    unrolled("for (unsigned n = 0; n < %su; n++)".formatted(layout.width()));
    line("[[maybe_unused]] const unsigned e = k * %su + n;".formatted(layout.width()));
    behind();
    close();
  }

  /** What is done with result e, or with element e of a loop that only stores. */
  private void behind() {
    for (int i = 0; i < behind.size(); i++) {
      line("{ // %s".formatted(behind.get(i).step().space()));
      indent += "  ";
      indices(behind.get(i), axes(behind.get(i), false), "e", 1);
      body(behind.get(i), "e" + i, 1);
      close();
    }
  }
}
