package io.quickstudy.backend.cuda.tasks;

import io.quickstudy.backend.cuda.loops.LoopNest;
import io.quickstudy.backend.cuda.loops.LoopValues;
import io.quickstudy.backend.plan.Buffer;
import io.quickstudy.backend.plan.Loop;
import io.quickstudy.backend.plan.Step;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/**
 * Writes a unit as a function in CUDA C++: extents and strides as constants, operands by the words
 * of its row. Units that do the same with other operands have the same text.
 */
final class TaskSource {
  /** Stands for the function's name, so that equal functions have equal texts. */
  static final String NAME = "@";

  /** The words of a row in front of its operands. */
  static final int HEAD = 1;

  /** An operand in the block's memory takes one word, another so many. */
  private static final int FAR = 3;

  private static final int WARP = 32;

  private final StringBuilder out = new StringBuilder();
  private final TaskUnit unit;
  private final int threads;
  private final Predicate<Buffer> own;
  private final List<Step.Place> places = new ArrayList<>();
  private int words = HEAD;
  private int busy;
  private double cycles;
  private String indent = "  ";

  /**
   * Writes it.
   *
   * @param threads of the block
   * @param own whether a buffer lies in the block's memory
   */
  TaskSource(TaskUnit unit, int threads, Predicate<Buffer> own) {
    this.unit = unit;
    this.threads = threads;
    this.own = own;
    out.append("QS_DEV void ").append(NAME);
    out.append("(const unsigned* const w, [[maybe_unused]] char* const own, const unsigned t) {\n");
    switch (unit.main()) {
      case Loop l -> loop(unit.nest().orElseThrow());
      case Step.Gemm g -> product(g);
      default -> throw new IllegalStateException(unit.main().what() + " is no unit");
    }
    out.append("}\n");
  }

  /** The function's text. */
  String text() {
    return out.toString();
  }

  /** The operands, in the order of the row's words. */
  List<Step.Place> places() {
    return places;
  }

  /** The words of a row. */
  int words() {
    return words;
  }

  /** How many threads the last pass keeps busy. */
  int busy() {
    return busy;
  }

