package io.quickstudy.train;

import io.quickstudy.data.DataSource;
import io.quickstudy.data.ImageSet;
import io.quickstudy.data.Moments;
import io.quickstudy.data.Split;
import io.quickstudy.data.VectorSet;
import io.quickstudy.run.RunConfig;
import io.quickstudy.settings.ConfigException;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.Arrays;
import java.util.Map;
import java.util.function.DoubleFunction;
import java.util.stream.Collectors;

/** What examples of the training classes are normalised by, where a run asks to measure it. */
final class InputMoments {
  private static final int DIGITS = 6;

  private InputMoments() {}

  /**
   * The values by key; none where they are known, or not asked for.
   *
   * @throws ConfigException if a channel of images is the same everywhere
   */
  static Map<String, String> of(RunConfig config, DataSource.Loaded data) {
    if (!config.network().measures() || !(data instanceof DataSource.Loaded.Classes c)) {
      return Map.of();
    }
    int[] trained = c.split().classes(Split.Part.TRAIN);
    return switch (c.set()) {
      case ImageSet images -> images(images, Moments.of(images, trained));
      case VectorSet vectors -> vectors(Moments.of(vectors, trained));
    };
  }

  private static Map<String, String> images(ImageSet images, Moments m) {
    if (Arrays.stream(m.deviation()).anyMatch(d -> d < 1e-5)) {
      throw new ConfigException(
          "The training images of '%s' have a channel that is the same everywhere: expected a deviation to normalise by; say --normalise none."
              .formatted(images.name()));
    }
    return values(
        m.mean(),
        m.deviation(),
        v -> BigDecimal.valueOf(v).setScale(DIGITS, RoundingMode.HALF_EVEN).toPlainString());
  }

  /** Of any size; a column that is the same everywhere says nothing, and becomes 0. */
  private static Map<String, String> vectors(Moments m) {
    double[] deviation = Arrays.stream(m.deviation()).map(d -> (float) d > 0 ? d : 1).toArray();
    return values(m.mean(), deviation, v -> Float.toString((float) v));
  }

  private static Map<String, String> values(
      double[] mean, double[] deviation, DoubleFunction<String> text) {
    return Map.of("pixel-mean", text(mean, text), "pixel-deviation", text(deviation, text));
  }

  private static String text(double[] numbers, DoubleFunction<String> text) {
    return Arrays.stream(numbers).mapToObj(text).collect(Collectors.joining(","));
  }
}
