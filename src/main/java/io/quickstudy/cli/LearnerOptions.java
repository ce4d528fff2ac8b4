package io.quickstudy.cli;

import io.quickstudy.learner.LearnerKind;
import io.quickstudy.learners.Learners;
import io.quickstudy.nn.ModelKind;
import io.quickstudy.run.Configurations;
import io.quickstudy.run.NamedChoices;
import io.quickstudy.run.Recipes;
import io.quickstudy.run.RunConfig;
import io.quickstudy.run.RunFolder;
import io.quickstudy.run.RunKeys;
import io.quickstudy.settings.ConfigException;
import io.quickstudy.settings.Key;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/**
 * The options of learners in commands that measure or use a run: those that have a value of their
 * own there. And the learners and models of a user's own that arguments speak of, which are looked
 * for before the arguments are parsed, so that their options are options like any other.
 */
final class LearnerOptions {
  private static final String EVAL = "eval-";

  private LearnerOptions() {}

  /** Adds them to a command whose arguments name a run. */
  static CommandLine add(CommandLine command, String... args) {
    Map<String, Key> keys = new LinkedHashMap<>();
    List<LearnerKind<?>> learners = new ArrayList<>(Learners.ALL);
    for (String arg : args) {
      ofRun(arg).ifPresent(c -> learners.add(c.learner()));
    }
    for (LearnerKind<?> l : learners) {
      l.keys().stream()
          .filter(k -> k.setting().evaluated())
          .forEach(k -> keys.putIfAbsent(k.name(), k));
    }
    CommandSpec spec = command.getCommandSpec();
    keys.values().stream()
        .filter(k -> spec.findOption("--" + k.name()) == null)
        .forEach(
            k ->
                spec.addOption(
                    OptionSpec.builder("--" + k.name())
                        .type(String.class)
                        .paramLabel(k.placeholder())
                        .description(k.meaning())
                        .build()));
    return command;
  }

  /** What was given of them, by the keys of a configuration: "eval-inner-steps". */
  static Map<String, String> given(CommandSpec spec) {
    Map<String, String> m = new LinkedHashMap<>();
    for (OptionSpec o : spec.options()) {
      // those of the command itself belong to a field
      if (o.userObject() == null && o.getValue() instanceof String value) {
        m.put(EVAL + o.longestName().substring(2), value);
      }
    }
    return m;
  }

  /** The run that an argument names, if it does. */
  private static Optional<RunConfig> ofRun(String arg) {
    try {
      Path run = Path.of(arg);
      return Files.exists(run.resolve("config.yaml"))
          ? Optional.of(RunFolder.open(run).config())
          : Optional.empty();
    } catch (InvalidPathException e) {
      return Optional.empty(); // it is another argument
    }
  }

  /**
   * The learner and the model that arguments of {@code train} name, themselves or in a
   * configuration or a run that goes on; they may be of a user's own.
   *
   * @throws ConfigException if there is none of that name, or its options are no options
   * @param learners takes the learner
   * @param models takes the model
   */
  static void ofTraining(
      List<String> args, List<LearnerKind<?>> learners, List<ModelKind<?>> models) {
    Map<String, String> given = RawOptions.of(args);
    given.keySet().retainAll(Set.of("config", "out", "learner", "model", "classpath"));
    Map<String, String> all = new LinkedHashMap<>();
    if (args.contains("--resume") && given.containsKey("out")) {
      ofRun(given.get("out")).ifPresent(c -> all.putAll(RunKeys.texts(c)));
    }
    if (given.containsKey("config")) {
      all.putAll(Configurations.find(given.get("config")));
    }
    all.putAll(given);
    NamedChoices choices = NamedChoices.on(Recipes.normalise(all).getOrDefault("classpath", ""));
    if (all.containsKey("learner")) {
      LearnerKind<?> learner = choices.learner(all.get("learner"));
      RunKeys.of(learner, Optional.empty()); // its options have names of their own
      learners.add(learner);
    }
    if (all.containsKey("model") && !all.get("model").equals(RunKeys.NO_MODEL)) {
      ModelKind<?> model = choices.model(all.get("model"));
      RunKeys.of(Learners.ALL.getFirst(), Optional.of(model));
      models.add(model);
    }
  }
}
