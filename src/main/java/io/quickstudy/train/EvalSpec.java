package io.quickstudy.train;

import io.quickstudy.data.Split;
import io.quickstudy.run.RunConfig;
import io.quickstudy.settings.ConfigException;

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
 * @param seed which tasks: 0 for those that all measurements of a configuration are of, or another
 *     number for others of the same classes
 */
public record EvalSpec(
    Split.Part part,
    int ways,
    int shots,
    int queries,
    int unlabelled,
    Record options,
    int episodes,
    int seed) {

  /** The largest seed. */
  public static final int MOST_SEED = 0xffff;

  private static final int SEED_AT = 32; // each has its own four milliards of tasks

  /** Checks the seed. */
  public EvalSpec {
    if (seed < 0 || seed > MOST_SEED) {
      throw new ConfigException(
          "Option --seed is %s: expected a number from 0 to %s; change it."
              .formatted(seed, MOST_SEED));
    }
  }

  /** On tasks without unlabelled examples. */
  public EvalSpec(Split.Part part, int ways, int shots, int queries, Record options, int episodes) {
    this(part, ways, shots, queries, 0, options, episodes, 0);
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
        c.evaluation().evalEpisodes(),
        0);
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
        c.evaluation().valEpisodes(),
        0);
  }

  /** The same on other classes. */
  public EvalSpec on(Split.Part other) {
    return new EvalSpec(other, ways, shots, queries, unlabelled, options, episodes, seed);
  }

  /** The same on the first of its tasks, at most so many. */
  public EvalSpec first(int most) {
    int some = Math.min(episodes, most);
    return new EvalSpec(part, ways, shots, queries, unlabelled, options, some, seed);
  }

  /** The same on other tasks. */
  public EvalSpec seed(int other) {
    return new EvalSpec(part, ways, shots, queries, unlabelled, options, episodes, other);
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
    return (range << 48) + ((long) seed << SEED_AT);
  }
}
