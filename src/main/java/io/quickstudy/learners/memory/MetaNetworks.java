package io.quickstudy.learners.memory;

import static io.quickstudy.functions.Distances.cosine;
import static io.quickstudy.functions.Distances.squaredEuclidean;
import static io.quickstudy.functions.Losses.crossEntropy;
import static io.quickstudy.functions.Losses.relu;
import static io.quickstudy.functions.Losses.softmax;
import static io.quickstudy.graph.Ops.*;

import io.quickstudy.graph.Shape;
import io.quickstudy.graph.Tensor;
import io.quickstudy.learner.Learner;
import io.quickstudy.learner.LearnerKind;
import io.quickstudy.learners.inner.Coordinates;
import io.quickstudy.learners.inner.MiniBatches;
import io.quickstudy.learners.inner.Order;
import io.quickstudy.nn.Init;
import io.quickstudy.nn.Linear;
import io.quickstudy.nn.Lstm;
import io.quickstudy.nn.Model;
import io.quickstudy.nn.Norm;
import io.quickstudy.settings.Setting;
import io.quickstudy.task.Batch;
import io.quickstudy.task.Task;
import io.quickstudy.transform.Grad;
import io.quickstudy.transform.Params;
import io.quickstudy.transform.Vmap;
import java.util.Optional;

/**
 * Meta networks. Munkhdalai and Yu (2017), "Meta Networks", section 3 and algorithm 1: losses'
 * gradients on the support set are turned into fast weights, which stand beside slow ones in every
 * layer. For a task with a support set of N examples (x'_i, y'_i), in the order of the algorithm:
 *
 * <pre>
 *  grad_t = grad_Q loss(u(Q, x'_t), y'_t)  for T of them          the representation learner
 *     Q*  = d(G, {grad_t})                                        task-level fast weights
 *  grad_i = grad_W loss(b(W, x'_i), y'_i)                         the base learner
 *   W*_i  = m(Z, grad_i),   the memory's value M(i)               example-level fast weights
 *   r'_i  = u(Q, Q*, x'_i), the memory's key R(i)
 *      r  = u(Q, Q*, x)                                           of a query x
 *     W*  = softmax(scale cosine(R, r)) M                         section 3.2's attention
 *      y  = b(W, W*, x)                                           {@link AugmentedNet}
 * </pre>
 *
 * <p>The slow weights W, Q, Z and G are learned by the loss on the queries. d is an LSTM and m a
 * network of three layers (section 3.1), of one number of the gradient at a time, as {@link
 * Coordinates#logAndSign} with p = 7; convolutions have others than dense layers (released code).
 * u's loss is cross entropy, or with several examples of a class that of verification (section
 * 3.1): see {@link RepresentationLoss}. The scale is 1 in the paper. Each query is on its own.
 *
 * @param example the shape of an image
 * @param ways classes
 * @param o the options
 */
public record MetaNetworks(Shape example, int ways, Options o) implements Learner {
  /** Its declaration. */
  public static final LearnerKind<Options> KIND =
      LearnerKind.of(
              MetaNetworks.class,
              Options.class,
              (o, s) -> new MetaNetworks(s.example(), s.outputs(), o))
          .named("meta-networks")
          .about("meta networks: fast weights made of gradients, beside slow ones")
          .paper("Munkhdalai and Yu 2017")
          .ofImages()
          .norms(Norm.Policy.NONE)
          .backbone(LearnerKind.Backbones.NONE)
          .makes("fast", "keys", "values")
          .approximateIf(o -> o.order() == Order.FIRST);

  /** p of the preprocessing, as in the released code. */
  private static final double P = 7;

  /** The distance from which examples of two classes are told apart. */
  private static final double MARGIN = 1;

  /** How large fast weights are at first, so that a layer is near its slow one. */
  private static final double SMALL = 0.02;

  /** The loss whose gradients the task's fast weights are made of. */
  public enum RepresentationLoss {
    /**
     * Of classes, by a layer of u's own, which stays as drawn where gradients are constants: the
     * paper's where there is one example of a class.
     */
    CROSS_ENTROPY,
    /**
     * Of pairs: half of d^2 for two examples of one class, half of max(0, 1 - d)^2 for others,
     * where d is their distance (Chopra, Hadsell and LeCun 2005; Hadsell et al. 2006, equation 4);
     * each of a part's examples with each of the support set. The paper draws a pair at random.
     */
    CONTRASTIVE;

    /** The name that people type. */
    @Override
    public String toString() {
      return this == CROSS_ENTROPY ? "cross-entropy" : "contrastive";
    }
  }

