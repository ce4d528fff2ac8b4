package io.quickstudy.learners.metric;

import static io.quickstudy.functions.Distances.cosine;
import static io.quickstudy.functions.Losses.crossEntropy;
import static io.quickstudy.functions.Losses.softmax;
import static io.quickstudy.graph.Ops.*;

import io.quickstudy.graph.Shape;
import io.quickstudy.graph.Tensor;
import io.quickstudy.learner.Learner;
import io.quickstudy.learner.LearnerKind;
import io.quickstudy.nn.Backbone;
import io.quickstudy.nn.Embedding;
import io.quickstudy.nn.Init;
import io.quickstudy.nn.Lstm;
import io.quickstudy.nn.Model;
import io.quickstudy.nn.Norm;
import io.quickstudy.settings.Setting;
import io.quickstudy.task.Batch;
import io.quickstudy.task.Task;
import io.quickstudy.transform.Params;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * Matching networks. Vinyals, Blundell, Lillicrap, Kavukcuoglu and Wierstra (2016), "Matching
 * Networks for One Shot Learning", section 2.1: the label of a query is the sum of the support
 * set's labels, each weighted by attention. With full context embeddings (section 2.1.2 and
 * appendix A) support images are embedded in the light of each other, in the order in which the
 * support set has them, and a query in the light of all of them.
 *
 * @param embed f' and g', which are one network as in the paper's experiments
 * @param ways classes of a task; another number with the same parameters is another such record
 * @param options context, K and the scale
 * @param norm whose statistics normalise
 */
