package io.quickstudy.learners.memory;

import static io.quickstudy.functions.Losses.softmax;
import static io.quickstudy.graph.Ops.*;

import io.quickstudy.graph.Shape;
import io.quickstudy.graph.Tensor;
import io.quickstudy.learner.LearnerKind;
import io.quickstudy.learner.Subtasks;
import io.quickstudy.nn.Backbone;
import io.quickstudy.nn.Init;
import io.quickstudy.nn.Linear;
import io.quickstudy.nn.Norm;
import io.quickstudy.settings.Setting;
import io.quickstudy.transform.Params;
import java.util.ArrayList;
import java.util.List;

/**
 * SNAIL. Mishra, Rohaninejad, Chen and Abbeel (2018), "A Simple Neural Attentive Meta-Learner",
 * sections 3 and 5.1, appendix A: the labelled examples of a support set and then one query without
 * a label are a sequence, through which go
 *
 * <pre>
 *   AttentionBlock(64, 32), TCBlock(T, 128), AttentionBlock(256, 128),
 *   TCBlock(T, 128), AttentionBlock(512, 256), a 1x1 convolution to the classes
 * </pre>
 *
 * <p>each block adding what it makes to its input. The answer is that of the last step. Since no
 * step sees a later one, what the blocks make of the support set is the same whatever the query: it
 * is computed once, and each query is a last step of its own behind it.
 *
 * <p>Parameters: those of the embedding with its linear layer "features"; "attentionI.query",
 * ".key" and ".value"; "tcI.denseJ.weight" [2, in, 2 filters], the tap of R steps before and that
 * of the step itself, columns of xf before those of xg, and its bias; "classifier".
 *
 * @param f the embedding, without its linear layer; its features are {@link
 *     io.quickstudy.nn.Standardised} behind that, which is ours
 * @param ways classes of an episode; in training a multiple of a task's
 * @param o the options
 * @param norm whose statistics normalise the embedding
 */
public record Snail(Backbone f, int ways, Options o, Norm.Policy norm) implements SupportReader {
  /** The name of the support set's steps among adapted parameters, as all blocks left them. */
  public static final String STEPS = "steps";

  /** Its declaration. */
  public static final LearnerKind<Options> KIND =
      LearnerKind.of(
              Snail.class,
              Options.class,
              (o, s) -> new Snail(s.embedding(), s.outputs(), o, s.norm()))
          .named("snail")
          .about("SNAIL: temporal convolutions and attention over labelled images")
          .paper("Mishra et al. 2018")
          .ways(LearnerKind.Ways.MEASURED)
          .norms(Norm.Policy.RUNNING, Norm.Policy.SUPPORT, Norm.Policy.TRANSDUCTIVE)
          .makes(STEPS);

  /**
   * Its options.
   *
   * @param embeddingSize of an image in the sequence
   * @param temporalFilters D; keys and values of the attention blocks are D/2 and D/4, 2D and D, 4D
   *     and 2D
   * @param sequenceLength T
   * @param taskWays classes of a task, which has an output for each
   */
  public record Options(
      @Setting(value = "numbers that an image is in the sequence", usual = "64", least = 1)
          int embeddingSize,
      @Setting(
              value =
                  "filters D of the temporal convolutions; keys of the attention blocks are D/2, 2D"
                      + " and 4D, values half of that",
              usual = "128",
              least = 4)
          int temporalFilters,
      @Setting(
              value =
                  "T, support images and a query: temporal convolutions are as deep as its"
                      + " logarithm; longer sequences are taken as well",
              usual = "26",
              least = 2)
          int sequenceLength,
      @Setting(
              value = "classes of a task; episodes of several times as many are several tasks",
              usual = "5",
              least = 2)
          int taskWays) {}

  /** The score of a step that has not come yet, whose softmax is 0. */
  private static final double LATER = -1e8;

  /** Refuses episodes that cannot be cut into tasks. */
  public Snail {
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
    return STEPS;
  }

  /** A block: what it makes of a step, from that step and those before. */
  private sealed interface Block {
    int in();

    int out();

    Params init(Init draw);

    /** Of all steps s [tasks, n, in]: [tasks, n, out]. */
    Tensor among(Params theta, Tensor s);

    /** Of steps x [tasks, q, in], each the next one behind all of s. */
    Tensor behind(Params theta, Tensor s, Tensor x);
  }

  /**
   * DenseBlock(R, D): a causal convolution of two taps, gated.
   *
   * @param dilation R, the steps between the taps
   * @param out D
   */
  private record Dense(int in, int dilation, int out) implements Block {
    @Override
    public Params init(Init draw) {
      return Params.of(
          "weight", draw.glorot(Shape.of(2, in, 2 * out)), "bias", fill(0, Shape.of(2 * out)));
    }

    @Override
    public Tensor among(Params theta, Tensor s) {
      int n = s.dim(1);
      if (dilation >= n) { // all before is padding
        return gated(tap(theta, s, 1), theta);
      }
      Tensor start = fill(0, s.shape().with(1, dilation));
      Tensor before = concatenate(1, start, slice(s, 1, 0, n - dilation));
      return gated(add(tap(theta, before, 0), tap(theta, s, 1)), theta);
    }

