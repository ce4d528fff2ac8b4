package io.quickstudy.exchange.onnx;

import io.quickstudy.exchange.onnx.Value.Computed;
import io.quickstudy.exchange.onnx.Value.Known;
import io.quickstudy.exchange.onnx.Value.Scalar;
import io.quickstudy.graph.Convolution;
import io.quickstudy.graph.CustomVjp;
import io.quickstudy.graph.DType;
import io.quickstudy.graph.Elementwise;
import io.quickstudy.graph.Indexing;
import io.quickstudy.graph.Layout;
import io.quickstudy.graph.Leaf;
import io.quickstudy.graph.Op;
import io.quickstudy.graph.Pooling;
import io.quickstudy.graph.Product;
import io.quickstudy.graph.Recurrence;
import io.quickstudy.graph.Reduction;
import io.quickstudy.graph.Tensor;
import io.quickstudy.graph.Window;
import io.quickstudy.transform.Graphs;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Translates a graph that was traced twice into ONNX, op by op. Images and their maps stay [n, c,
 * h, w] from the input on, as ONNX has them; {@link Value.Computed} remembers whose axes those are,
 * and they are turned only where our order of the numbers matters.
 */
final class Translator {
  private final OnnxGraph graph;
  private final Arranger arranger;
  private final Patterns patterns;
  private final Set<Tensor> dependent = Collections.newSetFromMap(new IdentityHashMap<>());
  private final Map<Twin, Value> done = new HashMap<>();

  /**
   * A translator into a graph.
   *
   * @param input the input as it was traced
   * @param name what it is called there
   * @param order which of its axes come first there
   * @param roots all that is going to be asked for
   */
  Translator(OnnxGraph graph, Twin input, String name, List<Integer> order, List<Twin> roots) {
    this.graph = graph;
    List<Long> dims = input.extents();
    graph.input(name, order.stream().map(dims::get).toList());
    this.arranger = new Arranger(graph, name);
    this.patterns = new Patterns(graph, arranger, this);
    done.put(input, new Computed(name, order));
    mark(input.a(), roots.stream().map(Twin::a).toList());
    mark(input.b(), roots.stream().map(Twin::b).toList());
  }

  private void mark(Tensor input, List<Tensor> roots) {
    dependent.add(input);
    for (Tensor t : Graphs.order(roots)) {
      if (t.inputs().stream().anyMatch(dependent::contains)) {
        dependent.add(t);
      }
    }
  }

  /** The name of a whole value in our order. */
  String result(Twin t) {
    return arranger.whole(value(t), t, Value.same(t.rank()));
  }

  /** Whether a node is the same whatever the inputs are. */
  boolean isKnown(Twin t) {
    return t.isOne() && !dependent.contains(t.a());
  }

  /** What a node is in ONNX. */
  Value value(Twin t) {
    Value known = done.get(t);
    if (known == null) {
      known = isKnown(t) ? constant(t) : computed(t);
      done.put(t, known);
    }
    return known;
  }

  private static Value constant(Twin t) {
    return t.op() instanceof Leaf.Fill f ? new Scalar(f.value(), t.a().dtype()) : new Known(t.a());
  }

  private Value computed(Twin t) {
    if (!t.matches()) {
      throw Untranslatable.because("what is computed changes with the number of inputs");
    }
    return patterns.match(t).orElseGet(() -> translate(t));
  }

  private Value translate(Twin t) {
    return switch (t.op()) {
      case Leaf op -> leaf(op, t);
      case Elementwise op -> elementwise(op, t);
      case Reduction op -> reduction(op, t);
      case Layout op -> layout(op, t);
      case Product op -> product(op, t);
      case Convolution op -> convolution(op, t);
      case Pooling op -> pooling(op, t);
      case Indexing op -> indexing(op, t);
      case CustomVjp op -> value(t.in(0));
      case Recurrence op ->
          throw Untranslatable.because("a loop over %s steps is one node".formatted(op.steps()));
    };
  }

  private Value leaf(Leaf op, Twin t) {
    if (op instanceof Leaf.Fill f && t.b().op().equals(new Leaf.Fill(f.value(), typeOf(t.b())))) {
      return new Scalar(f.value(), t.a().dtype());
    }
    throw Untranslatable.because(
        switch (op) {
          case Leaf.Fill f -> "a number depends on the number of inputs";
          case Leaf.Iota i -> "positions within the batch are counted";
          case Leaf.Random r -> "random numbers depend on the inputs";
          case Leaf.Argument a -> "argument '" + a.name() + "' has no value";
          case Leaf.Literal l -> "a table depends on the number of inputs";
        });
  }

  private static Op.Type typeOf(Tensor t) {
    return new Op.Type(t.shape(), t.dtype());
  }

  // ---- elementwise

