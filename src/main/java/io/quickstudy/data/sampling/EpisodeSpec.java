package io.quickstudy.data.sampling;

/**
 * The form of a classification episode.
 *
 * @param ways classes per episode
 * @param shots labelled examples per class
 * @param queries examples per class to be predicted
 */
public record EpisodeSpec(int ways, int shots, int queries) {

  /** Checks that each is at least 1. */
  public EpisodeSpec {
    if (ways < 1 || shots < 1 || queries < 1) {
      throw new IllegalArgumentException(
          "Episodes of %s ways, %s shots and %s queries: expected at least 1 of each."
              .formatted(ways, shots, queries));
    }
  }

  /** Support images per episode. */
  public int supportSize() {
    return ways * shots;
  }

  /** Query images per episode. */
  public int querySize() {
    return ways * queries;
  }
}
