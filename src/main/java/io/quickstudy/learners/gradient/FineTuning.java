package io.quickstudy.learners.gradient;

import static io.quickstudy.functions.Distances.cosine;
import static io.quickstudy.functions.Distances.squaredEuclidean;
import static io.quickstudy.functions.Losses.classMeans;
import static io.quickstudy.functions.Losses.crossEntropy;
import static io.quickstudy.graph.Ops.*;
import static io.quickstudy.transform.Grad.grad;

import io.quickstudy.graph.Shape;
import io.quickstudy.graph.Tensor;
import io.quickstudy.learner.BatchLearner;
import io.quickstudy.learner.LearnerKind;
import io.quickstudy.learners.inner.MiniBatches;
import io.quickstudy.nn.Backbone;
import io.quickstudy.nn.Init;
import io.quickstudy.nn.Model;
import io.quickstudy.nn.Norm;
import io.quickstudy.settings.Setting;
import io.quickstudy.task.Batch;
import io.quickstudy.task.Task;
import io.quickstudy.task.TaskKind;
import io.quickstudy.transform.Params;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiFunction;

/**
 * What meta-learning is compared with: a classifier of all base classes, fine-tuned on the support
 * set. Chen, Liu, Kira, Wang and Huang (2019), "A Closer Look at Few-shot Classification", section
 * 3.2: Baseline, whose classifiers are linear, and Baseline++, whose classifiers compare by cosine.
 * A new classifier learns from the features of the support set, which stay; or all learns with it;
 * or nothing does, and the nearest class mean answers.
 *
 * @param f the feature extractor f_theta
 * @param ways classes of a task; another number with the same parameters is another such record
 * @param classes the base classes
 * @param o its options
 * @param norm {@code RUNNING}: training by batch statistics, all else by their moving average; or
 *     {@code NONE} for a model without batch normalisation
 */
