package io.quickstudy.data.sampling;

import io.quickstudy.data.ClassUnit;
import io.quickstudy.data.Within;

/**
 * The form of a classification episode.
 *
 * @param ways classes per episode
 * @param shots labelled examples per class
 * @param queries examples per class to be predicted
 * @param unlabelled examples per class, and per distractor, whose label is not told
 * @param distractors classes of the unlabelled examples that are none of the episode's (Ren et al.
 *     2018, section 3)
 * @param within where the classes come from
 * @param unit what a class is
 */
public record EpisodeSpec(
    int ways,
    int shots,
    int queries,
    int unlabelled,
    int distractors,
    Within within,
    ClassUnit unit) {

  /** Checks that each is at least 1, of what is not labelled at least 0. */
  public EpisodeSpec {
    if (ways < 1 || shots < 1 || queries < 1) {
      throw new IllegalArgumentException(
          "Episodes of %s ways, %s shots and %s queries: expected at least 1 of each."
              .formatted(ways, shots, queries));
    }
    if (unlabelled < 0 || distractors < 0 || (unlabelled == 0 && distractors > 0)) {
      throw new IllegalArgumentException(
          "Episodes of %s unlabelled examples and %s distractors: expected at least 0 of each, and distractors only with unlabelled examples."
              .formatted(unlabelled, distractors));
    }
    if (within == Within.GROUP && unit == ClassUnit.GROUPS) {
      throw new IllegalArgumentException(
          "Episodes within a group whose classes are groups: expected one of both; leave one out.");
    }
  }

  /** Without unlabelled examples, of classes from everywhere. */
  public EpisodeSpec(int ways, int shots, int queries) {
    this(ways, shots, queries, 0, 0, Within.ALL, ClassUnit.EACH);
  }

  /** Classes that are drawn, distractors included. */
  public int drawn() {
    return Math.addExact(ways, distractors);
  }

  /** Examples of a class. */
  public int examples() {
    return Math.addExact(Math.addExact(shots, queries), unlabelled);
  }

  /** Support images per episode: labelled ones and behind them those that are not. */
  public int supportSize() {
    return Math.addExact(Math.multiplyExact(ways, shots), Math.multiplyExact(drawn(), unlabelled));
  }

  /** Query images per episode. */
  public int querySize() {
    return Math.multiplyExact(ways, queries);
  }
}
