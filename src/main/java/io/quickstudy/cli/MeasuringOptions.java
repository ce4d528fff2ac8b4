package io.quickstudy.cli;

import io.quickstudy.run.Overrides;
import io.quickstudy.run.RunConfig;
import io.quickstudy.settings.ConfigException;
import java.util.LinkedHashMap;
import java.util.Map;
import picocli.CommandLine.Option;

/** The options of every command that measures a run: what then differs from its configuration. */
final class MeasuringOptions {
  @Option(names = "--episodes", paramLabel = "N", description = "tasks to measure on")
  private String episodes;

  @Option(names = "--data", paramLabel = "NAME[:DIR]", description = "other data, or where it is")
  private String data;

  @Option(names = "--split", paramLabel = "NAME", description = "another split")
  private String split;

  @Option(names = "--device", paramLabel = "NAME", description = "where to compute")
  private String device;

  @Option(names = "--precision", paramLabel = "NAME", description = "fp32 or tf32")
  private String precision;

  @Option(names = "--workers", paramLabel = "N", description = "threads")
  private String workers;

  @Option(names = "--memory-limit", paramLabel = "SIZE", description = "most memory, 4G for 4 GiB")
  private String memoryLimit;

  /**
   * The configuration to measure by.
   *
   * @param more what else is given, by key; a null value is not, and these options go before it
   * @throws ConfigException if a value does not fit the run
   */
  RunConfig of(RunConfig run, Map<String, String> more) {
    Map<String, String> given = new LinkedHashMap<>(more);
    into(given);
    given.values().removeIf(v -> v == null);
    return measured(run, given);
  }

  /** Puts what was given into others, by key. */
  void into(Map<String, String> given) {
    put(given, "eval-episodes", episodes);
    put(given, "data", data);
    put(given, "split", split);
    put(given, "device", device);
    put(given, "precision", precision);
    put(given, "workers", workers);
    put(given, "memory-limit", memoryLimit);
  }

  private static void put(Map<String, String> given, String key, String value) {
    if (value != null) {
      given.put(key, value);
    }
  }

  /**
   * As {@link #of}, without the options of such a command.
   *
   * @param given what is given, by key
   * @throws ConfigException if a value does not fit the run
   */
  static RunConfig measured(RunConfig run, Map<String, String> given) {
    try {
      return Overrides.measure(run, given);
    } catch (ConfigException e) {
      // these commands' options have no such prefix
      throw new ConfigException(e.getMessage().replace("--eval-", "--"), e);
    }
  }
}
