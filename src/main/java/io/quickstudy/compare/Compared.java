package io.quickstudy.compare;

import io.quickstudy.nn.Norm;
import io.quickstudy.run.Checkpoint;
import io.quickstudy.run.CheckpointChoice;
import io.quickstudy.run.RunConfig;
import io.quickstudy.run.RunFolder;
import io.quickstudy.train.Evaluation;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * What came of one run.
 *
 * @param path its folder
 * @param config how it was trained
 * @param size how large it is
 * @param evaluation what was measured
 * @param byTask the value of each task, in order
 * @param difference from the baseline; nothing for the baseline itself
 * @param times how long it takes at work; nothing where an adapter cannot adapt it to examples
 */
public record Compared(
    Path path,
    RunConfig config,
    Size size,
    Evaluation evaluation,
    List<Double> byTask,
    Optional<Difference> difference,
    Optional<Times> times) {

  /** Copies the list. */
  public Compared {
    byTask = List.copyOf(byTask);
  }

  /**
   * How large a run is.
   *
   * @param step of its checkpoint
   * @param role what that is to the run; nothing if neither the best nor the newest
   * @param parameters how many numbers are trained; running statistics are none
   * @param checkpointBytes of the file with the tensors, which holds the optimiser's as well
   */
  public record Size(
      int step, Optional<CheckpointChoice.Role> role, long parameters, long checkpointBytes) {
    static Size of(RunFolder run, Checkpoint c) {
      long n =
          c.theta().entrySet().stream()
              .filter(e -> !Norm.isBuffer(e.getKey()))
              .mapToLong(e -> e.getValue().shape().size())
              .sum();
      return new Size(
          c.step(), run.checkpoints().role(c.step()), n, run.checkpoints().bytes(c.step()));
    }
  }
}
