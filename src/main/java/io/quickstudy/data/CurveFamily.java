package io.quickstudy.data;

import io.quickstudy.random.RandomStream;
import io.quickstudy.random.RandomUse;
import java.util.Optional;

/**
 * Curves drawn from a family, such as all sine waves of some amplitudes: first a curve, then the
 * inputs of its points, uniform in the range.
 *
 * @param about what they are, one line
 * @param inputs the numbers that a point's input has
 * @param outputs the numbers that a point's value has
 * @param from the smallest input
 * @param to the largest input
 * @param seed the seed
 * @param draw draws one curve
 * @param noise the standard deviation of the normal noise that values are seen with; 0 for none
 * @param posterior what can be known of a curve from its support points, where that is known
 */
public record CurveFamily(
    String about,
    int inputs,
    int outputs,
    double from,
    double to,
    long seed,
    Draw draw,
    double noise,
    Optional<Posterior> posterior)
    implements CurveTasks {

  /** How a curve of the family is drawn. */
  @FunctionalInterface
  public interface Draw {
    /** A curve that depends on these numbers alone. */
    Curve next(RandomStream random);
  }

  /** Checks the numbers. */
  public CurveFamily {
    if (inputs < 1 || outputs < 1 || !(from < to)) {
      throw new IllegalArgumentException(
          ("Curves of %s inputs from %s to %s and %s outputs: expected at least 1 of each and a"
                  + " range.")
              .formatted(inputs, from, to, outputs));
    }
  }

  /** Curves whose values are seen as they are. */
  public CurveFamily(
      String about, int inputs, int outputs, double from, double to, long seed, Draw draw) {
    this(about, inputs, outputs, from, to, seed, draw, 0, Optional.empty());
  }

  /** Curves of one input and one output. */
  public CurveFamily(String about, double from, double to, long seed, Draw draw) {
    this(about, 1, 1, from, to, seed, draw);
  }

  private RandomStream random(long i) {
    return new RandomStream(seed, RandomUse.CURVE, i);
  }

  @Override
  public void fill(
      long first,
      int tasks,
      int shots,
      int queries,
      float[] supportX,
      float[] supportY,
      float[] queryX,
      float[] queryY) {
    CurveTasks.check(this, tasks, shots, queries, supportX, supportY, queryX, queryY);
    for (int task = 0; task < tasks; task++) {
      RandomStream random = random(first + task);
      Curve curve = draw.next(random);
      points(curve, random, task * shots, shots, supportX, supportY);
      points(curve, random, task * queries, queries, queryX, queryY);
    }
  }

  private void points(Curve curve, RandomStream random, int at, int n, float[] x, float[] y) {
    for (int k = at; k < at + n; k++) {
      for (int i = 0; i < inputs; i++) {
        x[k * inputs + i] = (float) random.between(from, to);
      }
      curve.value(x, k * inputs, y, k * outputs);
      for (int i = 0; i < outputs && noise > 0; i++) {
        y[k * outputs + i] += (float) (noise * random.nextGaussian());
      }
    }
  }

  @Override
  public Optional<Curve> curve(long i) {
    return Optional.of(draw.next(random(i)));
  }
}