  private Value elementwise(Elementwise op, Twin t) {
    return switch (op) {
      case Elementwise.Unary u -> unary(u, t);
      case Elementwise.Binary b -> binary(b, t);
      case Elementwise.Select s -> {
        List<Integer> order = arranger.order(t, this);
        List<String> in = arranger.operands(t, order, this);
        String mask = graph.node("Cast", List.of(in.get(0)), Map.of("to", 9L));
        yield new Computed(graph.node("Where", List.of(mask, in.get(1), in.get(2))), order);
      }
      case Elementwise.Alias a -> value(t.in(0));
      case Elementwise.Stop s -> value(t.in(0));
      case Elementwise.Convert c -> cast(t, c.to());
    };
  }

  private Value cast(Twin t, DType to) {
    List<Integer> order = arranger.order(t, this);
    List<String> in = arranger.operands(t, order, this);
    return new Computed(graph.node("Cast", in, Map.of("to", OnnxGraph.type(to))), order);
  }

  private Value unary(Elementwise.Unary op, Twin t) {
    List<Integer> order = arranger.order(t, this);
    String x = arranger.operands(t, order, this).get(0);
    String y =
        switch (op) {
          case NEG -> one("Neg", x);
          case EXP -> one("Exp", x);
          case LOG -> one("Log", x);
          case TANH -> one("Tanh", x);
          case SIGMOID -> one("Sigmoid", x);
          case SQRT -> one("Sqrt", x);
          case RSQRT -> one("Reciprocal", one("Sqrt", x));
          case RECIPROCAL -> one("Reciprocal", x);
          case SIN -> one("Sin", x);
          case COS -> one("Cos", x);
          case ABS -> one("Abs", x);
          case SIGN -> one("Sign", x);
          case FLOOR -> one("Floor", x);
          // 2 e^(x/2) sinh(x/2), which is exact near 0
          case EXPM1 -> {
            String half = two("Mul", x, graph.scalar(0.5));
            String product = two("Mul", one("Exp", half), one("Sinh", half));
            yield two("Mul", product, graph.scalar(2));
          }
          // 2 atanh(x / (2 + x)), likewise
          case LOG1P -> {
            String ratio = two("Div", x, two("Add", x, graph.scalar(2)));
            yield two("Mul", one("Atanh", ratio), graph.scalar(2));
          }
        };
    return new Computed(y, order);
  }

  private String one(String op, String x) {
    return graph.node(op, List.of(x));
  }

  private String two(String op, String x, String y) {
    return graph.node(op, List.of(x, y));
  }

  private Value binary(Elementwise.Binary op, Twin t) {
    List<Integer> order = arranger.order(t, this);
    List<String> in = arranger.operands(t, order, this);
    String y =
        switch (op) {
          case ADD -> graph.node("Add", in);
          case SUB -> graph.node("Sub", in);
          case MUL -> graph.node("Mul", in);
          case DIV -> graph.node("Div", in);
          case MAX -> graph.node("Max", in);
          case MIN -> graph.node("Min", in);
          case POW -> graph.node("Pow", in);
          case LESS -> truth("Less", in);
          case LESS_EQUAL -> graph.node("Max", List.of(truth("Less", in), truth("Equal", in)));
          case EQUAL -> truth("Equal", in);
        };
    return new Computed(y, order);
  }

  private String truth(String op, List<String> in) {
    return graph.node("Cast", List.of(graph.node(op, in)), Map.of("to", 1L));
  }

  // ---- axes

  private Value reduction(Reduction op, Twin t) {
    Computed x = arranger.computed(value(t.in(0)), t.in(0));
    List<Long> axes = op.axes().stream().map(a -> (long) x.order().indexOf(a)).sorted().toList();
    String y =
        switch (op) {
          case Reduction.Sum s ->
              graph.node(
                  "ReduceSum", List.of(x.name()), Map.of("axes", longs(axes), "keepdims", 0L));
          case Reduction.Max m ->
              graph.node(
                  "ReduceMax", List.of(x.name()), Map.of("axes", longs(axes), "keepdims", 0L));
        };
    return new Computed(y, Value.without(x.order(), op.axes()));
  }

  static long[] longs(List<Long> l) {
    return l.stream().mapToLong(Long::longValue).toArray();
  }

  private Value layout(Layout op, Twin t) {
    Twin x = t.in().get(0);
    Value v = op instanceof Layout.Concatenate ? null : value(x);
    if (v instanceof Scalar && !(op instanceof Layout.Pad)) {
      return v;
    }
    return switch (op) {
      case Layout.Reshape r -> arranger.reshaped(v, x, t);
      case Layout.Broadcast b -> Value.stretched(v, b.axes(), t.rank());
      case Layout.Transpose p -> {
        Computed c = arranger.computed(v, x);
        yield new Computed(c.name(), c.order().stream().map(p.perm()::indexOf).toList());
      }
      case Layout.Slice s -> slice(s, (Layout.Slice) t.b().op(), arranger.computed(v, x), x);
      case Layout.Pad p -> pad(p, (Layout.Pad) t.b().op(), arranger.computed(v, x));
      case Layout.Concatenate c -> {
        List<Integer> order = arranger.order(t, this);
        List<String> in = t.in().stream().map(i -> arranger.whole(value(i), i, order)).toList();
        long axis = order.indexOf(c.axis());
        yield new Computed(graph.node("Concat", in, Map.of("axis", axis)), order);
      }
    };
  }

