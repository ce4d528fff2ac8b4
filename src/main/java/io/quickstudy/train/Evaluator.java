package io.quickstudy.train;

import static io.quickstudy.graph.Ops.abs;
import static io.quickstudy.graph.Ops.concatenate;
import static io.quickstudy.graph.Ops.div;
import static io.quickstudy.graph.Ops.less;
import static io.quickstudy.graph.Ops.lessEqual;
import static io.quickstudy.graph.Ops.mean;
import static io.quickstudy.graph.Ops.reshape;
import static io.quickstudy.graph.Ops.scalar;
import static io.quickstudy.graph.Ops.scale;
import static io.quickstudy.graph.Ops.stack;
import static io.quickstudy.graph.Ops.sub;
import static io.quickstudy.graph.Ops.sum;

import io.quickstudy.data.Metric;
import io.quickstudy.functions.Losses;
import io.quickstudy.graph.Ops;
import io.quickstudy.graph.Shape;
import io.quickstudy.graph.Tensor;
import io.quickstudy.learner.Learner;
import io.quickstudy.learner.Predictive;
import io.quickstudy.run.Checkpoint;
import io.quickstudy.run.Components;
import io.quickstudy.run.RunConfig;
import io.quickstudy.run.RunException;
import io.quickstudy.run.RunFolder;
import io.quickstudy.runtime.Array;
import io.quickstudy.runtime.Compiled;
import io.quickstudy.settings.ConfigException;
import io.quickstudy.task.Drawn;
import io.quickstudy.task.Signal;
import io.quickstudy.task.Task;
import io.quickstudy.text.Text;
import io.quickstudy.transform.Params;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Measures parameters on tasks that are always the same for a configuration and an {@link
 * EvalSpec}. Compiled once, used for many parameters.
 */
public final class Evaluator implements AutoCloseable {
  /** Tasks computed at once; the same on every machine. */
  private static final int CHUNK = 16;

  private final EvalSpec spec;
  private final String device;
  private final TaskSource source;
  private final int chunk;
  private final Compiled compiled;
  private final Metric metric;
  private final Detail detail;
  private final String repair;
  private final Optional<Verifier> verifier;
  private final boolean predictive;

  /** How much is measured of classification; a squared error is always measured by inner step. */
  public enum Detail {
    /** The accuracy of the adapted learner. */
    RESULT,
    /**
     * Accuracy and loss before adaptation and after each of its steps: the queries are predicted
     * once more for each.
     */
    BY_STEP
  }

  /**
   * Compiles the measurement of the result alone.
   *
   * @param session the data and the device
   * @param spec what to measure on
   * @param theta parameters, for their shapes
   * @throws ConfigException if the data does not have such tasks
   */
  public Evaluator(Session session, EvalSpec spec, Map<String, Array> theta) {
    this(session, spec, theta, Detail.RESULT);
  }

  /**
   * Compiles the measurement.
   *
   * @param session the data and the device
   * @param spec what to measure on
   * @param theta parameters, for their shapes
   * @param detail how much is measured
   * @throws ConfigException if the data does not have such tasks, or the learner makes no steps
   *     where they are to be measured
   */
  public Evaluator(Session session, EvalSpec spec, Map<String, Array> theta, Detail detail) {
    RunConfig c = session.config();
    if (detail == Detail.BY_STEP && InnerSteps.of(session, spec) == 0) {
      throw new ConfigException(
          "Option --by-step for learner '%s', which makes no inner step here: expected one that adapts in steps, such as maml; leave it out."
              .formatted(c.learner()));
    }
    this.spec = spec;
    this.detail = detail;
    this.device = session.device();
    this.source = session.measured(spec);
    this.chunk = Math.min(CHUNK, spec.episodes());
    this.metric = c.data().kind().metric();
    this.repair = Repair.ofNumbers(c);
    this.predictive = metric == Metric.MSE && InnerSteps.predictive(session, spec);
    Learner learner = Components.measured(c, spec.ways(), spec.options(), session.classes());
    this.compiled =
        MetaStep.compileEach(
            session, "scores", source, theta, chunk, (p, built) -> scores(learner, p, built));
    try {
      this.verifier = Verifier.of(session, spec, theta);
    } catch (RuntimeException | Error e) {
      compiled.close();
      throw e;
    }
  }

  /**
   * What was measured of a run.
   *
   * @param step of which checkpoint
   * @param evaluation the result
   */
  public record OfRun(int step, Evaluation evaluation) {}

