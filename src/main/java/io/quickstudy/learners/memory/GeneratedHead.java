package io.quickstudy.learners.memory;

import static io.quickstudy.functions.Losses.relu;
import static io.quickstudy.graph.Ops.*;

import io.quickstudy.graph.Shape;
import io.quickstudy.graph.Tensor;
import io.quickstudy.learner.LearnerKind;
import io.quickstudy.learner.Subtasks;
import io.quickstudy.nn.Backbone;
import io.quickstudy.nn.Init;
import io.quickstudy.nn.Linear;
import io.quickstudy.nn.Lstm;
import io.quickstudy.nn.Norm;
import io.quickstudy.settings.Setting;
import io.quickstudy.transform.Params;
import io.quickstudy.transform.Vmap;
import java.util.List;

/**
 * The black-box meta-learner of the course CS 182 (Levine, Berkeley, lecture on meta-learning): a
 * recurrent network reads the support set (x_1, y_1) ... (x_n, y_n), and its last state h with
 * shared parameters theta_p is the classifier of the queries:
 *
 * <pre>
 *   h       = LSTM((x_1, y_1), ..., (x_n, y_n))
 *   phi     = [h, theta_p]
 *   p(y|x)  = softmax f_phi(x)
 * </pre>
 *
 * <p>Unlike a network that reads the query as its next step, it answers many queries from one
 * reading. f_phi is a network with the weights theta_p that sees h beside the query's embedding, or
 * a linear layer on it, whose weights theta_p makes of h.
 *
 * <p>Parameters: those of the embedding with its linear layer "features"; "lstm"; theta_p, "head1"
 * and "head2" of the first form, "head" of the second, where rows are h's and columns the weights
 * [embedding + 1, classes] row-major, biases last.
 *
 * @param f the embedding, without its linear layer; its features are {@link
 *     io.quickstudy.nn.Standardised} behind that, which is ours
 * @param ways classes of an episode; in training a multiple of a task's
 * @param o the options
 * @param norm whose statistics normalise the embedding
 */