public record FineTuning(Backbone f, int ways, int classes, Options o, Norm.Policy norm)
    implements BatchLearner {
  /** The name of the class means among adapted parameters, [ways, d]. */
  public static final String CENTROIDS = "centroids";

  /** What the names of the classifier of the base classes begin with. */
  private static final String BASE = "classifier";

  /** And those of a task's own. */
  private static final String NOVEL = "novel";

  /** Its declaration. */
  public static final LearnerKind<Options> KIND =
      LearnerKind.of(
              FineTuning.class,
              Options.class,
              (o, s) -> new FineTuning(s.embedding(), s.outputs(), s.classes(), o, s.norm()))
          .named("finetune")
          .about("a classifier of all training classes, fine-tuned")
          .paper("Chen et al. 2019")
          .tasks(TaskKind.BATCHES)
          .ways(LearnerKind.Ways.ANY)
          .norms(Norm.Policy.RUNNING)
          .makes(CENTROIDS, NOVEL + ".weight", NOVEL + ".bias");

  /** Momentum and dampening of the fine-tuning's SGD, and its L2 penalty (the released code). */
  private static final double MOMENTUM = 0.9;

  private static final double DECAY = 0.001;

  /** The deviation of the first weights of a linear classifier. */
  private static final double START = 0.01;

  /** Of the first weights of a task's classifier, which are the same for each. */
  private static final long SEED = 0;

  /**
   * Its options.
   *
   * @param classifier of the base classes and of a task
   * @param cosineScale what cosines are times
   * @param adaptation what a support set changes
   * @param innerSteps steps of fine-tuning
   * @param innerRate their rate
   * @param innerBatch support examples of a step
   */
  public record Options(
      @Setting(value = "linear, or by cosine to a vector of each class", usual = "linear")
          Classifier classifier,
      @Setting(
              value = "what the cosines of the classifier are times, before the softmax",
              usual = "10",
              above = 0,
              evaluated = true)
          double cosineScale,
      @Setting(
              value =
                  "what a support set makes: the centroid of each class, a new head, or all new",
              usual = "head",
              evaluated = true)
          Adaptation adaptation,
      @Setting(
              value = "gradient steps on the support set",
              usual = "100",
              least = 0,
              evaluated = true)
          int innerSteps,
      @Setting(
              value = "their rate, for a loss that is a mean",
              usual = "0.01",
              above = 0,
              evaluated = true)
          double innerRate,
      @Setting(
              value = "examples of an inner step; at most all of the support set are taken",
              usual = "4",
              least = 1,
              evaluated = true)
          int innerBatch) {}

  /** How features z become scores (section 3.2). */
  public enum Classifier {
    /** W' z + b, the FineTuning. */
    LINEAR,
    /** A scale times the cosine of z and the vector w_j of each class, the Baseline++. */
    COSINE
  }

  /** What becomes of a support set. */
  public enum Adaptation {
    /** The mean of each class: the nearest one answers, by distance or by cosine. */
    CENTROID,
    /** A new classifier on features that stay, the paper's. */
    HEAD,
    /** A new classifier, and the features with it. */
    ALL
  }

  @Override
  public Params init(Init draw) {
    return f.init(draw).with(classifier(draw, classes).under(BASE));
  }

  /**
   * A new classifier: "weight" [d, outputs], and "bias" [outputs] where it is linear. Linear ones
   * start so small that all classes are even, however many features there are.
   */
  private Params classifier(Init draw, int outputs) {
    Shape w = Shape.of(f.features(), outputs);
    return switch (o.classifier()) {
      case LINEAR -> Params.of("weight", draw.normal(w, START), "bias", fill(0, Shape.of(outputs)));
      case COSINE -> Params.of("weight", draw.glorot(w));
    };
  }

  /** The scores of features z [n, d] by a classifier: [n, outputs]. */
  private Tensor scores(Params classifier, Tensor z) {
    Tensor w = classifier.get("weight");
    return switch (o.classifier()) {
      case LINEAR -> add(dot(z, w), classifier.get("bias"));
      case COSINE -> scale(cosine(z, t(w)), o.cosineScale());
    };
  }

  /** Features of a task, by the statistics of training. */
  private Tensor features(Params theta, Tensor x) {
    return f.apply(theta, x, Norm.given(theta));
  }

  /** The training stage: the cross entropy of all base classes (section 3.2). */
  @Override
  public Outcome loss(Params theta, Batch batch) {
    Model.Pass z = f.pass(theta, batch.x(), Norm.batch());
    Tensor y = scores(theta.sub(BASE), z.y());
    return new Outcome(crossEntropy(y, batch.y()), y, Norm.running(theta, z.moments()));
  }

  /** That of a task's queries among its own classes. */
  @Override
  public Outcome loss(Params theta, Task task) {
    Tensor y = predict(theta, task.support(), task.query().x());
    return new Outcome(crossEntropy(y, task.query().y()), y, Params.empty());
  }

  /** What is learned of a task after 0, 1, ... steps of fine-tuning (section 3.2). */
  private List<Params> path(Params theta, Batch support) {
    Params head = classifier(new Init(SEED), ways).under(NOVEL);
    return switch (o.adaptation()) {
      case CENTROID -> {
        Tensor c = classMeans(features(theta, support.x()), support.y(), ways);
        yield List.of(Params.of(CENTROIDS, c));
      }
      case HEAD -> {
        Batch z = new Batch(features(theta, support.x()), support.y());
        yield fineTuned(head, z, (w, b) -> scores(w.sub(NOVEL), b));
      }
      case ALL -> {
        Params body = theta.select(n -> !Norm.isBuffer(n) && !n.startsWith(BASE + "."));
        yield fineTuned(body.with(head), support, (w, x) -> predict(theta.with(w), x));
      }
    };
  }

  /**
   * SGD with momentum and dampening, and an L2 penalty, as PyTorch's: v = m v + (1 - m) g, the
   * first v being the first g.
   */
  private List<Params> fineTuned(
      Params start, Batch set, BiFunction<Params, Tensor, Tensor> scores) {
    MiniBatches batches = MiniBatches.of(set, o.innerBatch());
    List<Params> path = new ArrayList<>(List.of(start));
    Params w = start;
    Params v = Params.empty();
    for (int i = 0; i < o.innerSteps(); i++) {
      Batch b = batches.get(i);
      Params g = grad(p -> crossEntropy(scores.apply(p, b.x()), b.y()), w).plus(w.times(DECAY));
      v = i == 0 ? g : v.times(MOMENTUM).plus(g.times(1 - MOMENTUM));
      w = w.minus(v.times(o.innerRate()));
      path.add(w);
    }
    return path;
  }

  @Override
  public Params adapt(Params theta, Batch support) {
    return path(theta, support).getLast();
  }

  /** The scores of queries among the classes of a task. */
  @Override
  public Tensor predict(Params adapted, Tensor queries) {
    Tensor z = features(adapted, queries);
    if (o.adaptation() != Adaptation.CENTROID) {
      return scores(adapted.sub(NOVEL), z);
    }
    Tensor c = adapted.get(CENTROIDS);
    return switch (o.classifier()) {
      case LINEAR -> neg(squaredEuclidean(z, c));
      case COSINE -> scale(cosine(z, c), o.cosineScale());
    };
  }

  @Override
  public Params network(Params theta, Tensor x, Norm by) {
    return Params.of(Model.FEATURES, f.apply(theta, x, by));
  }

  @Override
  public List<Tensor> predictByStep(Params theta, Batch support, Tensor queries) {
    return path(theta, support).stream().map(p -> predict(theta.with(p), queries)).toList();
  }
}