  /** What it takes, counted. */
  double cycles() {
    return cycles;
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

  // ---- operands

  private void operand(String type, String name, Step.Place p) {
    boolean near = own.test(p.buffer());
    line(
        "%s* const %s = %s;"
            .formatted(
                type,
                name,
                near
                    ? "qs_task_own<%s>(own, w + %s)".formatted(type, words)
                    : "qs_task_far<%s>(w + %s)".formatted(type, words)));
    places.add(p);
    words += near ? 1 : FAR;
  }

  private void operands(LoopNest n, String prefix) {
    for (int i = 0; i < n.inputs().size(); i++) {
      LoopNest.Operand o = n.inputs().get(i);
      operand("const " + LoopValues.type(o.as()), prefix + "x" + i, o.place());
    }
    for (int i = 0; i < n.outputs().size(); i++) {
      LoopNest.Operand o = n.outputs().get(i);
      operand(LoopValues.type(o.as()), prefix + "y" + i, o.place());
    }
  }

  private void operandsBehind() {
    for (int i = 0; i < unit.behind().size(); i++) {
      operands(unit.behind().get(i), "e" + i);
    }
  }

  // ---- what is done with them

  private static List<Integer> axes(LoopNest n, boolean removed) {
    List<Integer> all = new ArrayList<>();
    for (int d = 0; d < n.extents().size(); d++) {
      if (n.removed().get(d) == removed) {
        all.add(d);
      }
    }
    return all;
  }

  private static int extent(LoopNest n, List<Integer> axes) {
    return axes.stream().mapToInt(n.extents()::get).reduce(1, Math::multiplyExact);
  }

  /** Declares the indices along some axes of the element that a variable numbers, row-major. */
  private void indices(LoopNest n, List<Integer> axes, String number) {
    String rest = number;
    for (int i = axes.size() - 1; i >= 0; i--) {
      int d = axes.get(i);
      if (i == 0) {
        line("[[maybe_unused]] const unsigned i%s = %s;".formatted(d, rest));
      } else {
        String next = number + d;
        line(
            "[[maybe_unused]] const unsigned i%s = %s %% %su, %s = %s / %su;"
                .formatted(d, rest, n.extents().get(d), next, rest, n.extents().get(d)));
        rest = next;
      }
    }
  }

  private static String at(String base, LoopNest.Operand o) {
    List<String> terms = new ArrayList<>();
    for (int d = 0; d < o.strides().size(); d++) {
      int s = o.strides().get(d);
      if (s != 0) {
        terms.add(s == 1 ? "i" + d : "i" + d + " * " + s + "u");
      }
    }
    return base + "[" + (terms.isEmpty() ? "0" : String.join(" + ", terms)) + "]";
  }

  private void write(LoopNest n, String prefix, int output, String value) {
    line("qs_write(&%s, %s);".formatted(at(prefix + "y" + output, n.outputs().get(output)), value));
  }

  /** Reads, computes and stores the element that the indices name; adds up what is reduced. */
  private void body(LoopNest n, String prefix) {
    for (int i = 0; i < n.inputs().size(); i++) {
      line("const float a%s = (float)%s;".formatted(i, at(prefix + "x" + i, n.inputs().get(i))));
    }
    List<String> values = LoopValues.declare(n.step(), i -> "a" + i, this::line);
    for (int i = 0; i < n.outputs().size(); i++) {
      Loop.Output o = n.step().outputs().get(i);
      String v = values.get(o.value());
      switch (o.mode()) {
        case STORE -> write(n, prefix, i, v);
        case SUM, MAX -> line("s%s = %s::join(s%1$s, %s);".formatted(i, join(o), v));
      }
    }
  }

  private static String join(Loop.Output o) {
    return switch (o.mode()) {
      case SUM -> "QsSum";
      case MAX -> "QsMax";
      case STORE -> throw new IllegalStateException("stored");
    };
  }

  /** What is done with result e. */
  private void behind() {
    for (int i = 0; i < unit.behind().size(); i++) {
      LoopNest n = unit.behind().get(i);
      open("");
      indices(n, axes(n, false), "e");
      body(n, "e" + i);
      close();
    }
  }

  // ---- loops

  private void loop(LoopNest n) {
    operands(n, "");
    operandsBehind();
    if (n.reduces()) {
      reduction(n);
    } else {
      stores(n);
    }
  }

  private void stores(LoopNest n) {
    int size = extent(n, axes(n, false));
    busy = (size - 1) % threads + 1;
    cycles = cost(n, size, 1);
    if (size <= threads) {
      open("if (t < %su)".formatted(size));
      line("[[maybe_unused]] const unsigned e = t;");
    } else {
      open("for (unsigned e = t; e < %su; e += %su)".formatted(size, threads));
    }
    indices(n, axes(n, false), "e");
    body(n, "");
    behind();
    close();
  }

  private void reduction(LoopNest n) {
    List<Integer> kept = axes(n, false);
    List<Integer> removed = axes(n, true);
    int results = extent(n, kept);
    int summands = extent(n, removed);
    int along = along(results, summands);
    int step = threads / along;
    busy = ((results - 1) % step + 1) * along;
    cycles = cost(n, (long) results * along, (summands + along - 1) / along);
    List<Loop.Output> outputs = n.step().outputs();
    line("const unsigned lane = t %% %su;".formatted(along));
    out.append("#pragma unroll 1\n");
    open("for (unsigned first = 0; first < %su; first += %su)".formatted(results, step));
    line("const unsigned k = first + t / %su;".formatted(along));
    for (int i = 0; i < outputs.size(); i++) {
      if (outputs.get(i).mode() != Loop.Mode.STORE) {
        line("float s%s = %s::nothing();".formatted(i, join(outputs.get(i))));
      }
    }
    open("if (k < %su)".formatted(results));
    indices(n, kept, "k");
    open("for (unsigned r = lane; r < %su; r += %su)".formatted(summands, along));
    indices(n, removed, "r");
    body(n, "");
    close();
    close();
    for (int i = 0; i < outputs.size(); i++) {
      if (outputs.get(i).mode() != Loop.Mode.STORE && along > 1) {
        line("s%s = qs_task_join<%s, %s>(s%1$s);".formatted(i, join(outputs.get(i)), along));
      }
    }
    open("if (lane == 0 && k < %su)".formatted(results));
    indices(n, kept, "k");
    for (int i = 0; i < outputs.size(); i++) {
      if (outputs.get(i).mode() != Loop.Mode.STORE) {
        write(n, "", i, "s" + i);
      }
    }
    line("[[maybe_unused]] const unsigned e = k;");
    behind();
    close();
    close();
  }

  /** Threads that share a result: as many as there are to spare, each with two summands or more. */
  private int along(int results, int summands) {
    int p = 1;
    while (p < WARP && 4L * p <= summands && 2L * p * results <= threads) {
      p *= 2;
    }
    return p;
  }

  /** Cycles of a loop, from its operations and the passes that wait for one another. */
  private double cost(LoopNest n, long wanted, int each) {
    int operands = n.inputs().size() + n.outputs().size();
    int ops = n.step().ops().size();
    for (LoopNest b : unit.behind()) {
      operands += b.inputs().size() + b.outputs().size();
      ops += b.step().ops().size();
    }
    double instructions = 8 + 5.0 * operands + 3.0 * ops;
    double busyWarps = Math.ceil((double) wanted / WARP) * each;
    double passes = Math.ceil((double) wanted / threads) * each;
    return Math.max(busyWarps * instructions / 4, passes * (70 + 6.0 * ops));
  }

  // ---- products

  private void product(Step.Gemm s) {
    ProductShare y = ProductShare.of(s, threads);
    operand("const float", "a", s.a().place());
    operand("const float", "b", s.b().place());
    operand("float", "c", s.c());
    operandsBehind();
    long tiles =
        s.batch() * ((s.m() + y.rows() - 1) / y.rows()) * ((s.n() + y.columns() - 1) / y.columns());
    busy = (int) ((tiles * y.along() - 1) % threads + 1);
    cycles = y.cycles();
    boolean ta = s.a().transposed();
    boolean tb = s.b().transposed();
    String extents =
        "%s, %s, %s, %s, %s, %s, %s, %s"
            .formatted(threads, s.batch(), s.m(), s.n(), s.k(), y.rows(), y.columns(), y.along());
    String strides =
        "%s, %s, %s, %s, %s, %s"
            .formatted(
                s.a().batchStride(),
                ta ? 1 : s.a().ld(),
                ta ? s.a().ld() : 1,
                s.b().batchStride(),
                tb ? 1 : s.b().ld(),
                tb ? s.b().ld() : 1);
    String call = "qs_task_product<%s, %s>(a, b, c, t, ".formatted(extents, strides);
    if (unit.behind().isEmpty()) {
      line(call + "[](unsigned) {});");
      return;
    }
    cycles += 40.0 * unit.behind().size() * y.rows() * y.columns();
    open(call + "[=]([[maybe_unused]] unsigned e)");
    behind();
    indent = indent.substring(2);
    line("});");
  }
}
