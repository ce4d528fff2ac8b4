package io.quickstudy.train;

import static io.quickstudy.graph.Ops.at;
import static io.quickstudy.graph.Ops.stack;

import io.quickstudy.data.Attributes;
import io.quickstudy.data.Curve;
import io.quickstudy.data.CurveTasks;
import io.quickstudy.data.ExampleSet;
import io.quickstudy.data.sampling.DrawnSequence;
import io.quickstudy.data.sampling.Episode;
import io.quickstudy.data.sampling.PixelMoves;
import io.quickstudy.graph.Tensor;
import io.quickstudy.learner.Learner;
import io.quickstudy.learner.SequenceLearner;
import io.quickstudy.learner.SignalLearner;
import io.quickstudy.run.Components;
import io.quickstudy.run.RunException;
import io.quickstudy.runtime.Array;
import io.quickstudy.runtime.Compiled;
import io.quickstudy.settings.ConfigException;
import io.quickstudy.task.Batch;
import io.quickstudy.task.Drawn;
import io.quickstudy.task.Pairs;
import io.quickstudy.task.Sequence;
import io.quickstudy.task.Signal;
import io.quickstudy.task.Task;
import io.quickstudy.transform.Params;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * What a run predicts on single tasks: those that {@link Evaluator} measures for the same {@link
 * EvalSpec}, in order. Compiled once, used for many parameters.
 */
public final class Predictions implements AutoCloseable {
  /** Tasks computed at once; the same on every machine. */
  private static final int CHUNK = 16;

  private final EvalSpec spec;
  private final TaskSource source;
  private final int chunk;
  private final Compiled compiled;
  private final String repair;
  private final boolean predictive;
  private final int samples;

  /** One task with what was predicted. */
  public sealed interface Predicted {
    /**
     * A task of support and query images; where {@link #attributes} describe the classes, the
     * support is the first image of each, which the learner did not see.
     *
     * @param number which task, from 0
     * @param episode its images and labels
     * @param logits for every query, [queries][ways]
     */
    record OfEpisode(int number, Episode episode, float[][] logits) implements Predicted {}

    /**
     * A sequence of images, each predicted from those before it.
     *
     * @param number which task, from 0
     * @param sequence its images and labels
     * @param logits for every image, [length][ways]
     */
    record OfSequence(int number, DrawnSequence sequence, float[][] logits) implements Predicted {}

    /**
     * A signal.
     *
     * @param number which task, from 0
     * @param signal its bits
     * @param logits of the bits of every step, [steps][bits]
     */
    record OfSignal(int number, DrawnSignal signal, float[][] logits) implements Predicted {}

    /**
     * A curve such as a sine wave, predicted along a line of inputs, or at its query points where
     * an input is more than one number.
     *
     * @param number which task, from 0
     * @param curve the curve itself, where it is known at every input
     * @param supportX the inputs adapted to, [shots * inputs]
     * @param supportY their values, [shots * outputs]
     * @param x the inputs predicted, [n * inputs]; on a line ascending over the whole range
     * @param byStep the predictions before adaptation and after each step, [steps + 1][n * outputs]
     * @param deviation the standard deviations of the last of them, [n * outputs]; empty where the
     *     learner does not say how sure it is
     * @param samples what each of the models says that the last of them is the mean of, [m][n *
     *     outputs]; none where there is one model
     * @param best the values that one expects who knows how curves are drawn, [n * outputs]; empty
     *     where that is not known
     */
    record OfWave(
        int number,
        Optional<Curve> curve,
        float[] supportX,
        float[] supportY,
        float[] x,
        float[][] byStep,
        float[] deviation,
        float[][] samples,
        double[] best)
        implements Predicted {}
  }

