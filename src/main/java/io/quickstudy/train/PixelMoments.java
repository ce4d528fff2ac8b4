package io.quickstudy.train;

import io.quickstudy.data.DataSource;
import io.quickstudy.data.ImageSet;
import io.quickstudy.data.Moments;
import io.quickstudy.data.Split;
import io.quickstudy.run.RunConfig;
import io.quickstudy.settings.ConfigException;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.Arrays;
import java.util.Map;
import java.util.stream.Collectors;

/** What images of the training classes are normalised by, where a run asks to measure it. */
final class PixelMoments {
  private static final int DIGITS = 6;

  private PixelMoments() {}

  /**
   * The values by key; none where they are known, or not asked for.
   *
   * @throws ConfigException if a channel is the same everywhere
   */
  static Map<String, String> of(RunConfig config, DataSource.Loaded data) {
    if (!config.network().measures()
        || !(data instanceof DataSource.Loaded.Classes c)
        || !(c.set() instanceof ImageSet images)) {
      return Map.of();
    }
    Moments m = Moments.of(images, c.split().classes(Split.Part.TRAIN));
    if (Arrays.stream(m.deviation()).anyMatch(d -> d < 1e-5)) {
      throw new ConfigException(
          "The training images of '%s' have a channel that is the same everywhere: expected a deviation to normalise by; say --normalise none."
              .formatted(images.name()));
    }
    return Map.of("pixel-mean", text(m.mean()), "pixel-deviation", text(m.deviation()));
  }

  private static String text(double[] numbers) {
    return Arrays.stream(numbers)
        .mapToObj(v -> BigDecimal.valueOf(v).setScale(DIGITS, RoundingMode.HALF_EVEN))
        .map(BigDecimal::toPlainString)
        .collect(Collectors.joining(","));
  }
}
