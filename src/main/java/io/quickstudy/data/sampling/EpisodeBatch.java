package io.quickstudy.data.sampling;

import java.nio.IntBuffer;

/**
 * Room for several episodes, made once and filled for every step. The buffers may be views of
 * native memory; they are written by position and keep their own position and limit.
 *
 * @param tasks how many episodes there is room for
 * @param spec the form of the episodes
 * @param supportIndex [tasks, ways * shots]
 * @param supportMove [tasks, ways * shots]
 * @param supportLabel [tasks, ways * shots]
 * @param queryIndex [tasks, ways * queries]
 * @param queryMove [tasks, ways * queries]
 * @param queryLabel [tasks, ways * queries]
 */
public record EpisodeBatch(
    int tasks,
    EpisodeSpec spec,
    IntBuffer supportIndex,
    IntBuffer supportMove,
    IntBuffer supportLabel,
    IntBuffer queryIndex,
    IntBuffer queryMove,
    IntBuffer queryLabel) {

  /** Checks the room in the buffers. */
  public EpisodeBatch {
    if (tasks < 1) {
      throw new IllegalArgumentException(
          "A batch of %d episodes: expected at least 1.".formatted(tasks));
    }
    room("support indices", supportIndex, tasks, spec.supportSize());
    room("support moves", supportMove, tasks, spec.supportSize());
    room("support labels", supportLabel, tasks, spec.supportSize());
    room("query indices", queryIndex, tasks, spec.querySize());
    room("query moves", queryMove, tasks, spec.querySize());
    room("query labels", queryLabel, tasks, spec.querySize());
  }

  /** A batch in fresh arrays. */
  public static EpisodeBatch allocate(int tasks, EpisodeSpec spec) {
    int support = Math.max(0, tasks) * spec.supportSize();
    int query = Math.max(0, tasks) * spec.querySize();
    return new EpisodeBatch(
        tasks,
        spec,
        IntBuffer.allocate(support),
        IntBuffer.allocate(support),
        IntBuffer.allocate(support),
        IntBuffer.allocate(query),
        IntBuffer.allocate(query),
        IntBuffer.allocate(query));
  }

  static void room(String what, IntBuffer buffer, int tasks, int perTask) {
    if (buffer.limit() < (long) tasks * perTask) {
      throw new IllegalArgumentException(
          "A buffer of %d %s: expected %d, for %d tasks of %d each."
              .formatted(buffer.limit(), what, (long) tasks * perTask, tasks, perTask));
    }
  }
}
