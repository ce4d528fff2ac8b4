package io.quickstudy.learners.bayesian;

import static io.quickstudy.functions.Activations.softplus;
import static io.quickstudy.functions.Einsum.einsum;
import static io.quickstudy.functions.Losses.*;
import static io.quickstudy.graph.Ops.*;

import io.quickstudy.functions.Sampling;
import io.quickstudy.graph.Shape;
import io.quickstudy.graph.Tensor;
import io.quickstudy.learner.Learner;
import io.quickstudy.learner.LearnerKind;
import io.quickstudy.learner.Predictive;
import io.quickstudy.learner.Setup;
import io.quickstudy.nn.Backbone;
import io.quickstudy.nn.Embedding;
import io.quickstudy.nn.Init;
import io.quickstudy.nn.Linear;
import io.quickstudy.nn.Mlp;
import io.quickstudy.nn.Model;
import io.quickstudy.nn.Norm;
import io.quickstudy.settings.Setting;
import io.quickstudy.task.Batch;
import io.quickstudy.task.Task;
import io.quickstudy.task.TaskKind;
import io.quickstudy.transform.Params;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The amortised variational learner: meta-learning as a variational autoencoder sees it. CS 330
 * (Finn, Stanford), lecture on Bayesian meta-learning, black-box approach; the bound and its
 * gradient are those of Kingma and Welling (2014), "Auto-Encoding Variational Bayes", sections 2.2
 * to 2.4. What is to be known of a task is h, of which an encoder of the support set D says how it
 * is distributed:
 *
 * <pre>
 *   q(h | D) = N(mu(r), sigma^2(r)),   r the mean encoding of the examples
 *   loss = -E_q sum over queries log p(y | x, h) + KL(q(h | D) || N(0, 1)),   over the queries
 *   h = mu + sigma e,   e ~ N(0, 1)                                      the reparametrisation
 * </pre>
 *
 * <p>Of curves, r is the mean encoding of points with their values, and a decoder of (h, x) gives a
 * value's mean and deviation. Of images, there is an h for each class from the mean of its
 * features, which are its row of a linear classifier and a bias. An adapted learner has fixed
 * samples of h, and answers by their mean.
 *
 * @param f the encoder: of a point with its value, or of an image
 * @param decoder of a curve's point; nothing of images
 * @param task what is learned
 * @param outputs classes, or numbers of a value
 * @param o its options
 * @param norm whose statistics normalise
 */
