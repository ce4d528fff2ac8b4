package io.quickstudy.learners.metric;

import static io.quickstudy.functions.Losses.meanSquaredError;
import static io.quickstudy.functions.Losses.relu;
import static io.quickstudy.functions.Normalisation.batchNorm;
import static io.quickstudy.graph.Ops.*;

import io.quickstudy.functions.Normalisation.Moments;
import io.quickstudy.graph.Shape;
import io.quickstudy.graph.Tensor;
import io.quickstudy.graph.Window;
import io.quickstudy.learner.Learner;
import io.quickstudy.learner.LearnerKind;
import io.quickstudy.nn.Backbone;
import io.quickstudy.nn.Embedding;
import io.quickstudy.nn.Init;
import io.quickstudy.nn.Linear;
import io.quickstudy.nn.Model;
import io.quickstudy.nn.Norm;
import io.quickstudy.settings.Setting;
import io.quickstudy.task.Batch;
import io.quickstudy.task.Task;
import io.quickstudy.transform.Params;
import java.util.List;

/**
 * Relation networks. Sung, Yang, Zhang, Xiang, Torr and Hospedales (2018), "Learning to Compare:
 * Relation Network for Few-Shot Learning", section 3: a class's and a query's feature maps,
 * concatenated, go through a relation module g that says how much they belong together.
 *
 * @param f the embedding module
 * @param ways classes of a task; another number with the same parameters is another such record
 * @param hidden size of the relation module's hidden layer
 * @param norm whose statistics normalise both modules; the official code's are each pass's own
 */
public record Relation(Backbone f, int ways, int hidden, Norm.Policy norm) implements Learner {
  /** The name of the classes' feature maps among adapted parameters. */
  public static final String CLASSES = "classes";

  /** Its declaration. */
  public static final LearnerKind<Options> KIND =
      LearnerKind.of(
              Relation.class,
              Options.class,
              (o, s) -> new Relation(s.embedding(), s.outputs(), o.relationHidden(), s.norm()))
          .named("relation")
          .about("relation networks")
          .paper("Sung et al. 2018")
          .ways(LearnerKind.Ways.ANY)
          .norms(Norm.Policy.TRANSDUCTIVE, Norm.Policy.RUNNING, Norm.Policy.SUPPORT)
          .makes(CLASSES);

  /**
   * Its options.
   *
   * @param relationHidden size of the relation module's hidden layer
   */
  public record Options(
      @Setting(value = "size of the relation module's hidden layer", usual = "8", least = 1)
          int relationHidden) {}

  private static final String MODULE = "relation";

  private Embedding embedding() {
    return new Embedding(f, norm);
  }

  /** A feature map [height, width, channels]; features that are no map are one position. */
  private Shape map() {
    return f.map().orElse(Shape.of(1, 1, f.features()));
  }

  @Override
  public Params init(Init draw) {
    return f.init(draw).with(module(draw).under(MODULE));
  }

  /** The relation module's parameters; linear layers start as in the official code. */
  private Params module(Init draw) {
    int c = map().dim(2);
    Shape one = Shape.of(c);
    Params p = Params.empty();
    for (int i = 1; i <= 2; i++) {
      p =
          p.with("conv" + i + ".weight", draw.glorot(Shape.of(3, 3, i == 1 ? 2 * c : c, c)))
              .with("norm" + i + ".weight", fill(1, one))
              .with("norm" + i + ".bias", fill(0, one))
              .with(Norm.pack("norm" + i, new Moments(fill(0, one), fill(1, one))));
    }
    int flat = halved(halved(map())).size();
    return p.with(linear(draw, flat, hidden).under("layer1"))
        .with(linear(draw, hidden, 1).under("layer2"));
  }

  private static Params linear(Init draw, int in, int out) {
    Tensor w = draw.normal(Shape.of(in, out), 0.01);
    return Params.of("weight", w, "bias", fill(1, Shape.of(out)));
  }

  /** A map behind 2x2 pooling, which one of a single row or column is left out of. */
  private static Shape halved(Shape map) {
    return pools(map) ? Shape.of(map.dim(0) / 2, map.dim(1) / 2, map.dim(2)) : map;
  }

  private static boolean pools(Shape map) {
    return map.dim(0) > 1 && map.dim(1) > 1;
  }

  /** sum_ij (r_ij - 1(y_i = y_j))^2 (equation 3), as a mean over the pairs. */
  @Override
  public Outcome loss(Params theta, Task task) {
    Batch s = task.support();
    Batch q = task.query();
    if (norm != Norm.Policy.RUNNING) {
      return outcome(predict(theta, s, q.x()), q.y(), Params.empty());
    }
    Embedding.Both z = embedding().both(theta, s.x(), q.x());
    Model.Pass r = relations(theta, maps(z.query()), classes(z.support(), s.y()), Norm.batch());
    return outcome(r.y(), q.y(), z.buffers().with(Embedding.buffers(norm, theta, r.moments())));
  }

