package io.quickstudy.backend.plan;

import io.quickstudy.graph.Product;
import io.quickstudy.graph.Recurrence;
import io.quickstudy.graph.Tensor;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Which segment each node of a graph belongs to, by number: even ones are whole, odd ones work on
 * the slices of the task axis one by one. A node's level is never below those of what it reads.
 */
final class TaskLevels {
  /** A product of fewer rows, or one that sums over less, is thin. */
  private static final int FEW = 32;

  private final List<Tensor> order;
  private final Set<Tensor> taskInputs;
  private final int tasks;
  private final Map<Tensor, Integer> level = new IdentityHashMap<>();

  /**
   * The levels of a graph.
   *
   * @param order its nodes, each behind what it reads
   * @param taskInputs the arguments with a task axis
   */
  TaskLevels(List<Tensor> order, Set<Tensor> taskInputs, int tasks) {
    this.order = order;
    this.taskInputs = taskInputs;
    this.tasks = tasks;
    for (Tensor t : order) {
      level.put(t, level(t));
    }
  }

  private int level(Tensor t) {
    if (taskInputs.contains(t)) {
      return 1;
    }
    int whole = 0;
    int mapped = 0;
    for (Tensor i : t.inputs()) {
      int l = level.get(i);
      if (l % 2 == 0) {
        whole = Math.max(whole, l);
      } else {
        mapped = Math.max(mapped, l);
      }
    }
    if (mapped > 0 && TaskLocal.isLocal(t, tasks, this::mapped)) {
      return Math.max(mapped, whole + 1);
    }
    return Math.max(whole, mapped > 0 ? mapped + 1 : 0);
  }

  /** The extent of the task axis. */
  int tasks() {
    return tasks;
  }

  /** A node's level. */
  int of(Tensor t) {
    return level.get(t);
  }

  /** Whether a node is computed slice by slice. */
  boolean mapped(Tensor t) {
    return level.get(t) % 2 == 1;
  }

  /** Whether an argument has a task axis. */
  boolean isTaskInput(Tensor t) {
    return taskInputs.contains(t);
  }

  /**
   * How many tasks a processor's core takes at a time: one, or several where thin products with
   * weights that all tasks share matter.
   */
  int usualChunk() {
    double all = 0;
    double thin = 0;
    for (Tensor t : order) {
      double f = mapped(t) ? TaskLocal.flops(t) : 0;
      all += f;
      if (t.op() instanceof Product.Dot && sharesWeights(t)) {
        thin += f;
      } else if (t.op() instanceof Recurrence r && mapped(t)) {
        thin += TaskLocal.thinFlops(r, FEW);
      }
    }
    if (thin <= all / 10) {
      return 1;
    }
    int size = Math.min(8, tasks);
    while (tasks % size != 0) {
      size--;
    }
    return size;
  }

  private boolean sharesWeights(Tensor dot) {
    boolean sharedRight = !mapped(dot.input(1)) && dot.dim(-2) < FEW;
    return sharedRight || dot.input(0).dim(-1) < FEW;
  }
}
