package io.quickstudy.cli;

import io.quickstudy.adapt.Adapter;
import io.quickstudy.run.CheckpointChoice;
import io.quickstudy.run.RunFolder;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Option;

/** Which checkpoint, in every command that measures a run or puts it to work. */
final class CheckpointOption {
  @Option(
      names = "--checkpoint",
      paramLabel = "NAME|STEP",
      description = "best by validation, newest, or that of a step (best)")
  private String checkpoint = "best";

  /**
   * The choice.
   *
   * @throws io.quickstudy.settings.ConfigException if it is none
   */
  CheckpointChoice choice() {
    return CheckpointChoice.parse(checkpoint);
  }

  /** Puts into JSON what the checkpoint of a step is to its run: best, newest or step. */
  static void role(RunFolder run, int step, Map<String, Object> json) {
    json.put("checkpoint", word(run.checkpoints().role(step)));
  }

  /** The same of a run that is loaded. */
  static String word(Adapter adapter) {
    return word(adapter.role());
  }

  /** The same as a word. */
  static String word(Optional<CheckpointChoice.Role> role) {
    return role.map(CheckpointChoice.Role::toString).orElse("step");
  }

  /** A run with the checkpoint of choice. */
  RunFolder open(Path run) {
    CheckpointChoice choice = choice(); // before anything is read
    return RunFolder.open(run).using(choice);
  }
}
