package io.quickstudy.backend;

import java.util.Locale;

/**
 * The memory that was planned for a program, before it runs.
 *
 * @param bytes all of it, on the device
 * @param tasks the extent of the task axis
 * @param atOnce tasks that are computed at once, by each worker
 * @param workers that compute tasks beside each other, each with memory of its own; 1 on a GPU
 * @param repeated steps that compute a value again rather than keep it
 */
public record MemoryUse(long bytes, int tasks, int atOnce, int workers, int repeated) {

  /** The bytes as text, in units of 1,024: "12.3 MiB". */
  public static String text(long bytes) {
    if (bytes < 1L << 20) {
      return String.format(Locale.ROOT, "%d KiB", (bytes + 1023) >> 10);
    }
    return bytes < 1L << 30
        ? String.format(Locale.ROOT, "%.1f MiB", bytes / (double) (1 << 20))
        : String.format(Locale.ROOT, "%.2f GiB", bytes / (double) (1 << 30));
  }

  /** How the tasks are computed: "all 32 tasks at once", "in chunks of 2 of 32 tasks". */
  public String how() {
    StringBuilder s = new StringBuilder();
    if (tasks > 1 && atOnce == tasks) {
      s.append("all ").append(tasks).append(" tasks at once");
    } else if (tasks > 1) {
      s.append(
          atOnce == 1
              ? "in chunks of one of %s tasks".formatted(tasks)
              : "in chunks of %s of %s tasks".formatted(atOnce, tasks));
      if (workers > 1) {
        s.append(" on each of ").append(workers).append(" workers");
      }
    } else {
      s.append("one task");
    }
    if (repeated > 0) {
      s.append(
          repeated == 1
              ? ", with recomputation (1 step)"
              : String.format(Locale.ROOT, ", with recomputation (%,d steps)", repeated));
    }
    return s.toString();
  }

  /** The memory and how the tasks are computed, in a line. */
  @Override
  public String toString() {
    return text(bytes) + ", " + how();
  }
}