    @Override
    public Tensor behind(Params theta, Tensor s, Tensor x) {
      int at = s.dim(1) - dilation;
      Tensor own = tap(theta, x, 1);
      return gated(at < 0 ? own : add(own, tap(theta, slice(s, 1, at, at + 1), 0)), theta);
    }

    private Tensor tap(Params theta, Tensor s, int k) {
      return linear(s, at(theta.get("weight"), 0, k));
    }

    /** tanh(xf) * sigmoid(xg). */
    private Tensor gated(Tensor x, Params theta) {
      Tensor z = add(x, theta.get("bias"));
      return mul(tanh(slice(z, 2, 0, out)), sigmoid(slice(z, 2, out, 2 * out)));
    }
  }

  /**
   * AttentionBlock(K, V): a causal look-up.
   *
   * @param keys K
   * @param out V
   */
  private record Attention(int in, int keys, int out) implements Block {
    @Override
    public Params init(Init draw) {
      return new Linear(in, keys)
          .init(draw)
          .under("query")
          .with(new Linear(in, keys).init(draw).under("key"))
          .with(new Linear(in, out).init(draw).under("value"));
    }

    private static Tensor affine(Params theta, String name, Tensor s) {
      return add(linear(s, theta.get(name + ".weight")), theta.get(name + ".bias"));
    }

    private Tensor query(Params theta, Tensor s) {
      return scale(affine(theta, "query", s), 1 / Math.sqrt(keys));
    }

    @Override
    public Tensor among(Params theta, Tensor s) {
      Tensor scores = dot(query(theta, s), t(affine(theta, "key", s)));
      Tensor seen = where(lowerMask(scores.shape()), scores, scalar(LATER));
      return dot(softmax(seen), affine(theta, "value", s));
    }

    @Override
    public Tensor behind(Params theta, Tensor s, Tensor x) {
      int n = s.dim(1);
      Tensor q = query(theta, x);
      Tensor before = dot(q, t(affine(theta, "key", s)));
      Tensor own = sum(mul(q, affine(theta, "key", x)), List.of(2));
      Tensor self = reshape(own, own.shape().append(1));
      Tensor a = softmax(concatenate(2, before, self));
      Tensor read = dot(slice(a, 2, 0, n), affine(theta, "value", s));
      return add(read, mul(slice(a, 2, n, n + 1), affine(theta, "value", x)));
    }
  }

  /** x W over the last axis of steps [tasks, n, in]. */
  private static Tensor linear(Tensor x, Tensor w) {
    Tensor rows = dot(reshape(x, Shape.of(x.dim(0) * x.dim(1), x.dim(2))), w);
    return reshape(rows, x.shape().with(2, w.dim(1)));
  }

  /** A block and what the names of its parameters begin with. */
  private record Named(String name, Block block) {}

  private List<Named> blocks() {
    int d = o.temporalFilters();
    List<Named> all = new ArrayList<>();
    int in = o.embeddingSize() + o.taskWays();
    for (int i = 1; i <= 3; i++) {
      int keys = i == 1 ? d / 2 : (2 * i - 2) * d;
      Attention a = new Attention(in, keys, keys / 2);
      all.add(new Named("attention" + i, a));
      in += a.out();
      for (int j = 1; i < 3 && j <= depth(); j++) {
        Dense dense = new Dense(in, 1 << j, d);
        all.add(new Named("tc" + i + ".dense" + j, dense));
        in += dense.out();
      }
    }
    return all;
  }

  /** The logarithm of T to the base 2, rounded up: dense blocks of a TCBlock. */
  private int depth() {
    return 32 - Integer.numberOfLeadingZeros(o.sequenceLength() - 1);
  }

  private static int width(List<Named> blocks) {
    return blocks.getLast().block().in() + blocks.getLast().block().out();
  }

  private Linear classifier() {
    return new Linear(width(blocks()), o.taskWays());
  }

  @Override
  public Params init(Init draw) {
    Params p = network().init(draw);
    for (Named b : blocks()) {
      p = p.with(b.block().init(draw).under(b.name()));
    }
    return p.with(classifier().init(draw).under("classifier"));
  }

  /** The support set's steps [tasks, n, width], of features and labels by task. */
  @Override
  public Tensor read(Params theta, Subtasks.Cut support) {
    Tensor s = concatenate(2, support.x(), oneHot(support.y(), o.taskWays()));
    for (Named b : blocks()) {
      s = concatenate(2, s, b.block().among(theta.sub(b.name()), s));
    }
    return s;
  }

  /** Logits [tasks, q, classes] of queries' features [tasks, q, d] behind the steps. */
  @Override
  public Tensor answers(Params theta, Tensor steps, Tensor queries) {
    Shape noLabel = queries.shape().with(2, o.taskWays());
    Tensor x = concatenate(2, queries, fill(0, noLabel));
    for (Named b : blocks()) {
      Tensor s = slice(steps, 2, 0, b.block().in());
      x = concatenate(2, x, b.block().behind(theta.sub(b.name()), s, x));
    }
    Params head = theta.sub("classifier");
    return add(linear(x, head.get("weight")), head.get("bias"));
  }
}
