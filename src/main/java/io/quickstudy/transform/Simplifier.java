package io.quickstudy.transform;

import io.quickstudy.graph.Convolution;
import io.quickstudy.graph.CustomVjp;
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
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;

/**
 * Rewrites a graph into a smaller one that computes the same: constants folded, neutral elements
 * and double negations gone, work moved in front of broadcasts and behind sums, paddings that add
 * up joined. Common subexpressions and dead code need no pass, since nodes are hash-consed and
 * reached from the outputs. It runs after all gradients are taken: aliases, stops and custom
 * gradients go. Zero times anything becomes zero, even where the other factor would be NaN or
 * infinite when it runs.
 */
public final class Simplifier {
  private static final int MOST_PASSES = 8;

  private Simplifier() {}

  /** The simplified outputs, in the same order and of the same types. */
  public static List<Tensor> simplify(List<Tensor> outputs) {
    return repeat(outputs, Simplifier::rule);
  }

  /**
   * As {@link #simplify}, and matrix products that share an operand along their batch axes become
   * one larger product. For a backend, once it has decided not to go task by task.
   */
  public static List<Tensor> merge(List<Tensor> outputs) {
    return repeat(
        outputs,
        t -> {
          Tensor r = rule(t);
          return r == t ? ProductRules.merge(t) : r;
        });
  }

  private static List<Tensor> repeat(
      List<Tensor> outputs, java.util.function.UnaryOperator<Tensor> rule) {
    List<Tensor> now = outputs;
    for (int pass = 0; pass < MOST_PASSES; pass++) {
      List<Tensor> next = once(now, rule);
      if (next.equals(now)) {
        break;
      }
      now = next;
    }
    return now;
  }

  private static List<Tensor> once(
      List<Tensor> outputs, java.util.function.UnaryOperator<Tensor> rule) {
    Map<Tensor, Tensor> done = new IdentityHashMap<>();
    Map<Tensor, Integer> numbers = new IdentityHashMap<>();
    Consumers consumers = new Consumers(outputs);
    for (Tensor t : Graphs.order(outputs)) {
      List<Tensor> in = t.inputs().stream().map(done::get).toList();
      Tensor now = in.equals(t.inputs()) ? t : Tensor.of(t.op(), in);
      Tensor known = byConsumers(t, now, consumers);
      Tensor made = ElementwiseRules.ordered(known == null ? byRules(now, rule) : known, numbers);
      numbers.putIfAbsent(made, numbers.size());
      done.put(t, made);
    }
    return outputs.stream().map(done::get).toList();
  }

  private static Tensor byRules(Tensor t, java.util.function.UnaryOperator<Tensor> rule) {
    Tensor now = t;
    // a rule's result may be open to another rule
    for (int i = 0; i < 4; i++) {
      Tensor next = rule.apply(now);
      if (next == now) {
        break;
      }
      now = next;
    }
    return now;
  }

  /** What a node becomes for the sake of others that are there, or null: it follows the rules. */
  private static Tensor byConsumers(Tensor t, Tensor now, Consumers consumers) {
    if (t.op() instanceof Reduction.Sum s) {
      Tensor joined = ReductionRules.ofPart(s, now, consumers.finestSum(t.input(0)));
      return joined != now || consumers.isSharedSum(t.input(0)) ? joined : null;
    }
    if (t.op() instanceof Layout.Slice s && consumers.isOnlySliced(t.input(0))) {
      return LayoutRules.before(s, now.input(0));
    }
    if (t.op() instanceof Pooling.PoolTake p && consumers.isOnlyTaken(t.input(0))) {
      return PoolingRules.before(p, now.input(0), now.input(1));
    }
    if (t.op() instanceof Recurrence r) {
      return RecurrenceRules.wanted(r, now, consumers.slicesOf(t));
    }
    return null;
  }

  private static Tensor rule(Tensor t) {
    return switch (t.op()) {
      case Elementwise op -> ElementwiseRules.rule(op, t);
      case Layout op -> LayoutRules.rule(op, t);
      case Reduction op -> ReductionRules.rule(op, t);
      case Product.Dot op -> ProductRules.ofDot(t);
      case Convolution op -> ProductRules.convolution(op, t);
      case Leaf.Iota op -> LayoutRules.ofIota(op, t);
      case Leaf op -> t;
      case Product op -> t;
      case Pooling op -> PoolingRules.rule(op, t);
      case Indexing op -> t;
      case CustomVjp op -> t.input(0);
      case Recurrence op -> RecurrenceRules.rule(op, t);
    };
  }

  /** Whether a tensor is one number everywhere. */
  static boolean isFill(Tensor t) {
    return t.op() instanceof Leaf.Fill;
  }

  /** Whether a tensor is the given number everywhere. */
  static boolean isFill(Tensor t, double value) {
    return t.op() instanceof Leaf.Fill f && f.value() == value;
  }

  /** The number that a fill repeats. */
  static double value(Tensor fill) {
    return ((Leaf.Fill) fill.op()).value();
  }

  /** The same number everywhere, of t's type. */
  static Tensor fillLike(Tensor t, double value) {
    return Tensor.of(new Leaf.Fill(value, new Op.Type(t.shape(), t.dtype())));
  }
}