public record GeneratedHead(Backbone f, int ways, Options o, Norm.Policy norm)
    implements SupportReader {
  /** The name of the state among adapted parameters. */
  public static final String STATE = "h";

  /** Its declaration. */
  public static final LearnerKind<Options> KIND =
      LearnerKind.of(
              GeneratedHead.class,
              Options.class,
              (o, s) -> new GeneratedHead(s.embedding(), s.outputs(), o, s.norm()))
          .named("generated-head")
          .about("an LSTM reads the support set, its state is part of the classifier (CS 182)")
          .ways(LearnerKind.Ways.MEASURED)
          .norms(Norm.Policy.RUNNING, Norm.Policy.SUPPORT, Norm.Policy.TRANSDUCTIVE)
          .makes(STATE);

  /** What f_phi is. */
  public enum Head {
    /** A hidden layer and a linear one on the state and the query's embedding. */
    BESIDE,
    /** A linear layer on the query's embedding, of weights that are linear in the state. */
    LINEAR
  }

  /**
   * Its options.
   *
   * @param embeddingSize of an image, as it is read and asked
   * @param stateSize size of h
   * @param headForm what f_phi is
   * @param headSize of its hidden layer
   * @param taskWays classes of a task, which has an output for each
   */
  public record Options(
      @Setting(value = "numbers that an image is, read and asked", usual = "64", least = 1)
          int embeddingSize,
      @Setting(value = "size of the lstm's state", usual = "256", least = 1) int stateSize,
      @Setting(
              value =
                  "the classifier of queries: a network with the state beside the query, or a"
                      + " linear layer of weights made of it",
              usual = "beside")
          Head headForm,
      @Setting(value = "width of the former's hidden layer", usual = "256", least = 1) int headSize,
      @Setting(
              value = "classes of a task; episodes of several times as many are several tasks",
              usual = "5",
              least = 2)
          int taskWays) {}

  /** Refuses episodes that cannot be cut into tasks. */
  public GeneratedHead {
    Subtasks.of(KIND.name(), TASK_WAYS, ways, o.taskWays());
  }

  @Override
  public int taskWays() {
    return o.taskWays();
  }

  @Override
  public int embeddingSize() {
    return o.embeddingSize();
  }

  @Override
  public String learner() {
    return KIND.name();
  }

  @Override
  public String kept() {
    return STATE;
  }

  private Lstm lstm() {
    return new Lstm(o.embeddingSize() + o.taskWays(), o.stateSize());
  }

  private Linear first() {
    return new Linear(o.stateSize() + o.embeddingSize(), o.headSize());
  }

  private Linear second() {
    return new Linear(o.headSize(), o.taskWays());
  }

  private Linear weights() {
    return new Linear(o.stateSize(), (o.embeddingSize() + 1) * o.taskWays());
  }

  @Override
  public Params init(Init draw) {
    Params p = network().init(draw).with(reader(draw).under("lstm"));
    return switch (o.headForm()) {
      case BESIDE ->
          p.with(first().init(draw).under("head1")).with(second().init(draw).under("head2"));
      case LINEAR -> p.with(made(draw).under("head"));
    };
  }

  /**
   * The start of the layer that makes weights of h: so small that what they make of features of
   * variance 1 is below that, whatever the sizes, and the first answers are near chance's.
   */
  private Params made(Init draw) {
    double bound = Math.sqrt(3.0 / (o.stateSize() * (o.embeddingSize() + 1)));
    Shape shape = Shape.of(o.stateSize(), weights().out());
    return weights().init(draw).with("weight", draw.uniform(shape, bound));
  }

  /**
   * The LSTM's start: images and labels each add numbers of variance 1 to the gates, so that a
   * label gates what is kept of its image from the first step on. With the usual weights, uniform
   * in 1 / sqrt(hidden), a label moves a gate by a hundredth, and training stays at chance for
   * thousands of steps.
   */
  private Params reader(Init draw) {
    int gates = 4 * o.stateSize();
    Tensor image =
        draw.uniform(Shape.of(o.embeddingSize(), gates), Math.sqrt(3.0 / o.embeddingSize()));
    Tensor label = draw.uniform(Shape.of(o.taskWays(), gates), Math.sqrt(3));
    return lstm().init(draw).with("weight_ih", concatenate(0, image, label));
  }

  /** h of each task, [tasks, hidden], of features and labels in the order in which they come. */
  @Override
  public Tensor read(Params theta, Subtasks.Cut support) {
    Tensor steps = concatenate(2, support.x(), oneHot(support.y(), o.taskWays()));
    Params p = theta.sub("lstm");
    Lstm l = lstm();
    return Vmap.vmap(
        task -> l.over(p, task.get("steps"), l.start()).last().h(), Params.of("steps", steps));
  }

  /** f_phi: logits [tasks, q, classes] of queries' features z [tasks, q, d] with h by task. */
  @Override
  public Tensor answers(Params theta, Tensor h, Tensor z) {
    int n = z.dim(0);
    int q = z.dim(1);
    int d = z.dim(2);
    return switch (o.headForm()) {
      case BESIDE -> {
        // what h adds to the hidden layer is the same for all queries of a task
        Params one = theta.sub("head1");
        Tensor w = one.get("weight");
        Tensor ofState = add(dot(h, slice(w, 0, 0, o.stateSize())), one.get("bias"));
        Tensor rows = dot(reshape(z, Shape.of(n * q, d)), slice(w, 0, o.stateSize(), w.dim(0)));
        Shape hidden = Shape.of(n, q, o.headSize());
        Tensor a = relu(add(reshape(rows, hidden), broadcast(ofState, hidden, List.of(1))));
        Params two = theta.sub("head2");
        Tensor flat = reshape(a, Shape.of(n * q, o.headSize()));
        yield reshape(second().apply(two, flat, Norm.batch()), Shape.of(n, q, o.taskWays()));
      }
      case LINEAR -> {
        Tensor made = weights().apply(theta.sub("head"), h, Norm.batch());
        Tensor w = reshape(made, Shape.of(n, d + 1, o.taskWays()));
        yield add(dot(z, slice(w, 1, 0, d)), slice(w, 1, d, d + 1));
      }
    };
  }
}
