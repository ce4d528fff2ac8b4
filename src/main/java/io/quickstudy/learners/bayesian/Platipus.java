package io.quickstudy.learners.bayesian;

import static io.quickstudy.graph.Ops.*;

import io.quickstudy.graph.Ops;
import io.quickstudy.graph.Shape;
import io.quickstudy.graph.Tensor;
import io.quickstudy.learner.Criterion;
import io.quickstudy.learner.LearnerKind;
import io.quickstudy.learner.Setup;
import io.quickstudy.learners.inner.InnerLoop;
import io.quickstudy.learners.inner.Order;
import io.quickstudy.nn.Init;
import io.quickstudy.nn.Norm;
import io.quickstudy.settings.Setting;
import io.quickstudy.task.Batch;
import io.quickstudy.task.Task;
import io.quickstudy.task.TaskKind;
import io.quickstudy.transform.Grad;
import io.quickstudy.transform.Params;
import io.quickstudy.transform.Vmap;
import java.util.Optional;

/**
 * PLATIPUS. Finn, Xu and Levine (2018), "Probabilistic Model-Agnostic Meta-Learning", algorithms 1
 * and 2. What MAML begins from is a distribution, theta ~ N(mu, sigma^2), and an inference network
 * that is a gradient step of the queries says which of it a task is about:
 *
 * <pre>
 *   q(theta) = N(mu - gamma_q grad L(mu, query), v_q)                       line 7
 *   phi = theta - alpha grad L(theta, support),  theta ~ q                  line 9
 *   p(theta | support) = N(mu - gamma_p grad L(mu, support), sigma^2)       line 10
 *   loss = L(phi, query) + KL(q || p)                                       line 11
 * </pre>
 *
 * <p>Adapting draws several theta from p(theta | support), each of which the inner steps make a
 * model of the task (algorithm 2): where the support set fits several functions, these are some of
 * them. mu, sigma, v_q, gamma_p and gamma_q, a rate for each number, are all trained.
 *
 * @param inner alpha's steps
 * @param o its options
 */
public record Platipus(InnerLoop inner, Options o) implements ManyModels.Stepping {
  /** Its declaration. */
  public static final LearnerKind<Options> KIND =
      LearnerKind.of(Platipus.class, Options.class, Options::learner)
          .named("platipus")
          .ofWholeModels()
          .about("MAML from a distribution of parameters, sampled for each task")
          .paper("Finn et al. 2018")
          .tasks(TaskKind.EPISODES, TaskKind.REGRESSION)
          .norms(Norm.Policy.TRANSDUCTIVE, Norm.Policy.SUPPORT)
          .samples()
          .makes(MODELS);

  private static final String MEAN = "mean";
  private static final String LOG_DEVIATION = "log_deviation";
  private static final String POSTERIOR = "inference_log_deviation";
  private static final String PRIOR_RATE = "rate";
  private static final String POSTERIOR_RATE = "inference_rate";

  /**
   * Its options.
   *
   * @param innerSteps gradient steps on the support set
   * @param innerRate alpha
   * @param samples models of a task
   * @param deviation sigma and the root of v_q at first
   * @param distributionRate gamma_p and gamma_q at first
   * @param noise the deviation of a value about what a model says
   * @param klWeight how much the divergence counts
   */
  public record Options(
      @Setting(
              value = "gradient steps on the support set",
              usual = "5",
              least = 1,
              evaluated = true)
          int innerSteps,
      @Setting(value = "their rate, for a loss that is a mean", usual = "0.01", above = 0)
          double innerRate,
      @Setting(
              value = "models that are sampled for a task",
              usual = "10",
              least = 1,
              evaluated = true)
          int samples,
      @Setting(value = "standard deviation of the parameters at first", usual = "0.02", above = 0)
          double deviation,
      @Setting(
              value = "rates at first by which support set and queries move the distribution",
              usual = "0.01",
              least = 0)
          double distributionRate,
      @Setting(
              value = "standard deviation of a curve's value about what a model says of it",
              usual = "0.3",
              above = 0)
          double noise,
      @Setting(
              value = "how much the divergence of query and support distributions counts",
              usual = "1",
              least = 0)
          double klWeight) {
    private Platipus learner(Setup s) {
      InnerLoop inner =
          new InnerLoop(s.network(), s.criterion(), innerSteps, innerRate, Order.SECOND, s.norm());
      return new Platipus(inner, this);
    }
  }

