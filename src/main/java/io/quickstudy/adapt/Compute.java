package io.quickstudy.adapt;

import io.quickstudy.adapt.Programs.Held;
import io.quickstudy.adapt.Programs.Kind;
import io.quickstudy.backend.Resident;
import io.quickstudy.graph.DType;
import io.quickstudy.graph.Op;
import io.quickstudy.graph.Ops;
import io.quickstudy.graph.Shape;
import io.quickstudy.graph.Tensor;
import io.quickstudy.learner.Learner;
import io.quickstudy.learner.Predictive;
import io.quickstudy.nn.Init;
import io.quickstudy.nn.Model;
import io.quickstudy.nn.Norm;
import io.quickstudy.run.RunException;
import io.quickstudy.runtime.Array;
import io.quickstudy.runtime.Compiled;
import io.quickstudy.runtime.Engine;
import io.quickstudy.runtime.Function;
import io.quickstudy.runtime.Signature;
import io.quickstudy.task.Batch;
import io.quickstudy.text.Text;
import io.quickstudy.transform.Params;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BiFunction;
import java.util.function.BinaryOperator;
import java.util.function.IntFunction;

/**
 * A learner's two halves as compiled functions: from theta and a support set to what adaptation
 * changes, and from that and queries to predictions. For any number of threads.
 *
 * <p>A function has a fixed number of examples. Queries that do not depend on each other are cut
 * into pieces of one size, the last one filled up with zeros, so that a call runs through one
 * function and any number of queries through a dozen; those that are normalised together stay
 * together.
 */
final class Compute implements AutoCloseable {
  /** Sizes of pieces: with these at most a third of a single one is filling. */
  private static final int[] PIECES = {1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64};

  /** What it costs to begin a piece, as a part of what the largest costs. */
  private static final double BEGINNING = 1 / 8.0;

  /** Numbers in the largest piece's examples: 64 images of 28x28. More at once is no faster. */
  private static final int PIECE_NUMBERS = 64 * 28 * 28;

  /**
   * Where there are more parameters than so many for each of these numbers, pieces are larger: the
   * parameters are read anew for each. A ResNet-12 takes 16 photos of 84x84 at once.
   */
  private static final int PARAMETERS = 32;

  /** Examples in the largest piece, however large they are. */
  private static final int LEAST = 4;

  private static final String THETA = "theta.";
  private static final String CHANGED = "adapted.";

  /**
   * What adaptation made of theta: {@code theta.with(changes)} is the adapted learner.
   *
   * @param id one for each adaptation
   * @param ways outputs of the learner
   */
  record Adapted(long id, int ways, Map<String, Array> changes) {}

  private final Engine engine;
  private final IntFunction<Learner> learners;
  private final Map<String, Array> theta;
  private final Map<String, Resident> uploaded; // theta, once for all functions
  private final Shape example;
  private final Shape support;
  private final int outputs;
  private final long largestPiece;
  private final AtomicReference<Boolean> predictive = new AtomicReference<>();
  private final Programs programs;
  private final AtomicLong ids = new AtomicLong();

  /**
   * Compiles nothing yet.
   *
   * @param engine closed with this
   * @param learners the learner for a number of ways
   * @param theta its parameters
   * @param example the shape of one example
   * @param support that of one to adapt to, which may be a description of a class
   * @param outputs the numbers of a value, of functions
   * @param threads calls at once, if the device lets in several
   */
  Compute(
      Engine engine,
      IntFunction<Learner> learners,
      Map<String, Array> theta,
      Shape example,
      Shape support,
      int outputs,
      int threads) {
    this.engine = engine;
    this.learners = learners;
    this.theta = theta;
    this.example = example;
    this.support = support;
    this.outputs = outputs;
    long parameters = theta.values().stream().mapToLong(a -> a.shape().size()).sum();
    long numbers = Math.max(PIECE_NUMBERS, parameters / PARAMETERS);
    this.largestPiece = Math.max(LEAST, numbers / size());
    this.uploaded = upload(engine, theta);
    this.programs =
        new Programs(
            engine.concurrent() ? threads : 1,
            () -> {
              uploaded.values().forEach(Resident::close);
              engine.close();
            });
  }

  private static Map<String, Resident> upload(Engine engine, Map<String, Array> theta) {
    Map<String, Resident> all = new LinkedHashMap<>();
    try {
      theta.forEach((n, a) -> all.put(THETA + n, engine.upload(a)));
      return all;
    } catch (RuntimeException | Error e) {
      all.values().forEach(Resident::close);
      throw e;
    }
  }

  /** Numbers in one example. */
  int size() {
    return example.size();
  }

  /** Numbers in a value, of functions. */
  int outputs() {
    return outputs;
  }

  /**
   * Adapts to labelled examples.
   *
   * @param x one example after the other
   * @param labels from 0 to ways - 1, or -1 for none, one for each
   */
  Adapted adapt(int ways, float[] x, int[] labels) {
    Programs.Key key = new Programs.Key(Kind.ADAPT, labels.length, ways);
    Op.Type type = new Op.Type(Shape.of(labels.length), DType.I32);
    return adapt(key, x, type, c -> c.set("y", labels));
  }

