package io.quickstudy.run;

import io.quickstudy.data.sampling.Augmentation;
import io.quickstudy.data.sampling.Crop;
import io.quickstudy.data.sampling.Distortion;
import io.quickstudy.data.sampling.Erasing;
import io.quickstudy.data.sampling.Flip;
import io.quickstudy.data.sampling.Jitter;
import io.quickstudy.settings.Setting;
import java.util.Map;
import java.util.Optional;

/**
 * How training images are changed at random, and support sets shuffled; those that measure never
 * are. The usual limits of distortions are those of Koch, Zemel and Salakhutdinov (2015), section
 * 3.2 (affine distortions).
 *
 * @param augment what the others are where nobody says otherwise
 * @param cropArea least share of the area of a resized crop; 1 for none
 * @param cropRatio its largest aspect ratio
 * @param cropPadding blank pixels around an image that is cropped to its size; 0 for none
 * @param flip probability that left and right change places
 * @param flipVertical probability that top and bottom do
 * @param distort probability of each part of an affine distortion; 0 for none
 * @param maxRotation largest angle in degrees
 * @param maxShear largest shear
 * @param maxScaling how much larger or smaller: 0.2 for 0.8 to 1.2
 * @param maxTranslation largest shift in pixels
 * @param brightness how far a factor of all is from 1
 * @param contrast how far a factor away from the mean is from 1
 * @param saturation how far a factor away from grey is from 1
 * @param hue how far round the circle of hues
 * @param erase probability that a rectangle is painted over; 0 for none
 * @param eraseLeast its least share of the area
 * @param eraseMost its largest share
 * @param eraseRatio its largest aspect ratio
 * @param erasePaint what it is painted with
 * @param supportOrder the order of the images of a support set
 */
public record AugmentationSettings(
    @Setting(
            value =
                "change training images at random by usual values: not at all, as characters, as"
                    + " photos, or strongly; options below for single ones",
            usual = "none",
            before = "none")
        Augment augment,
    @Setting(
            value = "resized crops of training images: least share of the area, 1 for none",
            usual = "1",
            before = "1",
            above = 0,
            most = 1)
        double cropArea,
    @Setting(
            value = "largest ratio of width to height of a resized crop, and of height to width",
            usual = "1.3333",
            before = "1.3333",
            least = 1,
            below = 1024)
        double cropRatio,
    @Setting(
            value = "crops of training images with so many blank pixels around them, 0 for none",
            usual = "0",
            before = "0",
            least = 0,
            below = 1024)
        int cropPadding,
    @Setting(
            value = "probability that left and right of a training image change places",
            usual = "0",
            before = "0",
            least = 0,
            most = 1)
        double flip,
    @Setting(
            value = "probability that top and bottom of a training image change places",
            usual = "0",
            before = "0",
            least = 0,
            most = 1)
        double flipVertical,
    @Setting(
            value = "distort training images: probability of each of the parts below, 0 for none",
            usual = "0",
            before = "0",
            least = 0,
            most = 1)
        double distort,
    @Setting(
            value = "largest rotation of a distortion, in degrees",
            usual = "10",
            before = "10",
            least = 0,
            most = 180)
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
                "brightness of training images: times 1 minus to 1 plus this at random, 0 for none",
            usual = "0",
            before = "0",
            least = 0,
            most = 10)
        double brightness,
    @Setting(
            value =
                "contrast of training images: times 1 minus to 1 plus this at random, 0 for none",
            usual = "0",
            before = "0",
            least = 0,
            most = 10)
        double contrast,
    @Setting(
            value =
                "saturation of training images: times 1 minus to 1 plus this at random, 0 for none",
            usual = "0",
            before = "0",
            least = 0,
            most = 10)
        double saturation,
    @Setting(
            value =
                "hue of training images: how far round the circle of hues at most, to 0.5, 0 for"
                    + " none",
            usual = "0",
            before = "0",
            least = 0,
            most = 0.5)
        double hue,
    @Setting(
            value = "probability that a rectangle of a training image is painted over, 0 for none",
            usual = "0",
            before = "0",
            least = 0,
            most = 1)
        double erase,
    @Setting(
            value = "least share of the area that is erased",
            usual = "0.02",
            before = "0.02",
            above = 0,
            below = 1)
        double eraseLeast,
    @Setting(
            value = "largest share of the area that is erased",
            usual = "0.33",
            before = "0.33",
            above = 0,
            below = 1)
        double eraseMost,
    @Setting(
            value = "largest ratio of height to width of what is erased, and of width to height",
            usual = "3.3333",
            before = "3.3333",
            least = 1,
            below = 1024)
        double eraseRatio,
    @Setting(
            value =
                "what an erased rectangle is painted with: random numbers, the image's mean, black"
                    + " (0) or white (1)",
            usual = "noise",
            before = "noise")
        Erasing.Paint erasePaint,
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

  /** The options that each turn a change on, with the values at which they do not. */
  public static Map<String, String> off() {
    return Augment.NONE.values(1, 1);
  }

  /** How images are changed. */
  public Augmentation changes() {
    boolean crops = cropArea < 1 || cropPadding > 0;
    boolean flips = flip > 0 || flipVertical > 0;
    boolean colours = brightness > 0 || contrast > 0 || saturation > 0 || hue > 0;
    return new Augmentation(
        crops ? Optional.of(new Crop(cropArea, cropRatio, cropPadding)) : Optional.empty(),
        flips ? Optional.of(new Flip(flip, flipVertical)) : Optional.empty(),
        distort == 0
            ? Optional.empty()
            : Optional.of(
                new Distortion(distort, maxRotation, maxShear, maxScaling, maxTranslation)),
        colours ? Optional.of(new Jitter(brightness, contrast, saturation, hue)) : Optional.empty(),
        erase == 0
            ? Optional.empty()
            : Optional.of(new Erasing(erase, eraseLeast, eraseMost, eraseRatio, erasePaint)));
  }
}
