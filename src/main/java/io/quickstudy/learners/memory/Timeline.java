package io.quickstudy.learners.memory;

import static io.quickstudy.graph.Ops.*;

import io.quickstudy.graph.Shape;
import io.quickstudy.graph.Tensor;
import io.quickstudy.learner.Setup;
import io.quickstudy.nn.Backbone;
import io.quickstudy.nn.Embedding;
import io.quickstudy.nn.Frozen;
import io.quickstudy.nn.Init;
import io.quickstudy.nn.Model;
import io.quickstudy.nn.Norm;
import io.quickstudy.nn.Standardised;
import io.quickstudy.task.Labelling;
import io.quickstudy.task.TaskKind;
import io.quickstudy.transform.Params;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * What a network over time sees and answers, step by step: examples as they are, flattened, as the
 * papers have it; or what a model makes of each, whose parameters are "embedding.*".
 *
 * @param f the model before the network, if there is one
 * @param norm whose statistics normalise it: {@code SUPPORT}, those of the sequence, and of the
 *     support set for the queries behind it; or {@code NONE}
 * @param example the shape of one example
 * @param outputs classes, or bits of a signal
 * @param labelled whether the label of the example before stands beside an example
 * @param labels what such labels are
 */
public record Timeline(
    Optional<Backbone> f,
    Norm.Policy norm,
    Shape example,
    int outputs,
    boolean labelled,
    Labelling labels) {
  /** What stands before the names of the model's parameters. */
  public static final String EMBEDDING = "embedding";

  /** Examples as they are, with labels that are one-hot. */
  public Timeline(Shape example, int outputs, boolean labelled) {
    this(Optional.empty(), Norm.Policy.NONE, example, outputs, labelled, Labelling.ONE_HOT);
  }

  /** That of a setup: labelled, but for signals; features standardised over the sequence. */
  public static Timeline of(Setup s) {
    return new Timeline(
        s.embeddingIfChosen().map(f -> Standardised.by(s.norm(), f)),
        s.norm(),
        s.example(),
        s.outputs(),
        s.tasks() != TaskKind.SIGNALS,
        s.labels());
  }

  /** Numbers that a step sees. */
  public int in() {
    return features() + (labelled ? out() : 0);
  }

  /** Numbers that a step answers with. */
  public int out() {
    return labels.width(outputs);
  }

  /** Logits of labels, or of bits, of what steps answer: [n, out] to [n, outputs]. */
  public Tensor logits(Tensor z) {
    return labels.logits(z);
  }

  private int features() {
    return f.map(Backbone::features).orElse(example.size());
  }

  /** The model's parameters; none where there is no model. */
  public Params init(Init draw) {
    return f.map(m -> m.init(draw).under(EMBEDDING)).orElse(Params.empty());
  }

  /**
   * Examples as steps see them.
   *
   * @param rows of each, [n, features]
   * @param kept what those behind them are normalised by, for {@link #behind}; often nothing
   */
  public record Seen(Tensor rows, Params kept) {}

  /** A sequence, or a support set [n, ...]. */
  public Seen seen(Params theta, Tensor x) {
    return f.map(m -> embedded(m, theta, x)).orElseGet(() -> new Seen(flat(x), Params.empty()));
  }

  private Seen embedded(Backbone m, Params theta, Tensor x) {
    Embedding e = new Embedding(m, norm);
    Model.Pass y = e.support(theta.sub(EMBEDDING), x);
    return new Seen(sized(m, y.y()), e.kept(y).under(EMBEDDING));
  }

  /**
   * Features as a network over time likes them, each number of a size near 1: those that are frozen
   * come with a squared norm of 1 together, which would hardly move its gates at first.
   */
  private static Tensor sized(Backbone m, Tensor features) {
    return m instanceof Frozen.Features ? scale(features, Math.sqrt(features.dim(1))) : features;
  }

  /** Queries [q, ...] behind a support set, under theta with what was {@link Seen#kept}. */
  public Tensor behind(Params adapted, Tensor x) {
    return f.map(m -> sized(m, new Embedding(m, norm).query(adapted.sub(EMBEDDING), x)))
        .orElseGet(() -> flat(x));
  }

  /**
   * The model's features of single examples, {@link Model#FEATURES}, as they are before they are
   * standardised over a sequence; none without a model.
   */
  public Params network(Params theta, Tensor x, Norm by) {
    return f.map(m -> m instanceof Standardised s ? s.of() : m)
        .map(m -> Params.of(Model.FEATURES, m.apply(theta.sub(EMBEDDING), x, under(by))))
        .orElse(Params.empty());
  }

  /** Statistics that are given are those of all that is the learner's, by its names. */
  private static Norm under(Norm by) {
    return by instanceof Norm.Given g ? Norm.given(g.moments().sub(EMBEDDING)) : by;
  }

  /** Examples [n, ...] as rows. */
  private Tensor flat(Tensor x) {
    return reshape(x, Shape.of(x.dim(0), features()));
  }

  /** (x_t, y_{t-1}) of rows x, y as it is shown and zero before the first step: [n, in]. */
  public Tensor inputs(Tensor rows, Tensor y) {
    int n = rows.dim(0);
    Tensor previous = fill(0, Shape.of(1, out()));
    if (n > 1) {
      previous = concatenate(0, previous, slice(labels.shown(y, outputs), 0, 0, n - 1));
    }
    return concatenate(1, rows, previous);
  }

  /** (x, y) of rows x that all come behind one label, as it is shown [out]: [n, in]. */
  public Tensor inputsBehind(Tensor label, Tensor rows) {
    return concatenate(1, rows, repeat(label, rows.dim(0)));
  }

  /** The last of the labels I32 [n], as it is shown: [out]. */
  public Tensor last(Tensor y) {
    return at(labels.shown(y, outputs), 0, y.dim(0) - 1);
  }

  /**
   * The matrices whose leading rows stand for a map.
   *
   * @param first the name of the one that examples or their features are multiplied by
   */
  Map<String, Shape> flattened(Optional<String> first) {
    Map<String, Shape> m = new LinkedHashMap<>();
    f.ifPresent(e -> e.flattened().forEach((n, s) -> m.put(EMBEDDING + "." + n, s)));
    Optional<Shape> rows =
        f.map(Backbone::map).orElseGet(() -> Optional.of(example).filter(s -> s.rank() == 3));
    rows.ifPresent(s -> first.ifPresent(name -> m.put(name, s)));
    return m;
  }
}