  @Override
  public Params init(Init draw) {
    Params mu = f().init(draw);
    Params log = mu.map(v -> fill(Math.log(o.deviation()), v.shape()));
    Params rate = mu.map(v -> fill(o.distributionRate(), v.shape()));
    return mu.under(MEAN)
        .with(log.under(LOG_DEVIATION))
        .with(log.under(POSTERIOR))
        .with(rate.under(PRIOR_RATE))
        .with(rate.under(POSTERIOR_RATE));
  }

  /** mu moved against the gradient of the loss on some examples. */
  private Params moved(Params theta, String rates, Batch d) {
    Params mu = theta.sub(MEAN);
    Params g = Grad.grad(p -> criterion().of(f().apply(p, d.x(), Norm.batch()), d.y()), mu);
    return mu.minus(theta.sub(rates).zip(g, Ops::mul));
  }

  @Override
  public Outcome loss(Params theta, Task task) {
    Batch q = task.query();
    Params logV = theta.sub(POSTERIOR);
    Params mean = moved(theta, POSTERIOR_RATE, q);
    Params normal = Samples.normal(task.key(), mean);
    Params drawn = mean.plus(logV.map(Ops::exp).zip(normal, Ops::mul));
    InnerLoop.Fast phi = inner.training(drawn, task.support()).getLast();
    Tensor y = inner.query(phi, task.support(), q.x()).y();
    Params prior = moved(theta, PRIOR_RATE, task.support());
    Tensor kl = divergence(mean, logV, prior, theta.sub(LOG_DEVIATION));
    Tensor loss = add(minusLogLikelihood(y, q), scale(kl, o.klWeight() / q.count()));
    return new Outcome(loss, y, Params.empty());
  }

  /** Of a query, in the mean, but for a constant. */
  private Tensor minusLogLikelihood(Tensor y, Batch q) {
    Tensor loss = criterion().of(y, q.y());
    double numbers = (double) q.y().shape().size() / q.count();
    return criterion() == Criterion.SQUARED_ERROR
        ? scale(loss, numbers / (2 * o.noise() * o.noise()))
        : loss;
  }

  /** KL(N(m, e^2a) || N(n, e^2b)), summed over all numbers. */
  private static Tensor divergence(Params m, Params a, Params n, Params b) {
    Params apart = m.minus(n);
    Tensor sum = scalar(0);
    for (String name : m.names()) {
      Tensor log = sub(a.get(name), b.get(name));
      Tensor far = mul(apart.get(name), exp(neg(b.get(name))));
      Tensor wide = add(exp(scale(log, 2)), mul(far, far));
      sum = add(sum, sum(sub(scale(wide, 0.5), log)));
    }
    return sub(sum, scalar(m.size() / 2.0));
  }

  /** Algorithm 2, for several theta. */
  @Override
  public Params adapt(Params theta, Batch support) {
    Params mean = moved(theta, PRIOR_RATE, support);
    Params deviation = theta.sub(LOG_DEVIATION).map(Ops::exp);
    Params normal = Samples.fixed(o.samples(), mean);
    Params drawn = Vmap.vmapAll(n -> mean.plus(deviation.zip(n, Ops::mul)), normal);
    return Vmap.vmapAll(p -> inner.adapt(p, support), drawn).under(MODELS);
  }

  @Override
  public Optional<Tensor> deviations(Params adapted) {
    return Optional.of(fill(o.noise(), Shape.of(o.samples())));
  }
}
