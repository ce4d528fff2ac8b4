package io.quickstudy.train;

/**
 * What training lost lately: means over about the last steps, of which older ones count less and
 * less. Of the first steps it is their plain mean.
 */
public final class RunningLosses {
  /** The mean age of a step that counts is as if so many steps counted alike. */
  public static final int SPAN = 50;

  private static final double KEEP = 1 - 2.0 / (SPAN + 1);

  private double weight;
  private double loss;
  private double accuracy;

  /** Another step. */
  void add(double itsLoss, double itsAccuracy) {
    double keep = weight < 1 / (1 - KEEP) - 1 ? weight / (weight + 1) : KEEP;
    weight = Math.min(weight + 1, 1 / (1 - KEEP));
    loss = weight == 1 ? itsLoss : keep * loss + (1 - keep) * itsLoss;
    accuracy = weight == 1 ? itsAccuracy : keep * accuracy + (1 - keep) * itsAccuracy;
  }

  /** Its mean; NaN before the first step. */
  double loss() {
    return weight == 0 ? Double.NaN : loss;
  }

  /** Its mean; NaN before the first step, and where there is none. */
  double accuracy() {
    return weight == 0 ? Double.NaN : accuracy;
  }
}
