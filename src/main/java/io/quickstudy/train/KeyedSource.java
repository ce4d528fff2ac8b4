package io.quickstudy.train;

import io.quickstudy.backend.Resident;
import io.quickstudy.graph.DType;
import io.quickstudy.graph.Op;
import io.quickstudy.graph.Shape;
import io.quickstudy.graph.Tensor;
import io.quickstudy.random.RandomStream;
import io.quickstudy.random.RandomUse;
import io.quickstudy.runtime.Compiled;
import io.quickstudy.task.Drawn;
import io.quickstudy.task.Task;
import io.quickstudy.transform.Params;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Tasks with a key each for the random numbers that a learner or its model draws. It depends on the
 * seed and the task's number alone, so that numbers are the same on every device, by any number of
 * workers, and where a run goes on.
 */
final class KeyedSource implements TaskSource {
  private static final String KEY = "key";
  private static final int WORDS = 2;

  private final TaskSource tasks;
  private final long seed;
  private int[] keys = {};

  KeyedSource(TaskSource tasks, long seed) {
    this.tasks = tasks;
    this.seed = seed;
  }

  @Override
  public Map<String, Op.Type> inputs() {
    Map<String, Op.Type> m = new LinkedHashMap<>(tasks.inputs());
    m.put(KEY, new Op.Type(Shape.of(WORDS), DType.I32));
    return m;
  }

  @Override
  public Map<String, Resident> residents() {
    return tasks.residents();
  }

  @Override
  public void fill(long first, int n, Compiled into) {
    tasks.fill(first, n, into);
    keys = keys.length == n * WORDS ? keys : new int[n * WORDS];
    for (int task = 0; task < n; task++) {
      RandomStream r = new RandomStream(seed, RandomUse.NOISE, first + task);
      for (int i = 0; i < WORDS; i++) {
        keys[task * WORDS + i] = r.nextInt();
      }
    }
    into.set(KEY, keys);
  }

  @Override
  public void describe(TaskDigest into) {
    tasks.describe(into);
  }

  @Override
  public Drawn build(Params inputs, Params residents) {
    Drawn drawn = tasks.build(inputs.select(n -> !n.equals(KEY)), residents);
    return drawn instanceof Task task ? task.with(inputs.get(KEY)) : drawn;
  }

  @Override
  public Optional<Tensor> key(Params inputs) {
    return Optional.of(inputs.get(KEY));
  }
}
