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
import java.util.Collections;
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
  private final BatchStatistics batchStatistics;

  Patterns(OnnxGraph graph, Arranger arranger, Translator translator) {
    this.graph = graph;
    this.arranger = arranger;
    this.translator = translator;
    this.batchStatistics = new BatchStatistics(graph, arranger, translator);
  }

  /** The operator's result, if a node is the end of such a composition. */
  Optional<Value> match(Twin t) {
    Op op = t.op();
    if (op == Binary.ADD) {
      return batchNorm(t).or(() -> batchStatistics.match(t)).or(() -> linear(t));
    }
    if (op == Binary.MAX) {
      return relu(t);
    }
    if (op == Binary.MUL) {
      return mean(t);
    }
    if (op instanceof Reduction.Sum) {
      return squaredDistances(t);
    }
    return op instanceof Pooling.PoolTake p ? maxPool(p, t) : Optional.empty();
  }

  static boolean is(Twin t, Op op) {
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
          Twin matrix = product.in(1);
          // as [outputs, inputs], which is how PyTorch writes it and OpenCV 4.6 wants it
          String w = arranger.whole(translator.value(matrix), matrix, List.of(1, 0));
          List<String> in = List.of(x, w, translator.result(b));
          String y = graph.node("Gemm", in, Map.of("transB", 1L));
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
    if (x.order().equals(Value.channelsFirst()) && s.axes().equals(List.of(1, 2))) {
      return Optional.of(new Computed(flattened("GlobalAveragePool", x.name()), Value.same(2)));
    }
    long[] axes = s.axes().stream().mapToLong(x.order()::indexOf).sorted().toArray();
    String y = graph.node("ReduceMean", List.of(x.name()), Map.of("axes", axes, "keepdims", 0L));
    return Optional.of(new Computed(y, Value.without(x.order(), s.axes())));
  }

  /**
   * The squared distances of inputs [n, d] to known points [k, d], without an operator that repeats
   * both, since not every runtime has such: the inputs beside themselves k times, all differences
   * from the points, and the mean of the d squares of each pair, times d.
   */
  private Optional<Value> squaredDistances(Twin t) {
    Twin squares = t.in(0);
    boolean fits =
        ((Reduction.Sum) t.op()).axes().equals(List.of(2))
            && squares.rank() == 3
            && is(squares, Binary.MUL)
            && squares.in(0).equals(squares.in(1))
            && is(squares.in(0), Binary.SUB);
    if (!fits) {
      return Optional.empty();
    }
    Twin difference = squares.in(0);
    Optional<Twin> x = repeated(difference.in(0), 1).filter(a -> !translator.isKnown(a));
    Optional<Twin> points = repeated(difference.in(1), 0).filter(translator::isKnown);
    if (x.isEmpty() || points.isEmpty()) {
      return Optional.empty();
    }
    int count = points.get().a().dim(0);
    String beside = translator.result(x.get());
    if (count > 1) {
      beside = graph.node("Concat", Collections.nCopies(count, beside), Map.of("axis", 1L));
    }
    String apart = graph.node("Sub", List.of(beside, arranger.flat(points.get().a())));
    String squared = graph.node("Mul", List.of(apart, apart));
    int features = points.get().a().dim(1);
    String maps = graph.list(List.of(-1L, (long) count, (long) features, 1L));
    String mean = flattened("GlobalAveragePool", graph.node("Reshape", List.of(squared, maps)));
    String sum = graph.node("Mul", List.of(mean, graph.scalar(features)));
    return Optional.of(new Computed(sum, Value.same(2)));
  }

  /** An operator's result [n, c, 1, 1] as [n, c]. */
  private String flattened(String op, String x) {
    return graph.node("Flatten", List.of(graph.node(op, List.of(x))), Map.of("axis", 1L));
  }

  /** What is repeated along one axis to a cube of numbers. */
  private static Optional<Twin> repeated(Twin t, int axis) {
    boolean fits = t.op() instanceof Layout.Broadcast b && b.axes().equals(List.of(axis));
    return fits ? Optional.of(t.in(0)) : Optional.empty();
  }

  static boolean isMean(io.quickstudy.graph.Tensor t) {
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
