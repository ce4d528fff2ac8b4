package io.quickstudy.data.source;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import org.junit.jupiter.api.Test;

class SinusoidsTest {
  private final Sinusoids sinusoids = new Sinusoids(10, 5, 1);

  @Test
  void pointsLieOnTheirWaveAndInRange() {
    double amplitudes = 0;
    double phases = 0;
    for (int i = 0; i < 2000; i++) {
      Sinusoids.Task task = sinusoids.task(i);
      assertTrue(task.amplitude() >= 0.1 && task.amplitude() < 5);
      assertTrue(task.phase() >= 0 && task.phase() < Math.PI);
      amplitudes += task.amplitude();
      phases += task.phase();
      for (int k = 0; k < 5; k++) {
        double x = task.queryX()[k];
        assertTrue(x >= -5 && x <= 5);
        assertEquals(task.amplitude() * Math.sin(x - task.phase()), task.queryY()[k], 1e-5);
      }
      assertEquals((float) task.y(task.supportX()[9]), task.supportY()[9]);
    }
    assertEquals(2.55, amplitudes / 2000, 0.15);
    assertEquals(Math.PI / 2, phases / 2000, 0.1);
  }

  @Test
  void tasksReplayInBatches() {
    float[] sx = new float[30];
    float[] sy = new float[30];
    float[] qx = new float[15];
    float[] qy = new float[15];
    sinusoids.fill(7, 3, sx, sy, qx, qy);
    assertArrayEquals(sinusoids.task(9).supportY(), Arrays.copyOfRange(sy, 20, 30));
    assertArrayEquals(sinusoids.task(7).queryX(), Arrays.copyOfRange(qx, 0, 5));
    assertThrows(IllegalArgumentException.class, () -> sinusoids.fill(7, 4, sx, sy, qx, qy));
    assertThrows(IllegalArgumentException.class, () -> new Sinusoids(0, 1, 0));
  }
}
