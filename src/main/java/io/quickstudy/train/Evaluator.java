package io.quickstudy.train;

import io.quickstudy.backend.FactorException;
import io.quickstudy.data.Metric;
import io.quickstudy.learner.Learner;
import io.quickstudy.run.Checkpoint;
import io.quickstudy.run.Components;
import io.quickstudy.run.RunConfig;
import io.quickstudy.run.RunException;
import io.quickstudy.run.RunFolder;
import io.quickstudy.runtime.Array;
import io.quickstudy.runtime.Compiled;
import io.quickstudy.settings.ConfigException;
import io.quickstudy.task.Labelling;
import io.quickstudy.text.Text;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;

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
  private final boolean probable;

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
    this.source = session.tasks().measured(spec);
    this.chunk = Math.min(CHUNK, spec.episodes());
    this.metric = c.data().kind().metric();
    this.repair = Repair.ofNumbers(c);
    this.predictive = metric == Metric.MSE && InnerSteps.predictive(session, spec);
    Learner learner = Components.measured(c, spec.ways(), spec.options(), session.classes());
    this.probable = metric == Metric.ACCURACY && c.tasks().labels() == Labelling.ONE_HOT;
    Scores scores = new Scores(learner, metric, detail, predictive, probable);
    this.compiled =
        MetaStep.compileNamed(
            session, "scores", source, theta, chunk, (p, built) -> scores.of(p, built));
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
   * @param doubt why the temperature may not fit these tasks, in a sentence
   * @param data what was loaded, for another measurement
   */
  public record OfRun(
      int step, Evaluation evaluation, Optional<String> doubt, Session.Loaded data) {}

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
   * Measures a run's checkpoint of choice.
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
    return measure(run, c, config, spec, detail, Optional.empty(), listener);
  }

  /**
   * As {@link #measure(RunFolder, RunConfig, EvalSpec, Detail, TrainListener)}, of a checkpoint.
   *
   * @param data what another measurement loaded, which is taken if it is the same
   */
  public static OfRun measure(
      RunFolder run,
      Checkpoint c,
      RunConfig config,
      EvalSpec spec,
      Detail detail,
      Optional<Session.Loaded> data,
      TrainListener listener) {
    try (Session session = Session.open(config, data, listener);
        Evaluator evaluator = new Evaluator(session, spec, c.theta(), detail)) {
      session.objection(run, spec).ifPresent(listener::message);
      OptionalDouble temperature = Calibrator.temperature(run, config, c.step());
      if (temperature.isEmpty() && Calibrator.applies(config)) {
        listener.message(
            "no temperature was found for step %s of '%s' measured so; quickstudy calibrate finds one"
                .formatted(c.step(), run.path()));
      }
      return new OfRun(
          c.step(),
          evaluator.measure(c.theta(), temperature, listener),
          Calibrator.doubt(run, config, spec, c.step()),
          session.loaded());
    }
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
   * As {@link #measure(Map, TrainListener)}, also with a temperature that logits are divided by.
   *
   * @param temperature of the run, if it has one
   */
  public Evaluation measure(
      Map<String, Array> theta, OptionalDouble temperature, TrainListener listener) {
    return measureByTask(theta, temperature, listener).evaluation();
  }

  /**
   * Measures, and says what came of each task.
   *
   * @param theta parameters, of the shapes it was compiled for
   * @param listener told how far it is
   * @throws RunException if the result is no finite number
   */
  public ByTask measureByTask(Map<String, Array> theta, TrainListener listener) {
    return measureByTask(theta, OptionalDouble.empty(), listener);
  }

  /** Of a chunk of tasks from one on, which errors count from the first of all. */
  private Array scores(int first) {
    try {
      compiled.run();
      return compiled.output(Scores.SCORES);
    } catch (FactorException e) {
      throw e.from(first);
    }
  }

  private ByTask measureByTask(
      Map<String, Array> theta, OptionalDouble temperature, TrainListener listener) {
    long start = System.nanoTime();
    compiled.setState(MetaStep.state(theta));
    TaskDigest digest = new TaskDigest();
    List<Double> byTask = new ArrayList<>();
    RunningMean values = new RunningMean();
    List<RunningMean> columns = new ArrayList<>();
    List<RunningMean> losses = new ArrayList<>();
    RunningMean densities = new RunningMean();
    RunningMean within = new RunningMean();
    Likelihood.Levels levels = new Likelihood.Levels();
    List<Reliability.Meter> meters = new ArrayList<>(List.of(new Reliability.Meter(1)));
    temperature.ifPresent(t -> meters.add(new Reliability.Meter(t)));
    RunningMean bestErrors = new RunningMean();
    RunningMean bestDensities = new RunningMean();
    for (int done = 0; done < spec.episodes(); done += chunk) {
      source.fill(spec.first() + done, chunk, compiled);
      source.describe(digest);
      Array scores = scores(done);
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
          levels.add(compiled.output(Scores.BELOW).data(), task, chunk);
        }
        if (probable) {
          answers(compiled.output(Scores.ANSWERS), task, meters);
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
            probable ? Optional.of(calibration(meters, temperature)) : Optional.empty(),
            predictive
                ? Optional.of(
                    new Likelihood(
                        densities.mean(), densities.ci95(), within.mean(), levels.below()))
                : Optional.empty(),
            bestErrors.count() > 0
                ? Optional.of(new Best(bestErrors.mean(), bestDensities.mean()))
                : Optional.empty(),
            device,
            (System.nanoTime() - start) / 1e9);
    return new ByTask(e, byTask, digest.hex());
  }

  /** One task's answers, of sequences the last to each class. */
  private void answers(Array answers, int task, List<Reliability.Meter> meters) {
    boolean[] counts = Answers.counted(source, task, spec);
    int n = answers.shape().dim(1);
    int width = answers.shape().dim(2);
    for (int i = 0; i < n; i++) {
      int from = (task * n + i) * width;
      if (counts.length == 0 || counts[i]) {
        meters.forEach(m -> m.add(answers.data(), from, width - 1));
      }
    }
    meters.forEach(Reliability.Meter::endTask);
  }

  private static Calibration calibration(List<Reliability.Meter> meters, OptionalDouble t) {
    return new Calibration(
        meters.getFirst().result(),
        t.isPresent()
            ? Optional.of(new Calibration.Tempered(t.getAsDouble(), meters.getLast().result()))
            : Optional.empty());
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
