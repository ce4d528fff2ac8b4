package io.quickstudy.data.source;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.quickstudy.data.Curve;
import io.quickstudy.data.CurveTasks;
import io.quickstudy.data.FewCurves;
import java.util.HashSet;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Sine waves of any frequency, waves and lines, and few of them. */
class CurvesTest {
  private static float[][] points(CurveTasks of, long first, int tasks) {
    float[][] p = new float[4][];
    for (int k = 0; k < 4; k++) {
      p[k] = new float[tasks * (k < 2 ? 3 : 2)];
    }
    of.fill(first, tasks, 3, 2, p[0], p[1], p[2], p[3]);
    return p;
  }

  private static float value(Curve of, float x) {
    float[] y = new float[1];
    of.value(new float[] {x}, 0, y, 0);
    return y[0];
  }

  @Test
  void halfOfTheCurvesAreLines() {
    CurveTasks tasks = SinesAndLines.tasks(1);
    int lines = 0;
    for (int i = 0; i < 2000; i++) {
      Curve c = tasks.curve(i).orElseThrow();
      // the second difference of a line is 0, up to rounding
      double bend = value(c, -1) - 2.0 * value(c, 0) + value(c, 1);
      boolean line = c.about().startsWith("Line");
      lines += line ? 1 : 0;
      if (line) {
        assertEquals(0, bend, 1e-5);
        assertTrue(Math.abs(value(c, 0)) <= 3 && Math.abs(value(c, 1) - value(c, 0)) <= 3.0001);
      }
    }
    assertEquals(1000, lines, 100);
  }

  @Test
  void valuesOfSinesAndLinesAreNoisy() {
    CurveTasks tasks = SinesAndLines.tasks(1);
    double noise = 0;
    for (int i = 0; i < 1000; i++) {
      float[][] p = points(tasks, i, 1);
      Curve c = tasks.curve(i).orElseThrow();
      for (int k = 0; k < 3; k++) {
        noise += Math.pow(p[1][k] - value(c, p[0][k]), 2) / 3000;
      }
    }
    assertEquals(0.3, Math.sqrt(noise), 0.01);
  }

  @Test
  void noisySinusoidsAreSinusoidsWithNoise() {
    CurveTasks noisy = Sinusoids.noisy(1);
    CurveTasks plain = Sinusoids.tasks(1);
    double noise = 0;
    for (int i = 0; i < 1000; i++) {
      float[][] p = points(noisy, i, 1);
      assertEquals(plain.curve(i).orElseThrow().about(), noisy.curve(i).orElseThrow().about());
      Curve c = noisy.curve(i).orElseThrow();
      for (int k = 0; k < 3; k++) {
        noise += Math.pow(p[1][k] - value(c, p[0][k]), 2) / 3000;
      }
    }
    assertEquals(0.02, noise, 0.002);
  }

  /** y'' = -frequency^2 y says the frequency. */
  @Test
  void wavesHaveTheirFrequencies() {
    CurveTasks tasks = Waves.tasks(1);
    double least = 9;
    double most = 0;
    for (int i = 0; i < 500; i++) {
      Curve c = tasks.curve(i).orElseThrow();
      double f = Double.parseDouble(c.about().replaceAll(".*frequency ([0-9.]+),.*", "$1"));
      double h = 0.5;
      double y = value(c, 0);
      double found = (value(c, (float) -h) + value(c, (float) h)) / 2;
      assertEquals(y * Math.cos(f * h), found, 0.02, c.about()); // the words are rounded
      least = Math.min(least, f);
      most = Math.max(most, f);
    }
    assertTrue(least >= 0.5 && least < 0.55 && most > 1.95 && most <= 2);
  }

  @Test
  void fewCurvesComeAgain() {
    CurveTasks all = Waves.tasks(1);
    FewCurves few = new FewCurves(all, 4, 7);
    Set<Integer> seen = new HashSet<>();
    for (int i = 0; i < 100; i++) {
      float[][] p = points(few, i, 1);
      int which =
          IntStream.range(0, 4)
              .filter(k -> points(all, k, 1)[1][0] == p[1][0])
              .findFirst()
              .orElseThrow();
      for (int k = 0; k < 4; k++) {
        assertArrayEquals(points(all, which, 1)[k], p[k]);
      }
      assertEquals(all.curve(which).orElseThrow().about(), few.curve(i).orElseThrow().about());
      seen.add(which);
    }
    assertEquals(Set.of(0, 1, 2, 3), seen);
    float[][] at = points(few, 10, 5);
    float[][] third = points(few, 12, 1);
    for (int k = 0; k < 4; k++) {
      int n = third[k].length;
      assertArrayEquals(third[k], java.util.Arrays.copyOfRange(at[k], 2 * n, 3 * n));
    }
    assertThrows(IllegalArgumentException.class, () -> new FewCurves(all, 0, 7));
  }
}
