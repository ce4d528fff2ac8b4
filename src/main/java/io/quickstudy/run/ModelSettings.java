package io.quickstudy.run;

import io.quickstudy.nn.Architecture;
import io.quickstudy.nn.Norm;
import io.quickstudy.nn.Normalised;
import io.quickstudy.settings.ConfigException;
import io.quickstudy.settings.Setting;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * What concerns any model; the rest are its own options.
 *
 * @param batchNorm whose statistics normalise
 * @param normalise what images or vectors are normalised by
 * @param pixelMean of each channel or column, for {@link Normalise#DATA}; empty until it is
 *     measured
 * @param pixelDeviation of each channel or column, likewise
 * @param freeze whether the model is frozen, and what is trained upon it
 * @param weights safetensors file with the parameters to start from; empty to draw them
 * @param weightsMap YAML file that says which tensor of it is which parameter; empty to go by name
 */
public record ModelSettings(
    @Setting(value = "whose statistics normalise", usual = "transductive") Norm.Policy batchNorm,
    @Setting(
            value =
                "what examples are normalised by: none, imagenet (of images), or data: its own"
                    + " numbers",
            usual = "none",
            before = "none")
        Normalise normalise,
    @Setting(
            value =
                "mean of each channel or column for --normalise data; empty to measure it in"
                    + " training",
            before = "",
            placeholder = "NUMBERS")
        String pixelMean,
    @Setting(
            value = "deviation of each for --normalise data; empty to measure it likewise",
            before = "",
            placeholder = "NUMBERS")
        String pixelDeviation,
    @Setting(
            value =
                "keeps the model as --weights has it, computes features once and trains on them;"
                    + " alone, or what is trained upon them",
            usual = "none",
            before = "none")
        Freeze freeze,
    @Setting(
            value = "safetensors file with the parameters to start from; empty to draw them",
            before = "",
            placeholder = "FILE")
        String weights,
    @Setting(
            value =
                "YAML file that says which tensor of it is which parameter; empty to go by name",
            before = "",
            placeholder = "FILE")
        String weightsMap) {
  /** The model, or what is trained upon it where it is frozen. */
  Architecture frozen(Architecture a) {
    return freeze.of(a);
  }

  /** Whether the model is frozen. */
  public boolean isFrozen() {
    return freeze != Freeze.NONE;
  }

  /** Whether images are normalised by numbers that are still to be measured. */
  public boolean measures() {
    return normalise == Normalise.DATA && pixelMean.isEmpty();
  }

  /** The model behind its normalisation; numbers that were not measured yet change nothing. */
  Architecture normalised(Architecture a) {
    return switch (normalise) {
      case NONE -> a;
      case IMAGENET -> new Normalised(a, Normalised.IMAGENET_MEAN, Normalised.IMAGENET_DEVIATION);
      case DATA ->
          measures()
              ? a
              : new Normalised(
                  a, numbers("pixel-mean", pixelMean), numbers("pixel-deviation", pixelDeviation));
    };
  }

  /**
   * Checks that there are as many numbers as images have channels, or vectors columns.
   *
   * @throws ConfigException if there are not, or if one of them makes no sense
   */
  void check(int channels) {
    if (normalise == Normalise.IMAGENET && channels != Normalised.IMAGENET_MEAN.size()) {
      throw new ConfigException(
          "Option --normalise is imagenet: expected none or data for images of %s channel; choose one of these, or --channels 3."
              .formatted(channels));
    }
    if (pixelMean.isEmpty() != pixelDeviation.isEmpty()
        || (normalise != Normalise.DATA && !pixelMean.isEmpty())) {
      throw new ConfigException(
          "Options --pixel-mean and --pixel-deviation are '%s' and '%s' with --normalise %s: expected both for data, or neither; give both, or leave them out."
              .formatted(pixelMean, pixelDeviation, normalise.name().toLowerCase(Locale.ROOT)));
    }
    if (!pixelMean.isEmpty()) {
      counted("pixel-mean", pixelMean, channels);
      counted("pixel-deviation", pixelDeviation, channels);
      if (numbers("pixel-deviation", pixelDeviation).stream().anyMatch(d -> d <= 0)) {
        throw wrong("pixel-deviation", pixelDeviation, "numbers above 0");
      }
    }
  }

  private static void counted(String key, String text, int channels) {
    if (numbers(key, text).size() != channels) {
      throw wrong(
          key, text, "as many numbers as there are channels or columns, %s".formatted(channels));
    }
  }

  private static List<Double> numbers(String key, String text) {
    List<Double> out = new ArrayList<>();
    for (String n : text.split(",", -1)) {
      try {
        out.add(Double.valueOf(n.strip()));
      } catch (NumberFormatException e) {
        throw wrong(key, text, "numbers with commas between them, 0.49,0.46,0.41 for example");
      }
      if (!Double.isFinite(out.getLast())) {
        throw wrong(key, text, "finite numbers");
      }
    }
    return List.copyOf(out);
  }

  private static ConfigException wrong(String key, String text, String expected) {
    return new ConfigException(
        "Option --%s is '%s': expected %s; correct it.".formatted(key, text, expected));
  }
}
