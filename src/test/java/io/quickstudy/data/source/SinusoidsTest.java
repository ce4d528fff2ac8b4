package io.quickstudy.data.source;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.quickstudy.data.Curve;
import io.quickstudy.data.CurveTasks;
import java.util.Arrays;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class SinusoidsTest {
  private static final Pattern NUMBERS = Pattern.compile("Amplitude (.*), phase (.*)\\.");
  private final CurveTasks tasks = Sinusoids.tasks(1);

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
  void pointsLieOnTheirWaveAndInRange() {
    double amplitudes = 0;
    double phases = 0;
    float[] y = new float[5];
    for (int i = 0; i < 2000; i++) {
      Points p = Points.of(tasks, i, 1);
      Curve curve = tasks.curve(i).orElseThrow();
      Matcher m = NUMBERS.matcher(curve.about());
      assertTrue(m.matches(), curve.about());
      double amplitude = Double.parseDouble(m.group(1));
      double phase = Double.parseDouble(m.group(2));
      assertTrue(amplitude >= 0.1 && amplitude <= 5);
      assertTrue(phase >= 0 && phase <= 3.15);
      amplitudes += amplitude;
      phases += phase;
      for (int k = 0; k < 5; k++) {
        assertTrue(p.qx[k] >= -5 && p.qx[k] <= 5);
        assertEquals(amplitude * Math.sin(p.qx[k] - phase), p.qy[k], 0.04, "two digits are shown");
        curve.value(p.qx, k, y, k);
      }
      assertArrayEquals(y, p.qy);
    }
    assertEquals(2.55, amplitudes / 2000, 0.15);
    assertEquals(Math.PI / 2, phases / 2000, 0.1);
  }

  @Test
  void tasksReplayInBatches() {
    Points three = Points.of(tasks, 7, 3);
    assertArrayEquals(Points.of(tasks, 9, 1).sy, Arrays.copyOfRange(three.sy, 20, 30));
    assertArrayEquals(Points.of(tasks, 7, 1).qx, Arrays.copyOfRange(three.qx, 0, 5));
    float[] few = new float[30];
    assertThrows(IllegalArgumentException.class, () -> tasks.fill(7, 4, 10, 5, few, few, few, few));
    assertThrows(IllegalArgumentException.class, () -> tasks.fill(7, 1, 0, 5, few, few, few, few));
  }

  /** Pins the meaning of a seed: a change here breaks the replay of every recorded run. */
  @Test
  void seedsKeepTheirMeaning() {
    Points p = Points.of(tasks, 7, 3);
    int[] hashes = {
      Arrays.hashCode(p.sx), Arrays.hashCode(p.sy), Arrays.hashCode(p.qx), Arrays.hashCode(p.qy)
    };
    assertEquals(1425235859, Arrays.hashCode(hashes));
  }
}
