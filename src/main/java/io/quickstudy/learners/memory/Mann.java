package io.quickstudy.learners.memory;

import static io.quickstudy.functions.Activations.softplus;
import static io.quickstudy.functions.Distances.cosine;
import static io.quickstudy.functions.Losses.softmax;
import static io.quickstudy.graph.Ops.*;

import io.quickstudy.graph.DType;
import io.quickstudy.graph.Shape;
import io.quickstudy.graph.Tensor;
import io.quickstudy.learner.LearnerKind;
import io.quickstudy.nn.Init;
import io.quickstudy.nn.Linear;
import io.quickstudy.nn.Norm;
import io.quickstudy.settings.Setting;
import io.quickstudy.task.TaskKind;
import io.quickstudy.transform.Params;
import java.util.List;
import java.util.Optional;

/**
 * A memory-augmented network with least recently used access. Santoro, Bartunov, Botvinick,
 * Wierstra and Lillicrap (2016), "Meta-Learning with Memory-Augmented Neural Networks", section 3:
 * a controller, an LSTM, writes keys into the rows of a memory M and reads by likeness to them,
 *
 * <pre>
 *   K(k, M(i)) = k . M(i) / (|k| |M(i)|)             (2)
 *   w^r = softmax over i of K(k, M(i))               (3)
 *   r   = sum over i of w^r(i) M(i)                  (4)
 *   w^u = gamma w^u_{t-1} + w^r + w^w                (5)
 *   w^lu(i) = 1 where w^u(i) is among the n least    (6)
 *   w^w = sigma(alpha) w^r_{t-1} + (1 - sigma(alpha)) w^lu_{t-1}     (7)
 *   M(i) = M_{t-1}(i) + w^w(i) k                     (8)
 * </pre>
 *
 * <p>with the least used row set to zero before it is written. n is the number of heads, each with
 * a key and an alpha of its own; (5) and (8) add up over them. Each writes into one of the n rows
 * of (6), the first into the least used, and so on: all into all of them would store their sum n
 * times. The write comes first, so that (3) and (4) see the memory it leaves, as their indices have
 * it.
 *
 * @param timeline what it sees: images with the labels of those before them
 * @param o its sizes
 */
public record Mann(Timeline timeline, Options o) implements Recurrent {
  /** The name of the keys of the step before, where a step writes them. */
  private static final String ASKED = "asked";

  /** Its declaration. */
  public static final LearnerKind<Options> KIND =
      LearnerKind.of(Mann.class, Options.class, (o, s) -> new Mann(Timeline.of(s), o))
          .named("mann")
          .about("a network with an outer memory, written where it was least used")
          .paper("Santoro et al. 2016")
          .tasks(TaskKind.SEQUENCES, TaskKind.SIGNALS)
          .norms(Norm.Policy.SUPPORT)
          .backbone(LearnerKind.Backbones.OPTIONAL)
          .makes("h", "c", "reads", "memory", "usage", "read", ASKED, LABEL);

  /**
   * Its options.
   *
   * @param hidden size of the controller's state
   * @param rows of the memory
   * @param width of a row
   * @param heads reads of a step
   * @param decay gamma
   * @param strength what K is multiplied by
   * @param written what (8) adds
   */
  public record Options(
      @Setting(value = "size of the controller's state", usual = "200", least = 1) int hidden,
      @Setting(value = "rows of the memory", usual = "128", least = 2) int rows,
      @Setting(value = "numbers in a row", usual = "40", least = 1) int width,
      @Setting(value = "rows that are read at a step, each by a key", usual = "4", least = 1)
          int heads,
      @Setting(value = "what of a row's usage a step keeps", usual = "0.95", least = 0)
          double decay,
      @Setting(
              value =
                  "how much likeness counts in reading: plain, as in the paper, or emitted, with a"
                      + " factor of the controller's for each head, as a Turing machine has it",
              usual = "plain")
          Strength strength,
      @Setting(
              value =
                  "what a step writes: its keys, as in the paper; vectors of its own, so that a row"
                      + " may hold what no key asks for; or as a pair the keys of the step before"
                      + " with vectors of its own",
              usual = "key",
              before = "key")
          Written written) {
    /** Checks that there are rows to be least used, and that usage fades. */
    public Options {
      if (decay >= 1) {
        throw new IllegalArgumentException(
            "Option --decay is %s: expected a number below 1, by which usage fades; change it."
                .formatted(decay));
      }
      if (heads > rows) {
        throw new IllegalArgumentException(
            "Option --heads is %s: expected at most %s, the rows of the memory; change it or --rows."
                .formatted(heads, rows));
      }
    }
  }

  /** What the likeness K of (3) is multiplied by. */
  public enum Strength {
    /** Nothing. So a row that is like the key stands out by e^2 at most among all rows. */
    PLAIN,
    /**
     * What the controller emits for each head (Graves et al. 2014, equation 5): 1 at first, and 8
     * where {@link Written#PAIR} is written.
     */
    EMITTED
  }

  /** What (8) writes into the rows. */
  public enum Written {
    /**
     * The keys. What a head looks for is then what it stores: an image whose label comes with the
     * next one is stored beside that one, whose own label is not known yet.
     */
    KEY,
    /** What the controller emits beside each key, as a Turing machine's write heads do. */
    OWN,
    /**
     * The key of the step before, and what the controller emits now: by what the image before was
     * looked for, with the label that has come since. Such a row is what a later image of its class
     * looks for, and never what this step itself does.
     */
    PAIR
  }

  /** The bias of a softplus that is 1. */
  private static final double ONE = Math.log(Math.E - 1);

