package io.quickstudy.learners.bayesian;

import static io.quickstudy.functions.Einsum.einsum;
import static io.quickstudy.graph.Ops.*;

import io.quickstudy.functions.LinearAlgebra;
import io.quickstudy.graph.Shape;
import io.quickstudy.graph.Tensor;
import io.quickstudy.learner.Learner;
import io.quickstudy.learner.LearnerKind;
import io.quickstudy.learner.Predictive;
import io.quickstudy.nn.Backbone;
import io.quickstudy.nn.Embedding;
import io.quickstudy.nn.Init;
import io.quickstudy.nn.Model;
import io.quickstudy.nn.Norm;
import io.quickstudy.settings.Setting;
import io.quickstudy.task.Batch;
import io.quickstudy.task.Task;
import io.quickstudy.task.TaskKind;
import io.quickstudy.transform.Params;
import io.quickstudy.transform.Scan;
import java.util.List;
import java.util.Optional;

/**
 * ALPaCA: Bayesian linear regression on learned features. Harrison, Sharma and Pavone (2018),
 * "Meta-Learning Priors for Efficient Online Bayesian Regression", sections 3 and 4:
 *
 * <pre>
 *   y = K' phi(x) + e,   e ~ N(0, S),   K ~ MN(K_0, Lambda_0^-1, S)            the prior
 *   L_t = L_{t-1} - (L_{t-1} phi)(L_{t-1} phi)' / (1 + phi' L_{t-1} phi)       L is Lambda^-1
 *   K_t = K_{t-1} + L_t phi (y - K_{t-1}' phi)'                                the posterior
 *   y | x ~ N(K_t' phi(x), (1 + phi(x)' L_t phi(x)) S)                         the prediction
 * </pre>
 *
 * <p>phi, K_0 and Lambda_0 are trained to predict from 0, 1, 2, ... points of a curve alike. Points
 * come one by one in the posterior's recursion, which is exact: no gradient step, and the order
 * does not matter. (The paper carries Q_t = Lambda_t K_t in place of K_t: the same in exact
 * arithmetic.)
 *
 * @param phi the features
 * @param outputs numbers of a value
 * @param o its options
 * @param norm whose statistics normalise, where the features have batch normalisation
 */
public record Alpaca(Backbone phi, int outputs, Options o, Norm.Policy norm) implements Learner {
  /** The name of K_t among adapted parameters. */
  public static final String MEAN = "posterior-mean";

  /** The name of Lambda_t^-1 among adapted parameters. */
  public static final String SPREAD = "posterior-spread";

  /** Its declaration. */
  public static final LearnerKind<Options> KIND =
      LearnerKind.of(
              Alpaca.class,
              Options.class,
              (o, s) -> new Alpaca(s.embedding(), s.outputs(), o, s.norm()))
          .named("alpaca")
          .about("Bayesian linear regression on learned features, with variances of curves")
          .paper("Harrison et al. 2018")
          .tasks(TaskKind.REGRESSION)
          .norms(Norm.Policy.SUPPORT, Norm.Policy.TRANSDUCTIVE)
          .makes(MEAN, SPREAD);

  private static final String PHI = "phi";
  private static final String PRIOR_MEAN = "prior.mean";
  private static final String PRIOR_FACTOR = "prior.factor";
  private static final String LOG_NOISE = "log_noise";

  /**
   * Its options.
   *
   * @param noise S, or where training of it starts
   * @param noiseMode whether it is learned
   * @param minContext the fewest points that training predicts from
   */
  public record Options(
      @Setting(value = "variance of the noise of values, at first", usual = "0.02", above = 0)
          double noise,
      @Setting(
              value = "whether that variance is learned, for each number of a value, or fixed",
              usual = "learned")
          NoiseMode noiseMode,
      @Setting(
              value = "fewest points that training predicts from; the most are its shots",
              usual = "0",
              least = 0)
          int minContext) {}

  /** Whether S is learned. */
  public enum NoiseMode {
    /** It is known. */
    FIXED,
    /** It is trained with the rest. */
    LEARNED
  }

  private Embedding embedding() {
    return new Embedding(phi, norm);
  }

  @Override
  public Params init(Init draw) {
    int d = phi.features();
    Params prior =
        Params.of(
            PRIOR_MEAN,
            draw.glorot(Shape.of(d, outputs)),
            PRIOR_FACTOR,
            LinearAlgebra.diagonalMatrix(fill(1, Shape.of(d))));
    Params theta = phi.init(draw).under(PHI).with(prior);
    return o.noiseMode() == NoiseMode.LEARNED
        ? theta.with(LOG_NOISE, fill(Math.log(o.noise()), Shape.of(outputs)))
        : theta;
  }

  /** S, of each number of a value: [outputs]. */
  private Tensor noise(Params theta) {
    return o.noiseMode() == NoiseMode.LEARNED
        ? exp(theta.get(LOG_NOISE))
        : fill(o.noise(), Shape.of(outputs));
  }

