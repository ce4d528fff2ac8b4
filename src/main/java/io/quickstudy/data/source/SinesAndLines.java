package io.quickstudy.data.source;

import io.quickstudy.data.Curve;
import io.quickstudy.data.CurveFamily;
import io.quickstudy.data.CurveTasks;
import io.quickstudy.data.DataSource;
import io.quickstudy.random.RandomStream;
import java.util.Locale;
import java.util.Optional;

/**
 * Sine waves and straight lines, one as likely as the other, so that few points leave open which of
 * both they are of (Finn, Xu and Levine 2018, section 5.1): the waves of {@link Sinusoids}, lines
 * with slope and intercept uniform in -3 to 3, values seen with normal noise of standard deviation
 * 0.3.
 */
public final class SinesAndLines {
  /** The data set. */
  public static final DataSource DATA =
      new CurveData(
          "sines-and-lines",
          "sine waves and lines to regress, with noise (Finn et al. 2018, section 5.1); built in",
          SinesAndLines::tasks);

  /** Slopes and intercepts lie between minus and plus this. */
  public static final double MAX_SLOPE = 3;

  /** The standard deviation of the noise that values are seen with. */
  public static final double NOISE = 0.3;

  private SinesAndLines() {}

  /** The curves of a seed. */
  public static CurveTasks tasks(long seed) {
    return new CurveFamily(
        "sine waves and lines, noise %s".formatted(NOISE),
        1,
        1,
        -Sinusoids.MAX_X,
        Sinusoids.MAX_X,
        seed,
        SinesAndLines::draw,
        NOISE,
        Optional.empty());
  }

  private static Curve draw(RandomStream random) {
    if (random.nextInt(2) == 0) {
      return Sinusoids.draw(random);
    }
    double slope = random.between(-MAX_SLOPE, MAX_SLOPE);
    return new Line(slope, random.between(-MAX_SLOPE, MAX_SLOPE));
  }

  private record Line(double slope, double intercept) implements Curve {
    @Override
    public void value(float[] x, int xAt, float[] y, int yAt) {
      y[yAt] = (float) (slope * x[xAt] + intercept);
    }

    @Override
    public String about() {
      return String.format(Locale.ROOT, "Line of slope %.2f, intercept %.2f.", slope, intercept);
    }
  }
}
