package io.quickstudy.data.sampling;

/**
 * One classification task, as indices. Support and query are ordered by class, that is, by label:
 * entry {@code label * shots + k} of the support is example k of that class.
 *
 * @param supportIndex example numbers in the image set, [ways * shots]
 * @param supportMove rows of the move table, [ways * shots]
 * @param supportLabel labels from 0 to ways - 1, [ways * shots]
 * @param queryIndex example numbers, [ways * queries], none of them in the support
 * @param queryMove rows of the move table, [ways * queries]
 * @param queryLabel labels, [ways * queries]
 */
public record Episode(
    int[] supportIndex,
    int[] supportMove,
    int[] supportLabel,
    int[] queryIndex,
    int[] queryMove,
    int[] queryLabel) {
  /** One task of a batch that an {@link EpisodeSampler} filled; copies. */
  public static Episode of(TaskBatch b, int task) {
    return new Episode(
        b.of("support.index", task),
        b.of("support.move", task),
        b.of("support.label", task),
        b.of("query.index", task),
        b.of("query.move", task),
        b.of("query.label", task));
  }
}