  /**
   * Adapts to points.
   *
   * @param targets as many numbers for each as a value has
   */
  Adapted adapt(float[] x, float[] targets) {
    int points = targets.length / outputs;
    Programs.Key key = new Programs.Key(Kind.ADAPT, points, 1);
    Op.Type type = new Op.Type(Shape.of(points, outputs), DType.F32);
    return adapt(key, x, type, c -> c.set("y", targets));
  }

  private Adapted adapt(
      Programs.Key key, float[] x, Op.Type y, java.util.function.Consumer<Compiled> setLabels) {
    Map<String, Array> changes =
        programs.with(
            key,
            k -> compileAdapt(k, y),
            held -> {
              Compiled c = held.compiled;
              c.set("x", x);
              setLabels.accept(c);
              c.run();
              Map<String, Array> m = new LinkedHashMap<>();
              c.outputs().forEach(n -> m.put(n, c.output(n)));
              return m;
            });
    changes.forEach(
        (n, a) -> {
          if (!Finite.all(a.data())) {
            throw new RunException(
                ("Adapting to %s made '%s' infinite: expected finite numbers; try fewer"
                        + " inner steps, or other examples.")
                    .formatted(Text.count(key.examples(), "example"), n));
          }
        });
    return new Adapted(ids.getAndIncrement(), key.ways(), changes);
  }

  private Compiled compileAdapt(Programs.Key key, Op.Type y) {
    Learner learner = learners.apply(key.ways());
    Map<String, Op.Type> inputs = new LinkedHashMap<>();
    inputs.put("x", new Op.Type(support.prepend(key.examples()), DType.F32));
    inputs.put("y", y);
    return compile(
        key,
        theta.keySet(),
        inputs,
        (p, in) -> learner.adapt(p, new Batch(in.get("x"), in.get("y"))));
  }

  /** Predictions for one example after the other: row-major [n, outputs]. */
  float[] predict(Adapted a, float[] x) {
    return predict(Kind.PREDICT, a, x);
  }

  /** The same with their standard deviations behind them: row-major [n, 2 outputs]. */
  float[] predictive(Adapted a, float[] x) {
    return predict(Kind.PREDICTIVE, a, x);
  }

  /**
   * What each of the learner's models says, one behind the other: row-major [n, m, outputs].
   *
   * @throws UnsupportedOperationException if it has just one
   */
  float[] samples(Adapted a, float[] x) {
    return predict(Kind.SAMPLES, a, x);
  }

  private float[] predict(Kind kind, Adapted a, float[] x) {
    int n = x.length / size();
    if (learners.apply(a.ways).norm() == Norm.Policy.TRANSDUCTIVE) {
      return piece(kind, a, x, n);
    }
    return inPieces(x, (part, count) -> piece(kind, a, part, count));
  }

  /** Whether the learner says how sure it is of the values of a function; asked of it once. */
  boolean predictive() {
    return predictive.updateAndGet(before -> before == null ? asked() : before);
  }

  private boolean asked() {
    Learner learner = learners.apply(1);
    Params start = learner.init(new Init(0));
    Tensor x = Ops.literal(example.prepend(1), new double[size()]);
    Tensor y = Ops.literal(Shape.of(1, outputs), new double[outputs]);
    return learner.predictive(start.with(learner.adapt(start, new Batch(x, y))), x).isPresent();
  }

  /** A function of examples that do not depend on each other, of any number of them. */
  private float[] inPieces(float[] x, BiFunction<float[], Integer, float[]> f) {
    int n = x.length / size();
    int count = pieceFor(n, largestPiece);
    float[] all = null;
    for (int done = 0; done < n; ) {
      int real = Math.min(count, n - done);
      float[] part = Arrays.copyOfRange(x, done * size(), (done + real) * size());
      float[] y = f.apply(Arrays.copyOf(part, count * size()), count);
      int width = y.length / count;
      all = all == null ? new float[n * width] : all;
      System.arraycopy(y, 0, all, done * width, real * width);
      done += real;
    }
    return all;
  }

  /**
   * The size of pieces for so many: the smallest that holds them all, or, where none does, that
   * which costs least, of filling and of beginnings.
   *
   * @param n examples
   * @param most that a piece may have, at least 1
   */
  static int pieceFor(int n, long most) {
    int best = 1;
    for (int p : PIECES) {
      if (p <= most && best < n && (n <= p || cost(n, p, most) <= cost(n, best, most))) {
        best = p;
      }
    }
    return best;
  }

  private static double cost(int n, int piece, long most) {
    return Math.ceilDiv(n, piece) * (piece + BEGINNING * Math.min(most, PIECES[PIECES.length - 1]));
  }