  /**
   * Compiles the prediction.
   *
   * @param session the data and the device
   * @param spec which tasks; for curves {@code queries} is how many inputs lie on the line
   * @param theta parameters, for their shapes
   * @throws ConfigException if the data does not have such tasks
   */
  public Predictions(Session session, EvalSpec spec, Map<String, Array> theta) {
    this.spec = spec;
    this.repair = Repair.ofNumbers(session.config());
    this.source = session.tasks().pictured(spec);
    this.chunk = Math.min(CHUNK, spec.episodes());
    this.predictive = source instanceof CurveSource && InnerSteps.predictive(session, spec);
    this.samples = source instanceof CurveSource ? InnerSteps.samples(session, spec) : 0;
    Learner learner =
        Components.measured(session.config(), spec.ways(), spec.options(), session.classes());
    this.compiled =
        MetaStep.compileEach(
            session, "y", source, theta, chunk, (p, built) -> outputs(learner, p, built));
  }

  /**
   * Logits [n, ways], or values by step, how sure the learner is of the last where it says, and
   * what its models say where there are several: [steps + 1 + 0 or 1 + models, n, outputs].
   */
  private Tensor outputs(Learner learner, Params theta, Drawn drawn) {
    if (!(source instanceof CurveSource)) {
      return logits(learner, theta, drawn);
    }
    List<Tensor> values = new ArrayList<>(byStep(learner, theta, drawn));
    if (!predictive && samples == 0) {
      return stack(0, values);
    }
    Task t = (Task) drawn;
    Params adapted = theta.with(learner.adapt(theta, t.support()));
    if (predictive) {
      values.add(learner.predictive(adapted, t.query().x()).orElseThrow().deviation());
    }
    if (samples > 0) {
      Tensor each = learner.samples(adapted, t.query().x()).orElseThrow();
      for (int m = 0; m < samples; m++) {
        values.add(at(each, 0, m));
      }
    }
    return stack(0, values);
  }

  /** What a learner answers to a task's queries, or to each example of a sequence: [n, ways]. */
  static Tensor logits(Learner learner, Params theta, Drawn drawn) {
    return switch (drawn) {
      case Sequence s -> ((SequenceLearner) learner).outputs(theta, s);
      case Signal s -> ((SignalLearner) learner).outputs(theta, s);
      case Task t -> learner.predict(theta, t.support(), t.query().x());
      case Pairs p -> throw unmeasured();
      case Batch b -> throw unmeasured();
    };
  }

  /** The same before adaptation and after each of its steps. */
  static List<Tensor> byStep(Learner learner, Params theta, Drawn drawn) {
    return drawn instanceof Task t
        ? learner.predictByStep(theta, t.support(), t.query().x())
        : List.of(logits(learner, theta, drawn));
  }

  private static IllegalStateException unmeasured() {
    return new IllegalStateException("only tasks and sequences are measured");
  }

  /** The curves that the tasks are of; none for images. */
  public Optional<CurveTasks> curves() {
    return source instanceof CurveSource w ? Optional.of(w.curves()) : Optional.empty();
  }

  /** The images that the tasks are of; none for curves. */
  public Optional<ExampleSet> set() {
    return switch (source) {
      case EpisodeSource e -> Optional.of(e.set());
      case AttributeSource a -> Optional.of(a.set());
      case SequenceSource s -> Optional.of(s.set());
      case TrainingSource t -> Optional.of(t.set());
      case CurveSource w -> Optional.empty();
      case SignalSource s -> Optional.empty();
      case KeyedSource k -> Optional.empty();
    };
  }

  /** What the tasks' moves mean; none for curves. */
  public Optional<PixelMoves> moves() {
    return switch (source) {
      case EpisodeSource e -> Optional.of(e.moves());
      case AttributeSource a -> Optional.of(a.moves());
      case SequenceSource s -> Optional.of(s.moves());
      case TrainingSource t -> Optional.of(t.moves());
      case CurveSource w -> Optional.empty();
      case SignalSource s -> Optional.empty();
      case KeyedSource k -> Optional.empty();
    };
  }

  /** What the classes are like, where tasks describe them in place of showing them. */
  public Optional<Attributes> attributes() {
    return source instanceof AttributeSource a ? Optional.of(a.attributes()) : Optional.empty();
  }

