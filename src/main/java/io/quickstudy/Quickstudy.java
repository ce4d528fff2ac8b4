package io.quickstudy;

import io.quickstudy.adapt.AdaptOptions;
import io.quickstudy.adapt.Adapter;
import io.quickstudy.check.CheckOptions;
import io.quickstudy.check.CheckReport;
import io.quickstudy.check.LearnerCheck;
import io.quickstudy.check.Subject;
import io.quickstudy.check.TaskShape;
import io.quickstudy.compare.Comparison;
import io.quickstudy.data.Split;
import io.quickstudy.learner.Learner;
import io.quickstudy.learner.LearnerKind;
import io.quickstudy.run.Overrides;
import io.quickstudy.run.RunConfig;
import io.quickstudy.run.RunFolder;
import io.quickstudy.run.RunKeys;
import io.quickstudy.train.EvalSpec;
import io.quickstudy.train.Evaluation;
import io.quickstudy.train.Evaluator;
import io.quickstudy.train.TrainListener;
import io.quickstudy.train.Training;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The entrance for Java programs: load a trained run, {@linkplain Adapter#adapt adapt} it to a few
 * labelled examples, predict; train and measure a run; or check a learner of your own.
 */
public final class Quickstudy {
  private Quickstudy() {}

  /**
   * Loads a run's newest checkpoint, for any number of threads.
   *
   * @param run the folder that {@code train} wrote
   * @throws io.quickstudy.settings.ConfigException if it holds no run
   * @throws io.quickstudy.run.RunException if there is no whole checkpoint in it
   */
  public static Adapter load(Path run) {
    return load(run, AdaptOptions.usual());
  }

  /**
   * As {@link #load(Path)}, on another device, with other limits or from another checkpoint.
   *
   * @throws io.quickstudy.backend.BackendException if the device cannot be used
   */
  public static Adapter load(Path run, AdaptOptions options) {
    return Adapter.load(run, options);
  }

  /**
   * What a run is to be, with the defaults of the learner on its data for what is not said:
   *
   * <pre>{@code
   * RunConfig c = Quickstudy.config(MyLearner.KIND, Map.of("data", "glyphs", "steps", "500"));
   * Evaluation e = Quickstudy.train(c, Path.of("runs/mine"), TrainListener.NONE);
   * }</pre>
   *
   * @param learner one of ours, or the {@code KIND} of a class on the program's class path
   * @param values texts by key, as on the command line without the dashes
   * @throws io.quickstudy.settings.ConfigException if a value is wrong
   */
  public static RunConfig config(LearnerKind<?> learner, Map<String, String> values) {
    return RunConfig.of(learner, values);
  }

  /**
   * Trains a run, and measures it on held-out classes. Goes on with the run that the folder holds,
   * if there is one.
   *
   * @param run the run's folder
   * @param listener told how it goes, on this thread
   * @throws io.quickstudy.settings.ConfigException if it does not fit the data, or the run in the
   *     folder is another one
   * @throws io.quickstudy.run.RunException if the loss is no longer finite, the folder cannot be
   *     written, or another process trains into it
   * @throws io.quickstudy.data.DataException if the data cannot be found or read
   * @throws io.quickstudy.backend.BackendException if the device cannot be used
   */
  public static Evaluation train(RunConfig config, Path run, TrainListener listener) {
    try (Training t =
        RunFolder.holdsRun(run)
            ? Training.resume(run, RunKeys.texts(config), listener)
            : Training.begin(run, config, listener)) {
      t.train(() -> false);
      return t.measure();
    }
  }

  /**
   * Measures a run's newest checkpoint on held-out classes, as its configuration says.
   *
   * @param run the folder that {@code train} wrote
   * @throws io.quickstudy.settings.ConfigException if it holds no run
   * @throws io.quickstudy.run.RunException if there is no whole checkpoint in it
   */
  public static Evaluation evaluate(Path run) {
    return evaluate(run, Map.of(), TrainListener.NONE);
  }

  /**
   * As {@link #evaluate(Path)}, otherwise than its configuration says.
   *
   * @param values texts by key: "eval-episodes", "eval-ways", "device"
   * @param listener told how far it is
   * @throws io.quickstudy.settings.ConfigException if a value does not fit the run
   */
  public static Evaluation evaluate(Path run, Map<String, String> values, TrainListener listener) {
    RunFolder folder = RunFolder.open(run);
    RunConfig by = Overrides.measure(folder.config(), values);
    return Evaluator.measure(folder, by, EvalSpec.test(by), Evaluator.Detail.RESULT, listener)
        .evaluation();
  }

  /**
   * Measures runs on the same tasks of held-out classes, and says how they differ from the first.
   *
   * @param runs folders that {@code train} wrote, at least two
   * @param values texts by key, instead of those of the first run: "eval-episodes", "device"
   * @param listener told how far it is
   * @throws io.quickstudy.settings.ConfigException if the runs do not compare, or one of them was
   *     trained on classes that are measured
   * @throws io.quickstudy.run.RunException if there is no whole checkpoint in one of them
   */
  public static Comparison compare(
      List<Path> runs, Map<String, String> values, TrainListener listener) {
    return Comparison.of(
        new Comparison.Request(runs, Optional.empty(), Split.Part.TEST, values), listener);
  }

  /**
   * Checks a learner on the CPU and any GPU: its meta-gradient against differences of its loss,
   * tasks batched against a loop, devices against the reference. Small shapes take seconds:
   *
   * <pre>{@code
   * CheckReport r = Quickstudy.check(new MyLearner(...), TaskShape.episode(3, 2, 1, 8, 8, 1));
   * assertTrue(r.passed(), r.text());
   * }</pre>
   *
   * @param learner whose gradient is that of its loss
   * @param task what it is made for
   */
  public static CheckReport check(Learner learner, TaskShape task) {
    return check(Subject.of(learner, task), CheckOptions.usual());
  }

  /**
   * As {@link #check(Learner, TaskShape)}, with other options or a gradient that leaves out terms.
   *
   * @throws io.quickstudy.backend.BackendException if a device that is named cannot be used
   */
  public static CheckReport check(Subject subject, CheckOptions options) {
    return LearnerCheck.once(subject, options);
  }
}
