package io.quickstudy.learners.metric;

import static io.quickstudy.functions.Activations.leakyRelu;
import static io.quickstudy.functions.Einsum.einsum;
import static io.quickstudy.functions.Losses.crossEntropy;
import static io.quickstudy.functions.Losses.memberships;
import static io.quickstudy.functions.Losses.softmax;
import static io.quickstudy.functions.Normalisation.batchNorm;
import static io.quickstudy.graph.Ops.*;

import io.quickstudy.functions.Normalisation.Moments;
import io.quickstudy.graph.DType;
import io.quickstudy.graph.Shape;
import io.quickstudy.graph.Tensor;
import io.quickstudy.learner.Learner;
import io.quickstudy.learner.LearnerKind;
import io.quickstudy.learner.Subtasks;
import io.quickstudy.nn.Backbone;
import io.quickstudy.nn.Embedding;
import io.quickstudy.nn.Init;
import io.quickstudy.nn.Model;
import io.quickstudy.nn.Norm;
import io.quickstudy.settings.Setting;
import io.quickstudy.task.Batch;
import io.quickstudy.task.Task;
import io.quickstudy.transform.Params;
import java.util.ArrayList;
import java.util.List;

/**
 * Few-shot learning with graph neural networks. Garcia and Bruna (2018), section 4: support
 * examples and a query are the nodes of a graph whose edges are learned; labels spread along them
 * to the query. Each query has a graph of its own. Support examples without a label take part:
 * label -1.
 *
 * <p>A training episode may have several times the classes of a graph. It is cut into tasks of one
 * graph's classes each, and batch normalisation is over all of them, as the released code has it
 * over all tasks of a step: with the statistics of 5 classes alone, running ones fit no other 5.
 *
 * <p>Parameters of block i, behind those of the embedding: "blockI.edgeJ.weight" and "blockI.normJ"
 * of the edges' layers, "blockI.edge.weight" of the last of them, and "blockI.conv.weight" with
 * "blockI.norm" of the graph convolution. The last block's has a bias and no normalisation.
 *
 * @param f the embedding phi
 * @param ways classes of a task; in training a multiple of a graph's
 * @param o the options
 * @param norm whose statistics normalise, in the graph as in the embedding: {@code RUNNING}, as in
 *     the released code, since a query alone has no statistics of its own; or {@code NONE} for both
 */
public record GraphNet(Backbone f, int ways, Options o, Norm.Policy norm) implements Learner {
  /** The name of the support set's nodes [n, d] among adapted parameters. */
  public static final String NODES = "nodes";

  /** Its declaration. */
  public static final LearnerKind<Options> KIND =
      LearnerKind.of(
              GraphNet.class,
              Options.class,
              (o, s) -> new GraphNet(s.embedding(), s.outputs(), o, s.norm()))
          .named("gnn")
          .about("graph neural network: labels spread along learned edges")
          .paper("Garcia and Bruna 2018")
          .ways(LearnerKind.Ways.MEASURED)
          .norms(Norm.Policy.RUNNING)
          .takesUnlabelled()
          .makes(NODES);

  /**
   * Its options.
   *
   * @param nodeFeatures of an example in the graph
   * @param graphFeatures width of the edges' last hidden layer, and twice that of what a block adds
   *     to a node
   * @param graphBlocks of edges and a convolution
   * @param graphWays classes of a graph, which has an output for each
   */
  public record Options(
      @Setting(value = "features of an example in the graph", usual = "64", least = 1)
          int nodeFeatures,
      @Setting(
              value = "width of the edges' layers; half of it is what a block adds to a node",
              usual = "96",
              least = 2)
          int graphFeatures,
      @Setting(value = "blocks of edges and a graph convolution", usual = "3", least = 1)
          int graphBlocks,
      @Setting(
              value = "classes of a graph; episodes of several times as many are several tasks",
              usual = "5",
              least = 2)
          int graphWays) {}