  /**
   * What was measured, with what came of each task.
   *
   * @param evaluation the result
   * @param byTask the value of each task, in order: its fraction of right answers, or its squared
   *     error after the last inner step
   * @param tasks a SHA-256 of what describes the tasks: where it is the same, so are the tasks
   */
  public record ByTask(Evaluation evaluation, List<Double> byTask, String tasks) {
    /** Copies the list. */
    public ByTask {
      byTask = List.copyOf(byTask);
    }
  }

  /**
   * Measures a run's newest checkpoint.
   *
   * @param run the run
   * @param config its own, or one that measures it otherwise
   * @param spec what to measure on
   * @param detail how much is measured
   * @param listener told how far it is, and what speaks against the measurement
   * @throws ConfigException if the data does not have such tasks, or the learner makes no steps
   *     where they are to be measured
   * @throws RunException if there is no whole checkpoint, or the result is no finite number
   */
  public static OfRun measure(
      RunFolder run, RunConfig config, EvalSpec spec, Detail detail, TrainListener listener) {
    Checkpoint c = run.trained(listener::message);
    try (Session session = Session.open(config, listener);
        Evaluator evaluator = new Evaluator(session, spec, c.theta(), detail)) {
      session.objection(run, spec).ifPresent(listener::message);
      return new OfRun(c.step(), evaluator.measure(c.theta(), listener));
    }
  }

  /**
   * Right or wrong for every prediction [n], by step with the loss behind [steps + 1, n + 1]; or
   * the squared error after 0, 1, ... inner steps, and of a learner that says how sure it is {@link
   * #sureness} behind them.
   */
  private Tensor scores(Learner learner, Params theta, Drawn drawn) {
    Tensor y = drawn.targets();
    return switch (metric) {
      case ACCURACY -> {
        if (detail == Detail.RESULT) {
          yield correct(Predictions.logits(learner, theta, drawn), y);
        }
        yield stack(
            0,
            Predictions.byStep(learner, theta, drawn).stream()
                .map(
                    logits ->
                        concatenate(
                            0,
                            correct(logits, y),
                            reshape(Losses.crossEntropy(logits, y), Shape.of(1))))
                .toList());
      }
      case BITS -> wrong(Predictions.logits(learner, theta, drawn), (Signal) drawn);
      case MSE -> {
        Tensor errors =
            stack(
                0,
                Predictions.byStep(learner, theta, drawn).stream()
                    .map(prediction -> Losses.meanSquaredError(prediction, y))
                    .toList());
        yield predictive ? concatenate(0, errors, sureness(learner, theta, (Task) drawn)) : errors;
      }
    };
  }

  /**
   * The log density per query, and the fraction of the values within {@link Likelihood#BAND}: [2].
   */
  private static Tensor sureness(Learner learner, Params theta, Task task) {
    Tensor y = task.query().y();
    Params adapted = theta.with(learner.adapt(theta, task.support()));
    Predictive p = learner.predictive(adapted, task.query().x()).orElseThrow();
    Tensor density = scale(sum(p.logDensity(y)), 1.0 / y.dim(0));
    Tensor off = abs(div(sub(y, p.mean()), p.deviation()));
    return stack(0, List.of(density, mean(lessEqual(off, scalar(Likelihood.BAND)))));
  }

  /** How many of the bits that are asked for are wrong: [1]. */
  private static Tensor wrong(Tensor logits, Signal s) {
    Tensor said = less(scalar(0), logits);
    Tensor each = sum(abs(sub(said, s.y())), List.of(1));
    Tensor of = Ops.mul(Ops.add(each, nothing(logits)), s.asked());
    return reshape(sum(of), Shape.of(1));
  }

  private static Tensor correct(Tensor logits, Tensor y) {
    return Ops.add(Losses.correct(logits, y), nothing(logits));
  }

  /**
   * 0 for each row of logits that are finite, else NaN: the largest of what is no number is some
   * class, and would count as a wrong answer.
   */
  private static Tensor nothing(Tensor logits) {
    Tensor sum = sum(logits, List.of(logits.rank() - 1));
    return sub(sum, sum);
  }

  /**
   * Measures.
   *
   * @param theta parameters, of the shapes it was compiled for
   * @param listener told how far it is
   * @throws RunException if the result is no finite number
   */
  public Evaluation measure(Map<String, Array> theta, TrainListener listener) {
    return measureByTask(theta, listener).evaluation();
  }

