package io.quickstudy.learners.bayesian;

import static io.quickstudy.functions.Einsum.einsum;
import static io.quickstudy.functions.Losses.*;
import static io.quickstudy.functions.Reductions.logSumExp;
import static io.quickstudy.graph.Ops.*;

import io.quickstudy.functions.Sampling;
import io.quickstudy.graph.Shape;
import io.quickstudy.graph.Tensor;
import io.quickstudy.learner.Learner;
import io.quickstudy.learner.LearnerKind;
import io.quickstudy.nn.Activation;
import io.quickstudy.nn.Backbone;
import io.quickstudy.nn.Embedding;
import io.quickstudy.nn.FeatureScale;
import io.quickstudy.nn.Init;
import io.quickstudy.nn.Mlp;
import io.quickstudy.nn.Model;
import io.quickstudy.nn.Norm;
import io.quickstudy.settings.Setting;
import io.quickstudy.task.Batch;
import io.quickstudy.task.Task;
import io.quickstudy.transform.Params;
import java.util.List;
import java.util.Optional;

/**
 * VERSA. Gordon, Bronskill, Bauer, Nowozin and Turner (2019), "Meta-Learning Probabilistic
 * Inference For Prediction". A network of each class's examples alone says how its row of a linear
 * classifier is distributed (section 3, "context independent" inference):
 *
 * <pre>
 *   q(psi | D) = prod over classes c of N(psi_c; mu(m_c), sigma^2(m_c)),   m_c the mean of f over c
 *   loss = -1/M sum over queries log 1/L sum over samples l of p(y | f(x), psi_l)     equation 7
 * </pre>
 *
 * <p>In training what is sampled are the logits, whose distribution follows from that of the row
 * (the local reparametrisation of Kingma, Salimans and Welling 2015, as in the released code). An
 * adapted learner has L fixed samples of the rows, so that a query's answer depends on nothing but
 * the query; probabilities are the mean over them.
 *
 * @param f examples to features
 * @param ways classes of a task; any
 * @param o its options
 * @param norm whose statistics normalise
 */
public record Versa(Backbone f, int ways, Options o, Norm.Policy norm) implements Learner {
  /** The name of the rows' means [ways, d + 1] among adapted parameters; the last is the bias's. */
  public static final String MEAN = "row-mean";

  /** The name of the rows' variances' logarithms, likewise. */
  public static final String LOG_VARIANCE = "row-log-variance";

  /** Its declaration. */
  public static final LearnerKind<Options> KIND =
      LearnerKind.of(
              Versa.class,
              Options.class,
              (o, s) -> new Versa(s.embedding(), s.outputs(), o, s.norm()))
          .named("versa")
          .about("a network that infers a classifier's distribution")
          .paper("Gordon et al. 2019")
          .ways(LearnerKind.Ways.ANY)
          .norms(Norm.Policy.RUNNING, Norm.Policy.SUPPORT, Norm.Policy.TRANSDUCTIVE)
          .samples()
          .makes(MEAN, LOG_VARIANCE);

  /**
   * Its options.
   *
   * @param inference hidden layers of the inference network
   * @param samples L
   */
  public record Options(
      @Setting(
              value = "sizes of the hidden layers that infer a class's row of the classifier",
              usual = "64,64",
              least = 1)
          List<Integer> inference,
      @Setting(
              value = "samples of the classifier that an answer is the mean of",
              usual = "10",
              least = 1,
              evaluated = true)
          int samples) {
    /** At least one layer. */
    public Options {
      inference = List.copyOf(inference);
      if (inference.isEmpty()) {
        throw new IllegalArgumentException(
            "Option --inference is empty: expected sizes of at least 1; 64,64 for example.");
      }
    }
  }

  private static final String F = "features";

  /** What a network of the class's mean says of its row: [ways, d] and [ways]. */
  private enum Part {
    WEIGHT_MEAN,
    BIAS_MEAN,
    WEIGHT_LOG_VARIANCE,
    BIAS_LOG_VARIANCE;

    String parameters() {
      return "inference." + name().toLowerCase(java.util.Locale.ROOT);
    }
  }

