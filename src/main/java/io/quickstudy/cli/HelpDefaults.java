package io.quickstudy.cli;

import io.quickstudy.data.DataException;
import io.quickstudy.run.Configurations;
import io.quickstudy.run.Recipes;
import io.quickstudy.run.RunConfig;
import io.quickstudy.run.RunException;
import io.quickstudy.run.RunKeys;
import io.quickstudy.settings.ConfigException;
import io.quickstudy.settings.Key;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What {@code train --help} says of values that are not given: those that a run would have with the
 * options that stand beside --help, such as --learner and --data. Where what stands there makes no
 * run, nothing is said of defaults; without --help what is wrong is said.
 *
 * @param config the run
 * @param chosen whether anything stands there: then the options are those of its learner and model
 */
record HelpDefaults(Optional<RunConfig> config, boolean chosen) {
  /** Of no help. */
  static final HelpDefaults NONE = new HelpDefaults(Optional.empty(), false);

  private static final int LONGEST = 40;
  private static final Set<String> HELP = Set.of("-h", "--help");

  /** Of the arguments of {@code train}; {@link #NONE} if they are of another command. */
  static HelpDefaults of(List<String> args) {
    if (args.isEmpty()
        || !args.getFirst().equals("train")
        || args.stream().noneMatch(HELP::contains)) {
      return NONE;
    }
    try {
      Map<String, String> values = new LinkedHashMap<>();
      Map<String, String> given = given(args);
      if (given.containsKey("config")) {
        values.putAll(Configurations.find(given.remove("config")));
      }
      values.putAll(given);
      return new HelpDefaults(Optional.of(Recipes.complete(values)), !values.isEmpty());
    } catch (ConfigException | DataException | RunException e) {
      return NONE;
    }
  }

  /** Options with their values, as far as they have one. */
  private static Map<String, String> given(List<String> args) {
    Map<String, String> m = new LinkedHashMap<>();
    for (int i = 1; i < args.size(); i++) {
      String arg = args.get(i);
      int is = arg.indexOf('=');
      if (!arg.startsWith("--") || HELP.contains(arg)) {
        continue;
      }
      if (is > 0) {
        m.put(arg.substring(2, is), arg.substring(is + 1));
      } else if (i + 1 < args.size() && !args.get(i + 1).startsWith("--")) {
        m.put(arg.substring(2), args.get(++i));
      }
    }
    // what is no value of a configuration says nothing about others
    m.keySet().removeAll(Set.of("out", "resume", "tensorboard", "json", "debug"));
    return m;
  }

  /** The options that there are to help with; all where nothing was chosen. */
  Optional<Map<RunKeys.Group, List<Key>>> keys() {
    return config.filter(c -> chosen).map(c -> RunKeys.of(c.learner(), c.model()));
  }

  /** A line for above the options. */
  Optional<String> about() {
    return config.map(
        c -> {
          Map<String, String> v = RunKeys.texts(c);
          String run =
              "--learner %s --data %s --model %s"
                  .formatted(v.get("learner"), v.get("data"), v.get("model"));
          return chosen
              ? "Options and defaults are those of %s.".formatted(run)
              : "Defaults are those of %s; name others beside --help to see theirs.".formatted(run);
        });
  }

  /** What follows a key's meaning: its default, where there is one that says something. */
  String of(Key key) {
    return config
        .map(c -> RunKeys.texts(c).get(key.name()))
        .filter(v -> !v.isEmpty() && v.length() <= LONGEST)
        .map(v -> " (default: " + v + ")")
        .orElse("");
  }
}
