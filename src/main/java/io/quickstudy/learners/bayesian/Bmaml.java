package io.quickstudy.learners.bayesian;

import static io.quickstudy.functions.Distances.squaredEuclidean;
import static io.quickstudy.graph.Ops.*;

import io.quickstudy.functions.Losses;
import io.quickstudy.functions.Sorting;
import io.quickstudy.graph.Ops;
import io.quickstudy.graph.Shape;
import io.quickstudy.graph.Tensor;
import io.quickstudy.learner.Criterion;
import io.quickstudy.learner.LearnerKind;
import io.quickstudy.learner.Setup;
import io.quickstudy.learners.inner.Part;
import io.quickstudy.nn.Init;
import io.quickstudy.nn.Model;
import io.quickstudy.nn.Norm;
import io.quickstudy.settings.Setting;
import io.quickstudy.task.Batch;
import io.quickstudy.task.Task;
import io.quickstudy.task.TaskKind;
import io.quickstudy.transform.Grad;
import io.quickstudy.transform.Params;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Bayesian MAML. Yoon, Kim, Dia, Kim, Bengio and Ahn (2018), "Bayesian Model-Agnostic
 * Meta-Learning". A task's posterior is M particles, which n steps of Stein variational gradient
 * descent make of M that are learned (section 2.2, algorithm 1; Liu and Wang 2016):
 *
 * <pre>
 *   theta_m += alpha phi(theta_m)
 *   phi(theta) = 1/M sum over j of k(theta_j, theta) grad log p(theta_j | D) + grad_j k(theta_j, theta)
 *   k(a, b) = exp(-||a - b||^2 / h),   h the median of ||.||^2 over pairs, over log M
 * </pre>
 *
 * <p>They are trained to chase where the particles go that have seen the queries too (section 3.2,
 * algorithm 3): Theta^n behind n steps on the support set is the chaser, s more steps from it on
 * both sets the leader,
 *
 * <pre>  loss = sum over m of ||theta_m^n - stop(theta_m^{n+s})||^2.</pre>
 *
 * <p>A particle has the parameters that adapt and, as in the released code, the logarithms of the
 * weights' precision lambda and, of values, of the noise's precision gamma, under Gamma priors
 * (Gamma(2, 2) and Gamma(2, 0.2) by shape and rate).
 *
 * @param f the model
 * @param criterion minus the log-likelihood of one example, but for constants
 * @param part what of f is particles; all of it, or its last layer, with the rest shared
 * @param o its options
 * @param norm whose statistics normalise
 */
