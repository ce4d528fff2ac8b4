package io.quickstudy.exchange.onnx;

import io.quickstudy.exchange.onnx.Value.Computed;
import io.quickstudy.exchange.onnx.Value.Known;
import io.quickstudy.exchange.onnx.Value.Scalar;
import io.quickstudy.exchange.onnx.Value.Stretched;
import io.quickstudy.graph.Elementwise;
import io.quickstudy.graph.Leaf;
import io.quickstudy.graph.Tensor;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Brings values into the order, rank and extents in which an operator takes them. */
final class Arranger {
  private final OnnxGraph graph;
  private final String input;
  private final Map<List<Object>, String> done = new HashMap<>();
  private String batch;

  Arranger(OnnxGraph graph, String input) {
    this.graph = graph;
    this.input = input;
  }

  /** The order of an elementwise result: that of its first operand that has all axes. */
  List<Integer> order(Twin t, Translator of) {
    for (Twin in : t.in()) {
      if (of.value(in) instanceof Computed c) {
        return c.order();
      }
    }
    return Value.same(t.rank());
  }

  /** The operands of an elementwise operator, in one order, of extents that stretch to t's. */
  List<String> operands(Twin t, List<Integer> order, Translator of) {
    List<Value> values = t.in().stream().map(of::value).toList();
    List<String> names = new ArrayList<>();
    for (int i = 0; i < values.size(); i++) {
      boolean full = i == 0 && isShort(values, t);
      Twin in = t.in(i);
      names.add(full ? whole(values.get(0), in, order) : operand(values.get(i), in, order));
    }
    return names;
  }

  /** Whether there is an axis that none of the operands has. */
  private static boolean isShort(List<Value> values, Twin t) {
    for (int axis = 0; axis < t.rank(); axis++) {
      int a = axis;
      if (t.extent(axis) != 1 && values.stream().allMatch(v -> lacks(v, a))) {
        return true;
      }
    }
    return false;
  }

  private static boolean lacks(Value v, int axis) {
    return v instanceof Scalar || (v instanceof Stretched s && s.axes().contains(axis));
  }

  /** The operands of a matrix product, which stretch along leading axes alone. */
  List<String> factors(Twin t, Translator of) {
    List<Value> values = t.in().stream().map(of::value).toList();
    List<Integer> order = Value.same(t.rank());
    List<String> names = new ArrayList<>();
    for (int i = 0; i < values.size(); i++) {
      Value v = values.get(i);
      boolean inner =
          v instanceof Scalar
              || (v instanceof Stretched s && s.axes().stream().anyMatch(a -> a >= t.rank() - 2));
      boolean full = inner || (i == 0 && isShort(values, t));
      names.add(full ? whole(v, t.in(i), order) : operand(v, t.in(i), order));
    }
    return names;
  }

  /** A value that has extent 1, or nothing, along axes that it is repeated along. */
  private String operand(Value v, Twin t, List<Integer> order) {
    return switch (v) {
      case Scalar s -> graph.scalar(s.number());
      case Known k -> known(k.tensor(), order, physical(t, order));
      case Computed c -> arranged(c, t, order);
      case Stretched s -> {
        List<Integer> inner = Value.without(order, s.axes());
        List<Long> ones = new ArrayList<>();
        List<Long> missing = new ArrayList<>();
        int lead = 0;
        for (int i = 0; i < order.size(); i++) {
          boolean gone = s.axes().contains(order.get(i));
          lead += gone && ones.isEmpty() ? 1 : 0;
          if (!ones.isEmpty() || !gone) {
            ones.add(gone ? 1 : t.extent(order.get(i)));
          }
          if (gone && !ones.isEmpty()) {
            missing.add((long) i - lead);
          }
        }
        if (s.of() instanceof Known k) {
          yield known(k.tensor(), inner, List.copyOf(ones));
        }
        String name = arranged((Computed) s.of(), s, t, inner);
        yield unsqueezed(name, missing);
      }
    };
  }

  /** With axes of extent 1 more, one by one. */
  private String unsqueezed(String name, List<Long> axes) {
    String y = name;
    for (long axis : axes) { // ascending: each is where it will be at last
      String x = y;
      y =
          done.computeIfAbsent(
              List.of("Unsqueeze", x, axis),
              k -> graph.node("Unsqueeze", List.of(x), Map.of("axes", new long[] {axis})));
    }
    return y;
  }

  /** An operator without attributes, once for the same inputs. */
  private String node(String op, List<String> in) {
    return done.computeIfAbsent(List.of(op, in), k -> graph.node(op, in));
  }

