package io.quickstudy.cli;

import io.quickstudy.run.Overrides;
import io.quickstudy.run.RunConfig;
import io.quickstudy.settings.ConfigException;
import java.util.LinkedHashMap;
import java.util.Map;

/** A run's configuration with the options of a command that measures it. */
final class Measured {
  private final Map<String, String> given = new LinkedHashMap<>();

  /** Takes an option's value, if there is one. */
  Measured with(String key, String value) {
    if (value != null) {
      given.put(key, value);
    }
    return this;
  }

  /** Takes the options of the learner. */
  Measured with(Map<String, String> learner) {
    given.putAll(learner);
    return this;
  }

  /**
   * The configuration to measure by.
   *
   * @throws ConfigException if a value does not fit the run
   */
  RunConfig of(RunConfig run) {
    try {
      return Overrides.measure(run, given);
    } catch (ConfigException e) {
      // these commands' options have no such prefix
      throw new ConfigException(e.getMessage().replace("--eval-", "--"), e);
    }
  }
}