  private float[] piece(Kind kind, Adapted a, float[] x, int count) {
    Programs.Key key = new Programs.Key(kind, count, a.ways);
    return programs.with(
        key,
        k -> compilePredict(k, a),
        held -> {
          Compiled c = held.compiled;
          if (held.owner != a.id) {
            held.owner = Held.NONE;
            a.changes.forEach((n, v) -> c.set(CHANGED + n, v.data()));
            held.owner = a.id;
          }
          c.set("x", x);
          c.run();
          return c.output("y").data();
        });
  }

  private Compiled compilePredict(Programs.Key key, Adapted a) {
    Learner learner = learners.apply(key.ways());
    Set<String> kept = new LinkedHashSet<>(theta.keySet());
    kept.removeAll(a.changes.keySet());
    Map<String, Op.Type> inputs = new LinkedHashMap<>();
    a.changes.forEach((n, t) -> inputs.put(CHANGED + n, new Op.Type(t.shape(), DType.F32)));
    inputs.put("x", new Op.Type(example.prepend(key.examples()), DType.F32));
    return compile(
        key,
        kept,
        inputs,
        (p, in) -> {
          Params adapted = p.with(in.sub("adapted"));
          return Params.of("y", outputs(key.kind(), learner, adapted, in.get("x")));
        });
  }

  /** [n, ...] of queries x [n, ...]. */
  private static Tensor outputs(Kind kind, Learner learner, Params adapted, Tensor x) {
    return switch (kind) {
      case PREDICT -> learner.predict(adapted, x);
      case PREDICTIVE -> {
        Predictive p = learner.predictive(adapted, x).orElseThrow();
        yield Ops.concatenate(1, p.mean(), p.deviation());
      }
      case SAMPLES ->
          Ops.transpose(
              learner
                  .samples(adapted, x)
                  .orElseThrow(
                      () ->
                          new UnsupportedOperationException(
                              "This run's learner answers by one model: expected one that samples"
                                  + " several, such as versa or platipus; ask for predictions"
                                  + " alone.")),
              List.of(1, 0, 2));
      case ADAPT, FEATURES -> throw new IllegalArgumentException(kind + " predicts nothing");
    };
  }

  /** Whether the learner has a network that gives features of single examples. */
  boolean hasFeatures(int ways) {
    Learner learner = learners.apply(ways);
    Params start = learner.init(new Init(0));
    Tensor x = Ops.literal(example.prepend(1), new double[size()]);
    return learner.network(start, x, Norm.batch()).names().contains(Model.FEATURES);
  }

  /** Whether examples are normalised together, as they are where no statistics are kept. */
  boolean featuresTogether(int ways) {
    Norm.Policy norm = learners.apply(ways).norm();
    return norm == Norm.Policy.TRANSDUCTIVE || norm == Norm.Policy.SUPPORT;
  }

  /** Features of one example after the other: row-major [n, d]. */
  float[] features(int ways, float[] x) {
    return featuresTogether(ways)
        ? features(ways, x, x.length / size())
        : inPieces(x, (part, count) -> features(ways, part, count));
  }

  private float[] features(int ways, float[] x, int count) {
    return programs.with(
        new Programs.Key(Kind.FEATURES, count, ways),
        this::compileFeatures,
        held -> {
          held.compiled.set("x", x);
          held.compiled.run();
          return held.compiled.output("y").data();
        });
  }

  private Compiled compileFeatures(Programs.Key key) {
    Learner learner = learners.apply(key.ways());
    Op.Type x = new Op.Type(example.prepend(key.examples()), DType.F32);
    return compile(
        key,
        theta.keySet(),
        Map.of("x", x),
        (p, in) -> {
          boolean running = learner.norm() == Norm.Policy.RUNNING;
          Norm norm = running ? Norm.given(p) : Norm.batch();
          Tensor f = learner.network(p, in.get("x"), norm).get(Model.FEATURES);
          int n = f.dim(0);
          return Params.of("y", Ops.reshape(f, Shape.of(n, f.shape().size() / n)));
        });
  }

  /** A function of some of theta, which is uploaded, and of inputs. */
  private Compiled compile(
      Programs.Key key,
      Set<String> parameters,
      Map<String, Op.Type> inputs,
      BinaryOperator<Params> f) {
    Map<String, Op.Type> residents = new LinkedHashMap<>();
    parameters.forEach(n -> residents.put(THETA + n, new Op.Type(theta.get(n).shape(), DType.F32)));
    String name = key.kind().name().toLowerCase(Locale.ROOT);
    Signature signature = new Signature(Map.of(), inputs, residents, 1, Set.of());
    Compiled c =
        engine.compile(
            name,
            signature,
            (state, in, p) -> new Function.Result(state, f.apply(p.sub("theta"), in)));
    try {
      residents.keySet().forEach(n -> c.bind(n, uploaded.get(n)));
      return c;
    } catch (RuntimeException | Error e) {
      c.close();
      throw e;
    }
  }

  /** Functions that nobody uses just now. */
  int idle() {
    return programs.idle();
  }

  @Override
  public void close() {
    programs.close();
  }
}
