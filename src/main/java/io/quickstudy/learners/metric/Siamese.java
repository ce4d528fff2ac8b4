package io.quickstudy.learners.metric;

import static io.quickstudy.functions.Distances.unit;
import static io.quickstudy.functions.Losses.crossEntropy;
import static io.quickstudy.graph.Ops.*;

import io.quickstudy.graph.Shape;
import io.quickstudy.graph.Tensor;
import io.quickstudy.learner.LearnerKind;
import io.quickstudy.learner.PairLearner;
import io.quickstudy.nn.Backbone;
import io.quickstudy.nn.Embedding;
import io.quickstudy.nn.Init;
import io.quickstudy.nn.Model;
import io.quickstudy.nn.Norm;
import io.quickstudy.optim.LayerRules;
import io.quickstudy.optim.Optimiser;
import io.quickstudy.settings.Setting;
import io.quickstudy.task.Batch;
import io.quickstudy.task.Pairs;
import io.quickstudy.task.Task;
import io.quickstudy.task.TaskKind;
import io.quickstudy.transform.Params;
import java.util.List;

/**
 * Siamese networks. Koch, Zemel and Salakhutdinov (2015), "Siamese Neural Networks for One-shot
 * Image Recognition", section 3: twins h of one network, joined by p = sigmoid(sum_j alpha_j |h1_j
 * - h2_j| + b), learn whether two images are of one class (verification); a new image is of the
 * class with whose one example p is largest (section 4.3).
 *
 * @param h the twin, up to the features of the paper's layer L - 1
 * @param ways classes of a task; another number with the same parameters is another such record
 * @param o its options
 * @param norm whose statistics normalise; both twins pass through together
 */
public record Siamese(Backbone h, int ways, Options o, Norm.Policy norm) implements PairLearner {
  /** The name of the support set's features among adapted parameters, [n, d]. */
  public static final String FEATURES = "features";

  /** The name of the support set's classes among adapted parameters, one-hot [n, ways]. */
  public static final String CLASSES = "classes";

  /** Its declaration. */
  public static final LearnerKind<Options> KIND =
      LearnerKind.of(
              Siamese.class,
              Options.class,
              (o, s) -> new Siamese(s.embedding(), s.outputs(), o, s.norm()))
          .named("siamese")
          .about("siamese networks, which judge pairs")
          .paper("Koch et al. 2015")
          .tasks(TaskKind.PAIRS)
          .ways(LearnerKind.Ways.ANY)
          .norms(Norm.Policy.RUNNING, Norm.Policy.SUPPORT, Norm.Policy.TRANSDUCTIVE)
          .makes(FEATURES, CLASSES);

  /**
   * Its options.
   *
   * @param distance how the twins are joined
   * @param similarityStart how the weights of that start
   * @param layerRates by layer, what the rate is times there
   * @param layerMomenta by layer, the momentum
   * @param layerDecays by layer, lambda of the L2 penalty
   * @param weightDecay lambda of all other layers
   * @param momentumFirst the momentum at first
   * @param momentumSteps after how many steps it is what it is
   */
  public record Options(
      @Setting(
              value = "how the twins are joined: l1 with a weight for each feature, l2, cosine",
              usual = "l1")
          Distance distance,
      @Setting(
              value = "how their weights start: as a distance, or normal, the paper's",
              usual = "distance")
          Start similarityStart,
      @Setting(
              value = "rates by layer, times the rate: conv1=0.5,similarity=2, or none",
              usual = LayerRules.NONE,
              placeholder = "LAYER=X,...")
          String layerRates,
      @Setting(
              value = "momenta of sgd by layer, as for layer-rates",
              usual = LayerRules.NONE,
              placeholder = "LAYER=X,...")
          String layerMomenta,
      @Setting(
              value = "L2 weights lambda by layer, as for layer-rates",
              usual = LayerRules.NONE,
              placeholder = "LAYER=X,...")
          String layerDecays,
      @Setting(
              value = "L2 weight lambda of the other layers: lambda |w|^2 is added to the loss",
              usual = "0",
              least = 0)
          double weightDecay,
      @Setting(
              value = "momentum of sgd before the first step, where momentum-steps is not 0",
              usual = "0.5",
              least = 0,
              below = 1)
          double momentumFirst,
      @Setting(
              value = "steps in which momentum grows to what it is, along a line; 0 for at once",
              usual = "0",
              least = 0)
          int momentumSteps) {
    /** These, and all else as usual. */
    static Options of(Distance distance, Start start) {
      return new Options(
          distance, start, LayerRules.NONE, LayerRules.NONE, LayerRules.NONE, 0, 0.5, 0);
    }

    private LayerRules layers() {
      return new LayerRules(
          LayerRules.parse("layer-rates", layerRates),
          LayerRules.parse("layer-momenta", layerMomenta),
          LayerRules.parse("layer-decays", layerDecays),
          weightDecay,
          momentumFirst,
          momentumSteps);
    }
  }

  /** How the twins are joined. The weights and the bias are learned. */
  public enum Distance {
    /** sum_j alpha_j |h1_j - h2_j| + b, the paper's (section 3.1). */
    L1,
    /** alpha ||h1 - h2||^2 + b. */
    L2,
    /** alpha cos(h1, h2) + b. */
    COSINE
  }