  /** Slope of the leaky ReLU where it is negative: PyTorch's. */
  private static final double SLOPE = 0.01;

  /** The score of an edge to oneself, whose softmax is 0. */
  private static final double NO_EDGE = -1e8;

  private static final String GRAPH_WAYS = "graph-ways";

  /** Refuses episodes that cannot be cut into graphs. */
  public GraphNet {
    Subtasks.of(KIND.name(), GRAPH_WAYS, ways, o.graphWays());
  }

  private Subtasks tasks() {
    return Subtasks.of(KIND.name(), GRAPH_WAYS, ways, o.graphWays());
  }

  @Override
  public Params init(Init draw) {
    Params p = f.init(draw).with(weight(draw, "features", f.features(), o.nodeFeatures()));
    p = p.with(normalised("features.norm", o.nodeFeatures()));
    for (int i = 1; i <= o.graphBlocks(); i++) {
      int in = width(i);
      List<Integer> sizes = edgeSizes(in);
      for (int j = 1; j < sizes.size(); j++) {
        p = p.with(weight(draw, "block" + i + ".edge" + j, sizes.get(j - 1), sizes.get(j)));
        p = p.with(normalised("block" + i + ".norm" + j, sizes.get(j)));
      }
      p = p.with(weight(draw, "block" + i + ".edge", sizes.getLast(), 1));
      if (i < o.graphBlocks()) {
        p = p.with(weight(draw, "block" + i + ".conv", 2 * in, o.graphFeatures() / 2));
        p = p.with(normalised("block" + i + ".norm", o.graphFeatures() / 2));
      } else {
        p = p.with(weight(draw, "block" + i + ".conv", 2 * in, o.graphWays()));
        p = p.with("block" + i + ".conv.bias", fill(0, Shape.of(o.graphWays())));
      }
    }
    return p;
  }

  private static Params weight(Init draw, String name, int in, int out) {
    return Params.of(name + ".weight", draw.glorot(Shape.of(in, out)));
  }

  private static Params normalised(String name, int width) {
    Shape s = Shape.of(width);
    return Params.of(name + ".weight", fill(1, s), name + ".bias", fill(0, s))
        .with(Norm.pack(name, new Moments(fill(0, s), fill(1, s))));
  }

  /** Features of a node before block i: its own, its label's, and what each block before added. */
  private int width(int i) {
    return o.nodeFeatures() + o.graphWays() + (i - 1) * (o.graphFeatures() / 2);
  }

  /** Sizes of the edges' layers, in and hidden: 2, 1.5, 1 and 1 times the width. */
  private List<Integer> edgeSizes(int in) {
    int w = o.graphFeatures();
    return List.of(in, 2 * w, w + w / 2, w, w);
  }

  /** A pass under given parameters, which keeps the statistics of its layers. */
  private static final class Pass {
    private final Params theta;
    private final Norm norm;
    private final Norm.Policy policy;
    private Params seen = Params.empty();

    Pass(Params theta, Norm norm, Norm.Policy policy) {
      this.theta = theta;
      this.norm = norm;
      this.policy = policy;
    }

    /** x W, over the last axis of x. */
    Tensor linear(String name, Tensor x) {
      Tensor w = theta.get(name + ".weight");
      int in = w.dim(0);
      Tensor rows = dot(reshape(x, Shape.of(x.shape().size() / in, in)), w);
      return reshape(rows, x.shape().with(x.rank() - 1, w.dim(1)));
    }

    /** Batch normalisation, where the embedding has it, and the leaky ReLU. */
    Tensor active(String name, Tensor x) {
      Tensor gamma = theta.get(name + ".weight");
      Tensor beta = theta.get(name + ".bias");
      if (policy == Norm.Policy.NONE) {
        return leakyRelu(add(mul(x, gamma), beta), SLOPE);
      }
      Moments by = norm.moments(name, x);
      seen = seen.with(Norm.pack(name, by));
      return leakyRelu(batchNorm(x, by, gamma, beta), SLOPE);
    }
  }