  private Value slice(Layout.Slice s, Layout.Slice other, Computed x, Twin of) {
    List<Long> starts = new ArrayList<>();
    List<Long> ends = new ArrayList<>();
    List<Long> axes = new ArrayList<>();
    List<Long> steps = new ArrayList<>();
    for (int i = 0; i < of.rank(); i++) {
      int start = s.starts().get(i);
      int limit = s.limits().get(i);
      int step = s.steps().get(i);
      boolean toEnd = limit == of.a().dim(i) && other.limits().get(i) == of.b().dim(i);
      if (start != other.starts().get(i)
          || step != other.steps().get(i)
          || (!toEnd && limit != other.limits().get(i))) {
        throw Untranslatable.because("which part is taken depends on the number of inputs");
      }
      if (start > 0 || step > 1 || !toEnd) {
        starts.add((long) start);
        ends.add(toEnd ? Long.MAX_VALUE : limit);
        axes.add((long) x.order().indexOf(i));
        steps.add((long) step);
      }
    }
    List<String> in = new ArrayList<>(List.of(x.name()));
    List.of(starts, ends, axes, steps).forEach(l -> in.add(graph.list(List.copyOf(l))));
    return new Computed(graph.node("Slice", in), x.order());
  }

  private Value pad(Layout.Pad p, Layout.Pad other, Computed x) {
    if (!p.equals(other) || p.interior().stream().anyMatch(n -> n != 0)) {
      throw Untranslatable.because("padding between elements, or as much as there are inputs");
    }
    List<Long> pads = new ArrayList<>();
    x.order().forEach(i -> pads.add((long) p.low().get(i)));
    x.order().forEach(i -> pads.add((long) p.high().get(i)));
    String y = graph.node("Pad", List.of(x.name(), graph.list(List.copyOf(pads))));
    return new Computed(y, x.order());
  }

  // ---- products, convolutions, pooling, positions

  private Value product(Product op, Twin t) {
    return switch (op) {
      case Product.Dot d -> {
        List<String> in = arranger.factors(t, this);
        yield new Computed(graph.node("MatMul", in), Value.same(t.rank()));
      }
      case Product.Cholesky c -> throw Untranslatable.because("it factors matrices");
      case Product.TriangularSolve s -> throw Untranslatable.because("it solves systems");
    };
  }

  private Value convolution(Convolution op, Twin t) {
    if (!(op instanceof Convolution.Conv) || t.rank() != 4) {
      throw Untranslatable.because("gradients or filters for each task of a convolution");
    }
    String x = arranger.whole(value(t.in(0)), t.in(0), Value.channelsFirst());
    String w = arranger.whole(value(t.in(1)), t.in(1), List.of(3, 2, 0, 1));
    return new Computed(
        graph.node("Conv", List.of(x, w), window(op.window())), Value.channelsFirst());
  }

  static Map<String, Object> window(Window w) {
    return Map.of(
        "kernel_shape", new long[] {w.height(), w.width()},
        "strides", new long[] {w.strideH(), w.strideW()},
        "pads", new long[] {w.top(), w.left(), w.bottom(), w.right()});
  }

  private Value pooling(Pooling op, Twin t) {
    if (op instanceof Pooling.PoolSum && t.rank() == 4) {
      String x = arranger.whole(value(t.in(0)), t.in(0), Value.channelsFirst());
      Map<String, Object> with = new HashMap<>(window(op.window()));
      with.put("count_include_pad", 1L);
      String mean = graph.node("AveragePool", List.of(x), with);
      double area = op.window().height() * op.window().width();
      return new Computed(two("Mul", mean, graph.scalar(area)), Value.channelsFirst());
    }
    throw Untranslatable.because("positions that pooling chose are used for more than the maximum");
  }

  private Value indexing(Indexing op, Twin t) {
    Twin x = t.in(0);
    return switch (op) {
      case Indexing.Gather g when g.batch() == 0 -> {
        String from = arranger.whole(value(x), x, Value.same(x.rank()));
        String at = arranger.whole(value(t.in(1)), t.in(1), Value.same(t.in(1).rank()));
        yield new Computed(
            graph.node("Gather", List.of(from, at), Map.of("axis", 0L)), Value.same(t.rank()));
      }
      case Indexing.TopK k -> {
        String from = arranger.whole(value(x), x, Value.same(x.rank()));
        String count = graph.list(List.of((long) k.k()));
        String at = graph.node("TopK", List.of(from, count), 2, Map.of("axis", -1L));
        yield new Computed(
            graph.node("Cast", List.of(at), Map.of("to", OnnxGraph.type(DType.I32))),
            Value.same(t.rank()));
      }
      case Indexing.Gather g -> throw Untranslatable.because("it gathers within each input");
      case Indexing.ScatterAdd s -> throw Untranslatable.because("it adds up by position");
    };
  }
}
