package io.quickstudy.cli;

import io.quickstudy.adapt.AdaptOptions;
import io.quickstudy.data.Framing;
import io.quickstudy.data.image.PictureInk;
import io.quickstudy.settings.ConfigException;
import io.quickstudy.settings.Values;
import io.quickstudy.text.Names;
import java.util.Arrays;
import java.util.List;
import picocli.CommandLine.Option;

/** How pictures are taken, in every command that is given some for a run. */
final class PictureOptions {
  @Option(
      names = "--ink",
      paramLabel = "NAME",
      description = "what is drawn is dark on light, bright on dark, or auto: each as it seems")
  private String ink;

  @Option(
      names = "--fit",
      paramLabel = "NAME",
      description = "what is no square: stretch it, crop the middle or pad it (as in training)")
  private String fit;

  @Option(
      names = "--trim",
      negatable = true,
      description = "cut the empty margin off drawings (as in training)")
  private Boolean trim;

  @Option(
      names = "--levels",
      negatable = true,
      description = "stretch each picture's brightness: grey paper, light pencil (as in training)")
  private Boolean levels;

  /** Whether any was given. */
  boolean any() {
    return ink != null || fit != null || trim != null || levels != null;
  }

  /**
   * The options with what was given.
   *
   * @throws ConfigException if a name is none
   */
  AdaptOptions in(AdaptOptions options) {
    AdaptOptions o = options;
    o = ink == null ? o : o.ink(one(PictureInk.values(), "ink", ink));
    o = fit == null ? o : o.fit(one(Framing.Fit.values(), "fit", fit));
    o = trim == null ? o : o.trim(trim ? Framing.Trim.MARGIN : Framing.Trim.NONE);
    return levels == null ? o : o.levels(levels ? Framing.Levels.EACH : Framing.Levels.NONE);
  }

  private static <E extends Enum<E>> E one(E[] values, String kind, String text) {
    List<String> names = Arrays.stream(values).map(Values::format).toList();
    return Arrays.stream(values)
        .filter(v -> Values.format(v).equalsIgnoreCase(text))
        .findFirst()
        .orElseThrow(() -> new ConfigException(Names.unknown(kind, text, names)));
  }
}