  /** phi(x) of the paper: [n, node features]. */
  private Tensor embedded(Pass by, Tensor x) {
    Model.Pass y = f.pass(by.theta, x, by.norm);
    by.seen = by.seen.with(y.moments());
    return by.active("features.norm", by.linear("features", y.y()));
  }

  /**
   * Equation 4: features [n, d] and one-hot labels; where there is no label, the same share of each
   * class.
   */
  private Tensor nodes(Tensor z, Tensor member) {
    Tensor labelled = reshape(sum(member, List.of(1)), Shape.of(z.dim(0), 1));
    return concatenate(1, z, where(labelled, member, scalar(1.0 / o.graphWays())));
  }

  /** The queries' nodes, whose labels are not known. */
  private Tensor unlabelled(Tensor z) {
    return concatenate(1, z, fill(1.0 / o.graphWays(), Shape.of(z.dim(0), o.graphWays())));
  }

  @Override
  public Outcome loss(Params theta, Task task) {
    Batch s = task.support();
    Batch q = task.query();
    int graphs = tasks().count();
    if (norm != Norm.Policy.RUNNING && graphs == 1) {
      Tensor logits = predict(theta, s, q.x());
      return new Outcome(crossEntropy(logits, q.y()), logits, Params.empty());
    }
    Pass by = new Pass(theta, Norm.batch(), norm);
    Tensor z = embedded(by, concatenate(0, s.x(), q.x()));
    Tensor support = slice(z, 0, 0, s.count());
    Tensor queries = slice(z, 0, s.count(), s.count() + q.count());
    Tensor logits =
        graphs == 1
            ? read(by, each(nodes(support, memberships(s.y(), ways)), q.count()), queries)
            : cut(by, new Batch(support, s.y()), new Batch(queries, q.y()));
    Params seen = Embedding.buffers(norm, theta, by.seen);
    return new Outcome(crossEntropy(logits, q.y()), logits, seen);
  }

  /** Logits [q, ways] of features and labels of an episode that is cut into tasks. */
  private Tensor cut(Pass by, Batch support, Batch query) {
    Subtasks.Cut s = tasks().cut(support);
    Subtasks.Cut z = tasks().cut(query);
    int graphs = tasks().count();
    int n = s.x().dim(1);
    int q = z.x().dim(1);
    Tensor rows = reshape(s.x(), Shape.of(graphs * n, s.x().dim(2)));
    Tensor nodes = nodes(rows, oneHot(reshape(s.y(), Shape.of(graphs * n)), o.graphWays()));
    // each query beside its own task's support set: [n, graphs, q, d]
    int d = nodes.dim(1);
    Tensor turned = transpose(reshape(nodes, Shape.of(graphs, n, d)), List.of(1, 0, 2));
    Tensor beside = broadcast(turned, Shape.of(n, graphs, q, d), List.of(2));
    Tensor queries = reshape(z.x(), Shape.of(graphs * q, z.x().dim(2)));
    Tensor y = read(by, reshape(beside, Shape.of(n, graphs * q, d)), queries);
    return tasks().joined(reshape(y, Shape.of(graphs, q, o.graphWays())), query.y());
  }

  @Override
  public Params adapt(Params theta, Batch support) {
    tasks().single(KIND.name(), GRAPH_WAYS);
    Tensor z = embedded(pass(theta), support.x());
    return Params.of(NODES, nodes(z, memberships(support.y(), ways)));
  }

  @Override
  public Tensor predict(Params adapted, Tensor queries) {
    Pass by = pass(adapted);
    Tensor z = embedded(by, queries);
    return read(by, each(adapted.get(NODES), z.dim(0)), z);
  }

  /** The same support nodes [n, d] for each of the queries: [n, q, d]. */
  private static Tensor each(Tensor support, int queries) {
    return broadcast(support, Shape.of(support.dim(0), queries, support.dim(1)), List.of(1));
  }

