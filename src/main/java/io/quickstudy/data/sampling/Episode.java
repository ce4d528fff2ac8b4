package io.quickstudy.data.sampling;

/**
 * One classification task, as indices. Support and query are ordered by class, that is, by label:
 * entry {@code label * shots + k} of the support is example k of that class. Unlabelled examples,
 * with label -1, stand behind the labelled ones. Of described classes ({@link DescribedSampler})
 * the support is an example of each, by which one knows them.
 *
 * @param supportIndex example numbers in the image set, [support]: {@link EpisodeSpec#supportSize}
 *     of them
 * @param supportMove rows of the move table, [support]
 * @param supportLabel labels from 0 to ways - 1, or -1, [support]
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