public record Matching(Backbone embed, int ways, Options options, Norm.Policy norm)
    implements Learner {
  /** Its declaration. */
  public static final LearnerKind<Options> KIND =
      LearnerKind.of(
              Matching.class,
              Options.class,
              (o, s) -> new Matching(s.embedding(), s.outputs(), o, s.norm()))
          .named("matching")
          .about("matching networks, simple or with full context embeddings")
          .paper("Vinyals et al. 2016")
          .ways(LearnerKind.Ways.ANY)
          .norms(Norm.Policy.RUNNING, Norm.Policy.SUPPORT, Norm.Policy.TRANSDUCTIVE)
          .makes("support", "labels");

  /** Whether embeddings know the support set. */
  public enum Context {
    /** Each image is embedded alone. */
    NONE,
    /** Full context embeddings. */
    FULL
  }

  /**
   * Its options.
   *
   * @param context whether embeddings know the support set
   * @param reads K, how often a query reads the support set with full context
   * @param scale what cosines are multiplied by before the softmax
   */
  public record Options(
      @Setting(value = "embeddings that know the support set: none, or full", usual = "none")
          Context context,
      @Setting(
              value = "times a query reads the support set with full context",
              usual = "5",
              least = 1)
          int reads,
      @Setting(
              value = "what cosines are multiplied by before the softmax; 1 in the paper",
              usual = "10",
              above = 0,
              below = 40) // no attention rounds to 0 in 32 bits, since its logarithm is taken
          double scale) {}

  private Embedding embedding() {
    return new Embedding(embed, norm);
  }

  @Override
  public Params init(Init draw) {
    Params p = embed.init(draw);
    if (options.context() == Context.NONE) {
      return p;
    }
    int d = embed.features();
    return p.with(new Lstm(d, d).init(draw).under("forward"))
        .with(new Lstm(d, d).init(draw).under("backward"))
        .with(reader(draw).under("read"));
  }

  /** attLSTM's weights: its input is f'(x) [d], its recurrent one [h, r] [2 d]. */
  private Params reader(Init draw) {
    int d = embed.features();
    double bound = 1 / Math.sqrt(d);
    Params p = new Lstm(d, d).init(draw);
    return p.with("weight_hh", draw.uniform(Shape.of(2 * d, 4 * d), bound));
  }

  /** -log P(y | x, S), averaged over the queries (equation 2). */
  @Override
  public Outcome loss(Params theta, Task task) {
    Batch s = task.support();
    Batch q = task.query();
    Embedding.Both z = embedding().both(theta, s.x(), q.x());
    Tensor g = g(theta, z.support());
    Tensor logits = logits(f(theta, z.query(), g), g, oneHot(s.y(), ways));
    return new Outcome(crossEntropy(logits, q.y()), logits, z.buffers());
  }

  /** The support set's embeddings g(x_i, S), "support" [n, d], and labels, "labels" [n, ways]. */
  @Override
  public Params adapt(Params theta, Batch support) {
    Model.Pass s = embedding().support(theta, support.x());
    return embedding()
        .kept(s)
        .with(Params.of("support", g(theta, s.y()), "labels", oneHot(support.y(), ways)));
  }

  @Override
  public Tensor predict(Params adapted, Tensor queries) {
    Tensor g = adapted.get("support");
    Tensor f = f(adapted, embedding().query(adapted, queries), g);
    return logits(f, g, adapted.get("labels"));
  }

  /** log P(y | x, S) = log sum_i a(x, x_i) y_i, with a the softmax over cosines (equation 1). */
  private Tensor logits(Tensor f, Tensor g, Tensor labels) {
    Tensor a = softmax(scale(cosine(f, g), options.scale()));
    return log(dot(a, labels));
  }

  /**
   * g(x_i, S) = forward h_i + backward h_i + g'(x_i), of an LSTM over the support set in either
   * direction (appendix A.2).
   */
  private Tensor g(Params theta, Tensor embedded) {
    if (options.context() == Context.NONE) {
      return embedded;
    }
    Tensor forward = states(theta.sub("forward"), embedded, false);
    Tensor backward = states(theta.sub("backward"), embedded, true);
    return add(add(forward, backward), embedded);
  }

  private Tensor states(Params lstm, Tensor x, boolean fromTheEnd) {
    Lstm f = new Lstm(x.dim(1), x.dim(1));
    Tensor gates = f.project(lstm, x);
    List<Tensor> h = new ArrayList<>();
    Lstm.State s = f.start();
    for (int i = 0; i < x.dim(0); i++) {
      s = f.step(lstm, at(gates, 0, fromTheEnd ? x.dim(0) - 1 - i : i), s);
      h.add(s.h());
    }
    if (fromTheEnd) {
      Collections.reverse(h);
    }
    return stack(0, h);
  }

  /**
   * f(x, S) = attLSTM(f'(x), g(S), K) (appendix A.1): from h_0 = f'(x), as equation 4 has it for an
   * LSTM that starts at zero, K times
   *
   * <pre>
   * r_{k-1}    = sum_i softmax_i(h_{k-1} . g(x_i)) g(x_i)            equations 5 and 6
   * h^_k, c_k  = LSTM(f'(x), [h_{k-1}, r_{k-1}], c_{k-1})            equation 3
   * h_k        = h^_k + f'(x)                                        equation 4
   * </pre>
   */
  private Tensor f(Params theta, Tensor embedded, Tensor g) {
    if (options.context() == Context.NONE) {
      return embedded;
    }
    Params lstm = theta.sub("read");
    Tensor gates = new Lstm(g.dim(1), g.dim(1)).project(lstm, embedded);
    Tensor h = embedded;
    Tensor c = fill(0, embedded.shape());
    for (int k = 0; k < options.reads(); k++) {
      Tensor r = dot(softmax(dot(h, t(g))), g);
      Tensor recurrent = dot(concatenate(1, h, r), lstm.get("weight_hh"));
      Lstm.State next = Lstm.cell(add(gates, recurrent), c);
      h = add(next.h(), embedded);
      c = next.c();
    }
    return h;
  }

  @Override
  public Params network(Params theta, Tensor x, Norm by) {
    return Params.of(Model.FEATURES, embed.apply(theta, x, by));
  }
}
