package io.quickstudy.data.source;

import io.quickstudy.data.Curve;
import io.quickstudy.data.CurveFamily;
import io.quickstudy.data.CurveTasks;
import io.quickstudy.data.DataSource;
import io.quickstudy.random.RandomStream;
import java.util.Locale;
import java.util.Optional;

/**
 * Sine waves to regress: {@code y = amplitude * sin(x - phase)} with the amplitude uniform in 0.1
 * to 5, the phase in 0 to pi (radians) and x in -5 to 5 (Finn et al. 2017, section 5.1).
 */
public final class Sinusoids {
  /** The data set. */
  public static final DataSource DATA =
      new CurveData(
          "sinusoid",
          "sine waves to regress (Finn et al. 2017, section 5.1); built in",
          Sinusoids::tasks);

  /** The same, seen with noise. */
  public static final DataSource NOISY =
      new CurveData(
          "noisy-sinusoid",
          "the same with noise of variance 0.02 (Harrison et al. 2018, section 5.1); built in",
          Sinusoids::noisy);

  /** The variance of the noise of {@link #NOISY}. */
  public static final double NOISE_VARIANCE = 0.02;

  /** The smallest amplitude. */
  public static final double MIN_AMPLITUDE = 0.1;

  /** The largest amplitude. */
  public static final double MAX_AMPLITUDE = 5;

  /** The largest phase in radians. */
  public static final double MAX_PHASE = Math.PI;

  /** Inputs lie between minus and plus this. */
  public static final double MAX_X = 5;

  private Sinusoids() {}

  /** The waves of a seed. */
  public static CurveTasks tasks(long seed) {
    String about = "sinusoid, amplitudes %s to %s".formatted(MIN_AMPLITUDE, MAX_AMPLITUDE);
    return new CurveFamily(about, -MAX_X, MAX_X, seed, Sinusoids::draw);
  }

  /** The waves of a seed, whose values are seen with normal noise. */
  public static CurveTasks noisy(long seed) {
    return new CurveFamily(
        "sinusoid, noise of variance %s".formatted(NOISE_VARIANCE),
        1,
        1,
        -MAX_X,
        MAX_X,
        seed,
        Sinusoids::draw,
        Math.sqrt(NOISE_VARIANCE),
        Optional.empty());
  }

  static Curve draw(RandomStream random) {
    double amplitude = random.between(MIN_AMPLITUDE, MAX_AMPLITUDE);
    double phase = random.between(0, MAX_PHASE);
    return new Wave(amplitude, phase);
  }

  private record Wave(double amplitude, double phase) implements Curve {
    @Override
    public void value(float[] x, int xAt, float[] y, int yAt) {
      y[yAt] = (float) (amplitude * StrictMath.sin(x[xAt] - phase));
    }

    @Override
    public String about() {
      return String.format(Locale.ROOT, "Amplitude %.2f, phase %.2f.", amplitude, phase);
    }
  }
}
