package io.quickstudy.cli;

import io.quickstudy.adapt.AdaptOptions;
import io.quickstudy.settings.ConfigException;
import io.quickstudy.text.Names;
import java.util.List;
import picocli.CommandLine.Option;

/** Where and with how many threads, in every command that puts a run to work. */
final class WorkOptions {
  @Option(names = "--device", paramLabel = "NAME", description = "where to compute (auto)")
  private String device = "auto";

  @Option(names = "--workers", paramLabel = "N", description = "threads (all processors)")
  private String workers;

  /**
   * The usual options with what was given.
   *
   * @throws ConfigException if a value is none
   */
  AdaptOptions options() {
    if (!device.matches("auto|cpu|cuda(:[0-9]{1,4})?")) {
      throw new ConfigException(Names.unknown("device", device, List.of("auto", "cpu", "cuda")));
    }
    AdaptOptions o = AdaptOptions.usual().device(device);
    int n = workers == null ? o.threads() : number("--workers", workers, 1);
    return o.threads(n).workers(n);
  }

  /**
   * A whole number.
   *
   * @throws ConfigException if the text is none of at least that
   */
  static int number(String option, String text, int least) {
    try {
      int n = Integer.parseInt(text);
      if (n >= least) {
        return n;
      }
    } catch (NumberFormatException e) {
      // said below
    }
    throw new ConfigException(
        "Option %s is '%s': expected a whole number of at least %s; change it."
            .formatted(option, text, least));
  }
}