  /**
   * Its options.
   *
   * @param filters of each convolution
   * @param blocks convolutions
   * @param features of a representation, and of the dense layer before the classes
   * @param metaHidden numbers in the layers of d and m
   * @param representationSteps T, at most N
   * @param representationLoss of the representation learner
   * @param order whether gradients count as constants
   * @param scale what the attention's cosines are multiplied by before the softmax
   */
  public record Options(
      @Setting(value = "filters of each convolution", usual = "64", least = 1) int filters,
      @Setting(value = "convolutions", usual = "5", least = 1) int blocks,
      @Setting(value = "features of a representation", usual = "64", least = 1) int features,
      @Setting(value = "size of the layers that make fast weights", usual = "20", least = 1)
          int metaHidden,
      @Setting(
              value = "parts of the support set whose gradients make the task's fast weights",
              usual = "5",
              least = 1)
          int representationSteps,
      @Setting(
              value = "their loss: cross-entropy, or contrastive of pairs, for several shots",
              usual = "cross-entropy")
          RepresentationLoss representationLoss,
      @Setting(
              value =
                  "first: gradients inside count as constants, as in the released code; second:"
                      + " they do not",
              usual = "first")
          Order order,
      @Setting(
              value =
                  "what the attention's cosines are multiplied by before the softmax; 1 in the"
                      + " paper",
              usual = "1",
              before = "1",
              above = 0)
          double scale) {}

  /** Refuses what is no image. */
  public MetaNetworks {
    if (example.rank() != 3) {
      throw new IllegalArgumentException(
          "Learner meta-networks on examples of shape %s: expected images [height, width, channels]; choose other data or another learner."
              .formatted(example));
    }
  }

  private AugmentedNet net() {
    return new AugmentedNet(example, o.filters(), o.blocks(), o.features(), ways);
  }

  @Override
  public Params init(Init draw) {
    Params p = net().init(draw).under("u").with(net().init(draw).under("b"));
    for (String layers : new String[] {"conv", "dense"}) {
      p = p.with(recurrent(draw).under("d." + layers)).with(threeLayers(draw).under("m." + layers));
    }
    return p;
  }

  private Params recurrent(Init draw) {
    int hidden = o.metaHidden();
    return new Lstm(2, hidden)
        .init(draw)
        .under("lstm")
        .with(Params.of("output.weight", draw.normal(Shape.of(hidden, 1), SMALL)));
  }

  private Params threeLayers(Init draw) {
    int hidden = o.metaHidden();
    return new Linear(2, hidden)
        .init(draw)
        .under("layer1")
        .with(new Linear(hidden, hidden).init(draw).under("layer2"))
        .with(Params.of("output.weight", draw.normal(Shape.of(hidden, 1), SMALL)));
  }

  /** The weights of u that make a representation: all but those of its logits. */
  private static Params represents(Params u) {
    return u.select(n -> !n.equals(AugmentedNet.OUTPUT));
  }

  private static Coordinates convolutions(Params p) {
    return new Coordinates(p.select(AugmentedNet::isConvolution));
  }

  private static Coordinates dense(Params p) {
    return new Coordinates(p.select(n -> !AugmentedNet.isConvolution(n)));
  }

  /** Fast weights by name, of the numbers of all of them, convolutions first. */
  private static Params fast(Params like, Tensor numbers) {
    int n = convolutions(like).count();
    return convolutions(like)
        .unflat(slice(numbers, 0, 0, n))
        .with(dense(like).unflat(slice(numbers, 0, n, n + dense(like).count())));
  }

  /** The cross entropy of a network without fast weights. */
  private Tensor classification(Params slow, Batch batch) {
    return crossEntropy(net().logits(slow, Optional.empty(), batch.x()), batch.y());
  }

  /** The contrastive loss of pairs of a part's examples [p] and all [N], without fast weights. */
  private Tensor verification(Params slow, Batch part, Batch all) {
    Tensor d2 =
        squaredEuclidean(
            net().embed(slow, Optional.empty(), part.x()),
            net().embed(slow, Optional.empty(), all.x()));
    Tensor same = dot(oneHot(part.y(), ways), t(oneHot(all.y(), ways)));
    // an example is at distance 0 from itself, where a root has no gradient
    Tensor near = relu(sub(scalar(MARGIN), sqrt(maximum(d2, scalar(1e-12)))));
    return scale(mean(where(less(scalar(0), same), d2, mul(near, near))), 0.5);
  }

  /** grad_t, by the weights of u that make a representation. */
  private Params representationGradient(Params u, Batch part, Batch all) {
    return o.order()
        .of(
            Grad.grad(
                p ->
                    switch (o.representationLoss()) {
                      case CROSS_ENTROPY -> classification(u.with(p), part);
                      case CONTRASTIVE -> verification(u.with(p), part, all);
                    },
                represents(u)));
  }