  private Pass pass(Params theta) {
    return new Pass(theta, Norm.given(theta), norm);
  }

  /**
   * The graph's answer at the query (section 4.2): logits [q, ways].
   *
   * @param support nodes beside each query [n, q, d]
   * @param features of the queries [q, features]
   */
  private Tensor read(Pass by, Tensor support, Tensor features) {
    Tensor queries = unlabelled(features);
    int n = support.dim(0);
    int q = queries.dim(0);
    // the nodes of all graphs, [n + 1, q, d]; a graph's query is the first of them
    Tensor x = concatenate(0, reshape(queries, queries.shape().prepend(1)), support);
    for (int i = 1; i < o.graphBlocks(); i++) {
      Tensor a = adjacency(by, "block" + i, x);
      Tensor both = concatenate(2, x, einsum("ijq,jqd->iqd", a, x));
      Tensor added = by.active("block" + i + ".norm", by.linear("block" + i + ".conv", both));
      x = concatenate(2, x, added);
    }
    // of the last block only the query's row is read
    String last = "block" + o.graphBlocks();
    Tensor own = reshape(slice(x, 0, 0, 1), Shape.of(q, x.dim(2)));
    Tensor others = slice(x, 0, 1, n + 1);
    Tensor scores = edges(by, last, abs(sub(others, own)));
    Tensor a = softmax(t(scores));
    Tensor both = concatenate(1, own, einsum("qj,jqd->qd", a, others));
    return add(by.linear(last + ".conv", both), by.theta.get(last + ".conv.bias"));
  }

  /**
   * A of section 4.1: the softmax of the edges' scores (equation 1), without edges to oneself.
   *
   * @param x nodes [n, q, d]
   * @return [n, n, q]; row i sums to 1
   */
  private Tensor adjacency(Pass by, String block, Tensor x) {
    int n = x.dim(0);
    int q = x.dim(1);
    List<Integer> from = new ArrayList<>();
    List<Integer> to = new ArrayList<>();
    double[] place = new double[n * n];
    for (int i = 0; i < n; i++) {
      place[i * n + i] = n * (n - 1) / 2.0;
      for (int j = i + 1; j < n; j++) {
        place[i * n + j] = from.size();
        place[j * n + i] = from.size();
        from.add(i);
        to.add(j);
      }
    }
    // |x_i - x_j| is that of (j, i), so that half of the matrix is computed
    Tensor scores = edges(by, block, abs(sub(gather(x, index(from), 0), gather(x, index(to), 0))));
    Tensor all = concatenate(0, scores, fill(NO_EDGE, Shape.of(1, q)));
    Tensor at = literal(DType.I32, Shape.of(n * n), place);
    Tensor square = reshape(gather(all, at, 0), Shape.of(n, n, q));
    return transpose(softmax(transpose(square, List.of(0, 2, 1))), List.of(0, 2, 1));
  }

  private static Tensor index(List<Integer> rows) {
    double[] r = rows.stream().mapToDouble(Integer::doubleValue).toArray();
    return literal(DType.I32, Shape.of(r.length), r);
  }

  /** phi~ of equation 1: a score for each difference, [pairs, q, d] to [pairs, q]. */
  private Tensor edges(Pass by, String block, Tensor differences) {
    int pairs = differences.dim(0);
    int q = differences.dim(1);
    Tensor z = differences;
    for (int j = 1; j < edgeSizes(z.dim(2)).size(); j++) {
      z = by.active(block + ".norm" + j, by.linear(block + ".edge" + j, z));
    }
    return reshape(by.linear(block + ".edge", z), Shape.of(pairs, q));
  }

  @Override
  public Params network(Params theta, Tensor x, Norm by) {
    return Params.of(Model.FEATURES, embedded(new Pass(theta, by, norm), x));
  }
}
