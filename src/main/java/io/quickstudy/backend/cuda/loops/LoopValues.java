package io.quickstudy.backend.cuda.loops;

import io.quickstudy.backend.plan.Loop;
import io.quickstudy.graph.DType;
import io.quickstudy.graph.Elementwise;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;
import java.util.function.IntFunction;

/** What a loop computes for one element, in CUDA C++. */
public final class LoopValues {
  private LoopValues() {}

  /** A number's type in C. */
  public static String type(DType t) {
    return switch (t) {
      case F32 -> "float";
      case I32 -> "int";
      case U8 -> "unsigned char";
    };
  }

  /**
   * Declares every op's value.
   *
   * @param input what the element of an input is called
   * @param line takes the lines
   * @return what each value is called
   */
  public static List<String> declare(Loop s, IntFunction<String> input, Consumer<String> line) {
    List<String> names = new ArrayList<>();
    for (int i = 0; i < s.inputs().size(); i++) {
      names.add(input.apply(i));
    }
    for (double c : s.constants()) {
      names.add(
          String.format(
              Locale.ROOT, "qs_from_bits((int)0x%08xu)", Float.floatToRawIntBits((float) c)));
    }
    for (Loop.Apply a : s.ops()) {
      String name = "v" + names.size();
      line.accept(
          "const float %s = %s(%s);"
              .formatted(
                  name,
                  function(a.op()),
                  String.join(", ", a.operands().stream().map(names::get).toList())));
      names.add(name);
    }
    return names;
  }

  private static String function(Elementwise op) {
    String name =
        switch (op) {
          case Elementwise.Unary u -> u.name();
          case Elementwise.Binary b -> b.name();
          case Elementwise.Select s -> "SELECT";
          case Elementwise.Alias a -> throw new IllegalStateException(a + " in a loop");
          case Elementwise.Stop s -> throw new IllegalStateException(s + " in a loop");
          case Elementwise.Convert c -> throw new IllegalStateException(c + " in a loop");
        };
    return "qs_" + name.toLowerCase(Locale.ROOT);
  }
}
