package io.quickstudy.exchange.onnx;

import io.quickstudy.exchange.onnx.Value.Computed;
import io.quickstudy.graph.Elementwise.Binary;
import io.quickstudy.graph.Elementwise.Unary;
import io.quickstudy.graph.Layout;
import io.quickstudy.graph.Leaf;
import io.quickstudy.graph.Reduction;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Batch norm by the batch that comes in. ONNX has it for training alone, but it is the
 * normalisation of an instance whose channels hold all images of the batch, one behind the other.
 */
final class BatchStatistics {
  private final OnnxGraph graph;
  private final Arranger arranger;
  private final Translator translator;

  BatchStatistics(OnnxGraph graph, Arranger arranger, Translator translator) {
    this.graph = graph;
    this.arranger = arranger;
    this.translator = translator;
  }

  /**
   * (x - mean) (gamma rsqrt(variance + epsilon)) + beta with the moments of x over all axes but the
   * last, as {@link io.quickstudy.functions.Normalisation} has them, and known gamma and beta.
   */
  Optional<Value> match(Twin t) {
    Twin product = t.in(0);
    if (!Patterns.is(product, Binary.MUL) || !Patterns.is(product.in(0), Binary.SUB)) {
      return Optional.empty();
    }
    Twin x = product.in(0).in(0);
    Optional<Twin> beta = channels(t.in(1)).filter(translator::isKnown);
    Optional<Twin> slope = channels(product.in(1)).filter(s -> Patterns.is(s, Binary.MUL));
    Optional<Twin> mean = channels(product.in(0).in(1));
    if (beta.isEmpty() || slope.isEmpty() || mean.isEmpty() || (t.rank() != 4 && t.rank() != 2)) {
      return Optional.empty();
    }
    Twin gamma = slope.get().in(0);
    Twin root = slope.get().in(1);
    if (!translator.isKnown(gamma)
        || !Patterns.is(root, Unary.RSQRT)
        || !Patterns.is(root.in(0), Binary.ADD)) {
      return Optional.empty();
    }
    Twin epsilon = root.in(0).in(1);
    epsilon = epsilon.op() instanceof Layout.Broadcast ? epsilon.in(0) : epsilon;
    if (!(epsilon.op() instanceof Leaf.Fill e) || !areMoments(x, mean.get(), root.in(0).in(0))) {
      return Optional.empty();
    }
    return Optional.of(normalised(x, gamma, beta.get(), e.value()));
  }

  /** Whether these are shift + mean(x - shift) and mean((x - shift)^2) - mean(x - shift)^2. */
  private static boolean areMoments(Twin x, Twin mean, Twin variance) {
    if (!Patterns.is(mean, Binary.ADD) || !Patterns.is(variance, Binary.SUB)) {
      return false;
    }
    Optional<Twin> excess = averaged(mean.in(1));
    Optional<Twin> square = averaged(variance.in(0));
    Twin meanSquare = variance.in(1);
    return excess.isPresent()
        && square.isPresent()
        && isSquare(square.get(), excess.get())
        && isSquare(meanSquare, mean.in(1))
        && Patterns.is(excess.get(), Binary.SUB)
        && excess.get().in(0).equals(x)
        && channels(excess.get().in(1)).equals(Optional.of(mean.in(0)));
  }

  private static boolean isSquare(Twin t, Twin of) {
    return Patterns.is(t, Binary.MUL) && t.in(0).equals(of) && t.in(1).equals(of);
  }

  /** What a mean over all axes but the last is of. */
  private static Optional<Twin> averaged(Twin t) {
    boolean fits =
        Patterns.is(t, Binary.MUL)
            && t.in(0).op() instanceof Reduction.Sum s
            && s.axes().equals(Value.same(t.in(0).in(0).rank() - 1))
            && Patterns.isMean(t.a())
            && Patterns.isMean(t.b());
    return fits ? Optional.of(t.in(0).in(0)) : Optional.empty();
  }

  /** A vector that is repeated along all axes but the last. */
  private static Optional<Twin> channels(Twin t) {
    boolean fits =
        t.op() instanceof Layout.Broadcast b && b.axes().equals(Value.same(t.rank() - 1));
    return fits ? Optional.of(t.in(0)) : Optional.empty();
  }

  private Value normalised(Twin x, Twin gamma, Twin beta, double epsilon) {
    List<Integer> order = x.rank() == 4 ? Value.channelsFirst() : Value.same(2);
    long[] swap = x.rank() == 4 ? new long[] {1, 0, 2, 3} : new long[] {1, 0};
    long channels = gamma.a().dim(0);
    String in = arranger.whole(translator.value(x), x, order);
    String turned = graph.node("Transpose", List.of(in), Map.of("perm", swap));
    String one = graph.list(List.of(1L, channels, -1L, 1L));
    String instance =
        graph.node(
            "InstanceNormalization",
            List.of(
                graph.node("Reshape", List.of(turned, one)),
                translator.result(gamma),
                translator.result(beta)),
            Map.of("epsilon", (float) epsilon));
    List<Long> back = new ArrayList<>(List.of(channels, -1L));
    order.stream().skip(2).forEach(axis -> back.add(x.extent(axis)));
    String apart = graph.node("Reshape", List.of(instance, graph.list(List.copyOf(back))));
    return new Computed(graph.node("Transpose", List.of(apart), Map.of("perm", swap)), order);
  }
}
