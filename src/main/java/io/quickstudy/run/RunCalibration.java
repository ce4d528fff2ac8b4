package io.quickstudy.run;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.quickstudy.nn.Norm;
import io.quickstudy.settings.Values;
import io.quickstudy.text.Text;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * How sure a run that classifies may be, as it was found on tasks of validation classes:
 * calibration.json.
 *
 * @param version of the form of this file, {@link #VERSION}
 * @param step of which checkpoint it was found
 * @param fits one for each way in which queries are normalised
 */
public record RunCalibration(
    @JsonProperty(required = true) int version,
    @JsonProperty(required = true) int step,
    @JsonProperty(required = true) List<Fit> fits) {
  /** The form of the file that this program writes. */
  public static final int VERSION = 1;

  /** Checks the version. */
  public RunCalibration {
    if (version != VERSION) {
      throw new IllegalArgumentException("version %s, expected 1".formatted(version));
    }
    if (step < 0) {
      throw new IllegalArgumentException("step %s".formatted(step));
    }
    fits = List.copyOf(fits);
  }

  /** What was found for a checkpoint, where queries are normalised so; perhaps nothing. */
  public Optional<Fit> of(int checkpoint, Norm.Policy norm) {
    return fits.stream()
        .filter(f -> step == checkpoint && f.norm.equals(Values.format(norm)))
        .findFirst();
  }

  /**
   * What was found on tasks of one kind.
   *
   * @param norm whose statistics normalised queries, as a configuration names it
   * @param ways classes of a task
   * @param shots labelled examples of each class
   * @param options of the learner that it is measured with, by name
   * @param tasks how many
   * @param answers to how many queries, at least one
   * @param temperature that logits are divided by (Guo et al. 2017, section 4.2), above 0
   * @param ece the expected calibration error without it, a fraction
   * @param tempered the same with it
   * @param kept by confidence, ascending from 0, what a threshold keeps
   */
  public record Fit(
      @JsonProperty(required = true) String norm,
      @JsonProperty(required = true) int ways,
      @JsonProperty(required = true) int shots,
      @JsonProperty(required = true) Map<String, String> options,
      @JsonProperty(required = true) int tasks,
      @JsonProperty(required = true) int answers,
      @JsonProperty(required = true) double temperature,
      @JsonProperty(required = true) double ece,
      @JsonProperty(required = true) double tempered,
      @JsonProperty(required = true) List<Kept> kept) {

    /** Checks that the numbers are possible ones. */
    public Fit {
      Objects.requireNonNull(norm, "norm");
      options = Map.copyOf(options);
      kept = List.copyOf(kept);
      check(temperature > 0 && Double.isFinite(temperature), "temperature " + temperature);
      check(answers > 0 && tasks > 0, "answers to %s queries".formatted(answers));
      check(ece >= 0 && ece <= 1 && tempered >= 0 && tempered <= 1, "an error of " + ece);
      check(!kept.isEmpty() && kept.getFirst().confidence == 0, "thresholds that begin above 0");
      check(kept.getFirst().answers == answers, "not all answers above confidence 0");
      for (int i = 0; i < kept.size(); i++) {
        Kept k = kept.get(i);
        check(k.wrong >= 0 && k.wrong <= k.answers, "%s wrong of %s".formatted(k.wrong, k.answers));
        check(
            i == 0 || (k.confidence > kept.get(i - 1).confidence && k.confidence <= 1),
            "thresholds that do not ascend");
        check(i == 0 || k.answers <= kept.get(i - 1).answers, "more kept above than below");
      }
    }

    private static void check(boolean fine, String what) {
      if (!fine) {
        throw new IllegalArgumentException(what);
      }
    }

    /**
     * What to expect of answers of at least some confidence; between two thresholds of the table
     * counts are interpolated.
     *
     * @param confidence from 0 to 1, with the temperature
     */
    public Expected expected(double confidence) {
      Kept before = kept.getFirst();
      for (Kept k : kept) {
        if (k.confidence >= confidence) {
          double width = k.confidence - before.confidence;
          double part = width == 0 ? 1 : (confidence - before.confidence) / width;
          return expected(
              before.answers + part * (k.answers - before.answers),
              before.wrong + part * (k.wrong - before.wrong));
        }
        before = k;
      }
      return expected(before.answers, before.wrong);
    }

    private Expected expected(double n, double wrong) {
      return new Expected(n / answers, n == 0 ? Double.NaN : wrong / n, Math.round(n));
    }

    /**
     * The least threshold of the table from which on errors are as rare as asked for, among at
     * least as many answers as it takes for one error; nothing where there is none.
     *
     * @param error the most that may be wrong of what is kept, a fraction above 0
     */
    public OptionalDouble threshold(double error) {
      return kept.stream()
          .filter(k -> k.wrong <= error * k.answers && error * k.answers >= 1)
          .mapToDouble(Kept::confidence)
          .findFirst();
    }

    /** The tasks in words: "200 tasks of validation classes, 5-way 1-shot". */
    public String on() {
      return "%s of validation classes, %s-way %s"
          .formatted(Text.count(tasks, "task"), ways, shots == 0 ? "zero-shot" : shots + "-shot");
    }
  }

  /**
   * What a threshold keeps.
   *
   * @param confidence the least probability of the likeliest class, with the temperature
   * @param answers how many were as probable
   * @param wrong how many of these were wrong
   */
  public record Kept(
      @JsonProperty(required = true) double confidence,
      @JsonProperty(required = true) int answers,
      @JsonProperty(required = true) int wrong) {}

  /**
   * What to expect of answers above a threshold.
   *
   * @param kept the fraction that is
   * @param error the fraction of these that is wrong; NaN where none were kept
   * @param answers how many were kept when that was found
   */
  public record Expected(double kept, double error, long answers) {}
}
