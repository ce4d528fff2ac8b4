package io.quickstudy.data.source;

import io.quickstudy.data.Curve;
import io.quickstudy.data.CurveFamily;
import io.quickstudy.data.CurveTasks;
import io.quickstudy.data.DataSource;
import io.quickstudy.random.RandomStream;
import java.util.Locale;

/**
 * Sine waves of any frequency to regress, a harder kind than {@link Sinusoids}: {@code y =
 * amplitude * sin(frequency * x + phase)} with the amplitude uniform in 0.1 to 5, the frequency in
 * 0.5 to 2, the phase in 0 to 2 pi (radians) and x in -5 to 5 (Yoon et al. 2018, section 5.1). The
 * paper adds normal noise of a hundredth of the amplitude, which is left out.
 */
public final class Waves {
  /** The data set. */
  public static final DataSource DATA =
      new CurveData(
          "waves",
          "sine waves of any frequency to regress (Yoon et al. 2018, section 5.1); built in",
          Waves::tasks);

  /** The smallest frequency in radians by unit of x. */
  public static final double MIN_FREQUENCY = 0.5;

  /** The largest frequency. */
  public static final double MAX_FREQUENCY = 2;

  /** The largest phase in radians. */
  public static final double MAX_PHASE = 2 * Math.PI;

  private Waves() {}

  /** The waves of a seed. */
  public static CurveTasks tasks(long seed) {
    String about =
        "sine waves, amplitudes %s to %s, frequencies %s to %s"
            .formatted(
                Sinusoids.MIN_AMPLITUDE, Sinusoids.MAX_AMPLITUDE, MIN_FREQUENCY, MAX_FREQUENCY);
    return new CurveFamily(about, -Sinusoids.MAX_X, Sinusoids.MAX_X, seed, Waves::draw);
  }

  private static Curve draw(RandomStream random) {
    double amplitude = random.between(Sinusoids.MIN_AMPLITUDE, Sinusoids.MAX_AMPLITUDE);
    double phase = random.between(0, MAX_PHASE);
    return new Wave(amplitude, random.between(MIN_FREQUENCY, MAX_FREQUENCY), phase);
  }

  private record Wave(double amplitude, double frequency, double phase) implements Curve {
    @Override
    public void value(float[] x, int xAt, float[] y, int yAt) {
      y[yAt] = (float) (amplitude * StrictMath.sin(frequency * x[xAt] + phase));
    }

    @Override
    public String about() {
      return String.format(
          Locale.ROOT, "Amplitude %.2f, frequency %.2f, phase %.2f.", amplitude, frequency, phase);
    }
  }
}