public record AmortisedVariational(
    Backbone f, Optional<Mlp> decoder, TaskKind task, int outputs, Options o, Norm.Policy norm)
    implements Learner {
  /** The name of mu among adapted parameters: [n, latent], n being classes, or 1. */
  public static final String MEAN = "task-mean";

  /** The name of log sigma among adapted parameters, likewise. */
  public static final String LOG_DEVIATION = "task-log-deviation";

  /** Its declaration. */
  public static final LearnerKind<Options> KIND =
      LearnerKind.of(AmortisedVariational.class, Options.class, Options::learner)
          .named("variational")
          .about("an encoder infers a task's latent numbers, trained by a variational bound")
          .paper("CS 330")
          .tasks(TaskKind.EPISODES, TaskKind.REGRESSION)
          .ways(LearnerKind.Ways.ANY)
          .norms(Norm.Policy.RUNNING, Norm.Policy.SUPPORT, Norm.Policy.TRANSDUCTIVE)
          .samples()
          .makes(MEAN, LOG_DEVIATION);

  private static final String ENCODER = "encoder";
  private static final String POSTERIOR = "posterior";
  private static final String DECODER = "decoder";

  /**
   * Its options.
   *
   * @param latent numbers of h, of curves
   * @param decoder hidden layers, of curves
   * @param samples of h
   * @param klWeight how much the divergence counts
   * @param minDeviation the least standard deviation of a value
   */
  public record Options(
      @Setting(value = "numbers that say what a curve is", usual = "32", least = 1) int latent,
      @Setting(
              value = "sizes of the decoder's hidden layers, of curves",
              usual = "128,128",
              least = 1)
          List<Integer> decoder,
      @Setting(
              value = "samples of what a task is that an answer is the mean of",
              usual = "10",
              least = 1,
              evaluated = true)
          int samples,
      @Setting(
              value = "how much the divergence from the prior counts; 1 is the bound",
              usual = "1",
              least = 0)
          double klWeight,
      @Setting(
              value = "the least standard deviation that is predicted of a curve",
              usual = "0.05",
              above = 0)
          double minDeviation) {
    /** At least one layer. */
    public Options {
      decoder = List.copyOf(decoder);
      if (decoder.isEmpty()) {
        throw new IllegalArgumentException(
            "Option --decoder is empty: expected sizes of at least 1; 128,128 for example.");
      }
    }

    private AmortisedVariational learner(Setup s) {
      int n = s.outputs();
      if (s.tasks() != TaskKind.REGRESSION) {
        return new AmortisedVariational(
            s.embedding(), Optional.empty(), s.tasks(), n, this, s.norm());
      }
      int point = s.example().size();
      List<Integer> sizes = new ArrayList<>(List.of(latent + point));
      sizes.addAll(decoder);
      sizes.add(2 * n);
      return new AmortisedVariational(
          s.withExample(Shape.of(point + n)).embedding(),
          Optional.of(new Mlp(List.copyOf(sizes))),
          s.tasks(),
          n,
          this,
          s.norm());
    }
  }

  private boolean regresses() {
    return decoder.isPresent();
  }

  /** The numbers of an h. */
  private int latent() {
    return regresses() ? o.latent() : f.features() + 1;
  }

  private Embedding encoder() {
    return new Embedding(f, norm);
  }

  private Linear posterior() {
    return new Linear(f.features(), 2 * latent());
  }

  @Override
  public Params init(Init draw) {
    Params theta = f.init(draw).under(ENCODER).with(posterior().init(draw).under(POSTERIOR));
    return decoder.map(g -> theta.with(g.init(draw).under(DECODER))).orElse(theta);
  }

  /** q(h | D) of encodings r [n, d]: mu and log sigma [n, latent]. */
  private Params inferred(Params theta, Tensor r) {
    Tensor both = posterior().apply(theta.sub(POSTERIOR), r, Norm.batch());
    return Params.of(
        MEAN, slice(both, 1, 0, latent()), LOG_DEVIATION, slice(both, 1, latent(), 2 * latent()));
  }

  /** mu + sigma e for normal numbers [l, n, latent]. */
  private static Tensor sampled(Params q, Tensor normal) {
    int l = normal.dim(0);
    return Sampling.reparametrised(repeat(q.get(MEAN), l), repeat(q.get(LOG_DEVIATION), l), normal);
  }

  /** KL(N(mu, sigma^2) || N(0, 1)), summed over all numbers. */
  private static Tensor divergence(Params q) {
    Tensor mu = q.get(MEAN);
    Tensor log = q.get(LOG_DEVIATION);
    Tensor each = sub(sub(add(exp(scale(log, 2)), mul(mu, mu)), scale(log, 2)), scalar(1));
    return scale(sum(each), 0.5);
  }

  private Outcome bound(Tensor logLikelihood, Params q, Tensor outputs, int queries, Params seen) {
    Tensor kl = scale(divergence(q), o.klWeight() / queries);
    return new Outcome(sub(kl, logLikelihood), outputs, seen);
  }

  @Override
  public Outcome loss(Params theta, Task t) {
    Batch s = t.support();
    Batch q = t.query();
    if (regresses()) {
      Params h = inferred(theta, curve(theta, s));
      Predictive.Mixture p = decoded(theta, sampled(h, normal(t, 1)), q.x());
      // for each h on its own, which is what the bound has, and not of their mixture
      Predictive each = new Predictive.Normal(p.means(), p.deviations());
      Tensor log = each.logDensity(repeat(q.y(), o.samples()));
      Tensor mean = scale(sum(log), 1.0 / (o.samples() * q.count()));
      return bound(mean, h, p.mean(), q.count(), Params.empty());
    }
    Embedding.Both z = encoder().both(theta.sub(ENCODER), s.x(), q.x());
    Params h = inferred(theta, classMeans(z.support(), s.y(), outputs));
    Tensor logits = logits(sampled(h, normal(t, outputs)), z.query());
    Tensor right = oneHot(q.y(), outputs);
    Tensor log = sum(mul(logSoftmax(logits), repeat(right, o.samples())));
    Tensor mean = scale(log, 1.0 / (o.samples() * q.count()));
    return bound(mean, h, Samples.meanProbability(logits), q.count(), z.buffers().under(ENCODER));
  }

  private Tensor normal(Task t, int rows) {
    return Sampling.normal(t.key(), Shape.of(o.samples(), rows, latent()));
  }

  /** r of a curve's points: [1, d]. */
  private Tensor curve(Params theta, Batch points) {
    Tensor both = concatenate(1, points.x(), points.y());
    Tensor each = f.apply(theta.sub(ENCODER), both, Norm.batch());
    return repeat(mean(each, List.of(0)), 1);
  }

  /** Values at x [q, ...] by samples of h [l, 1, latent]. */
  private Predictive.Mixture decoded(Params theta, Tensor h, Tensor x) {
    int l = h.dim(0);
    int q = x.dim(0);
    Tensor wide =
        broadcast(reshape(h, Shape.of(l, latent())), Shape.of(l, q, latent()), List.of(1));
    Tensor in = concatenate(2, wide, repeat(x, l));
    Tensor rows = reshape(in, Shape.of(l * q, in.dim(2)));
    Tensor y = decoder.orElseThrow().apply(theta.sub(DECODER), rows, Norm.batch());
    Shape values = Shape.of(l, q, outputs);
    Tensor deviation = add(softplus(slice(y, 1, outputs, 2 * outputs)), scalar(o.minDeviation()));
    return new Predictive.Mixture(
        reshape(slice(y, 1, 0, outputs), values), reshape(deviation, values));
  }

  /** Logits [l, q, ways] of features [q, d] by samples of rows [l, ways, d + 1]. */
  private static Tensor logits(Tensor h, Tensor z) {
    Tensor x = concatenate(1, z, fill(1, Shape.of(z.dim(0), 1)));
    return einsum("qd,lkd->lqk", x, h);
  }

  @Override
  public Params adapt(Params theta, Batch support) {
    if (regresses()) {
      return inferred(theta, curve(theta, support));
    }
    Model.Pass s = encoder().support(theta.sub(ENCODER), support.x());
    Params h = inferred(theta, classMeans(s.y(), support.y(), outputs));
    return encoder().kept(s).under(ENCODER).with(h);
  }

  private Tensor fixed(Params adapted) {
    Shape one = adapted.get(MEAN).shape();
    return sampled(adapted, Samples.fixed(one.prepend(o.samples())));
  }

  @Override
  public Optional<Tensor> samples(Params adapted, Tensor queries) {
    Tensor h = fixed(adapted);
    return Optional.of(
        regresses()
            ? decoded(adapted, h, queries).means()
            : logits(h, encoder().query(adapted.sub(ENCODER), queries)));
  }

  @Override
  public Tensor predict(Params adapted, Tensor queries) {
    Tensor each = samples(adapted, queries).orElseThrow();
    return regresses() ? mean(each, List.of(0)) : Samples.meanProbability(each);
  }

  @Override
  public Optional<Predictive> predictive(Params adapted, Tensor queries) {
    return regresses() ? Optional.of(decoded(adapted, fixed(adapted), queries)) : Optional.empty();
  }

  @Override
  public Params network(Params theta, Tensor x, Norm by) {
    return regresses()
        ? Params.empty()
        : Params.of(Model.FEATURES, f.apply(theta.sub(ENCODER), x, by));
  }
}
