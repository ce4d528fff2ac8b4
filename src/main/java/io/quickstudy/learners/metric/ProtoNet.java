package io.quickstudy.learners.metric;

import static io.quickstudy.functions.Distances.cosine;
import static io.quickstudy.functions.Distances.squaredEuclidean;
import static io.quickstudy.functions.Losses.classMeans;
import static io.quickstudy.functions.Losses.crossEntropy;
import static io.quickstudy.graph.Ops.exp;
import static io.quickstudy.graph.Ops.mul;
import static io.quickstudy.graph.Ops.neg;
import static io.quickstudy.graph.Ops.scalar;
import static io.quickstudy.graph.Ops.scale;

import io.quickstudy.graph.Tensor;
import io.quickstudy.learner.Learner;
import io.quickstudy.learner.LearnerKind;
import io.quickstudy.nn.Embedding;
import io.quickstudy.nn.Init;
import io.quickstudy.nn.Model;
import io.quickstudy.nn.Norm;
import io.quickstudy.settings.Setting;
import io.quickstudy.task.Batch;
import io.quickstudy.task.Task;
import io.quickstudy.transform.Params;

/**
 * Prototypical networks. Snell, Swersky and Zemel (2017), "Prototypical Networks for Few-shot
 * Learning", algorithm 1. The temperature is that of Oreshkin, Rodriguez and Lacoste (2018),
 * "TADAM", section 3.1, whose alpha is 1 over it; 1 is the paper's.
 *
 * @param f the embedding f_phi
 * @param ways classes of a task; another number with the same parameters is another such record
 * @param o the distance and its temperature
 * @param norm whose statistics normalise; the official code's is {@code RUNNING}
 */
public record ProtoNet(Model f, int ways, Options o, Norm.Policy norm) implements Learner {
  /** The name of the prototypes among adapted parameters. */
  public static final String PROTOTYPES = "prototypes";

  /** Its declaration. */
  public static final LearnerKind<Options> KIND =
      LearnerKind.of(
              ProtoNet.class,
              Options.class,
              (o, s) -> new ProtoNet(s.embedding(), s.outputs(), o, s.norm()))
          .named("protonet")
          .about("prototypical networks")
          .paper("Snell et al. 2017")
          .ways(LearnerKind.Ways.ANY)
          .norms(Norm.Policy.RUNNING, Norm.Policy.SUPPORT, Norm.Policy.TRANSDUCTIVE)
          .makes(PROTOTYPES);

  /** The name of the learned temperature's logarithm, which keeps it above 0. */
  private static final String LOG_TEMPERATURE = "log_temperature";

  /**
   * Its options.
   *
   * @param distance d of equation 2
   * @param temperature what distances are divided by
   * @param temperatureMode whether that is learned
   */
  public record Options(
      @Setting(
              value = "between images and prototypes: euclidean, which is squared, or cosine",
              usual = "euclidean",
              before = "euclidean")
          Distance distance,
      @Setting(
              value = "what distances are divided by; where it is learned, at first",
              usual = "1",
              before = "1",
              above = 0)
          double temperature,
      @Setting(
              value = "whether the temperature is fixed or learned",
              usual = "fixed",
              before = "fixed")
          TemperatureMode temperatureMode) {}

  /** A distance between an embedded query and a prototype. */
  public enum Distance {
    /** ||z - c||^2, a Bregman divergence, for which means are the best prototypes (section 2.3). */
    EUCLIDEAN,
    /** 1 - cos(z, c), which the paper compares with (figure 2). */
    COSINE
  }

  /** Whether training moves the temperature. */
  public enum TemperatureMode {
    /** It stays. */
    FIXED,
    /** It is a parameter. */
    LEARNED
  }

  private Embedding embedding() {
    return new Embedding(f, norm);
  }

  /** With the paper's distance and temperature. */
  public ProtoNet(Model f, int ways, Norm.Policy norm) {
    this(f, ways, new Options(Distance.EUCLIDEAN, 1, TemperatureMode.FIXED), norm);
  }

  @Override
  public Params init(Init draw) {
    Params phi = f.init(draw);
    return o.temperatureMode() == TemperatureMode.LEARNED
        ? phi.with(LOG_TEMPERATURE, scalar(Math.log(o.temperature())))
        : phi;
  }

  /** -log p(y = k | x), averaged over the queries (equations 1 and 2). */
  @Override
  public Outcome loss(Params phi, Task task) {
    Batch s = task.support();
    Batch q = task.query();
    Embedding.Both z = embedding().both(phi, s.x(), q.x());
    Tensor logits = logits(phi, z.query(), classMeans(z.support(), s.y(), ways));
    return new Outcome(crossEntropy(logits, q.y()), logits, z.buffers());
  }

  /**
   * The prototypes c_k [ways, d] (equation 1), with the statistics of the support set where these
   * normalise the queries.
   */
  @Override
  public Params adapt(Params phi, Batch support) {
    Model.Pass s = embedding().support(phi, support.x());
    return embedding().kept(s).with(PROTOTYPES, classMeans(s.y(), support.y(), ways));
  }

  /** Logits of queries from their embeddings and the prototypes (equation 2). */
  @Override
  public Tensor predict(Params adapted, Tensor queries) {
    return logits(adapted, embedding().query(adapted, queries), adapted.get(PROTOTYPES));
  }

  /**
   * Minus the distance from each z [q, d] to each prototype c [ways, d], over the temperature. That
   * a cosine distance is from 1 changes no softmax, and is left out.
   */
  private Tensor logits(Params phi, Tensor z, Tensor c) {
    Tensor near =
        switch (o.distance()) {
          case EUCLIDEAN -> neg(squaredEuclidean(z, c));
          case COSINE -> cosine(z, c);
        };
    return switch (o.temperatureMode()) {
      case FIXED -> o.temperature() == 1 ? near : scale(near, 1 / o.temperature());
      case LEARNED -> mul(near, exp(neg(phi.get(LOG_TEMPERATURE))));
    };
  }

  @Override
  public Params network(Params phi, Tensor x, Norm by) {
    return Params.of(Model.FEATURES, f.apply(phi, x, by));
  }
}
