package io.quickstudy.cli;

import io.quickstudy.adapt.Adapter;
import io.quickstudy.adapt.Support;
import io.quickstudy.run.RunCalibration.Expected;
import io.quickstudy.run.RunCalibration.Fit;
import io.quickstudy.settings.ConfigException;
import io.quickstudy.text.Text;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * From which confidence on {@code adapt} keeps predictions, and what is to be expected of those.
 *
 * @param least the confidence below which a prediction is rejected
 * @param fit what was found on validation classes; nothing for a run that was not calibrated
 * @param differs in what the images here are otherwise than those tasks, in words; often empty
 */
record Rejection(double least, Optional<Fit> fit, String differs) {
  /**
   * As options say, of which there is one at most.
   *
   * @param minConfidence a number from 0 to 1, or null
   * @param maxError a number above 0 and below 1, or null
   * @param options of the learner that were given, by name
   * @throws ConfigException if the run was not calibrated and has to be, or no threshold makes
   *     errors as rare
   */
  static Rejection of(
      Path run,
      Adapter adapter,
      Support support,
      String minConfidence,
      String maxError,
      Map<String, String> options) {
    Optional<Fit> fit = adapter.calibration();
    String differs = fit.map(f -> differs(f, support, options)).orElse("");
    if (maxError == null) {
      return new Rejection(minConfidence == null ? 0 : confidence(minConfidence), fit, differs);
    }
    double error = error(maxError);
    Fit found =
        fit.orElseThrow(
            () ->
                new ConfigException(
                    "Option --max-error for run '%s': expected one that is calibrated for step %s and norm %s; say 'quickstudy calibrate %s', or --min-confidence."
                        .formatted(run, adapter.step(), adapter.norm(), run)));
    OptionalDouble least = found.threshold(error);
    if (least.isEmpty()) {
      throw new ConfigException(
          "Option --max-error is '%s': expected an error that a threshold reaches on %s; ask for less."
              .formatted(maxError, found.on()));
    }
    return new Rejection(least.getAsDouble(), fit, differs);
  }

  /**
   * The number of --min-confidence.
   *
   * @throws ConfigException if it is none from 0 to 1
   */
  static double confidence(String text) {
    try {
      double x = Double.parseDouble(text);
      if (x >= 0 && x <= 1) {
        return x;
      }
    } catch (NumberFormatException e) {
      // said below
    }
    throw new ConfigException(
        "Option --min-confidence is '%s': expected a number from 0 to 1; 0.9 for example."
            .formatted(text));
  }

  /**
   * The number of --max-error.
   *
   * @throws ConfigException if it is none between 0 and 1
   */
  static double error(String text) {
    try {
      double x = Double.parseDouble(text);
      if (x > 0 && x < 1) {
        return x;
      }
    } catch (NumberFormatException e) {
      // said below
    }
    throw new ConfigException(
        "Option --max-error is '%s': expected a number above 0 and below 1; 0.01 for example."
            .formatted(text));
  }

  private static String differs(Fit f, Support support, Map<String, String> options) {
    List<String> words = new ArrayList<>();
    int ways = support.classes().size();
    if (ways != f.ways()) {
      words.add(Text.count(ways, "class"));
    }
    Collection<Integer> shots = support.shots().values();
    if (support.attributes().isEmpty() && shots.stream().anyMatch(n -> n != f.shots())) {
      int least = shots.stream().min(Integer::compare).orElse(0);
      int most = shots.stream().max(Integer::compare).orElse(0);
      words.add(
          least == most
              ? Text.count(most, "image") + " of each class"
              : "%s to %s of a class".formatted(least, Text.count(most, "image")));
    }
    options.forEach(
        (k, v) -> {
          if (!v.equals(f.options().get(k))) {
            words.add("--%s %s".formatted(k, v));
          }
        });
    return String.join(", ", words);
  }

  private Optional<Expected> expected() {
    return least > 0 ? fit.map(f -> f.expected(least)) : Optional.empty();
  }

  /** What to expect of what is kept, in sentences; none where nothing is rejected. */
  List<String> sentences(Path run) {
    if (least == 0) {
      return List.of();
    }
    if (fit.isEmpty()) {
      return List.of(
          "how many of those kept are wrong is not known: the run is not calibrated; quickstudy calibrate %s finds out"
              .formatted(run));
    }
    Expected e = expected().orElseThrow();
    List<String> lines = new ArrayList<>();
    String of =
        "%s of %s answers on %s".formatted(e.answers(), fit.get().answers(), fit.get().on());
    lines.add(
        e.answers() == 0
            ? "how many of those kept are wrong is not known: none of the %s answers on %s were as sure"
                .formatted(fit.get().answers(), fit.get().on())
            : "of those kept expect %s%% to be wrong, as of %s".formatted(percent(e.error()), of));
    if (!differs.isEmpty()) {
      lines.add("here are %s, for which it may be more or fewer".formatted(differs));
    }
    return lines;
  }

  private static String percent(double fraction) {
    return Text.fixed(100 * fraction, fraction < 0.01 ? 2 : 1);
  }

  /** The same for machines. */
  void into(Map<String, Object> m) {
    m.put("min_confidence", least);
    m.put("temperature", fit.map(Fit::temperature).orElse(1.0));
    Optional<Expected> e = expected();
    m.put("expected_error", e.filter(x -> x.answers() > 0).map(Expected::error).orElse(null));
    m.put("expected_kept", e.map(Expected::kept).orElse(null));
    m.put(
        "calibrated_on",
        fit.map(
                f -> {
                  Map<String, Object> on = new LinkedHashMap<>();
                  on.put("split_part", "val");
                  on.put("ways", f.ways());
                  on.put("shots", f.shots());
                  on.put("episodes", f.tasks());
                  on.put("answers", f.answers());
                  return on;
                })
            .orElse(null));
  }
}
