package io.quickstudy.backend.cuda.loops;

import io.quickstudy.backend.plan.Loop;
import java.util.ArrayList;
import java.util.List;

/** Writes a part of a launch as a function in CUDA C++, on top of {@code kernels/generated.cuh}. */
abstract sealed class PartSource permits LoopSource, ProductSource {
  /** Stands for the function's name, so that equal functions have equal texts. */
  static final String NAME = "@";

  private final StringBuilder out = new StringBuilder();
  private final List<LoopNest> behind;
  private String indent = "  ";

  /**
   * A part.
   *
   * @param behind loops that only store, over its results
   */
  PartSource(List<LoopNest> behind) {
    this.behind = behind;
  }

  /** Its function, from the first line to the last. */
  void function(List<String> parameters) {
    List<String> all = new ArrayList<>(parameters);
    for (int i = 0; i < behind.size(); i++) {
      operands(all, behind.get(i), "e" + i, "");
    }
    out.append("QS_DEV void ").append(NAME).append('(');
    out.append(String.join(", ", all)).append(") {\n");
    write();
    out.append("}\n");
  }

  /** Writes what is between these. */
  abstract void write();

  /** The function's text. */
  String text() {
    return out.toString();
  }

  boolean hasBehind() {
    return !behind.isEmpty();
  }

  void line(String text) {
    out.append(indent).append(text).append('\n');
  }

  void open(String text) {
    line(text + " {");
    indent += "  ";
  }

  void close() {
    indent = indent.substring(2);
    line("}");
  }

  void unrolled(String text) {
    out.append("#pragma unroll\n");
    open(text);
  }

  static void operands(List<String> to, LoopNest n, String prefix, String restrict) {
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
  void indices(LoopNest n, List<Integer> axes, String number, int vector) {
    String rest = number;
    for (int i = axes.size() - 1; i >= 0; i--) {
      int d = axes.get(i);
      boolean innermost = d == n.extents().size() - 1;
      int extent = n.extents().get(d) / (innermost ? vector : 1);
      String times = innermost && vector > 1 ? " * " + vector + "u" : "";
      if (i == 0) {
        line("[[maybe_unused]] const unsigned i%s = %s%s;".formatted(d, rest, times));
      } else {
        String next = number + d;
        line(
            "[[maybe_unused]] const unsigned i%s = %s %% %su%s, %s = %s / %su;"
                .formatted(d, rest, extent, times, next, rest, extent));
        rest = next;
      }
    }
  }

  static List<Integer> axes(LoopNest n, boolean removed) {
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
  void body(LoopNest n, String prefix, int vector) {
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
        case SUM, MAX ->
            line("s%s[j] = %s::join(s%s[j], %s);".formatted(i, join(outputs.get(i)), i, v));
      }
    }
    close();
    for (int i = 0; i < outputs.size(); i++) {
      if (outputs.get(i).mode() == Loop.Mode.STORE) {
        put(n, prefix, i, vector, "b" + i);
      }
    }
  }

  void put(LoopNest n, String prefix, int output, int vector, String values) {
    LoopNest.Operand o = n.outputs().get(output);
    line("qs_put%s(%sy%s%s, %s);".formatted(access(o, vector), prefix, output, offset(o), values));
  }

  static String join(Loop.Output o) {
    return switch (o.mode()) {
      case SUM -> "QsSum";
      case MAX -> "QsMax";
      case STORE -> throw new IllegalStateException(o + " is stored");
    };
  }

  /** What is done with result e, or with element e of a loop that only stores. */
  void behind() {
    for (int i = 0; i < behind.size(); i++) {
      line("{ // %s".formatted(behind.get(i).step().space()));
      indent += "  ";
      indices(behind.get(i), axes(behind.get(i), false), "e", 1);
      body(behind.get(i), "e" + i, 1);
      close();
    }
  }
}
