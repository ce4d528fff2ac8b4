package io.quickstudy.train;

import io.quickstudy.backend.Resident;
import io.quickstudy.data.SignalTasks;
import io.quickstudy.graph.DType;
import io.quickstudy.graph.Op;
import io.quickstudy.graph.Shape;
import io.quickstudy.random.RandomStream;
import io.quickstudy.random.RandomUse;
import io.quickstudy.runtime.Compiled;
import io.quickstudy.task.Drawn;
import io.quickstudy.task.Signal;
import io.quickstudy.transform.Params;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Signals of bits: all of a task is drawn on the host. Shorter ones end in silence. */
final class SignalSource implements TaskSource {
  private final SignalTasks tasks;
  private final int least;
  private final int most;
  private final long seed;
  private float[] x = {};
  private float[] y = {};
  private float[] asked = {};

  /**
   * A source.
   *
   * @param least the fewest items of a task
   * @param most the most; each number is as likely
   * @param seed of the numbers
   */
  SignalSource(SignalTasks tasks, int least, int most, long seed) {
    if (most < tasks.least()) {
      throw new IllegalArgumentException(
          "Signals of %s: expected items of at least %s; ask for more shots, which are the items."
              .formatted(most, tasks.least()));
    }
    this.tasks = tasks;
    this.least = least;
    this.most = most;
    this.seed = seed;
  }

  private int steps() {
    return tasks.steps(most);
  }

  @Override
  public Map<String, Op.Type> inputs() {
    Map<String, Op.Type> m = new LinkedHashMap<>();
    m.put("x", new Op.Type(Shape.of(steps(), tasks.inputs()), DType.F32));
    m.put("y", new Op.Type(Shape.of(steps(), tasks.outputs()), DType.F32));
    m.put("asked", new Op.Type(Shape.of(steps()), DType.F32));
    return m;
  }

  @Override
  public Map<String, Resident> residents() {
    return Map.of();
  }

  @Override
  public void fill(long first, int count, Compiled into) {
    x = new float[count * steps() * tasks.inputs()];
    y = new float[count * steps() * tasks.outputs()];
    asked = new float[count * steps()];
    for (int i = 0; i < count; i++) {
      long task = first + i;
      int items = new RandomStream(seed, RandomUse.SIGNAL_ITEMS, task).between(least, most);
      tasks.write(task, items, x, y, asked, i * steps());
    }
    into.set("x", x);
    into.set("y", y);
    into.set("asked", asked);
  }

  @Override
  public void describe(TaskDigest into) {
    List.of(x, y, asked).forEach(into::add);
  }

  /** One task of the last {@link #fill}. */
  DrawnSignal drawn(int task) {
    return new DrawnSignal(
        tasks.inputs(),
        tasks.outputs(),
        part(x, task, tasks.inputs()),
        part(y, task, tasks.outputs()),
        part(asked, task, 1));
  }

  private float[] part(float[] all, int task, int width) {
    int size = steps() * width;
    return Arrays.copyOfRange(all, task * size, (task + 1) * size);
  }

  @Override
  public Drawn build(Params inputs, Params residents) {
    return Signal.unpack(inputs);
  }
}
