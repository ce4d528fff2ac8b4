package io.quickstudy.run;

import io.quickstudy.data.Rotations;
import io.quickstudy.settings.ConfigException;
import io.quickstudy.settings.Setting;

/**
 * What is measured.
 *
 * @param evalEvery on validation classes after so many steps, 0 for never
 * @param patience so many such measurements without a better one end the training, 0 for never
 * @param valEpisodes tasks of such a measurement
 * @param evalEpisodes tasks of the measurement on test classes at the end
 * @param evalWays classes of a task that is measured
 * @param evalShots labelled examples of each class there
 * @param evalQueries examples of each class to predict there
 * @param evalUnlabelled support images of each class there whose label is not told
 * @param evalRotations what turning by 90 degrees makes of images there
 */
public record EvaluationSettings(
    @Setting(
            value = "measure on validation classes after so many steps, 0 for never",
            usual = "200",
            least = 0)
        int evalEvery,
    @Setting(
            value =
                "end the training after so many such measurements without a better one, 0 for"
                    + " never",
            usual = "0",
            before = "0",
            least = 0)
        int patience,
    @Setting(value = "tasks of such a measurement", usual = "200", least = 1) int valEpisodes,
    @Setting(
            value = "tasks of the measurement on test classes at the end",
            usual = "600",
            least = 1)
        int evalEpisodes,
    @Setting(value = "classes of a task that is measured", usual = "= ways", least = 1)
        int evalWays,
    @Setting(value = "labelled examples of each class there", usual = "= shots", least = 0)
        int evalShots,
    @Setting(value = "examples of each class to predict there", usual = "= queries", least = 0)
        int evalQueries,
    @Setting(
            value = "support images of each class there whose label is not told",
            usual = "= unlabelled",
            before = "0",
            least = 0)
        int evalUnlabelled,
    @Setting(
            value = "turn images there by 90 degrees, as rotations; none where only training does",
            usual = "= rotations",
            before = "none")
        Rotations evalRotations) {

  /** Checks that they fit together. */
  public EvaluationSettings {
    if (patience > 0 && evalEvery == 0) {
      throw new ConfigException(
          "Option --patience is %s: expected 0 where --eval-every is 0, which measures nothing on the way; change one of both."
              .formatted(patience));
    }
  }
}
