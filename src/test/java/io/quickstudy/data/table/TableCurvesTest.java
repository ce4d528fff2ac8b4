package io.quickstudy.data.table;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.quickstudy.data.VectorSet;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Tasks of tables: rows of one task each, none of them twice. */
class TableCurvesTest {
  private static final int ROWS = 7;

  /** Rows [x, 100 * task + x] with x from 0 to 6. */
  private static TableCurves curves(long seed, int... of) {
    Map<String, List<float[]>> rows = new java.util.HashMap<>();
    for (int t = 0; t < 5; t++) {
      int task = t;
      rows.put(
          "t" + t,
          IntStream.range(0, ROWS).mapToObj(x -> new float[] {x, 100 * task + x}).toList());
    }
    return new TableCurves("about", VectorSet.of("v", "task", rows), 1, of, seed);
  }

  private static float[][] drawn(TableCurves c, int tasks) {
    float[][] all = {
      new float[2 * tasks], new float[2 * tasks], new float[3 * tasks], new float[3 * tasks]
    };
    c.fill(10, tasks, 2, 3, all[0], all[1], all[2], all[3]);
    return all;
  }

  @Test
  void eachTaskIsSomeRowsOfOne() {
    TableCurves c = curves(3, 1, 4);
    float[][] all = drawn(c, 50);
    boolean[] seen = new boolean[5];
    for (int t = 0; t < 50; t++) {
      int task = (int) all[1][2 * t] / 100;
      seen[task] = true;
      float[] x = new float[5];
      for (int i = 0; i < 5; i++) {
        boolean support = i < 2;
        int at = support ? 2 * t + i : 3 * t + i - 2;
        x[i] = all[support ? 0 : 2][at];
        assertEquals(100 * task + x[i], all[support ? 1 : 3][at]);
      }
      assertEquals(
          5, IntStream.range(0, 5).mapToObj(i -> x[i]).distinct().count(), Arrays.toString(x));
    }
    assertArrayEquals(new boolean[] {false, true, false, false, true}, seen);
    assertEquals(List.of("t1", "t4"), c.names());
    assertEquals(0, c.from());
    assertEquals(ROWS - 1, c.to());
  }

  @Test
  void aSeedMeansTheSameTasks() {
    assertArrayEquals(drawn(curves(3, 1, 4), 20), drawn(curves(3, 1, 4), 20));
    assertFalse(Arrays.deepEquals(drawn(curves(3, 1, 4), 20), drawn(curves(4, 1, 4), 20)));
  }

  @Test
  void tooFewRowsAreRefusedByName() {
    TableCurves c = curves(0, 2);
    c.enough(ROWS);
    String message =
        assertThrows(IllegalArgumentException.class, () -> c.enough(ROWS + 1)).getMessage();
    assertTrue(
        message.startsWith("Task 't2' of 'v' has 7 rows: expected at least 8, shots and queries"),
        message);
    float[] f = new float[9];
    assertThrows(IllegalArgumentException.class, () -> c.fill(0, 1, 4, 4, f, f, f, f));
  }
}