  /** Q* = d(G, {grad_t}): what the LSTM has made of every number's gradients behind the last. */
  private Tensor taskLevel(Params theta, Batch support) {
    Params u = theta.sub("u");
    Params like = represents(u);
    if (o.representationLoss() == RepresentationLoss.CONTRASTIVE && support.count() <= ways) {
      throw new IllegalArgumentException(
          "Option --representation-loss is contrastive with %s examples of %s classes: expected two or more of a class, which are pairs; raise --shots or choose cross-entropy."
              .formatted(support.count(), ways));
    }
    int t = Math.min(o.representationSteps(), support.count());
    MiniBatches parts = MiniBatches.of(support, support.count() / t);
    Lstm.State conv = start(convolutions(like));
    Lstm.State dense = start(dense(like));
    for (int i = 0; i < t; i++) {
      Params g = representationGradient(u, parts.get(i), support);
      conv = step(theta.sub("d.conv.lstm"), convolutions(like).flat(g), conv);
      dense = step(theta.sub("d.dense.lstm"), dense(like).flat(g), dense);
    }
    return concatenate(
        0, output(theta.sub("d.conv"), conv.h()), output(theta.sub("d.dense"), dense.h()));
  }

  private Lstm.State start(Coordinates at) {
    Tensor zero = fill(0, Shape.of(at.count(), o.metaHidden()));
    return new Lstm.State(zero, zero);
  }

  private static Lstm.State step(Params lstm, Tensor gradient, Lstm.State before) {
    // the bias is one more row of weights, which costs less than adding it to each number's gates
    Tensor in =
        concatenate(
            1,
            Coordinates.logAndSign(gradient, P),
            before.h(),
            fill(1, Shape.of(gradient.dim(0), 1)));
    Tensor bias = lstm.get("bias");
    Tensor weight =
        concatenate(
            0,
            lstm.get("weight_ih"),
            lstm.get("weight_hh"),
            reshape(bias, Shape.of(1, bias.dim(0))));
    return Lstm.cell(dot(in, weight), before.c());
  }

  /** A number for each of n: [n, hidden] to [n]. */
  private static Tensor output(Params p, Tensor h) {
    return reshape(dot(h, p.get("output.weight")), Shape.of(h.dim(0)));
  }

  /** M [N, weights]: W*_i = m(Z, grad_i) of each example. */
  private Tensor exampleLevel(Params theta, Batch support) {
    Params b = theta.sub("b");
    Params g =
        Vmap.vmapAll(
            one -> {
              Tensor x = one.get("x");
              Tensor y = reshape(one.get("y"), Shape.of(1));
              Batch example = new Batch(reshape(x, x.shape().prepend(1)), y);
              Params by = o.order().of(Grad.grad(w -> classification(w, example), b));
              return Params.of("conv", convolutions(b).flat(by), "dense", dense(b).flat(by));
            },
            Params.of("x", support.x(), "y", support.y()));
    return concatenate(
        1, made(theta.sub("m.conv"), g.get("conv")), made(theta.sub("m.dense"), g.get("dense")));
  }

  /** m of every number of gradients [N, n]. */
  private static Tensor made(Params m, Tensor gradients) {
    int all = gradients.shape().size();
    Tensor z = Coordinates.logAndSign(reshape(gradients, Shape.of(all)), P);
    for (String layer : new String[] {"layer1", "layer2"}) {
      Params p = m.sub(layer);
      z = relu(add(dot(z, p.get("weight")), p.get("bias")));
    }
    return reshape(output(m, z), gradients.shape());
  }

  /**
   * "fast" Q*, all its numbers; the memory's "keys" R [N, features] and "values" M [N, weights].
   */
  @Override
  public Params adapt(Params theta, Batch support) {
    Params task = Params.of("fast", taskLevel(theta, support));
    return task.with("values", exampleLevel(theta, support))
        .with("keys", representation(theta.with(task), support.x()));
  }

  /** u(Q, Q*, x) [n, features]. */
  private Tensor representation(Params adapted, Tensor x) {
    Params u = adapted.sub("u");
    return net().embed(u, Optional.of(fast(represents(u), adapted.get("fast"))), x);
  }

  /** b(W, W*, x), with the fast weights that each query's attention reads. */
  @Override
  public Tensor predict(Params adapted, Tensor queries) {
    Tensor likeness = cosine(representation(adapted, queries), adapted.get("keys"));
    Tensor a = softmax(scale(likeness, o.scale()));
    Tensor read = dot(a, adapted.get("values"));
    Params b = adapted.sub("b");
    return Vmap.vmap(
        one -> {
          Tensor x = reshape(one.get("x"), queries.shape().sub(1, queries.rank()).prepend(1));
          Tensor y = net().logits(b, Optional.of(fast(b, one.get("w"))), x);
          return reshape(y, Shape.of(ways));
        },
        Params.of("x", queries, "w", read));
  }

  /** The cross entropy of the queries (algorithm 1, its last loop). */
  @Override
  public Outcome loss(Params theta, Task task) {
    Tensor logits = predict(theta, task.support(), task.query().x());
    return new Outcome(crossEntropy(logits, task.query().y()), logits, Params.empty());
  }

  /** The representation and the logits by slow weights alone. */
  @Override
  public Params network(Params theta, Tensor x, Norm by) {
    return Params.of(
        Model.FEATURES, net().embed(theta.sub("u"), Optional.empty(), x),
        Model.OUTPUTS, net().logits(theta.sub("b"), Optional.empty(), x));
  }

  @Override
  public Norm.Policy norm() {
    return Norm.Policy.NONE;
  }
}