  /**
   * The bias of a softplus that is 8: how strongly keys read at first where rows are what later
   * keys look for, so that a row that is like its key stands out from the start.
   */
  private static final double SURE = 8;

  /** What an empty memory holds: nearly nothing, of which every row has as much. */
  private static final double EMPTY = 1e-6;

  /**
   * How much more each row counts as used than the one before it: of equals, the first is taken.
   */
  private static final double TIE = 1e-6;

  private Shape memory() {
    return Shape.of(o.rows(), o.width());
  }

  private Shape weighting() {
    return Shape.of(o.heads(), o.rows());
  }

  private Shape emitted() {
    return Shape.of(o.heads(), o.width());
  }

  private int read() {
    return o.heads() * o.width();
  }

  /** It sees the input and what was read at the step before (section 3.1). */
  private Controller controller() {
    return new Controller(timeline.in(), read(), o.hidden(), Controller.Kind.LSTM);
  }

  private Linear keys() {
    return new Linear(o.hidden(), read());
  }

  private Linear adds() {
    return new Linear(o.hidden(), read());
  }

  private Linear gates() {
    return new Linear(o.hidden(), o.heads());
  }

  private Linear strengths() {
    return new Linear(o.hidden(), o.heads());
  }

  private Linear classifier() {
    return new Linear(o.hidden() + read(), timeline.out());
  }

  @Override
  public Params init(Init draw) {
    return timeline
        .init(draw)
        .with(controller().init(draw).under("controller"))
        .with(keys().init(draw).under("key"))
        .with(gates().init(draw).under("alpha"))
        .with(classifier().init(draw).under("classifier"))
        .with(
            switch (o.written()) {
              case KEY -> Params.empty();
              case OWN, PAIR -> adds().init(draw).under("add");
            })
        .with(
            switch (o.strength()) {
              case PLAIN -> Params.empty();
              case EMITTED -> {
                Params p = strengths().init(draw);
                double first = o.written() == Written.PAIR ? SURE : ONE;
                yield p.with("bias", fill(first, p.get("bias").shape())).under("strength");
              }
            });
  }

  @Override
  public Params start(Params theta) {
    return controller()
        .start()
        .with(asked(fill(0, emitted())))
        .with("reads", fill(0, Shape.of(read())))
        .with("memory", fill(EMPTY, memory()))
        .with("usage", fill(0, Shape.of(o.rows())))
        .with("read", fill(0, weighting()));
  }

  @Override
  public Optional<String> inputWeights() {
    return Optional.of("controller." + controller().inputs());
  }

  @Override
  public Tensor project(Params theta, Tensor inputs) {
    return controller().project(theta.sub("controller"), inputs);
  }

  @Override
  public Step step(Params theta, Tensor projected, Params carry) {
    Controller.Step c =
        controller().step(theta.sub("controller"), projected, carry.get("reads"), carry);
    Tensor h = c.h();
    Tensor k = vectors(keys(), theta.sub("key"), h);
    Tensor written =
        switch (o.written()) {
          case KEY -> k;
          case OWN -> vectors(adds(), theta.sub("add"), h);
          case PAIR -> add(carry.get(ASKED), vectors(adds(), theta.sub("add"), h));
        };
    Tensor alpha = reshape(gates().apply(theta.sub("alpha"), h, Norm.batch()), Shape.of(o.heads()));

    Tensor usage = carry.get("usage");
    Tensor rank = add(usage, scale(convert(iota(usage.shape(), 0), DType.F32), TIE));
    Tensor lu = oneHot(topK(neg(rank), o.heads()), o.rows()); // (6), a row for each head
    Tensor kept = sub(scalar(1), at(lu, 0, 0)); // all rows but the least used

    Tensor gate = broadcast(sigmoid(alpha), weighting(), List.of(1));
    Tensor write = add(mul(gate, carry.get("read")), mul(sub(scalar(1), gate), lu)); // (7)
    Tensor m =
        add( // (8)
            mul(carry.get("memory"), broadcast(kept, memory(), List.of(1))),
            dot(t(write), written));

    Tensor read = softmax(strong(theta, h, cosine(k, m))); // (3)
    Tensor r = reshape(dot(read, m), Shape.of(read())); // (4)
    Tensor used = // (5)
        add(scale(usage, o.decay()), add(sum(read, List.of(0)), sum(write, List.of(0))));
    return new Step(
        concatenate(0, reshape(h, Shape.of(o.hidden())), r),
        c.carry()
            .with("reads", r)
            .with("memory", m)
            .with("usage", used)
            .with("read", read)
            .with(asked(k)),
        Params.of("read", read, "write", write));
  }

  /** The keys of a step, if the next one is to write them. */
  private Params asked(Tensor keys) {
    return o.written() == Written.PAIR ? Params.of(ASKED, keys) : Params.empty();
  }

  /** What the controller emits for each head: [heads, width]. */
  private Tensor vectors(Linear f, Params theta, Tensor h) {
    return reshape(tanh(f.apply(theta, h, Norm.batch())), emitted());
  }

  /** K, by the strength of each head. */
  private Tensor strong(Params theta, Tensor h, Tensor likeness) {
    return switch (o.strength()) {
      case PLAIN -> likeness;
      case EMITTED -> {
        Tensor z = strengths().apply(theta.sub("strength"), h, Norm.batch());
        Tensor beta = softplus(reshape(z, Shape.of(o.heads())));
        yield mul(likeness, broadcast(beta, likeness.shape(), List.of(1)));
      }
    };
  }

  /** A softmax over (h_t, r_t). */
  @Override
  public Tensor logits(Params theta, Tensor y) {
    return timeline.logits(classifier().apply(theta.sub("classifier"), y, Norm.batch()));
  }
}
