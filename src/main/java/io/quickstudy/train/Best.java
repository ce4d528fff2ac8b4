package io.quickstudy.train;

import io.quickstudy.data.CurveTasks;
import io.quickstudy.text.Text;

/**
 * What one who knows how the curves of the tasks are drawn reaches on the same tasks: no learner is
 * better but by luck.
 *
 * @param error the mean squared error
 * @param likelihood the logarithm of the density of a value, per query point
 */
public record Best(double error, double likelihood) {
  /** In words: "mse 0.0712, log-likelihood 1.21". */
  public String summary() {
    return "mse %s, log-likelihood %s".formatted(Text.number(error), Text.number(likelihood));
  }

  /** That of one task of the last that a source has drawn. */
  static Best of(CurveTasks.Posterior posterior, CurveSource source, int task) {
    float[] y = source.queryY(task);
    double[] mean = new double[y.length];
    double[] deviation = new double[y.length];
    posterior.at(
        source.supportX(task), source.supportY(task), source.queryX(task), mean, deviation);
    double error = 0;
    double density = 0;
    for (int i = 0; i < y.length; i++) {
      double d = y[i] - mean[i];
      double z = d / deviation[i];
      error += d * d;
      density -= 0.5 * z * z + Math.log(deviation[i]) + 0.5 * Math.log(2 * Math.PI);
    }
    double points = (double) y.length / source.curves().outputs();
    return new Best(error / y.length, density / points);
  }
}
