package io.quickstudy.learners.memory;

import static io.quickstudy.graph.Ops.*;
import static io.quickstudy.transform.Grad.valueAndGradAux;

import io.quickstudy.graph.Shape;
import io.quickstudy.graph.Tensor;
import io.quickstudy.learner.Criterion;
import io.quickstudy.learner.Learner;
import io.quickstudy.learner.LearnerKind;
import io.quickstudy.learners.inner.Coordinates;
import io.quickstudy.learners.inner.MiniBatches;
import io.quickstudy.learners.inner.Order;
import io.quickstudy.nn.Init;
import io.quickstudy.nn.Lstm;
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

/**
 * The LSTM meta-learner. Ravi and Larochelle (2017), "Optimization as a Model for Few-Shot
 * Learning": the parameters theta of a network, the learner, are the cell state of an LSTM, the
 * meta-learner, whose steps are updates on the support set (section 3.1):
 *
 * <pre>
 *  theta_t = c_t = f_t o c_{t-1} + i_t o c~_t,     c~_t = -grad L_t(theta_{t-1})      equation 2
 *      i_t = sigmoid(W_I [grad L_t, L_t, theta_{t-1}, i_{t-1}] + b_I)         the learning rate
 *      f_t = sigmoid(W_F [grad L_t, L_t, theta_{t-1}, f_{t-1}] + b_F)         what is kept
 * </pre>
 *
 * <p>c_0, where every task begins, is learned with the rest. Each number of theta has gates of its
 * own, and all have the same weights (section 3.2). What the gates see of the gradient and the loss
 * are the outputs of a first LSTM, over both as {@link Coordinates#logAndSign} with p = 10
 * (equation 3), whose state is each number's own too; i_0 and f_0 are 0.
 *
 * <p>With {@link Order#FIRST} gradients and losses count as constants (section 3.3.1).
 *
 * <p>Batch normalisation is that of section 3.4: while training, support set and queries are each
 * normalised by their own statistics. A trained learner normalises queries by averages of the
 * support set's statistics in the updates of the same task, which prefer the later ones ({@code
 * SUPPORT}), or as in training ({@code TRANSDUCTIVE}).
 *
 * @param f the learner's network
 * @param criterion L, a mean over the support set
 * @param o the options
 * @param norm whose statistics normalise queries once it is trained
 */