  /**
   * Predicts every task.
   *
   * @param theta parameters, of the shapes it was compiled for
   * @param listener told how far it is
   * @param each given the tasks one by one
   * @throws RunException if a prediction is no finite number
   */
  public void forEach(Map<String, Array> theta, TrainListener listener, Consumer<Predicted> each) {
    compiled.setState(MetaStep.state(theta));
    for (int done = 0; done < spec.episodes(); done += chunk) {
      source.fill(spec.first() + done, chunk, compiled);
      if (source instanceof CurveSource w && w.curves().inputs() == 1) {
        compiled.set("query.x", repeated(line(w.curves()), chunk));
      }
      compiled.run();
      float[] y = compiled.output("y").data();
      int tasks = Math.min(chunk, spec.episodes() - done);
      int perTask = y.length / chunk;
      for (int task = 0; task < tasks; task++) {
        float[] of = Arrays.copyOfRange(y, task * perTask, (task + 1) * perTask);
        each.accept(predicted(done + task, task, finite(of)));
      }
      listener.measured(done + tasks, spec.episodes());
    }
  }

  private Predicted predicted(int number, int task, float[] y) {
    return switch (source) {
      case EpisodeSource e -> new Predicted.OfEpisode(number, e.drawn(task), rows(y, spec.ways()));
      case AttributeSource a ->
          new Predicted.OfEpisode(number, a.drawn(task), rows(y, spec.ways()));
      case SequenceSource s ->
          new Predicted.OfSequence(number, s.drawn(task), rows(y, spec.ways()));
      case TrainingSource t -> throw unmeasured();
      case KeyedSource k -> throw unmeasured();
      case SignalSource s -> {
        DrawnSignal signal = s.drawn(task);
        yield new Predicted.OfSignal(number, signal, rows(y, signal.outputs()));
      }
      case CurveSource w -> {
        CurveTasks c = w.curves();
        float[][] values = rows(y, spec.queries() * c.outputs());
        float[] x = c.inputs() == 1 ? line(c) : w.queryX(task);
        double[] best = new double[c.posterior().isPresent() ? values[0].length : 0];
        c.posterior()
            .ifPresent(
                p -> p.at(w.supportX(task), w.supportY(task), x, best, new double[best.length]));
        int all = values.length - samples;
        int steps = predictive ? all - 1 : all;
        yield new Predicted.OfWave(
            number,
            c.curve(spec.first() + number),
            w.supportX(task),
            w.supportY(task),
            x,
            Arrays.copyOf(values, steps),
            predictive ? values[steps] : new float[0],
            Arrays.copyOfRange(values, all, values.length),
            best);
      }
    };
  }

  /** Inputs from the one end of the range to the other. */
  private float[] line(CurveTasks c) {
    double middle = (c.from() + c.to()) / 2;
    double half = (c.to() - c.from()) / 2;
    float[] x = new float[spec.queries()];
    for (int i = 0; i < x.length; i++) {
      double along = x.length == 1 ? 0 : 2.0 * i / (x.length - 1) - 1;
      x[i] = (float) (middle + half * along);
    }
    return x;
  }

  private static float[] repeated(float[] x, int times) {
    float[] all = new float[x.length * times];
    for (int i = 0; i < all.length; i++) {
      all[i] = x[i % x.length];
    }
    return all;
  }

  private static float[][] rows(float[] y, int width) {
    float[][] rows = new float[y.length / width][];
    for (int i = 0; i < rows.length; i++) {
      rows[i] = Arrays.copyOfRange(y, i * width, (i + 1) * width);
    }
    return rows;
  }

  private float[] finite(float[] y) {
    for (float f : y) {
      if (!Float.isFinite(f)) {
        throw new RunException(
            "A prediction is %s: expected a finite number; %s.".formatted(f, repair));
      }
    }
    return y;
  }

  @Override
  public void close() {
    compiled.close();
  }
}