  /** How the weights of the distance start. */
  public enum Start {
    /** As a distance: nearer is likelier, and pairs at a usual distance are even. */
    DISTANCE,
    /** Normal, N(0, 0.2) and for the bias N(0.5, 0.01), as the paper's (section 3.2). */
    NORMAL
  }

  private static final String WEIGHT = "similarity.weight";
  private static final String BIAS = "similarity.bias";

  @Override
  public Params init(Init draw) {
    Params theta = h.init(draw);
    Shape weights = Shape.of(o.distance() == Distance.L1 ? h.features() : 1);
    return switch (o.similarityStart()) {
      case NORMAL ->
          theta
              .with(WEIGHT, draw.normal(weights, 0.2))
              .with(BIAS, add(draw.normal(Shape.of(1), 0.01), scalar(0.5)));
      // for d features whose squared norm is near 1, as FeatureScale.UNIT leaves them: of two
      // examples they differ by some 0.5 sqrt(d) in sum
      case DISTANCE ->
          switch (o.distance()) {
            case L1 -> start(theta, weights, -4 / Math.sqrt(h.features()), 2);
            case L2 -> start(theta, weights, -4, 2);
            case COSINE -> start(theta, weights, 8, -6);
          };
    };
  }

  private static Params start(Params theta, Shape weights, double weight, double bias) {
    return theta.with(WEIGHT, fill(weight, weights)).with(BIAS, fill(bias, Shape.of(1)));
  }

  /** Log-odds, log p / (1 - p), that a and b [..., d] are of one class: [...]. */
  private Tensor odds(Params theta, Tensor a, Tensor b) {
    Tensor alpha = theta.get(WEIGHT);
    List<Integer> last = List.of(a.rank() - 1);
    Tensor d = sub(a, b);
    Tensor weighed =
        switch (o.distance()) {
          case L1 -> sum(mul(abs(d), alpha), last);
          case L2 -> mul(sum(mul(d, d), last), alpha);
          case COSINE -> mul(sum(mul(unit(a), unit(b)), last), alpha);
        };
    return add(weighed, theta.get(BIAS));
  }

  /** The same for each of a [n, d] with each of b [k, d]: [n, k]. */
  private Tensor oddsOfAll(Params theta, Tensor a, Tensor b) {
    Shape s = Shape.of(a.dim(0), b.dim(0), h.features());
    return odds(theta, broadcast(a, s, List.of(1)), broadcast(b, s, List.of(0)));
  }

  /** Logits [n, 2] whose softmax is 1 - p and p, for the features z [2 n, d] of both twins. */
  private Tensor logits(Params theta, Tensor z) {
    int n = z.dim(0) / 2;
    Tensor odds = odds(theta, slice(z, 0, 0, n), slice(z, 0, n, 2 * n));
    return stack(1, List.of(fill(0, odds.shape()), odds));
  }

  /** The cross entropy of p against whether both are of one class (section 3.2). */
  @Override
  public Outcome loss(Params theta, Pairs pairs) {
    Model.Pass z = h.pass(theta, both(pairs), Norm.batch());
    Tensor y = logits(theta, z.y());
    Params seen = Embedding.buffers(norm, theta, z.moments());
    return new Outcome(crossEntropy(y, pairs.same()), y, seen);
  }

  private static Tensor both(Pairs pairs) {
    return concatenate(0, pairs.a(), pairs.b());
  }

  @Override
  public Tensor outputs(Params theta, Pairs pairs) {
    Norm by = norm == Norm.Policy.RUNNING ? Norm.given(theta) : Norm.batch();
    return logits(theta, h.apply(theta, both(pairs), by));
  }

  /** That of a task's queries among the classes of its support set. */
  @Override
  public Outcome loss(Params theta, Task task) {
    Tensor y = predict(theta, task.support(), task.query().x());
    return new Outcome(crossEntropy(y, task.query().y()), y, Params.empty());
  }

  private Embedding embedding() {
    return new Embedding(h, norm);
  }

  /** The support set's features and classes. */
  @Override
  public Params adapt(Params theta, Batch support) {
    Model.Pass z = embedding().support(theta, support.x());
    return embedding().kept(z).with(FEATURES, z.y()).with(CLASSES, oneHot(support.y(), ways));
  }

  /**
   * The log-odds that a query is of one class with the support images of each, averaged over these:
   * [q, ways]. Of one shot each the largest is the class of the largest p, as in the paper, which
   * has one shot alone. Their softmax is the probability of each class where exactly one is right;
   * averaged they count evidence of several shots by its strength, and all classes alike whatever
   * their shots.
   */
  @Override
  public Tensor predict(Params adapted, Tensor queries) {
    Tensor z = embedding().query(adapted, queries);
    Tensor odds = oddsOfAll(adapted, z, adapted.get(FEATURES));
    Tensor member = adapted.get(CLASSES); // [n, ways]
    Tensor totals = dot(odds, member);
    return div(totals, broadcast(sum(member, List.of(0)), totals.shape(), List.of(0)));
  }

  /** Rates, momenta and L2 by layer (section 3.2). */
  @Override
  public Optimiser optimiser(Optimiser configured) {
    return o.layers().of(configured);
  }

  @Override
  public Params network(Params theta, Tensor x, Norm by) {
    return Params.of(Model.FEATURES, h.apply(theta, x, by));
  }
}
