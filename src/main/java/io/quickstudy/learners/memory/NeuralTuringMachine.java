package io.quickstudy.learners.memory;

import static io.quickstudy.functions.Activations.softplus;
import static io.quickstudy.functions.Distances.cosine;
import static io.quickstudy.functions.Losses.softmax;
import static io.quickstudy.graph.Ops.*;

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
 * A neural Turing machine. Graves, Wayne and Danihelka (2014), "Neural Turing Machines", section 3:
 * a controller moves heads over a memory M of N rows. Each head emits a key k, its strength beta, a
 * gate g, a shift s and a sharpening gamma, of which its weighting w comes:
 *
 * <pre>
 *   w^c(i) = softmax over i of beta K[k, M(i)],   K the cosine               (5), (6)
 *   w^g    = g w^c + (1 - g) w_{t-1}                                         (7)
 *   w~(i)  = sum over j of w^g(j) s(i - j)        indices modulo N           (8)
 *   w(i)   = w~(i)^gamma / sum over j of w~(j)^gamma                         (9)
 *   M(i)   = M_{t-1}(i) [1 - w(i) e] + w(i) a     writing e and a            (3), (4)
 *   r      = sum over i of w(i) M(i)              reading                    (2)
 * </pre>
 *
 * <p>All heads look for their keys in the memory of the step before; then all erase, then all add,
 * and what is read is read of that. The first reads and weightings are learned; a weighting begins
 * at the first row.
 *
 * @param timeline what it sees and answers
 * @param o its sizes
 */
public record NeuralTuringMachine(Timeline timeline, Options o) implements Recurrent {
  /** Its declaration. */
  public static final LearnerKind<Options> KIND =
      LearnerKind.of(
              NeuralTuringMachine.class,
              Options.class,
              (o, s) -> new NeuralTuringMachine(Timeline.of(s), o))
          .named("ntm")
          .about("a neural Turing machine, whose heads move over an outer memory")
          .paper("Graves et al. 2014")
          .tasks(TaskKind.SIGNALS, TaskKind.SEQUENCES)
          .norms(Norm.Policy.SUPPORT)
          .backbone(LearnerKind.Backbones.OPTIONAL)
          .makes("h", "c", "reads", "memory", "read", "write", LABEL);

  /**
   * Its options.
   *
   * @param controller what moves the heads
   * @param hidden size of the controller
   * @param rows N
   * @param width M, numbers in a row
   * @param readHeads heads that read
   * @param writeHeads heads that write
   * @param headShift how far a head moves at a step
   */
  public record Options(
      @Setting(value = "what moves the heads: lstm or feed-forward", usual = "lstm")
          Controller.Kind controller,
      @Setting(value = "size of the controller", usual = "100", least = 1) int hidden,
      @Setting(value = "rows of the memory", usual = "128", least = 2) int rows,
      @Setting(value = "numbers in a row", usual = "20", least = 1) int width,
      @Setting(value = "heads that read", usual = "1", least = 1) int readHeads,
      @Setting(value = "heads that write", usual = "1", least = 1) int writeHeads,
      @Setting(value = "rows that a head moves at a step, at most", usual = "1", least = 0)
          int headShift) {
    /** Checks that a shift is shorter than the way round. */
    public Options {
      if (2 * headShift >= rows) {
        throw new IllegalArgumentException(
            "Option --head-shift is %s: expected less than half of the %s rows; change it or --rows."
                .formatted(headShift, rows));
      }
    }
  }

  /** What an empty memory holds (Collier and Beel 2018, section 3.1: a constant learns best). */
  private static final double EMPTY = 1e-6;

  /** The first row's lead where a weighting begins, before the softmax. */
  private static final double FIRST = 8;

  /** So little that its logarithm is finite. */
  private static final double TINY = 1e-12;

  private static final String READ = "read";
  private static final String WRITE = "write";
  private static final String READS = "reads";
  private static final String MEMORY = "memory";

  private Shape memory() {
    return Shape.of(o.rows(), o.width());
  }

  private int read() {
    return o.readHeads() * o.width();
  }

  private int shifts() {
    return 2 * o.headShift() + 1;
  }

  /** k, beta, g, s and gamma of a head. */
  private int addressing() {
    return o.width() + 3 + shifts();
  }

  private Controller controller() {
    return new Controller(timeline.in(), read(), o.hidden(), o.controller());
  }

  private Linear readers() {
    return new Linear(o.hidden(), o.readHeads() * addressing());
  }

  /** Those that write emit e and a besides. */
  private Linear writers() {
    return new Linear(o.hidden(), o.writeHeads() * (addressing() + 2 * o.width()));
  }

