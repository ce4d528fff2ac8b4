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
 * @param texts its values as they are written, by key
 * @param chosen whether anything stands there: then the options are those of its learner and model
 */
record HelpDefaults(Optional<RunConfig> config, Map<String, String> texts, boolean chosen) {
  /** Of no help. */
  static final HelpDefaults NONE = new HelpDefaults(Optional.empty(), Map.of(), false);

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
      RunConfig config = Recipes.complete(values);
      return new HelpDefaults(Optional.of(config), RunKeys.texts(config), !values.isEmpty());
    } catch (ConfigException | DataException | RunException e) {
      return NONE;
    }
  }

  /** Options with their values, as far as they have one. */
  private static Map<String, String> given(List<String> args) {
    Map<String, String> m = RawOptions.of(args.subList(1, args.size()));
    // what is no value of a configuration says nothing about others
    m.keySet().removeAll(Set.of("help", "out", "resume", "tensorboard", "json", "debug"));
    return m;
  }

  /** The options that there are to help with; all where nothing was chosen. */
  Optional<Map<RunKeys.Group, List<Key>>> keys() {
    return config.filter(c -> chosen).map(c -> RunKeys.of(c.learner(), c.model()));
  }

  /** A line for above the options. */
  Optional<String> about() {
    String run =
        "--learner %s --data %s --model %s"
            .formatted(texts.get("learner"), texts.get("data"), texts.get("model"));
    return config.map(
        c ->
            chosen
                ? "Options and defaults are those of %s.".formatted(run)
                : "Defaults are those of %s; name others beside --help to see theirs."
                    .formatted(run));
  }

  /** What follows a key's meaning: its default, where there is one that says something. */
  String of(Key key) {
    return Optional.ofNullable(texts.get(key.name()))
        .filter(v -> !v.isEmpty() && v.length() <= LONGEST)
        .map(v -> " (default: " + v + ")")
        .orElse("");
  }
}
