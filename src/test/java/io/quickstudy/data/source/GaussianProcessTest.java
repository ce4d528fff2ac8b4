package io.quickstudy.data.source;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.quickstudy.data.Curve;
import io.quickstudy.data.CurveTasks;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class GaussianProcessTest {
  private final CurveTasks tasks = GaussianProcess.tasks(1);

  /** Points of some tasks of 10 shots and 5 queries. */
  private record Points(float[] sx, float[] sy, float[] qx, float[] qy) {
    static Points of(CurveTasks tasks, long first, int n) {
      Points p =
          new Points(new float[10 * n], new float[10 * n], new float[5 * n], new float[5 * n]);
      tasks.fill(first, n, 10, 5, p.sx, p.sy, p.qx, p.qy);
      return p;
    }
  }

  @Test
  void pointsLieNearTheirCurveAndInRange() {
    double noise = 0;
    float[] y = new float[5];
    for (int i = 0; i < 1000; i++) {
      Points p = Points.of(tasks, i, 1);
      Curve curve = tasks.curve(i).orElseThrow();
      for (int k = 0; k < 5; k++) {
        assertTrue(p.qx[k] >= -2 && p.qx[k] <= 2);
        curve.value(p.qx, k, y, k);
        noise += Math.pow(p.qy[k] - y[k], 2) / 5000;
      }
    }
    assertEquals(0.02, Math.sqrt(noise), 0.001);
  }

  /** Of 20,000 functions at five inputs, whose sample covariance has an error of about 1/140. */
  @Test
  void functionsHaveTheProcessesCovariance() {
    float[] x = {-2, -1.9f, -1.3f, 0.2f, 2};
    double[] means = new double[5];
    double[][] moments = new double[5][5];
    float[] y = new float[5];
    int n = 20_000;
    for (int task = 0; task < n; task++) {
      Curve f = tasks.curve(task).orElseThrow();
      for (int i = 0; i < 5; i++) {
        f.value(x, i, y, i);
      }
      for (int i = 0; i < 5; i++) {
        means[i] += (double) y[i] / n;
        for (int j = 0; j < 5; j++) {
          moments[i][j] += (double) y[i] * y[j] / n;
        }
      }
    }
    assertArrayEquals(new double[5], means, 0.03);
    for (int i = 0; i < 5; i++) {
      for (int j = 0; j < 5; j++) {
        double d = x[i] - x[j];
        assertEquals(Math.exp(-d * d / 0.32), moments[i][j], 0.04, x[i] + " and " + x[j]);
      }
    }
  }

  /** Of one and two points by hand. */
  @Test
  void thePosteriorIsThatOfTheEquations() {
    CurveTasks.Posterior posterior = tasks.posterior().orElseThrow();
    double[] mean = new double[1];
    double[] deviation = new double[1];
    posterior.at(new float[] {0.5f}, new float[] {2}, new float[] {0.9f}, mean, deviation);
    double near = Math.exp(-0.5); // a length scale away
    double own = 1 + 0.02 * 0.02;
    assertEquals(near / own * 2, mean[0], 1e-6);
    assertEquals(Math.sqrt(own - near * near / own), deviation[0], 1e-6);
    posterior.at(new float[] {0, 0.4f}, new float[] {1, -1}, new float[] {0.8f}, mean, deviation);
    double far = Math.exp(-2);
    double det = own * own - near * near;
    double a = (own * far - near * near) / det; // weights of both values
    double b = (own * near - near * far) / det;
    assertEquals(a - b, mean[0], 1e-6);
    assertEquals(Math.sqrt(own - a * far - b * near), deviation[0], 1e-6);
  }

  /** What the posterior says of how surely it knows is so: over many tasks z has variance 1. */
  @Test
  void thePosteriorIsCalibrated() {
    CurveTasks.Posterior posterior = tasks.posterior().orElseThrow();
    double[] mean = new double[5];
    double[] deviation = new double[5];
    double sum = 0;
    double squares = 0;
    int within = 0;
    for (int i = 0; i < 2000; i++) {
      Points p = Points.of(tasks, i, 1);
      posterior.at(p.sx, p.sy, p.qx, mean, deviation);
      for (int k = 0; k < 5; k++) {
        double z = (p.qy[k] - mean[k]) / deviation[k];
        sum += z / 10_000;
        squares += z * z / 10_000;
        within += Math.abs(z) < 1.96 ? 1 : 0;
      }
    }
    assertEquals(0, sum, 0.03);
    assertEquals(1, squares, 0.05);
    assertEquals(9500, within, 100);
  }

  @Test
  void tasksReplayInBatches() {
    Points three = Points.of(tasks, 7, 3);
    assertArrayEquals(Points.of(tasks, 9, 1).sy, Arrays.copyOfRange(three.sy, 20, 30));
    assertArrayEquals(Points.of(tasks, 7, 1).qx, Arrays.copyOfRange(three.qx, 0, 5));
    float[] few = new float[30];
    assertThrows(IllegalArgumentException.class, () -> tasks.fill(7, 4, 10, 5, few, few, few, few));
  }

  /** Pins the meaning of a seed: a change here breaks the replay of every recorded run. */
  @Test
  void seedsKeepTheirMeaning() {
    Points p = Points.of(tasks, 7, 3);
    int[] hashes = {
      Arrays.hashCode(p.sx), Arrays.hashCode(p.sy), Arrays.hashCode(p.qx), Arrays.hashCode(p.qy)
    };
    assertEquals(1168038721, Arrays.hashCode(hashes));
  }
}
