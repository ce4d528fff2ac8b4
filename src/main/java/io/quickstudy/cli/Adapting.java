package io.quickstudy.cli;

import io.quickstudy.adapt.AdaptOptions;
import io.quickstudy.adapt.Adapter;
import io.quickstudy.adapt.Classifier;
import io.quickstudy.adapt.Support;
import io.quickstudy.settings.ConfigException;
import java.nio.file.Path;
import java.util.Map;
import picocli.CommandLine.Model.CommandSpec;

/** What the commands share that adapt a run to labelled images or rows. */
final class Adapting {
  private Adapting() {}

  /** Refuses two formats at once. */
  static void oneFormat(boolean json, boolean csv) {
    if (json && csv) {
      throw new ConfigException(
          "Options --json and --csv: expected one of them; leave the other out.");
    }
  }

  /** Refuses a command without a folder. */
  static void given(String option, Path folder, String expected) {
    if (folder == null) {
      throw new ConfigException(
          "Option %s is missing: expected %s; say '%s DIR'.".formatted(option, expected, option));
    }
  }

  /** How the run works, with the options of its learner that were given. */
  static AdaptOptions options(WorkOptions work, CheckpointOption checkpoint, CommandSpec spec) {
    AdaptOptions o = work.options().checkpoint(checkpoint.choice());
    for (Map.Entry<String, String> e : LearnerOptions.given(spec).entrySet()) {
      o = o.learner(e.getKey().substring("eval-".length()), e.getValue());
    }
    return o;
  }

  /** The run, which says of its options what this command calls them. */
  static Adapter load(Path run, AdaptOptions options, Console console) {
    try {
      return Adapter.load(run, options, console::message);
    } catch (ConfigException e) {
      // here options have no such prefix
      throw new ConfigException(e.getMessage().replace("--eval-", "--"), e);
    }
  }

  /**
   * What the run takes.
   *
   * @throws ConfigException if it does not classify
   */
  static Query.Kind kind(Adapter adapter, Path run) {
    if (!adapter.config().classifies()) {
      throw new ConfigException(
          "Run '%s' on '%s' predicts values: expected a run that classifies images or rows; from Java it adapts to points."
              .formatted(run, adapter.config().data().name()));
    }
    return Query.Kind.of(adapter);
  }

  /** Refuses what is of pictures alone for a run on rows. */
  static void noPictureOptions(Query.Kind kind, PictureOptions pictures) {
    if (kind == Query.Kind.ROWS && pictures.any()) {
      throw new ConfigException(
          "Options --ink, --fit, --trim and --levels for a run on a table: expected none, since its"
              + " examples are no pictures; leave them out.");
    }
  }

  /** What the run learns of some examples. */
  static Classifier adapted(Adapter adapter, Support examples) {
    try {
      return adapter.adapt(examples);
    } catch (IllegalArgumentException e) {
      throw new ConfigException(e.getMessage(), e); // such as more classes than outputs
    }
  }
}
