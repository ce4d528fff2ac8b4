package io.quickstudy.learners.memory;

import static io.quickstudy.functions.Activations.softplus;
import static io.quickstudy.functions.Losses.classMeans;
import static io.quickstudy.functions.Losses.crossEntropy;
import static io.quickstudy.graph.Ops.*;

import io.quickstudy.graph.Shape;
import io.quickstudy.graph.Tensor;
import io.quickstudy.learner.Learner;
import io.quickstudy.learner.LearnerKind;
import io.quickstudy.learner.Predictive;
import io.quickstudy.learner.Setup;
import io.quickstudy.learner.Subtasks;
import io.quickstudy.nn.Backbone;
import io.quickstudy.nn.Embedding;
import io.quickstudy.nn.Init;
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
import java.util.Map;
import java.util.Optional;

/**
 * Conditional neural processes. Garnelo, Rosenbaum, Maddison, Ramalho, Saxton, Shanahan, Teh,
 * Rezende and Eslami (2018), "Conditional Neural Processes", section 2.2:
 *
 * <pre>
 *   r_i   = h(x_i, y_i)           for each example that is observed      equation 1
 *   r     = mean of the r_i                                              equation 2
 *   phi_t = g(x_t, r)             mean and variance at a target x_t      equation 3
 * </pre>
 *
 * <p>so that reading n examples and answering m targets costs n + m passes and no gradient. Of
 * images the r_i = h(x_i) are averaged by class, r is these means one after the other, and g gives
 * logits (section 4.3).
 *
 * @param h the encoder: of a point with its value, or of an image
 * @param g the decoder: r beside the target to mean and deviation, or to logits
 * @param task what is learned
 * @param outputs numbers of a value, or classes of an episode; in training a multiple of a task's
 * @param o its options
 * @param norm whose statistics normalise
 */
