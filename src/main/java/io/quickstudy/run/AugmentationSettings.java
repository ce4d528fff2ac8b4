package io.quickstudy.run;

import io.quickstudy.data.sampling.Distortion;
import io.quickstudy.settings.Setting;
import java.util.Optional;

/**
 * How training images are changed at random, and support sets shuffled; those that measure never
 * are. The usual limits are those of Koch, Zemel and Salakhutdinov (2015), section 3.2 (affine
 * distortions).
 *
 * @param distort probability of each part of an affine distortion; 0 for none
 * @param maxRotation largest angle in degrees
 * @param maxShear largest shear
 * @param maxScaling how much larger or smaller: 0.2 for 0.8 to 1.2
 * @param maxTranslation largest shift in pixels
 * @param supportOrder the order of the images of a support set
 */
public record AugmentationSettings(
    @Setting(
            value = "distort training images: probability of each of the parts below, 0 for none",
            usual = "0",
            before = "0",
            least = 0,
            below = 1.000001)
        double distort,
    @Setting(
            value = "largest rotation of a distortion, in degrees",
            usual = "10",
            before = "10",
            least = 0,
            below = 180.000001)
        double maxRotation,
    @Setting(
            value = "largest shear of a distortion",
            usual = "0.3",
            before = "0.3",
            least = 0,
            below = 1)
        double maxShear,
    @Setting(
            value = "how much larger or smaller a distortion makes images; 0.2 for 0.8 to 1.2",
            usual = "0.2",
            before = "0.2",
            least = 0,
            below = 0.9)
        double maxScaling,
    @Setting(
            value = "largest shift of a distortion, in pixels",
            usual = "2",
            before = "2",
            least = 0,
            below = 1024)
        double maxTranslation,
    @Setting(
            value =
                "order of the images of a support set in training: class by class, or shuffled, for"
                    + " learners that read them one after the other",
            usual = "class",
            before = "class")
        SupportOrder supportOrder) {

  /** In which order a support set's images come. */
  public enum SupportOrder {
    /** Those of a class together, in the order of the labels. */
    CLASS,
    /** At random. */
    SHUFFLED
  }

  /** How images are distorted, if they are. */
  public Optional<Distortion> distortion() {
    return distort == 0
        ? Optional.empty()
        : Optional.of(new Distortion(distort, maxRotation, maxShear, maxScaling, maxTranslation));
  }
}
