package io.quickstudy.check;

import java.util.List;

/**
 * How a learner is checked. Immutable: start from {@link #usual()}.
 *
 * @param seed of parameters and tasks
 * @param tasks tasks of a batch, at least 1
 * @param devices what is compared with the reference: "cpu", "cuda" or "cuda:1", each of which must
 *     be there; nothing for the CPU and, where one is found, a GPU
 */
public record CheckOptions(long seed, int tasks, List<String> devices) {
  /** Checks the number of tasks. */
  public CheckOptions {
    devices = List.copyOf(devices);
    if (tasks < 1) {
      throw new IllegalArgumentException(
          "A batch of %s tasks: expected a number of at least 1; change it.".formatted(tasks));
    }
  }

  /** Three tasks, on the CPU and any GPU. */
  public static CheckOptions usual() {
    return new CheckOptions(0, 3, List.of());
  }

  /** The same with other numbers. */
  public CheckOptions seed(long other) {
    return new CheckOptions(other, tasks, devices);
  }

  /** The same with another number of tasks. */
  public CheckOptions tasks(int other) {
    return new CheckOptions(seed, other, devices);
  }

  /** The same on these devices alone. */
  public CheckOptions devices(String... others) {
    return new CheckOptions(seed, tasks, List.of(others));
  }
}