  private Outcome outcome(Tensor r, Tensor labels, Params buffers) {
    return new Outcome(meanSquaredError(sigmoid(r), oneHot(labels, ways)), r, buffers);
  }

  /**
   * The feature maps of the classes [ways, height, width, channels]; and where its statistics
   * normalise the queries, those of the support set and of its pairs with the classes.
   */
  @Override
  public Params adapt(Params theta, Batch support) {
    Model.Pass z = embedding().support(theta, support.x());
    Tensor classes = classes(z.y(), support.y());
    Params made = embedding().kept(z).with(CLASSES, classes);
    return norm == Norm.Policy.SUPPORT
        ? made.with(relations(theta, maps(z.y()), classes, Norm.batch()).moments())
        : made;
  }

  /** Relation scores before the sigmoid, which keeps their order. */
  @Override
  public Tensor predict(Params adapted, Tensor queries) {
    Tensor z = maps(embedding().query(adapted, queries));
    return relations(adapted, z, adapted.get(CLASSES), embedding().ofQueries(adapted)).y();
  }

  private Tensor maps(Tensor z) {
    return reshape(z, map().prepend(z.dim(0)));
  }

  /** The sum over a class's support images (section 3.1, "K-shot"). */
  private Tensor classes(Tensor z, Tensor labels) {
    return maps(dot(t(oneHot(labels, ways)), z));
  }

  /**
   * g(C(c_j, z_i)) for every query z [q, h, w, c] and class [ways, h, w, c], before the sigmoid:
   * [q, ways] (equation 1). Two blocks of a 3x3 convolution, batch norm, ReLU and 2x2 pooling, and
   * two linear layers (figure 2).
   */
  private Model.Pass relations(Params theta, Tensor z, Tensor classes, Norm by) {
    Params g = theta.sub(MODULE);
    int pairs = z.dim(0) * ways;
    // A convolution of concatenated maps is the sum of one of either: once an image, not a pair.
    int c = map().dim(2);
    Tensor w = g.get("conv1.weight");
    Tensor ofClasses = conv(classes, slice(w, 2, 0, c));
    Tensor ofQueries = conv(z, slice(w, 2, c, 2 * c));
    Shape each = map().prepend(ways).prepend(z.dim(0));
    Tensor both =
        add(broadcast(ofQueries, each, List.of(1)), broadcast(ofClasses, each, List.of(0)));

    Block one = block(theta, 1, reshape(both, map().prepend(pairs)), by);
    Block two = block(theta, 2, conv(one.y(), g.get("conv2.weight")), by);
    Tensor flat = reshape(two.y(), Shape.of(pairs, two.y().shape().size() / pairs));
    Tensor h = relu(linear(g, "layer1", flat));
    Tensor r = reshape(linear(g, "layer2", h), Shape.of(z.dim(0), ways));
    return new Model.Pass(r, one.seen().with(two.seen()));
  }

  private static Tensor conv(Tensor x, Tensor w) {
    return io.quickstudy.graph.Ops.conv(x, w, Window.same(3, 1, x.dim(1), x.dim(2)));
  }

  private static Tensor linear(Params g, String layer, Tensor x) {
    Tensor w = g.get(layer + ".weight");
    return new Linear(w.dim(0), w.dim(1)).apply(g.sub(layer), x, Norm.batch());
  }

  private record Block(Tensor y, Params seen) {}

  /** What follows a convolution; beside an embedding without batch norm there is none here. */
  private Block block(Params theta, int i, Tensor x, Norm by) {
    String name = MODULE + ".norm" + i;
    Tensor gamma = theta.get(name + ".weight");
    Tensor beta = theta.get(name + ".bias");
    if (norm == Norm.Policy.NONE) {
      return new Block(relu(pooled(add(mul(x, gamma), beta))), Params.empty());
    }
    Moments m = by.moments(name, x);
    return new Block(relu(pooled(batchNorm(x, m, gamma, beta))), Norm.pack(name, m));
  }

  private static Tensor pooled(Tensor x) {
    return pools(x.shape().sub(1, 4)) ? maxPool(x, Window.square(2, 2, 0)) : x;
  }

  @Override
  public Params network(Params theta, Tensor x, Norm by) {
    return Params.of(Model.FEATURES, f.apply(theta, x, by));
  }
}