public record LstmMetaLearner(Model f, Criterion criterion, Options o, Norm.Policy norm)
    implements Learner {
  /** Its declaration. */
  public static final LearnerKind<Options> KIND =
      LearnerKind.of(
              LstmMetaLearner.class,
              Options.class,
              (o, s) -> new LstmMetaLearner(s.network(), s.criterion(), o, s.norm()))
          .named("lstm-meta-learner")
          .about("an LSTM that updates the parameters of a network")
          .paper("Ravi and Larochelle 2017")
          .tasks(TaskKind.EPISODES, TaskKind.REGRESSION)
          .norms(Norm.Policy.SUPPORT, Norm.Policy.TRANSDUCTIVE)
          .approximateIf(o -> o.order() == Order.FIRST);

  /** What the names of the meta-learner's own parameters begin with. */
  private static final String META = "meta";

  /** p of the preprocessing. */
  private static final double P = 10;

  /** Weights are drawn from this to its negative, "small" in the paper and 0.01 in its code. */
  private static final double SMALL = 0.01;

  /** Weight of the later pass in averaged statistics, as in the released code. */
  private static final double LATER = 0.9;

  /**
   * Its options.
   *
   * @param innerSteps T, updates on the support set
   * @param innerBatch examples that one of them sees; 0 for all
   * @param lstmHidden size of the first LSTM's state
   * @param inputGate i_t at first
   * @param forgetGate f_t at first
   * @param order whether gradients and losses count as constants
   */
  public record Options(
      @Setting(value = "updates on the support set", usual = "12", least = 1, evaluated = true)
          int innerSteps,
      @Setting(
              value = "examples of the support set in an update; 0 for all of them",
              usual = "0",
              least = 0)
          int innerBatch,
      @Setting(value = "size of the state of the first lstm", usual = "20", least = 1)
          int lstmHidden,
      @Setting(
              value = "the input gate at first: the rate of gradient descent for a mean loss",
              usual = "0.01",
              above = 0,
              below = 1)
          double inputGate,
      @Setting(
              value = "the forget gate at first: how much is kept in an update",
              usual = "0.99",
              above = 0,
              below = 1)
          double forgetGate,
      @Setting(
              value =
                  "first: gradients and losses inside count as constants, as in the paper; second:"
                      + " they do not",
              usual = "first")
          Order order) {}

  @Override
  public Params init(Init draw) {
    return f.init(draw).with(meta(draw).under(META));
  }

  /** Small weights, and gates that make the first updates gradient descent (section 3.3.2). */
  private Params meta(Init draw) {
    int hidden = o.lstmHidden();
    Params first =
        Params.of(
                "weight_ih", draw.uniform(Shape.of(4, 4 * hidden), SMALL),
                "weight_hh", draw.uniform(Shape.of(hidden, 4 * hidden), SMALL))
            .with("bias", fill(0, Shape.of(4 * hidden)));
    return first
        .under("lstm")
        .with(gate(draw, o.inputGate()).under("input"))
        .with(gate(draw, o.forgetGate()).under("forget"));
  }

  /** Weights of [the first LSTM's output, theta_{t-1}, the gate before]. */
  private Params gate(Init draw, double atFirst) {
    return Params.of(
        "weight", draw.uniform(Shape.of(o.lstmHidden() + 2), SMALL),
        "bias", fill(Math.log(atFirst / (1 - atFirst)), Shape.of(1)));
  }

  /** Where all parameters of the learner are: not statistics, nor what is the meta-learner's. */
  private static Coordinates coordinates(Params theta) {
    return new Coordinates(theta.select(n -> !Norm.isBuffer(n) && !n.startsWith(META + ".")));
  }

  /**
   * The learner on the way.
   *
   * @param thetas theta_0 to theta_T [n]
   * @param seen the statistics with which each update saw the support set; none without batch norm
   */
  private record Path(List<Tensor> thetas, List<Params> seen) {
    /** The averages of the statistics that were seen in so many updates, or in the first. */
    Params statistics(int steps) {
      Params average = seen.getFirst();
      for (int t = 1; t < steps; t++) {
        average = average.times(1 - LATER).plus(seen.get(t).times(LATER));
      }
      return average;
    }
  }

  /** T updates on a support set. */
  private Path path(Params theta, Batch support) {
    Params meta = theta.sub(META);
    Coordinates at = coordinates(theta);
    int n = at.count();
    MiniBatches batches =
        MiniBatches.of(support, o.innerBatch() == 0 ? support.count() : o.innerBatch());
    Params s =
        Params.of("theta", at.flat(theta), "f", fill(0, Shape.of(n)))
            .with("i", fill(0, Shape.of(n)))
            .with("h", fill(0, Shape.of(n, o.lstmHidden())))
            .with("c", fill(0, Shape.of(n, o.lstmHidden())));
    List<Tensor> thetas = new ArrayList<>(List.of(s.get("theta")));
    List<Params> seen = new ArrayList<>();
    for (int t = 0; t < o.innerSteps(); t++) {
      Step step = step(theta, meta, at, s, batches.get(t));
      s = step.next();
      seen.add(step.seen());
      thetas.add(s.get("theta"));
    }
    return new Path(thetas, seen);
  }

  private record Step(Params next, Params seen) {}

  /** One update: the gates of each number, and c_t (equation 2). */
  private Step step(Params all, Params meta, Coordinates at, Params s, Batch batch) {
    Grad.Result<Params> r =
        valueAndGradAux(
            p -> {
              Model.Pass y = f.pass(all.with(p), batch.x(), Norm.batch());
              return new Grad.Aux<>(criterion.of(y.y(), batch.y()), y.moments());
            },
            at.unflat(s.get("theta")));
    Tensor gradient = at.flat(o.order().of(r.grad()));
    Tensor loss = o.order().of(r.value());
    Lstm.State first =
        first(meta.sub("lstm"), gradient, loss, new Lstm.State(s.get("h"), s.get("c")));
    Tensor theta = s.get("theta");
    Tensor i = gate(meta.sub("input"), first.h(), theta, s.get("i"));
    Tensor f = gate(meta.sub("forget"), first.h(), theta, s.get("f"));
    Tensor next = sub(mul(f, theta), mul(i, gradient));
    return new Step(
        Params.of("theta", next, "f", f).with("i", i).with("h", first.h()).with("c", first.c()),
        r.aux());
  }

  /** The first LSTM, on a loss that is the same for all numbers and a gradient [n] that is not. */
  private Lstm.State first(Params lstm, Tensor gradient, Tensor loss, Lstm.State before) {
    Tensor w = lstm.get("weight_ih");
    Tensor ofLoss = dot(Coordinates.logAndSign(reshape(loss, Shape.of(1)), P), slice(w, 0, 0, 2));
    Tensor shared = add(ofLoss, lstm.get("bias")); // [1, 4 hidden]
    // what all numbers share is one more row of weights, which costs less than adding it to each
    Tensor one = fill(1, Shape.of(gradient.dim(0), 1));
    Tensor own = concatenate(1, Coordinates.logAndSign(gradient, P), before.h(), one);
    Tensor weight = concatenate(0, slice(w, 0, 2, 4), lstm.get("weight_hh"), shared);
    return Lstm.cell(dot(own, weight), before.c());
  }

  private Tensor gate(Params p, Tensor h, Tensor theta, Tensor before) {
    int hidden = o.lstmHidden();
    Tensor w = p.get("weight");
    Tensor ofState = dot(h, reshape(slice(w, 0, 0, hidden), Shape.of(hidden, 1)));
    Tensor z = reshape(ofState, theta.shape());
    z = add(z, mul(theta, slice(w, 0, hidden, hidden + 1)));
    z = add(z, mul(before, slice(w, 0, hidden + 1, hidden + 2)));
    return sigmoid(add(z, p.get("bias")));
  }

  /** L(M(X; theta_T), Y) on the queries (algorithm 1, line 17), by their own statistics. */
  @Override
  public Outcome loss(Params theta, Task task) {
    Tensor last = path(theta, task.support()).thetas().getLast();
    Params learned = theta.with(coordinates(theta).unflat(last));
    Tensor y = f.apply(learned, task.query().x(), Norm.batch());
    return new Outcome(criterion.of(y, task.query().y()), y, Params.empty());
  }

  /** theta_T, with averaged statistics of the support set where these normalise the queries. */
  @Override
  public Params adapt(Params theta, Batch support) {
    return adapted(theta, path(theta, support), o.innerSteps());
  }

  private Params adapted(Params theta, Path path, int steps) {
    Params learned = coordinates(theta).unflat(path.thetas().get(steps));
    return norm == Norm.Policy.SUPPORT ? learned.with(path.statistics(steps)) : learned;
  }

  @Override
  public Tensor predict(Params adapted, Tensor queries) {
    return f.apply(adapted, queries, norm.ofQueries(adapted));
  }

  @Override
  public List<Tensor> predictByStep(Params theta, Batch support, Tensor queries) {
    Path path = path(theta, support);
    List<Tensor> y = new ArrayList<>();
    for (int t = 0; t < path.thetas().size(); t++) {
      y.add(predict(theta.with(adapted(theta, path, t)), queries));
    }
    return y;
  }

  @Override
  public Params network(Params theta, Tensor x, Norm by) {
    return f.outputs(theta.select(n -> !n.startsWith(META + ".")), x, by);
  }
}
