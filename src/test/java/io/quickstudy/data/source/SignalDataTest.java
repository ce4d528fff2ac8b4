package io.quickstudy.data.source;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.quickstudy.data.SignalTasks;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

/** The bits of the algorithmic tasks, step by step. */
class SignalDataTest {
  private record Drawn(float[][] x, float[][] y, float[] asked) {}

  private static Drawn drawn(SignalTasks t, long task, int items, int before) {
    int n = t.steps(items) + before;
    float[] x = new float[n * t.inputs()];
    float[] y = new float[n * t.outputs()];
    float[] asked = new float[n];
    t.write(task, items, x, y, asked, before);
    return new Drawn(
        rows(x, t.inputs(), before),
        rows(y, t.outputs(), before),
        Arrays.copyOfRange(asked, before, n));
  }

  private static float[][] rows(float[] all, int width, int from) {
    float[][] rows = new float[all.length / width - from][];
    for (int i = 0; i < rows.length; i++) {
      rows[i] = Arrays.copyOfRange(all, (from + i) * width, (from + i + 1) * width);
    }
    return rows;
  }

  @Test
  void copyingIsSeenThenAnswered() {
    Drawn d = drawn(new CopyTask(7), 3, 5, 0);
    assertEquals(11, d.x().length);
    boolean zero = false;
    boolean one = false;
    for (int i = 0; i < 5; i++) {
      assertArrayEquals(Arrays.copyOf(d.x()[i], 8), d.y()[6 + i]);
      assertEquals(0, d.x()[i][8], "no delimiter yet");
      assertArrayEquals(new float[9], d.x()[6 + i], "nothing is seen meanwhile");
      for (int b = 0; b < 8; b++) {
        zero |= d.x()[i][b] == 0;
        one |= d.x()[i][b] == 1;
      }
    }
    assertTrue(zero && one);
    assertArrayEquals(new float[] {0, 0, 0, 0, 0, 0, 0, 0, 1}, d.x()[5]);
    assertArrayEquals(new float[] {0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1}, d.asked());
  }

  @Test
  void recallAsksForTheItemBehindTheOneShown() {
    for (long task = 0; task < 20; task++) {
      int items = 2 + (int) (task % 3);
      Drawn d = drawn(new RecallTask(7), task, items, 0);
      int query = 4 * items;
      assertEquals(query + 8, d.x().length);
      int shown = -1;
      for (int i = 0; i < items; i++) {
        assertArrayEquals(new float[] {0, 0, 0, 0, 0, 0, 1, 0}, d.x()[4 * i]);
        boolean same = true;
        for (int v = 1; v <= 3; v++) {
          same &= Arrays.equals(d.x()[4 * i + v], d.x()[query + v]);
        }
        shown = same ? i : shown;
      }
      assertTrue(shown >= 0 && shown < items - 1, "one that another comes behind");
      assertArrayEquals(new float[] {0, 0, 0, 0, 0, 0, 0, 1}, d.x()[query]);
      assertArrayEquals(new float[] {0, 0, 0, 0, 0, 0, 0, 1}, d.x()[query + 4]);
      for (int v = 0; v < 3; v++) {
        float[] behind = Arrays.copyOf(d.x()[4 * (shown + 1) + 1 + v], 6);
        assertArrayEquals(behind, d.y()[query + 5 + v]);
        assertEquals(1, d.asked()[query + 5 + v]);
      }
      float asked = 0;
      for (float a : d.asked()) {
        asked += a;
      }
      assertEquals(3, asked);
    }
  }

  @Test
  void aTaskIsItsNumberAloneWhereverItStands() {
    for (SignalTasks t : new SignalTasks[] {new CopyTask(7), new RecallTask(7)}) {
      Drawn here = drawn(t, 5, 4, 0);
      Drawn there = drawn(t, 5, 4, 9);
      assertArrayEquals(here.x(), there.x());
      assertArrayEquals(here.y(), there.y());
      assertArrayEquals(here.asked(), there.asked());
      assertFalse(Arrays.deepEquals(here.x(), drawn(t, 6, 4, 0).x()), "another task");
    }
    float[][] other = drawn(new CopyTask(8), 5, 4, 0).x();
    assertFalse(Arrays.deepEquals(drawn(new CopyTask(7), 5, 4, 0).x(), other), "another seed");
  }
}
