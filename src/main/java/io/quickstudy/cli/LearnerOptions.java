package io.quickstudy.cli;

import io.quickstudy.learners.LearnerKind;
import io.quickstudy.learners.Learners;
import io.quickstudy.nn.ModelKind;
import io.quickstudy.run.NamedChoices;
import io.quickstudy.run.Recipes;
import io.quickstudy.run.RunFolder;
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
    ofRun(args).ifPresent(learners::add);
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
                        .description(k.setting().value())
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

  /** The learner of the run that arguments name, if it is a user's own. */
  private static Optional<LearnerKind<?>> ofRun(String... args) {
    for (String arg : args) {
      try {
        Path run = Path.of(arg);
        if (Files.exists(run.resolve("config.yaml"))) {
          return Optional.of(RunFolder.open(run).config().learner());
        }
      } catch (InvalidPathException | ConfigException e) {
        // the command says what is wrong with it
      }
    }
    return Optional.empty();
  }

  /**
   * The learner and the model of a user's own that arguments of {@code train} name.
   *
   * @param learners takes the learner
   * @param models takes the model
   */
  static void ofTraining(
      List<String> args, List<LearnerKind<?>> learners, List<ModelKind<?>> models) {
    Map<String, String> given = new LinkedHashMap<>();
    for (String name : List.of("learner", "model", "classpath")) {
      for (int i = 0; i < args.size(); i++) {
        String option = "--" + name;
        if (args.get(i).equals(option) && i + 1 < args.size()) {
          given.put(name, args.get(i + 1));
        } else if (args.get(i).startsWith(option + "=")) {
          given.put(name, args.get(i).substring(option.length() + 1));
        }
      }
    }
    try {
      NamedChoices choices =
          NamedChoices.on(Recipes.normalise(given).getOrDefault("classpath", ""));
      if (given.getOrDefault("learner", "").contains(".")) {
        learners.add(choices.learner(given.get("learner")));
      }
      if (given.getOrDefault("model", "").contains(".")) {
        models.add(choices.model(given.get("model")));
      }
    } catch (ConfigException e) {
      return; // the command says what is wrong with them
    }
  }
}