  /** Three layers with ELU between them for each part, as in the released code. */
  private Mlp inference(Part part) {
    int d = f.features();
    boolean weight = part == Part.WEIGHT_MEAN || part == Part.WEIGHT_LOG_VARIANCE;
    List<Integer> sizes = new java.util.ArrayList<>(List.of(d));
    sizes.addAll(o.inference());
    sizes.add(weight ? d : 1);
    return new Mlp(List.copyOf(sizes), FeatureScale.RAW, Activation.ELU);
  }

  private Embedding embedding() {
    return new Embedding(f, norm);
  }

  @Override
  public Params init(Init draw) {
    Params theta = f.init(draw).under(F);
    for (Part p : Part.values()) {
      theta = theta.with(inference(p).init(draw).under(p.parameters()));
    }
    return theta;
  }

  /** q(psi | D) of features z and their labels. */
  private Params posterior(Params theta, Tensor z, Tensor labels) {
    Tensor m = classMeans(z, labels, ways);
    return Params.of(
        MEAN,
        rows(theta, m, Part.WEIGHT_MEAN, Part.BIAS_MEAN),
        LOG_VARIANCE,
        rows(theta, m, Part.WEIGHT_LOG_VARIANCE, Part.BIAS_LOG_VARIANCE));
  }

  /** What is inferred of weights and biases: [ways, d + 1]. */
  private Tensor rows(Params theta, Tensor m, Part weight, Part bias) {
    return concatenate(1, inferred(theta, m, weight), inferred(theta, m, bias));
  }

  private Tensor inferred(Params theta, Tensor m, Part part) {
    return inference(part).apply(theta.sub(part.parameters()), m, Norm.batch());
  }

  private static Tensor withOne(Tensor z) {
    return concatenate(1, z, fill(1, Shape.of(z.dim(0), 1)));
  }

  /** Equation 7, by samples of the logits. */
  @Override
  public Outcome loss(Params theta, Task task) {
    Batch s = task.support();
    Batch q = task.query();
    Embedding.Both z = embedding().both(theta.sub(F), s.x(), q.x());
    Params psi = posterior(theta, z.support(), s.y());
    Tensor x = withOne(z.query());
    Tensor mean = dot(x, t(psi.get(MEAN)));
    Tensor deviation = sqrt(dot(mul(x, x), t(exp(psi.get(LOG_VARIANCE)))));
    Tensor normal = Sampling.normal(task.key(), mean.shape().prepend(o.samples()));
    Tensor logits = averaged(add(mean, mul(deviation, normal)));
    // log-probabilities are logits whose softmax they are
    return new Outcome(crossEntropy(logits, q.y()), logits, z.buffers().under(F));
  }

  /** log 1/L sum of the probabilities, of logits [l, q, ways]. */
  private static Tensor averaged(Tensor logits) {
    Tensor log = logSumExp(logSoftmax(logits), List.of(0));
    return sub(log, scalar(Math.log(logits.dim(0))));
  }

  @Override
  public Params adapt(Params theta, Batch support) {
    Model.Pass s = embedding().support(theta.sub(F), support.x());
    return embedding().kept(s).under(F).with(posterior(theta, s.y(), support.y()));
  }

  @Override
  public Optional<Tensor> samples(Params adapted, Tensor queries) {
    Tensor x = withOne(embedding().query(adapted.sub(F), queries));
    Tensor mean = adapted.get(MEAN);
    Tensor rows =
        Sampling.reparametrised(
            repeat(mean, o.samples()),
            repeat(scale(adapted.get(LOG_VARIANCE), 0.5), o.samples()),
            Samples.fixed(mean.shape().prepend(o.samples())));
    return Optional.of(einsum("qd,lkd->lqk", x, rows));
  }

  @Override
  public Tensor predict(Params adapted, Tensor queries) {
    return averaged(samples(adapted, queries).orElseThrow());
  }

  @Override
  public Params network(Params theta, Tensor x, Norm by) {
    return Params.of(Model.FEATURES, f.apply(theta.sub(F), x, by));
  }
}