  /** K_0 [d, outputs], and L_0 [d, d] by its factor: positive definite, whatever is learned. */
  private static Params prior(Params theta) {
    Tensor factor = theta.get(PRIOR_FACTOR);
    return Params.of(MEAN, theta.get(PRIOR_MEAN), SPREAD, dot(factor, t(factor)));
  }

  /** The posterior behind one more point, from that before it. */
  private static Params updated(Params before, Tensor phi, Tensor y) {
    Tensor f = reshape(phi, Shape.of(phi.dim(0), 1));
    Tensor k = before.get(MEAN);
    Tensor l = before.get(SPREAD);
    Tensor lf = dot(l, f);
    Tensor gain = div(lf, add(scalar(1), dot(t(f), lf))); // L_t phi
    Tensor missed = sub(reshape(y, Shape.of(1, y.dim(0))), dot(t(f), k));
    return Params.of(MEAN, add(k, dot(gain, missed)), SPREAD, sub(l, dot(gain, t(lf))));
  }

  /** The posteriors behind 1, 2, ... points, stacked, and the last. */
  private static Scan.Result posteriors(Params prior, Tensor phi, Tensor y) {
    return Scan.scan(
        (before, point) -> {
          Params after = updated(before, point.get("phi"), point.get("y"));
          return new Scan.Step(after, after);
        },
        prior,
        Params.of("phi", phi, "y", y));
  }

  /**
   * Predictions [t, q, outputs] at features phi [q, d] by t posteriors.
   *
   * @param k [t, d, outputs]
   * @param l [t, d, d]
   */
  private Predictive.Normal predicted(Params theta, Tensor k, Tensor l, Tensor phi) {
    Tensor mean = einsum("qd,tdo->tqo", phi, k);
    Tensor lphi = einsum("qd,tde->tqe", phi, l);
    Tensor far = sum(mul(lphi, broadcast(phi, lphi.shape(), List.of(0))), List.of(2));
    Tensor wide = broadcast(add(scalar(1), far), mean.shape(), List.of(2));
    return new Predictive.Normal(mean, sqrt(mul(wide, noise(theta))));
  }

  /**
   * -log p(y | x, first t points), averaged over the queries and over t from the fewest to all of
   * the support points; algorithm 1 draws one t at random.
   */
  @Override
  public Outcome loss(Params theta, Task task) {
    Batch s = task.support();
    Batch q = task.query();
    if (o.minContext() > s.count()) {
      throw new IllegalArgumentException(
          "Option --min-context is %s: expected at most %s, the shots of training; change it."
              .formatted(o.minContext(), s.count()));
    }
    Embedding.Both z = embedding().both(theta.sub(PHI), s.x(), q.x());
    Params prior = prior(theta);
    Params after = posteriors(prior, z.support(), s.y()).ys();
    Tensor k = from(o.minContext(), prior.get(MEAN), after.get(MEAN));
    Tensor l = from(o.minContext(), prior.get(SPREAD), after.get(SPREAD));
    Predictive all = predicted(theta, k, l, z.query());
    int n = k.dim(0);
    Tensor log = all.logDensity(repeat(q.y(), n));
    Tensor loss = scale(sum(log), -1.0 / (n * q.count()));
    return new Outcome(loss, at(all.mean(), 0, n - 1), z.buffers().under(PHI));
  }

  private static Tensor from(int least, Tensor prior, Tensor after) {
    Tensor all = concatenate(0, repeat(prior, 1), after);
    return slice(all, 0, least, all.dim(0));
  }

  @Override
  public Params adapt(Params theta, Batch support) {
    Model.Pass s = embedding().support(theta.sub(PHI), support.x());
    Params posterior = posteriors(prior(theta), s.y(), support.y()).carry();
    return embedding().kept(s).under(PHI).with(posterior);
  }

  @Override
  public Tensor predict(Params adapted, Tensor queries) {
    return dot(embedding().query(adapted.sub(PHI), queries), adapted.get(MEAN));
  }

  @Override
  public Optional<Predictive> predictive(Params adapted, Tensor queries) {
    Tensor z = embedding().query(adapted.sub(PHI), queries);
    Tensor k = repeat(adapted.get(MEAN), 1);
    Tensor l = repeat(adapted.get(SPREAD), 1);
    Predictive.Normal p = predicted(adapted, k, l, z);
    return Optional.of(new Predictive.Normal(at(p.mean(), 0, 0), at(p.deviation(), 0, 0)));
  }

  /** The standard deviation of the noise, in the mean over the numbers of a value. */
  @Override
  public Params watched(Params theta) {
    return o.noiseMode() == NoiseMode.LEARNED
        ? Params.of("noise-deviation", mean(sqrt(noise(theta))))
        : Params.empty();
  }

  @Override
  public Params network(Params theta, Tensor x, Norm by) {
    return Params.of(Model.FEATURES, phi.apply(theta.sub(PHI), x, by));
  }
}
