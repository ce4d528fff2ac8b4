package io.quickstudy.run;

import io.quickstudy.data.Attributes;
import io.quickstudy.settings.ConfigException;
import io.quickstudy.task.TaskKind;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** That a run that knows classes by attributes is given these, and no other is. */
public final class RunAttributes {
  private RunAttributes() {}

  /**
   * The attributes that a run takes, in the order in which it was trained with them.
   *
   * @param run its folder, for messages
   * @param trained their names, as the run keeps them
   * @param given those of the classes to learn; none where images show them
   * @throws ConfigException if a run that takes attributes is given none, another is given some, or
   *     one is missing
   */
  public static Attributes chosen(
      Path run, RunConfig config, List<String> trained, Optional<Attributes> given) {
    if (config.taskKind() != TaskKind.ATTRIBUTES) {
      throw new ConfigException(
          "Attributes for run '%s': expected images of each class, since learner '%s' learns from examples; give a folder of these."
              .formatted(run, config.learner()));
    }
    Attributes a =
        given.orElseThrow(
            () ->
                new ConfigException(
                    "Images for run '%s': expected attributes of each class, since learner '%s' knows classes by these; give a CSV file of them."
                        .formatted(run, config.learner())));
    try {
      return a.select(trained);
    } catch (IllegalArgumentException e) {
      throw new ConfigException(e.getMessage(), e);
    }
  }
}