  private Linear out() {
    return new Linear(o.hidden() + read(), timeline.out());
  }

  @Override
  public Params init(Init draw) {
    return timeline
        .init(draw)
        .with(controller().init(draw).under("controller"))
        .with(readers().init(draw).under(READ))
        .with(writers().init(draw).under(WRITE))
        .with(out().init(draw).under("out"))
        .with("start." + READS, draw.uniform(Shape.of(read()), 1.0 / o.width()))
        .with("start." + READ, first(o.readHeads()))
        .with("start." + WRITE, first(o.writeHeads()));
  }

  private Tensor first(int heads) {
    Tensor row = concatenate(0, fill(FIRST, Shape.of(1)), fill(0, Shape.of(o.rows() - 1)));
    return repeat(row, heads);
  }

  @Override
  public Params start(Params theta) {
    Params s = theta.sub("start");
    return controller()
        .start()
        .with(READS, tanh(s.get(READS)))
        .with(MEMORY, fill(EMPTY, memory()))
        .with(READ, softmax(s.get(READ)))
        .with(WRITE, softmax(s.get(WRITE)));
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
        controller().step(theta.sub("controller"), projected, carry.get(READS), carry);
    Tensor ofReaders = emitted(readers(), theta.sub(READ), c.h(), o.readHeads());
    Tensor ofWriters = emitted(writers(), theta.sub(WRITE), c.h(), o.writeHeads());
    Tensor m = carry.get(MEMORY);
    Tensor read = weighting(ofReaders, carry.get(READ), m);
    Tensor write = weighting(ofWriters, carry.get(WRITE), m);

    int from = addressing();
    Tensor e = sigmoid(slice(ofWriters, 1, from, from + o.width()));
    Tensor a = tanh(slice(ofWriters, 1, from + o.width(), from + 2 * o.width()));
    for (int head = 0; head < o.writeHeads(); head++) { // (3)
      m = mul(m, sub(scalar(1), dot(t(row(write, head)), row(e, head))));
    }
    m = add(m, dot(t(write), a)); // (4)
    Tensor r = reshape(dot(read, m), Shape.of(read())); // (2)
    return new Step(
        concatenate(0, reshape(c.h(), Shape.of(o.hidden())), r),
        c.carry().with(READS, r).with(MEMORY, m).with(READ, read).with(WRITE, write),
        Params.of(READ, read, WRITE, write));
  }

  private static Tensor row(Tensor x, int i) {
    return slice(x, 0, i, i + 1);
  }

  /** What heads emit, a row for each: [heads, numbers]. */
  private Tensor emitted(Linear f, Params theta, Tensor h, int heads) {
    return reshape(f.apply(theta, h, Norm.batch()), Shape.of(heads, f.out() / heads));
  }

  /** The weightings of heads [heads, rows], of what they emit and of those before (section 3.3). */
  private Tensor weighting(Tensor emitted, Tensor before, Tensor m) {
    int w = o.width();
    Tensor k = tanh(slice(emitted, 1, 0, w));
    Tensor beta = softplus(slice(emitted, 1, w, w + 1));
    Tensor g = sigmoid(slice(emitted, 1, w + 1, w + 2));
    Tensor gamma = add(softplus(slice(emitted, 1, w + 2, w + 3)), scalar(1));
    Tensor s = softmax(slice(emitted, 1, w + 3, w + 3 + shifts()));

    Shape all = before.shape();
    Tensor content = softmax(mul(expand(beta, all), cosine(k, m))); // (5)
    Tensor gate = expand(g, all);
    Tensor gated = add(mul(gate, content), mul(sub(scalar(1), gate), before)); // (7)
    Tensor moved = fill(0, all); // (8)
    for (int j = 0; j < shifts(); j++) {
      Tensor weight = expand(slice(s, 1, j, j + 1), all);
      moved = add(moved, mul(weight, rolled(gated, j - o.headShift())));
    }
    Tensor sharp = exp(mul(expand(gamma, all), log(add(moved, scalar(TINY))))); // (9)
    return div(sharp, broadcast(sum(sharp, List.of(1)), all, List.of(1)));
  }

  /** w(i - by), indices modulo N. */
  private static Tensor rolled(Tensor w, int by) {
    int n = w.dim(1);
    int cut = Math.floorMod(-by, n);
    return cut == 0 ? w : concatenate(1, slice(w, 1, cut, n), slice(w, 1, 0, cut));
  }

  /** Of (h_t, r_t). */
  @Override
  public Tensor logits(Params theta, Tensor y) {
    return timeline.logits(out().apply(theta.sub("out"), y, Norm.batch()));
  }
}
