package io.quickstudy.train;

import io.quickstudy.backend.Resident;
import io.quickstudy.graph.Op;
import io.quickstudy.graph.Tensor;
import io.quickstudy.runtime.Compiled;
import io.quickstudy.task.Drawn;
import io.quickstudy.transform.Params;
import java.util.Map;
import java.util.Optional;

/**
 * Where tasks come from. On the host it draws what little describes a task; inside a compiled
 * function it makes the task of that. Holds buffers: for one thread, and one compiled function at a
 * time.
 */
sealed interface TaskSource permits ExampleSource, CurveSource, SignalSource, KeyedSource {

  /** What describes one task: types by name, without the task axis. */
  Map<String, Op.Type> inputs();

  /** What all tasks are gathered from, by name. */
  Map<String, Resident> residents();

  /**
   * Draws tasks first, first + 1, ... and gives them to a function with that many, for its next
   * run.
   */
  void fill(long first, int tasks, Compiled into);

  /** Adds what the last {@link #fill} drew to what tells tasks from others. */
  void describe(TaskDigest into);

  /**
   * The key of one task's random numbers, I32 [2], from its description; nothing where none are
   * drawn.
   */
  default Optional<Tensor> key(Params inputs) {
    return Optional.empty();
  }

  /** One task's graph, from its description and the residents. */
  Drawn build(Params inputs, Params residents);
}
