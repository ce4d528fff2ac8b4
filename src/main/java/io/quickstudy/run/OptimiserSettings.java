package io.quickstudy.run;

import io.quickstudy.settings.ConfigException;
import io.quickstudy.settings.Setting;
import io.quickstudy.settings.Values;

/**
 * How the parameters move. Rates are per step of a mean loss.
 *
 * @param optimiser the rule
 * @param rate learning rate at the start
 * @param schedule how it changes
 * @param rateFactor step schedule: what it is multiplied by
 * @param rateEvery step schedule: after so many steps each time
 * @param rateLast cosine and linear schedules: the rate at the end
 * @param warmUp steps over which the rate rises from 0 to what the schedule says, 0 for none
 * @param momentum of sgd and rmsprop
 * @param clipNorm largest norm of the whole gradient, 0 for any
 * @param clipValue largest size of each of its numbers, 0 for any
 * @param average decay of the moving average of the parameters that is measured and put to work, 0
 *     for none
 */
public record OptimiserSettings(
    @Setting(value = "the rule that moves the parameters", usual = "adam") OptimiserName optimiser,
    @Setting(value = "learning rate at the start", usual = "0.001", above = 0) double rate,
    @Setting(value = "how the rate changes", usual = "constant") ScheduleName schedule,
    @Setting(value = "step schedule: what the rate is multiplied by", usual = "0.5")
        double rateFactor,
    @Setting(value = "step schedule: after so many steps each time", usual = "2000") int rateEvery,
    @Setting(value = "cosine and linear schedules: the rate at the end", usual = "0", least = 0)
        double rateLast,
    @Setting(
            value = "raise the rate along a line over so many first steps, with any schedule",
            usual = "0",
            before = "0",
            least = 0)
        int warmUp,
    @Setting(value = "momentum of sgd and rmsprop", usual = "0.9", least = 0, below = 1)
        double momentum,
    @Setting(value = "largest norm of the whole gradient, 0 for any", usual = "0", least = 0)
        double clipNorm,
    @Setting(value = "largest size of each gradient number, 0 for any", usual = "0", least = 0)
        double clipValue,
    @Setting(
            value =
                "measure and put to work a moving average of the parameters with this decay,"
                    + " such as 0.999; 0 for the parameters themselves",
            usual = "0",
            before = "0",
            least = 0,
            below = 1)
        double average) {

  /** Checks that they fit together. */
  public OptimiserSettings {
    if (clipNorm > 0 && clipValue > 0) {
      throw new ConfigException(
          "Option --clip-norm is %s: expected 0 where clip-value is %s; choose one of both."
              .formatted(Values.format(clipNorm), Values.format(clipValue)));
    }
    if (schedule == ScheduleName.STEP && rateEvery < 1) {
      throw new ConfigException(
          "Option --rate-every is %s: expected a number of at least 1; change it."
              .formatted(rateEvery));
    }
    if (schedule == ScheduleName.STEP && !(rateFactor > 0)) {
      throw new ConfigException(
          "Option --rate-factor is %s: expected a number above 0; change it."
              .formatted(Values.format(rateFactor)));
    }
  }
}