  /**
   * Measures, and says what came of each task.
   *
   * @param theta parameters, of the shapes it was compiled for
   * @param listener told how far it is
   * @throws RunException if the result is no finite number
   */
  public ByTask measureByTask(Map<String, Array> theta, TrainListener listener) {
    long start = System.nanoTime();
    compiled.setState(MetaStep.state(theta));
    TaskDigest digest = new TaskDigest();
    List<Double> byTask = new ArrayList<>();
    RunningMean values = new RunningMean();
    List<RunningMean> columns = new ArrayList<>();
    List<RunningMean> losses = new ArrayList<>();
    RunningMean densities = new RunningMean();
    RunningMean within = new RunningMean();
    RunningMean bestErrors = new RunningMean();
    RunningMean bestDensities = new RunningMean();
    for (int done = 0; done < spec.episodes(); done += chunk) {
      source.fill(spec.first() + done, chunk, compiled);
      source.describe(digest);
      compiled.run();
      Array scores = compiled.output("scores");
      int all = scores.data().length / chunk;
      int width = predictive ? all - 2 : all;
      int tasks = Math.min(chunk, spec.episodes() - done);
      for (int task = 0; task < tasks; task++) {
        double value =
            bySteps()
                ? last(scores, task, columns, losses)
                : value(scores.data(), task * all, width, columns);
        if (predictive) {
          densities.add(scores.data()[task * all + width]);
          within.add(scores.data()[task * all + width + 1]);
        }
        if (source instanceof CurveSource c && c.curves().posterior().isPresent()) {
          Best best = Best.of(c.curves().posterior().get(), c, task);
          bestErrors.add(best.error());
          bestDensities.add(best.likelihood());
        }
        values.add(value);
        byTask.add(value);
      }
      listener.measured(done + tasks, spec.episodes());
    }
    if (!Double.isFinite(values.mean())) {
      throw new RunException(
          "The %s on %s is %s: expected a finite number; %s."
              .formatted(metric, Text.count(spec.episodes(), "task"), values.mean(), repair));
    }
    List<Double> by = columns.stream().map(RunningMean::mean).toList();
    boolean steps = (metric == Metric.MSE && by.size() > 1) || bySteps();
    Evaluation e =
        new Evaluation(
            spec,
            metric,
            values.mean(),
            values.ci95(),
            steps ? by.get(0) : Double.NaN,
            steps ? by.subList(1, by.size()) : List.of(),
            losses.stream().map(RunningMean::mean).toList(),
            source instanceof SequenceSource ? by : List.of(),
            verifier.map(v -> v.measure(theta)),
            predictive
                ? Optional.of(new Likelihood(densities.mean(), densities.ci95(), within.mean()))
                : Optional.empty(),
            bestErrors.count() > 0
                ? Optional.of(new Best(bestErrors.mean(), bestDensities.mean()))
                : Optional.empty(),
            device,
            (System.nanoTime() - start) / 1e9);
    return new ByTask(e, byTask, digest.hex());
  }

  /** Whether accuracies are by step. */
  private boolean bySteps() {
    return metric == Metric.ACCURACY && detail == Detail.BY_STEP;
  }

  /** One task's accuracy after the last step; those of all steps go into the means. */
  private static double last(
      Array scores, int task, List<RunningMean> columns, List<RunningMean> losses) {
    int steps = scores.shape().dim(1);
    int answers = scores.shape().dim(2) - 1; // behind them is the loss
    double accuracy = Double.NaN;
    for (int k = 0; k < steps; k++) {
      int from = (task * steps + k) * (answers + 1);
      double right = 0;
      for (int i = 0; i < answers; i++) {
        right += scores.data()[from + i];
      }
      accuracy = right / answers;
      column(columns, k).add(accuracy);
      column(losses, k).add(scores.data()[from + answers]);
    }
    return accuracy;
  }

  /** One task's value; its scores go into the means by step or instance. */
  private double value(float[] scores, int from, int width, List<RunningMean> columns) {
    if (metric == Metric.BITS) {
      return scores[from];
    }
    if (metric == Metric.MSE) {
      for (int k = 0; k < width; k++) {
        column(columns, k).add(scores[from + k]);
      }
      return scores[from + width - 1];
    }
    double right = 0;
    int[] instances =
        source instanceof SequenceSource s ? s.drawn(from / width).instance() : new int[0];
    for (int k = 0; k < width; k++) {
      right += scores[from + k];
      if (instances.length > 0) {
        column(columns, instances[k] - 1).add(scores[from + k]);
      }
    }
    return right / width;
  }

  private static RunningMean column(List<RunningMean> columns, int k) {
    while (columns.size() <= k) {
      columns.add(new RunningMean());
    }
    return columns.get(k);
  }

  @Override
  public void close() {
    compiled.close();
    verifier.ifPresent(Verifier::close);
  }
}
