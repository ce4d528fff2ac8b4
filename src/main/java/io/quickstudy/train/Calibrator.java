package io.quickstudy.train;

import io.quickstudy.nn.Norm;
import io.quickstudy.run.Overrides;
import io.quickstudy.run.RunCalibration;
import io.quickstudy.run.RunCalibration.Fit;
import io.quickstudy.run.RunConfig;
import io.quickstudy.run.RunFolder;
import io.quickstudy.runtime.Array;
import io.quickstudy.settings.ConfigException;
import io.quickstudy.settings.Values;
import io.quickstudy.text.Text;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * Finds on tasks of validation classes how sure a classifier may be: the temperature of its
 * probabilities, and how many of its answers above a confidence are wrong.
 */
public final class Calibrator {
  private Calibrator() {}

  /** Whether there is something to find: answers are classes of a task. */
  public static boolean applies(RunConfig config) {
    return config.classifies() && config.adapts();
  }

  /**
   * Finds it for a checkpoint: as the run is measured, and for a run whose queries are normalised
   * together also as {@code adapt} puts it to work, with the statistics of the support set.
   *
   * @param session of a run to which it {@link #applies}
   * @param step the checkpoint's
   * @param theta its parameters
   * @param listener told how far it is, and what was found
   * @throws ConfigException if there are no such tasks of validation classes
   * @throws io.quickstudy.run.RunException if an answer is no finite number
   */
  public static RunCalibration of(
      Session session, int step, Map<String, Array> theta, TrainListener listener) {
    List<Fit> fits = new ArrayList<>();
    fits.add(fit(session, theta, listener));
    RunConfig c = session.config();
    if (c.network().batchNorm() == Norm.Policy.TRANSDUCTIVE) {
      String support = Values.format(Norm.Policy.SUPPORT);
      RunConfig apart = Overrides.measure(c, Map.of("batch-norm", support));
      try (Session other = Session.open(apart, Optional.of(session.loaded()), TrainListener.NONE)) {
        fits.add(fit(other, theta, listener));
      }
    }
    return new RunCalibration(RunCalibration.VERSION, step, fits);
  }

  /** The temperature that was found for a checkpoint of a run, measured so; perhaps none. */
  public static OptionalDouble temperature(RunFolder run, RunConfig measured, int step) {
    if (!applies(measured)) {
      return OptionalDouble.empty();
    }
    return run.calibration()
        .flatMap(c -> c.of(step, measured.network().batchNorm()))
        .map(f -> OptionalDouble.of(f.temperature()))
        .orElse(OptionalDouble.empty());
  }

  /**
   * Why the temperature of a checkpoint may not fit some tasks, in a sentence: it was found on
   * tasks of other ways, shots or options of the learner.
   */
  public static Optional<String> doubt(RunFolder run, RunConfig measured, EvalSpec spec, int step) {
    if (!applies(measured)) {
      return Optional.empty();
    }
    return run.calibration()
        .flatMap(c -> c.of(step, measured.network().batchNorm()))
        .flatMap(
            f -> {
              Map<String, String> options = options(measured, spec);
              List<String> differ = new ArrayList<>();
              if (f.ways() != spec.ways() || f.shots() != spec.shots()) {
                differ.add("%s-way %s".formatted(spec.ways(), Results.shots(spec)));
              }
              options.forEach(
                  (k, v) -> {
                    if (!v.equals(f.options().get(k))) {
                      differ.add("--%s %s".formatted(k, v));
                    }
                  });
              return differ.isEmpty()
                  ? Optional.empty()
                  : Optional.of(
                      "the temperature was found on %s; here it is %s, for which another may be better: quickstudy calibrate finds that"
                          .formatted(f.on(), String.join(", ", differ)));
            });
  }

  private static Map<String, String> options(RunConfig c, EvalSpec spec) {
    Map<String, String> options = new LinkedHashMap<>();
    Results.evaluated(c, spec.options()).forEach((k, v) -> options.put(k, Values.format(v)));
    return options;
  }

  private static Fit fit(Session session, Map<String, Array> theta, TrainListener listener) {
    RunConfig c = session.config();
    EvalSpec spec = EvalSpec.validation(c);
    Answers answers = Answers.of(session, spec, theta, listener);
    double temperature = Temperature.of(answers);
    Map<String, String> options = options(c, spec);
    Fit fit =
        new Fit(
            Values.format(c.network().batchNorm()),
            spec.ways(),
            spec.shots(),
            options,
            spec.episodes(),
            answers.count(),
            temperature,
            Temperature.reliability(answers, 1).error(),
            Temperature.reliability(answers, temperature).error(),
            Temperature.kept(answers, temperature));
    listener.message(summary(fit));
    return fit;
  }

  /**
   * In words: "calibrated on 200 tasks of ...: temperature 1.32, ECE 4.10% before, 0.92% with it".
   */
  public static String summary(Fit f) {
    return "calibrated on %s, norm %s: temperature %s, ECE %s%% before, %s%% with it"
        .formatted(
            f.on(),
            f.norm(),
            Text.number(f.temperature()),
            Text.fixed(100 * f.ece(), 2),
            Text.fixed(100 * f.tempered(), 2));
  }
}
