package io.quickstudy.exchange.onnx;

import io.quickstudy.exchange.onnx.Value.Computed;
import io.quickstudy.exchange.onnx.Value.Scalar;
import io.quickstudy.graph.DType;
import io.quickstudy.graph.Elementwise.Binary;
import io.quickstudy.graph.Elementwise.Unary;
import io.quickstudy.graph.Layout;
import io.quickstudy.graph.Leaf;
import io.quickstudy.graph.Op;
import io.quickstudy.graph.Pooling;
import io.quickstudy.graph.Product;
import io.quickstudy.graph.Reduction;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Compositions of our primitives that ONNX has an operator for, so that a reader of the file sees
 * the network and a runtime its fast kernels.
 */
final class Patterns {
  private final OnnxGraph graph;
  private final Arranger arranger;
  private final Translator translator;

  Patterns(OnnxGraph graph, Arranger arranger, Translator translator) {
    this.graph = graph;
    this.arranger = arranger;
    this.translator = translator;
  }

  /** The operator's result, if a node is the end of such a composition. */
  Optional<Value> match(Twin t) {
    Op op = t.op();
    if (op == Binary.ADD) {
      return batchNorm(t).or(() -> linear(t));
    }
    if (op == Binary.MAX) {
      return relu(t);
    }
    if (op == Binary.MUL) {
      return mean(t);
    }
    return op instanceof Pooling.PoolTake p ? maxPool(p, t) : Optional.empty();
  }

  private static boolean is(Twin t, Op op) {
    return t.op() == op && t.b().op() == op;
  }

  /** A vector that is repeated along all axes but the last, and does not depend on the inputs. */
  private Optional<Twin> channels(Twin t) {
    boolean fits =
        t.op() instanceof Layout.Broadcast b
            && b.axes().equals(Value.same(t.rank() - 1))
            && translator.isKnown(t.in(0));
    return fits ? Optional.of(t.in(0)) : Optional.empty();
  }

  /** (x - mean) (gamma rsqrt(variance + epsilon)) + beta, all but x known. */
  private Optional<Value> batchNorm(Twin t) {
    Twin product = t.in(0);
    if (!is(product, Binary.MUL) || !is(product.in(0), Binary.SUB)) {
      return Optional.empty();
    }
    Optional<Twin> beta = channels(t.in(1));
    Optional<Twin> slope = channels(product.in(1));
    Optional<Twin> mean = channels(product.in(0).in(1));
    if (beta.isEmpty() || slope.isEmpty() || mean.isEmpty() || !is(slope.get(), Binary.MUL)) {
      return Optional.empty();
    }
    Twin gamma = slope.get().in(0);
    Twin root = slope.get().in(1);
    if (!is(root, Unary.RSQRT) || !is(root.in(0), Binary.ADD)) {
      return Optional.empty();
    }
    Twin variance = root.in(0).in(0);
    Twin epsilon = root.in(0).in(1);
    if (epsilon.op() instanceof Layout.Broadcast) {
      epsilon = epsilon.in(0);
    }
    if (!(epsilon.op() instanceof Leaf.Fill e) || (t.rank() != 4 && t.rank() != 2)) {
      return Optional.empty();
    }
    List<Integer> order = t.rank() == 4 ? Value.channelsFirst() : Value.same(2);
    Twin x = product.in(0).in(0);
    String y =
        graph.node(
            "BatchNormalization",
            List.of(
                arranger.whole(translator.value(x), x, order),
                translator.result(gamma),
                translator.result(beta.get()),
                translator.result(mean.get()),
                translator.result(variance)),
            Map.of("epsilon", (float) e.value()));
    return Optional.of(new Computed(y, order));
  }

  /** x W + b with known W and b. */
  private Optional<Value> linear(Twin t) {
    Twin product = t.in(0);
    boolean fits =
        t.rank() == 2
            && product.op() instanceof Product.Dot
            && !translator.isKnown(product)
            && translator.isKnown(product.in(1));
    Optional<Twin> bias = fits ? channels(t.in(1)) : Optional.empty();
    return bias.map(
        b -> {
          String x = translator.result(product.in(0));
          String w = translator.result(product.in(1));
          String y = graph.node("Gemm", List.of(x, w, translator.result(b)));
          return new Computed(y, Value.same(2));
        });
  }

  /** max(x, 0). */
  private Optional<Value> relu(Twin t) {
    boolean zero = translator.value(t.in(1)) instanceof Scalar s && s.number() == 0;
    if (!zero || !(translator.value(t.in(0)) instanceof Computed x)) {
      return Optional.empty();
    }
    return Optional.of(new Computed(graph.node("Relu", List.of(x.name())), x.order()));
  }

  /** A sum over how many numbers were added up. */
  private Optional<Value> mean(Twin t) {
    Twin sum = t.in(0);
    if (!(sum.op() instanceof Reduction.Sum s) || !isMean(t.a()) || !isMean(t.b())) {
      return Optional.empty();
    }
    if (!(translator.value(sum.in(0)) instanceof Computed x)) {
      return Optional.empty();
    }
    long[] axes = s.axes().stream().mapToLong(x.order()::indexOf).sorted().toArray();
    String y = graph.node("ReduceMean", List.of(x.name()), Map.of("axes", axes, "keepdims", 0L));
    return Optional.of(new Computed(y, Value.without(x.order(), s.axes())));
  }

  private static boolean isMean(io.quickstudy.graph.Tensor t) {
    if (!(t.input(1).op() instanceof Leaf.Fill f) || t.dtype() != DType.F32) {
      return false;
    }
    double added = (double) t.input(0).input(0).shape().size() / t.shape().size();
    return Math.abs(f.value() * added - 1) < 1e-9;
  }

  /** The elements of x at the positions of its largest. */
  private Optional<Value> maxPool(Pooling.PoolTake p, Twin t) {
    Twin x = t.in(0);
    Twin position = t.in(1);
    boolean fits =
        t.rank() == 4
            && position.op().equals(new Pooling.PoolArgMax(p.window()))
            && position.a().inputs().equals(List.of(x.a()));
    if (!fits) {
      return Optional.empty();
    }
    String in = arranger.whole(translator.value(x), x, Value.channelsFirst());
    return Optional.of(
        new Computed(
            graph.node("MaxPool", List.of(in), Translator.window(p.window())),
            Value.channelsFirst()));
  }
}
