package io.quickstudy.cli;

import io.quickstudy.learner.LearnerKind;
import io.quickstudy.nn.ModelKind;
import io.quickstudy.run.RunKeys;
import io.quickstudy.settings.ConfigException;
import io.quickstudy.settings.Key;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import picocli.CommandLine;
import picocli.CommandLine.Model.ArgGroupSpec;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/** The values of a run's configuration as options. */
final class ConfigOptions {
  /** Keys whose option may stand alone, and means the last of its choices then. */
  private static final Set<String> ALONE = Set.of("trim", "levels", "freeze");

  private ConfigOptions() {}

  /**
   * Adds an option for every key, under the headings of their groups; with those of a user's own
   * learner and model, if the arguments name them.
   */
  static CommandLine add(CommandLine command, String... args) {
    return add(command, HelpDefaults.NONE, args);
  }

  /** As {@link #add(CommandLine, String...)}, saying what is not given otherwise. */
  static CommandLine add(CommandLine command, HelpDefaults defaults, String... args) {
    List<LearnerKind<?>> learners = new ArrayList<>();
    List<ModelKind<?>> models = new ArrayList<>();
    LearnerOptions.ofTraining(List.of(args), learners, models);
    CommandSpec spec = command.getCommandSpec();
    int order = 0;
    int groups = 0;
    defaults.about().ifPresent(line -> describe(spec, line));
    for (var group : defaults.keys().orElseGet(() -> RunKeys.all(learners, models)).entrySet()) {
      ArgGroupSpec.Builder options =
          ArgGroupSpec.builder()
              .heading("%n" + group.getKey().heading() + "%n")
              .order(groups++)
              .validate(false)
              .exclusive(false);
      for (Key k : group.getValue()) {
        if (!k.name().equals("data-dir")) {
          options.addArg(option(k, defaults.of(k), order++));
        }
      }
      spec.addArgGroup(options.build());
    }
    return command;
  }

  private static void describe(CommandSpec spec, String line) {
    String[] before = spec.usageMessage().description();
    String[] all = Arrays.copyOf(before, before.length + 1);
    all[before.length] = line;
    spec.usageMessage().description(all);
  }

  /** The option of one key; its text is parsed with the configuration, whatever its type. */
  private static OptionSpec option(Key k, String usual, int order) {
    String value = k.name().equals("data") ? "NAME[:DIR]" : k.placeholder();
    OptionSpec.Builder option = OptionSpec.builder("--" + k.name()).type(String.class);
    if (ALONE.contains(k.name())) {
      option.arity("0..1").fallbackValue(k.choices().getLast()); // alone it says that
    }
    return option
        .paramLabel(k.choices().isEmpty() || k.name().equals("data") ? value : "NAME")
        .description(
            (k.choices().isEmpty()
                    ? k.meaning()
                    : k.meaning() + ": " + String.join(", ", k.choices()))
                + usual)
        .order(order)
        .build();
  }

  /**
   * The keys that were given, as texts.
   *
   * @throws ConfigException if one was given twice
   */
  static Map<String, String> given(CommandSpec spec) {
    Map<String, String> m = new LinkedHashMap<>();
    for (ArgSpec a : spec.commandLine().getParseResult().matchedArgs()) {
      // picocli itself lets options in groups pass
      if (a instanceof OptionSpec o && !o.isMultiValue() && o.stringValues().size() > 1) {
        throw new ConfigException(
            "Option %s is there %s times: expected it once; leave out all but one."
                .formatted(o.longestName(), o.stringValues().size()));
      }
    }
    for (ArgGroupSpec group : spec.argGroups()) {
      for (OptionSpec o : group.options()) {
        if (o.getValue() instanceof String value) {
          m.put(o.longestName().substring(2), value);
        }
      }
    }
    return m;
  }
}