public record Bmaml(Model f, Criterion criterion, Part part, Options o, Norm.Policy norm)
    implements ManyModels {
  /** Its declaration. The chaser's gradient is none of its loss, since the leader stands still. */
  public static final LearnerKind<Options> KIND =
      LearnerKind.of(Bmaml.class, Options.class, Options::particles)
          .named("bmaml")
          .about("Bayesian MAML: particles that chase a task's posterior")
          .paper("Yoon et al. 2018")
          .tasks(TaskKind.EPISODES, TaskKind.REGRESSION)
          .norms(Norm.Policy.TRANSDUCTIVE, Norm.Policy.SUPPORT)
          .approximateIf(o -> o.objective() == Objective.CHASER)
          .checkedWith(Map.of("objective", "likelihood"));

  private static final String LOG_PRECISION = "log_precision";
  private static final String LOG_NOISE_PRECISION = "log_noise_precision";
  private static final double SHAPE = 2; // of both priors
  private static final double RATE = 2; // of the weights' precision
  private static final double NOISE_RATE = 0.2; // of the noise's
  private static final double LEAST_WIDTH = 1e-12; // of the kernel, where all particles are one

  /**
   * Its options.
   *
   * @param particles M
   * @param innerSteps n
   * @param leaderSteps s
   * @param innerRate alpha, for a log-likelihood that is a sum
   * @param innerClip the largest slope of the log-posterior, or 0
   * @param adapts what a particle is
   * @param objective what is trained for
   */
  public record Options(
      @Setting(value = "particles", usual = "5", least = 1) int particles,
      @Setting(
              value = "steps of the particles on the support set",
              usual = "1",
              least = 1,
              evaluated = true)
          int innerSteps,
      @Setting(value = "steps that the leader takes from there", usual = "1", least = 1)
          int leaderSteps,
      @Setting(
              value = "the steps' rate, for a log-likelihood that is a sum over the examples",
              usual = "0.001",
              above = 0)
          double innerRate,
      @Setting(
              value =
                  "the largest slope of the log-posterior by a number, to which others are cut; 0"
                      + " for none",
              usual = "0",
              before = "0",
              least = 0,
              evaluated = true)
          double innerClip,
      @Setting(
              value = "what a particle is: all, head, or parameters whose names match a pattern",
              usual = Part.ALL)
          String adapts,
      @Setting(
              value =
                  "what is trained for: chaser, nearness to particles that have seen the queries;"
                      + " or likelihood, that of the queries by all particles",
              usual = "chaser")
          Objective objective) {
    private Bmaml particles(Setup s) {
      Model f = s.network();
      return new Bmaml(f, s.criterion(), Part.of(adapts, f), this, s.norm());
    }
  }

  /** What is trained for. */
  public enum Objective {
    /** Section 3.2. */
    CHASER,
    /** -log 1/M sum of p(query | theta_m^n): section 3.1, equation 5. */
    LIKELIHOOD
  }

  @Override
  public Params init(Init draw) {
    Params first = f.init(draw);
    Params own = part.of(first);
    List<Params> each = new ArrayList<>();
    for (int m = 0; m < o.particles(); m++) {
      Params p = part.of(m == 0 ? first : f.init(draw)).with(LOG_PRECISION, scalar(0));
      each.add(criterion == Criterion.SQUARED_ERROR ? p.with(LOG_NOISE_PRECISION, scalar(0)) : p);
    }
    Params shared = first.select(n -> !own.names().contains(n));
    return shared.with(Samples.stacked(each).under(MODELS));
  }

  /** log p(theta | D) of one particle, but for a constant. */
  private Tensor logPosterior(Params p, Batch d) {
    Tensor y = f.apply(p, d.x(), Norm.batch());
    Tensor loss = criterion.of(y, d.y());
    Tensor log =
        switch (criterion) {
          case CROSS_ENTROPY -> scale(loss, -d.count());
          case SQUARED_ERROR -> {
            int numbers = d.y().shape().size();
            Tensor gamma = p.get(LOG_NOISE_PRECISION);
            Tensor far = sub(scale(gamma, numbers), mul(exp(gamma), scale(loss, numbers)));
            yield add(scale(far, 0.5), gammaPrior(gamma, NOISE_RATE));
          }
        };
    Params w = part.of(p.select(n -> !isPrecision(n)));
    Tensor lambda = p.get(LOG_PRECISION);
    Tensor squares = w.map(v -> sum(mul(v, v))).values().stream().reduce(scalar(0), Ops::add);
    Tensor prior = sub(scale(lambda, (double) w.size()), mul(exp(lambda), squares));
    return add(log, add(scale(prior, 0.5), gammaPrior(lambda, RATE)));
  }

  /** The log density of log x where x is Gamma distributed, but for a constant. */
  private static Tensor gammaPrior(Tensor logX, double rate) {
    return sub(scale(logX, SHAPE), scale(exp(logX), rate));
  }

  /**
   * The slopes by the logarithms of precisions, over the information that so many numbers have of
   * them, half their count: else a rate that suits the weights would throw them out.
   */
  private Params evened(Params score, Batch d) {
    long weights = score.select(n -> !isPrecision(n)).size();
    Params even = score.with(LOG_PRECISION, scale(score.get(LOG_PRECISION), 2.0 / weights));
    return criterion == Criterion.SQUARED_ERROR
        ? even.with(
            LOG_NOISE_PRECISION, scale(score.get(LOG_NOISE_PRECISION), 2.0 / d.y().shape().size()))
        : even;
  }

  private Tensor clipped(Tensor slopes) {
    Tensor most = scalar(o.innerClip());
    return o.innerClip() == 0 ? slopes : minimum(maximum(slopes, neg(most)), most);
  }

  private static boolean isPrecision(String name) {
    return name.equals(LOG_PRECISION) || name.equals(LOG_NOISE_PRECISION);
  }

  /** Algorithm 1: the particles behind some steps on examples. */
  private Params steps(Params all, Batch d, int steps) {
    Params now = all;
    for (int k = 0; k < steps; k++) {
      Params x = now.sub(MODELS);
      Params shared = now.select(n -> !n.startsWith(MODELS + "."));
      Params score =
          ManyModels.each(
              now,
              p -> {
                Params own = p.select(x.names()::contains);
                return evened(Grad.grad(q -> logPosterior(shared.with(q), d), own), d)
                    .map(this::clipped);
              });
      now = now.with(x.plus(direction(x, score).times(o.innerRate())).under(MODELS));
    }
    return now;
  }

  /** phi of every particle, from the gradients of their log-posteriors. */
  private static Params direction(Params x, Params score) {
    int m = x.values().iterator().next().dim(0);
    if (m == 1) {
      return score; // k is 1, and does not move
    }
    Tensor apart =
        x.map(v -> squaredEuclidean(rows(v), rows(v))).values().stream()
            .reduce(Ops::add)
            .orElseThrow();
    int pairs = m * (m - 1); // each twice; the m distances to itself are the least
    Tensor sorted = Sorting.sortDescending(reshape(apart, Shape.of(m * m)));
    Tensor middle = slice(sorted, 0, pairs / 2 - 1, pairs / 2 + 1);
    Tensor h = maximum(scale(mean(middle), 1 / Math.log(m)), scalar(LEAST_WIDTH));
    Tensor k = exp(neg(div(apart, h)));
    Tensor near = sum(k, List.of(1));
    return x.zip(
        score,
        (v, g) -> {
          Tensor r = rows(v);
          Tensor apartFrom = sub(mul(broadcast(near, r.shape(), List.of(1)), r), dot(k, r));
          Tensor all = add(dot(k, rows(g)), mul(div(scalar(2), h), apartFrom));
          return reshape(scale(all, 1.0 / m), v.shape());
        });
  }

  /** [m, ...] as [m, n]. */
  private static Tensor rows(Tensor v) {
    int m = v.dim(0);
    return reshape(v, Shape.of(m, v.shape().size() / m));
  }

  @Override
  public Outcome loss(Params theta, Task task) {
    Batch s = task.support();
    Batch q = task.query();
    Params chaser = steps(theta, s, o.innerSteps());
    Params adapted = chaser.with(statistics(chaser, s));
    Tensor answers = samples(adapted, q.x()).orElseThrow();
    Tensor y = together(answers);
    Tensor loss =
        switch (o.objective()) {
          case CHASER -> {
            Batch both = new Batch(concatenate(0, s.x(), q.x()), concatenate(0, s.y(), q.y()));
            Params leader = steps(chaser, both, o.leaderSteps());
            Params far = chaser.sub(MODELS).minus(leader.sub(MODELS).map(Ops::stop));
            yield far.map(v -> sum(mul(v, v))).values().stream().reduce(scalar(0), Ops::add);
          }
          case LIKELIHOOD -> minusLogLikelihood(adapted, answers, y, q);
        };
    return new Outcome(loss, y, Params.empty());
  }

  private Tensor minusLogLikelihood(Params adapted, Tensor answers, Tensor y, Batch q) {
    return switch (criterion) {
      case CROSS_ENTROPY -> Losses.crossEntropy(y, q.y());
      case SQUARED_ERROR -> {
        Tensor s = deviations(adapted).orElseThrow();
        yield neg(mean(ManyModels.mixture(answers, s).logDensity(q.y())));
      }
    };
  }

  /** What normalises queries, of each particle: [m, ...], where the support set's does. */
  private Params statistics(Params particles, Batch support) {
    return norm == Norm.Policy.SUPPORT
        ? ManyModels.each(particles, p -> f.pass(p, support.x(), Norm.batch()).moments())
            .under(MODELS)
        : Params.empty();
  }

  @Override
  public Params adapt(Params theta, Batch support) {
    Params particles = steps(theta, support, o.innerSteps());
    return particles.sub(MODELS).under(MODELS).with(statistics(particles, support));
  }

  @Override
  public List<Tensor> predictByStep(Params theta, Batch support, Tensor queries) {
    List<Tensor> byStep = new ArrayList<>();
    Params now = theta;
    for (int k = 0; k <= o.innerSteps(); k++) {
      now = k == 0 ? now : steps(now, support, 1);
      byStep.add(predict(now.with(statistics(now, support)), queries));
    }
    return byStep;
  }

  /** 1 / sqrt(gamma) of every particle. */
  @Override
  public Optional<Tensor> deviations(Params adapted) {
    return criterion == Criterion.SQUARED_ERROR
        ? Optional.of(exp(scale(adapted.sub(MODELS).get(LOG_NOISE_PRECISION), -0.5)))
        : Optional.empty();
  }
}
