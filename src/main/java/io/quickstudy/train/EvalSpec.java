package io.quickstudy.train;

import io.quickstudy.data.Split;
import io.quickstudy.run.RunConfig;

/**
 * What to measure on.
 *
 * @param part which classes
 * @param ways classes of a task
 * @param shots labelled examples of each class
 * @param queries examples of each class to predict
 * @param unlabelled examples of each class whose label is not told
 * @param options of the learner
 * @param episodes tasks
 */
public record EvalSpec(
    Split.Part part,
    int ways,
    int shots,
    int queries,
    int unlabelled,
    Record options,
    int episodes) {

  /** On tasks without unlabelled examples. */
  public EvalSpec(Split.Part part, int ways, int shots, int queries, Record options, int episodes) {
    this(part, ways, shots, queries, 0, options, episodes);
  }

  /** What a configuration says to measure at the end of training. */
  public static EvalSpec test(RunConfig c) {
    return new EvalSpec(
        Split.Part.TEST,
        c.evaluation().evalWays(),
        c.evaluation().evalShots(),
        c.evaluation().evalQueries(),
        c.evaluation().evalUnlabelled(),
        c.measured(),
        c.evaluation().evalEpisodes());
  }

  /** What a configuration says to measure on the way. */
  public static EvalSpec validation(RunConfig c) {
    return new EvalSpec(
        Split.Part.VAL,
        c.evaluation().evalWays(),
        c.evaluation().evalShots(),
        c.evaluation().evalQueries(),
        c.evaluation().evalUnlabelled(),
        c.measured(),
        c.evaluation().valEpisodes());
  }

  /** The same on other classes. */
  public EvalSpec on(Split.Part other) {
    return new EvalSpec(other, ways, shots, queries, unlabelled, options, episodes);
  }

  /** The same on the first of its tasks, at most so many. */
  public EvalSpec first(int most) {
    return new EvalSpec(part, ways, shots, queries, unlabelled, options, Math.min(episodes, most));
  }

  /**
   * The number of the first task: far from those of training (from 0), and each part in a range of
   * its own, for data whose parts are not made of different classes.
   */
  long first() {
    long range =
        switch (part) {
          case TRAIN -> 1;
          case VAL -> 2;
          case TEST -> 3;
        };
    return range << 48;
  }
}
