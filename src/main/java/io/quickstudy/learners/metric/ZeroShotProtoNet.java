package io.quickstudy.learners.metric;

import static io.quickstudy.functions.Distances.squaredEuclidean;
import static io.quickstudy.functions.Distances.unit;
import static io.quickstudy.functions.Losses.classMeans;
import static io.quickstudy.functions.Losses.crossEntropy;
import static io.quickstudy.graph.Ops.neg;

import io.quickstudy.graph.Tensor;
import io.quickstudy.learner.Learner;
import io.quickstudy.learner.LearnerKind;
import io.quickstudy.learner.Setup;
import io.quickstudy.nn.Embedding;
import io.quickstudy.nn.Init;
import io.quickstudy.nn.Linear;
import io.quickstudy.nn.Model;
import io.quickstudy.nn.Norm;
import io.quickstudy.settings.Setting;
import io.quickstudy.task.Batch;
import io.quickstudy.task.Task;
import io.quickstudy.task.TaskKind;
import io.quickstudy.transform.Params;

/**
 * Prototypical networks without any support image: each class k comes as a vector v_k that
 * describes it. Snell, Swersky and Zemel (2017), "Prototypical Networks for Few-shot Learning", the
 * section on zero-shot learning behind 2.6, and 3.3.
 *
 * <p>The prototype is c_k = g(v_k), a linear map, brought to unit length since descriptions and
 * images come from different domains; the image embedding f is not constrained. As in section 3.3,
 * f ends with a linear map into the space of the prototypes; what lies below it, there the features
 * of a trained GoogLeNet, is a model that learns with it.
 *
 * @param features what f begins with
 * @param image the linear map that f ends with
 * @param g the linear map of descriptions
 * @param ways classes of a task; another number with the same parameters is another such record
 * @param norm whose statistics normalise
 */
public record ZeroShotProtoNet(Model features, Linear image, Linear g, int ways, Norm.Policy norm)
    implements Learner {
  /** Its declaration. */
  public static final LearnerKind<Options> KIND =
      LearnerKind.of(ZeroShotProtoNet.class, Options.class, (o, s) -> o.learner(s))
          .named("protonet-zero-shot")
          .about("prototypical networks of described classes, without support images")
          .paper("Snell et al. 2017, section 3.3")
          .tasks(TaskKind.ATTRIBUTES)
          .ways(LearnerKind.Ways.ANY)
          .norms(Norm.Policy.RUNNING)
          .makes(ProtoNet.PROTOTYPES);

  private static final String IMAGE = "image";
  private static final String ATTRIBUTES = "attributes";

  /**
   * Its options.
   *
   * @param dimensions numbers of a prototype
   */
  public record Options(
      @Setting(
              value = "numbers of the space into which images and attributes are mapped",
              usual = "64",
              least = 1)
          int dimensions) {
    private ZeroShotProtoNet learner(Setup s) {
      var features = s.embedding();
      Linear image = new Linear(features.features(), dimensions);
      return new ZeroShotProtoNet(
          features, image, new Linear(s.support().size(), dimensions), s.outputs(), s.norm());
    }
  }

  @Override
  public Params init(Init draw) {
    return features
        .init(draw)
        .with(image.init(draw).under(IMAGE))
        .with(g.init(draw).under(ATTRIBUTES));
  }

  /** f, and the statistics on the way. */
  private Model.Pass f(Params theta, Tensor x, Norm by) {
    Model.Pass p = features.pass(theta, x, by);
    return new Model.Pass(image.apply(theta.sub(IMAGE), p.y(), by), p.moments());
  }

  /** -log p(y = k | x), averaged over the queries (equation 2). */
  @Override
  public Outcome loss(Params theta, Task task) {
    Batch q = task.query();
    Model.Pass z = f(theta, q.x(), Norm.batch());
    Tensor logits = neg(squaredEuclidean(z.y(), prototypes(theta, task.support())));
    Params buffers = Embedding.buffers(norm, theta, z.moments());
    return new Outcome(crossEntropy(logits, q.y()), logits, buffers);
  }

  /** c_k = g(v_k) / |g(v_k)|: [ways, dimensions], of one description of each class in any order. */
  private Tensor prototypes(Params theta, Batch described) {
    Tensor c = unit(g.apply(theta.sub(ATTRIBUTES), described.x(), Norm.batch()));
    return classMeans(c, described.y(), ways);
  }

  @Override
  public Params adapt(Params theta, Batch described) {
    return Params.of(ProtoNet.PROTOTYPES, prototypes(theta, described));
  }

  /** Logits: minus the squared distance to each prototype (equation 2). */
  @Override
  public Tensor predict(Params adapted, Tensor queries) {
    Tensor z = f(adapted, queries, Norm.given(adapted)).y();
    return neg(squaredEuclidean(z, adapted.get(ProtoNet.PROTOTYPES)));
  }

  @Override
  public Params network(Params theta, Tensor x, Norm by) {
    return Params.of(Model.FEATURES, f(theta, x, by).y());
  }
}