public record ConditionalNeuralProcess(
    Backbone h, Mlp g, TaskKind task, int outputs, Options o, Norm.Policy norm) implements Learner {
  /** The name of r among adapted parameters. */
  public static final String REPRESENTATION = "representation";

  /** Its declaration. */
  public static final LearnerKind<Options> KIND =
      LearnerKind.of(ConditionalNeuralProcess.class, Options.class, Options::process)
          .named("cnp")
          .about("conditional neural process, a mean of what is seen, with variances of curves")
          .paper("Garnelo et al. 2018")
          .tasks(TaskKind.EPISODES, TaskKind.REGRESSION)
          .ways(LearnerKind.Ways.MEASURED)
          .norms(Norm.Policy.RUNNING, Norm.Policy.SUPPORT, Norm.Policy.TRANSDUCTIVE)
          .makes(REPRESENTATION);

  private static final String ENCODER = "encoder";
  private static final String DECODER = "decoder";
  private static final String TASK_WAYS = "task-ways";

  /**
   * Its options.
   *
   * @param decoder hidden layers of g
   * @param decoding how it answers of images
   * @param taskWays classes of a task of images
   * @param minContext the fewest points of a curve that a target is predicted from in training
   * @param minDeviation the least standard deviation
   */
  public record Options(
      @Setting(
              value = "sizes of the decoder's hidden layers; the encoder is the model",
              usual = "128,128,128,128",
              least = 1)
          List<Integer> decoder,
      @Setting(
              value =
                  "how the decoder answers of images: joint, all classes at once, or by-class, each"
                      + " by the same weights",
              usual = "joint")
          Decoding decoding,
      @Setting(
              value =
                  "classes of a task of images; episodes of several times as many are several"
                      + " tasks",
              usual = "5",
              least = 2)
          int taskWays,
      @Setting(
              value =
                  "fewest points of a curve that training predicts from; the most are its shots",
              usual = "1",
              least = 0)
          int minContext,
      @Setting(
              value = "the least standard deviation that is predicted of a curve",
              usual = "0.1",
              above = 0,
              below = 1)
          double minDeviation) {
    /** At least one layer. */
    public Options {
      decoder = List.copyOf(decoder);
      if (decoder.isEmpty()) {
        throw new IllegalArgumentException(
            "Option --decoder is empty: expected sizes of at least 1; 128,128 for example.");
      }
    }

    private ConditionalNeuralProcess process(Setup s) {
      int n = s.outputs();
      if (s.tasks() == TaskKind.REGRESSION) {
        int point = s.example().size();
        Backbone h = s.withExample(Shape.of(point + n)).embedding();
        return new ConditionalNeuralProcess(
            h, decoder(h.features() + point, 2 * n), s.tasks(), n, this, s.norm());
      }
      if (minContext != 1) {
        throw new IllegalArgumentException(
            "Option --min-context is %s: expected 1 for images, of which --shots says the number; leave it out."
                .formatted(minContext));
      }
      Backbone h = s.embedding();
      int d = h.features();
      Mlp g =
          decoding == Decoding.JOINT ? decoder((taskWays + 1) * d, taskWays) : decoder(3 * d, 1);
      return new ConditionalNeuralProcess(h, g, s.tasks(), n, this, s.norm());
    }

    private Mlp decoder(int in, int out) {
      List<Integer> sizes = new ArrayList<>(List.of(in));
      sizes.addAll(decoder);
      sizes.add(out);
      return new Mlp(List.copyOf(sizes));
    }
  }

  /** How logits come from the representations of classes. */
  public enum Decoding {
    /** All at once, from all of them one after the other: the paper's (section 4.3). */
    JOINT,
    /** Each from that of its class and the mean of all, by the same weights. */
    BY_CLASS
  }

  /** Refuses episodes that cannot be cut into tasks. */
  public ConditionalNeuralProcess {
    if (task != TaskKind.REGRESSION) {
      Subtasks.of(KIND.name(), TASK_WAYS, outputs, o.taskWays());
    }
  }

  private Subtasks tasks() {
    return Subtasks.of(KIND.name(), TASK_WAYS, outputs, o.taskWays());
  }

  private boolean regresses() {
    return task == TaskKind.REGRESSION;
  }

  private Embedding encoder() {
    return new Embedding(h, norm);
  }

  @Override
  public Params init(Init draw) {
    return h.init(draw).under(ENCODER).with(g.init(draw).under(DECODER));
  }

  @Override
  public Outcome loss(Params theta, Task t) {
    return regresses() ? ofCurve(theta, t) : ofClasses(theta, t);
  }

  /**
   * -log Q(y_t | observed, x_t), averaged over all the points of a task, whether observed or not
   * (equation 4). The equation's expectation over how many are observed, which the paper estimates
   * by one draw, is a mean here: the targets of a task are predicted from the first N of its
   * support points, with another N for each target, spread evenly from the fewest to all of them.
   */
  private Outcome ofCurve(Params theta, Task t) {
    Batch s = t.support();
    Batch q = t.query();
    Tensor r = dot(observed(s.count(), q.count()), encoded(theta, s));
    Predictive all = decoded(theta, r, concatenate(0, s.x(), q.x()));
    Tensor log = all.logDensity(concatenate(0, s.y(), q.y()));
    int n = s.count() + q.count();
    Tensor mean = slice(all.mean(), 0, s.count(), n);
    return new Outcome(scale(sum(log), -1.0 / n), mean, Params.empty());
  }

  /**
   * Row t averages the points that target t is predicted from: [shots + queries, shots]. Of the
   * support points, which are targets too, the early ones see many and the late ones few, so that
   * half of them are not observed.
   */
  private Tensor observed(int shots, int queries) {
    int least = o.minContext();
    if (least > shots) {
      throw new IllegalArgumentException(
          "Option --min-context is %s: expected at most %s, the shots of training; change it."
              .formatted(least, shots));
    }
    double[] m = new double[(shots + queries) * shots];
    for (int t = 0; t < shots + queries; t++) {
      int n =
          t < shots
              ? spread(shots - 1 - t, shots, least, shots)
              : spread(t - shots, queries, least, shots);
      for (int i = 0; i < n; i++) {
        m[t * shots + i] = 1.0 / n;
      }
    }
    return literal(Shape.of(shots + queries, shots), m);
  }

  /** The i-th of so many whole numbers that are spread evenly over a range. */
  private static int spread(int i, int of, int from, int to) {
    return from + (int) ((2L * i + 1) * (to - from + 1) / (2L * of));
  }

  /** r_i of each point of a curve: [n, d] (equation 1). */
  private Tensor encoded(Params theta, Batch points) {
    return h.apply(theta.sub(ENCODER), concatenate(1, points.x(), points.y()), Norm.batch());
  }

  /** Mean and deviation from r [n, d] and targets x [n, ...] (equation 3). */
  private Predictive decoded(Params theta, Tensor r, Tensor x) {
    Tensor phi = g.apply(theta.sub(DECODER), concatenate(1, r, x), Norm.batch());
    Tensor raw = slice(phi, 1, outputs, 2 * outputs);
    double least = o.minDeviation();
    // bounded from below as in the released code, which has 0.1 + 0.9 softplus
    Tensor sigma = add(scale(softplus(raw), 1 - least), scalar(least));
    return new Predictive.Normal(slice(phi, 1, 0, outputs), sigma);
  }

  /** -log p(y = k | x), averaged over the queries. */
  private Outcome ofClasses(Params theta, Task t) {
    Batch s = t.support();
    Batch q = t.query();
    Embedding.Both z = encoder().both(theta.sub(ENCODER), s.x(), q.x());
    Tensor targets = tasks().cut(new Batch(z.query(), q.y())).x();
    Tensor y = logits(theta, byClass(z.support(), s.y()), targets);
    Tensor logits = tasks().joined(y, q.y());
    return new Outcome(crossEntropy(logits, q.y()), logits, z.buffers().under(ENCODER));
  }

  /** The mean of each class, which together are r: [tasks, classes, d]. */
  private Tensor byClass(Tensor z, Tensor labels) {
    Tensor means = classMeans(z, labels, outputs);
    return reshape(means, Shape.of(tasks().count(), tasks().ways(), h.features()));
  }

  /** Logits [tasks, q, classes] of targets [tasks, q, d]. */
  private Tensor logits(Params theta, Tensor r, Tensor targets) {
    int n = targets.dim(0);
    int q = targets.dim(1);
    int ways = r.dim(1);
    int d = r.dim(2);
    if (o.decoding() == Decoding.JOINT) {
      Shape all = Shape.of(n, q, ways * d);
      Tensor joint = broadcast(reshape(r, Shape.of(n, ways * d)), all, List.of(1));
      return decoded(theta, concatenate(2, joint, targets), Shape.of(n, q, ways));
    }
    Tensor mean = broadcast(mean(r, List.of(1)), r.shape(), List.of(1));
    Tensor own = broadcast(concatenate(2, r, mean), Shape.of(n, q, ways, 2 * d), List.of(1));
    Tensor target = broadcast(targets, Shape.of(n, q, ways, d), List.of(2));
    return decoded(theta, concatenate(3, own, target), Shape.of(n, q, ways));
  }

  /** g over the last axis, as numbers of a shape. */
  private Tensor decoded(Params theta, Tensor in, Shape out) {
    int width = in.dim(-1);
    Tensor rows = reshape(in, Shape.of(in.shape().size() / width, width));
    return reshape(g.apply(theta.sub(DECODER), rows, Norm.batch()), out);
  }

  /** r (equation 2). */
  @Override
  public Params adapt(Params theta, Batch support) {
    if (regresses()) {
      return Params.of(REPRESENTATION, mean(encoded(theta, support), List.of(0)));
    }
    tasks().single(KIND.name(), TASK_WAYS);
    Model.Pass s = encoder().support(theta.sub(ENCODER), support.x());
    Tensor means = byClass(s.y(), support.y());
    Params kept = encoder().kept(s).under(ENCODER);
    return kept.with(REPRESENTATION, reshape(means, means.shape().sub(1, 3)));
  }

  @Override
  public Tensor predict(Params adapted, Tensor queries) {
    if (regresses()) {
      return predictive(adapted, queries).orElseThrow().mean();
    }
    Tensor z = encoder().query(adapted.sub(ENCODER), queries);
    Tensor r = adapted.get(REPRESENTATION);
    Tensor y = logits(adapted, reshape(r, r.shape().prepend(1)), reshape(z, z.shape().prepend(1)));
    return reshape(y, y.shape().sub(1, 3));
  }

  @Override
  public Optional<Predictive> predictive(Params adapted, Tensor queries) {
    if (!regresses()) {
      return Optional.empty();
    }
    Tensor r = repeat(adapted.get(REPRESENTATION), queries.dim(0));
    return Optional.of(decoded(adapted, r, queries));
  }

  @Override
  public Params network(Params theta, Tensor x, Norm by) {
    return regresses()
        ? Params.empty()
        : Params.of(Model.FEATURES, h.apply(theta.sub(ENCODER), x, by));
  }

  @Override
  public Map<String, Shape> flattened() {
    Map<String, Shape> m = new java.util.LinkedHashMap<>();
    h.flattened().forEach((n, s) -> m.put(ENCODER + "." + n, s));
    return m;
  }
}