  /** All of a value, in an order. */
  String whole(Value v, Twin t, List<Integer> order) {
    return switch (v) {
      case Computed c -> arranged(c, t, order);
      case Known k -> known(k.tensor(), order, physical(t, order));
      case Scalar s -> expanded(v, t, order);
      case Stretched s -> expanded(v, t, order);
    };
  }

  private String expanded(Value v, Twin t, List<Integer> order) {
    return node("Expand", List.of(operand(v, t, order), shape(physical(t, order))));
  }

  /** All of a value as an operator's result, in whatever order. */
  Computed computed(Value v, Twin t) {
    if (v instanceof Computed c) {
      return c;
    }
    List<Integer> order = Value.same(t.rank());
    return new Computed(whole(v, t, order), order);
  }

  private static List<Long> physical(Twin t, List<Integer> order) {
    return order.stream().map(t::extent).toList();
  }

  private String arranged(Computed c, Twin t, List<Integer> order) {
    return arranged(c, t.extents(), order);
  }

  /** What is stretched has the extents of the result that it is not stretched along. */
  private String arranged(Computed c, Stretched s, Twin t, List<Integer> order) {
    List<Long> extents = new ArrayList<>();
    for (int i = 0; i < t.rank(); i++) {
      if (!s.axes().contains(i)) {
        extents.add(t.extent(i));
      }
    }
    return arranged(c, extents, order);
  }

  private String arranged(Computed c, List<Long> extents, List<Integer> order) {
    if (c.order().equals(order)) {
      return c.name();
    }
    if (moving(c.order(), extents).equals(moving(order, extents))) {
      return node("Reshape", List.of(c.name(), target(order.stream().map(extents::get).toList())));
    }
    List<Long> perm = order.stream().map(i -> (long) c.order().indexOf(i)).toList();
    return done.computeIfAbsent(
        List.of("Transpose", c.name(), perm),
        k -> graph.node("Transpose", List.of(c.name()), Map.of("perm", Translator.longs(perm))));
  }

  /** The axes that have more than one position, in their order: only these lie somewhere. */
  private static List<Integer> moving(List<Integer> order, List<Long> extents) {
    return order.stream().filter(i -> extents.get(i) != 1).toList();
  }

  /** The same numbers under another shape. */
  Computed reshaped(Value v, Twin x, Twin t) {
    List<Integer> order = Value.same(t.rank());
    String name;
    if (v instanceof Computed c
        && moving(c.order(), x.extents()).equals(moving(Value.same(x.rank()), x.extents()))) {
      name = c.name();
    } else {
      name = whole(v, x, Value.same(x.rank()));
    }
    boolean flat = t.rank() == 2 && x.rank() > 2 && x.extent(0) == t.extent(0);
    String y =
        flat && t.extent(1) > 0
            ? graph.node("Flatten", List.of(name), Map.of("axis", 1L))
            : graph.node("Reshape", List.of(name, target(t.extents())));
    return new Computed(y, order);
  }

  /** A shape for a reshape, which may find out one extent by itself. */
  private String target(List<Long> extents) {
    if (extents.stream().filter(e -> e < 0).count() > 1) {
      return shape(extents);
    }
    return graph.list(extents.stream().map(e -> e < 0 ? -1 : e).toList());
  }

  /** A shape, computed where it depends on the batch. */
  private String shape(List<Long> extents) {
    if (extents.stream().noneMatch(e -> e < 0)) {
      return graph.list(extents);
    }
    if (batch == null) {
      String first = graph.list(List.of(0L));
      String all = graph.node("Shape", List.of(input));
      batch = graph.node("Slice", List.of(all, first, graph.list(List.of(1L)), first));
    }
    List<String> parts = new ArrayList<>();
    for (long e : extents) {
      String times = e < -1 ? node("Mul", List.of(batch, graph.list(List.of(-e)))) : batch;
      parts.add(e < 0 ? times : graph.list(List.of(e)));
    }
    return parts.size() == 1
        ? parts.get(0)
        : done.computeIfAbsent(
            List.of("Concat", parts), k -> graph.node("Concat", parts, Map.of("axis", 0L)));
  }

  /** A constant as one row of numbers. */
  String flat(Tensor t) {
    return known(t, Value.same(t.rank()), List.of((long) t.shape().size()));
  }

  private String known(Tensor t, List<Integer> order, List<Long> dims) {
    return graph.constant(called(t), t, order, dims);
  }

  /** The name of the parameter that a constant is, or that gradient steps made it of. */
  private static String called(Tensor t) {
    Tensor at = t;
    while (at.op() == Elementwise.Binary.SUB && at.input(0).shape().equals(t.shape())) {
      at = at.input(0);
    }
    return at.op() instanceof Leaf.Argument a && at.shape().equals(t.shape())
        ? a.name()
        : "constant";
  }
}
