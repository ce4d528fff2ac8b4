package io.quickstudy.learner;

import static io.quickstudy.graph.Ops.*;

import io.quickstudy.functions.Sorting;
import io.quickstudy.graph.DType;
import io.quickstudy.graph.Shape;
import io.quickstudy.graph.Tensor;
import io.quickstudy.task.Batch;
import java.util.List;

/**
 * An episode of several times the classes of a task, as so many tasks: of the first classes, of the
 * next ones, and so on. For learners with an output for each class, whose episodes are normalised
 * as papers do that normalise all tasks of a step together: with the statistics of a few classes
 * alone, running ones fit no others.
 *
 * @param count tasks
 * @param ways classes of each
 */
public record Subtasks(int count, int ways) {
  /** The logit of a class that is of another task of the episode. */
  private static final double OTHER_TASK = -1e8;

  /**
   * As an episode is cut.
   *
   * @param learner its name, for a refusal
   * @param option the option that says how many classes a task has, likewise
   * @param ways classes of an episode
   * @param taskWays classes of a task
   * @throws IllegalArgumentException if an episode is no whole number of tasks
   */
  public static Subtasks of(String learner, String option, int ways, int taskWays) {
    if (ways % taskWays != 0) {
      throw new IllegalArgumentException(
          "Option --%s is %s, and tasks have %s classes: expected as many, or several times as many in training; change --%s, for which %s is trained anew, or the tasks."
              .formatted(option, taskWays, ways, option, learner));
    }
    return new Subtasks(ways / taskWays, taskWays);
  }

  /**
   * The one task of an episode that is not cut, as one is that is adapted to.
   *
   * @throws IllegalArgumentException if there are several
   */
  public void single(String learner, String option) {
    if (count != 1) {
      throw new IllegalArgumentException(
          "Tasks of %s classes for %s: expected %s, as it has outputs (--%s); take as many, or train with others."
              .formatted(count * ways, learner, ways, option));
    }
  }

  /**
   * Examples by task, in each in the order in which they come.
   *
   * @param x [count, n, ...]
   * @param y labels within the task, I32 [count, n]
   */
  public record Cut(Tensor x, Tensor y) {}

  /** A batch that has as many examples of each task. */
  public Cut cut(Batch b) {
    Shape of = b.x().shape();
    int n = b.count() / count;
    Shape labels = Shape.of(count, n);
    Shape x = of.sub(1, of.rank()).prepend(n).prepend(count);
    if (count == 1) {
      return new Cut(reshape(b.x(), x), reshape(b.y(), labels));
    }
    Tensor order = order(b.y());
    Tensor y = convert(gather(b.y(), order, 0), DType.F32);
    Tensor first = scale(convert(iota(labels, 0), DType.F32), ways);
    Tensor own = convert(sub(reshape(y, labels), first), DType.I32);
    return new Cut(reshape(gather(b.x(), order, 0), x), own);
  }

  /** Where the examples of the first task are, then those of the next: stable. */
  private Tensor order(Tensor labels) {
    // the half keeps the quotients away from whole numbers, where rounding would decide
    Tensor task = scale(add(convert(labels, DType.F32), scalar(0.5)), 1.0 / ways);
    return Sorting.argSort(floor(task));
  }

  /**
   * Logits of queries that were {@link #cut}, as those of the episode [q, count * ways] in its
   * order; of classes of other tasks they are so low that these count for nothing.
   *
   * @param logits [count, n, ways]
   * @param labels the queries' labels in the episode
   */
  public Tensor joined(Tensor logits, Tensor labels) {
    int n = logits.dim(1);
    Shape whole = Shape.of(count * n, count * ways);
    if (count == 1) {
      return reshape(logits, whole);
    }
    Shape all = Shape.of(count, n, count, ways);
    Tensor there = broadcast(diagonal(Shape.of(count, count)), all, List.of(1, 3));
    Tensor placed = where(there, broadcast(logits, all, List.of(2)), scalar(OTHER_TASK));
    Tensor back = Sorting.argSort(convert(order(labels), DType.F32));
    return gather(reshape(placed, whole), back, 0);
  }
}
