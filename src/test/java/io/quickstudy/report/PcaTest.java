package io.quickstudy.report;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Principal components in double precision. */
class PcaTest {
  @Test
  void axesAndSharesAreThoseOfTheEllipseThatWasDrawn() {
    // four points along (3, 4) / 5 and four along (4, -3) / 5, in the plane z = 7
    float[][] rows = {
      {13, 9, 7}, {7, 1, 7}, {16, 13, 7}, {4, -3, 7}, {14, 2, 7}, {6, 8, 7}, {10, 5, 7}, {10, 5, 7}
    };
    Pca p = Pca.of(rows, 3);
    assertArrayEquals(new double[] {10, 5, 7}, p.mean(), 1e-12);
    assertArrayEquals(new double[] {0.6, 0.8, 0}, p.axes()[0], 1e-12);
    assertArrayEquals(new double[] {0.8, -0.6, 0}, p.axes()[1], 1e-12);
    assertArrayEquals(new double[3], p.axes()[2]);
    double along = 2 * 25 + 2 * 100;
    double across = 2 * 25;
    assertEquals(along / (along + across), p.shares()[0], 1e-12);
    assertEquals(across / (along + across), p.shares()[1], 1e-12);
    assertEquals(0, p.shares()[2]);
    assertArrayEquals(new double[] {5, 0, 0}, p.along(rows[0]), 1e-12);
    assertArrayEquals(new double[] {0, 5, 0}, p.along(rows[4]), 1e-12);
  }

  @Test
  void manyFeaturesOfFewRowsKeepTheirDistances() {
    SplittableRandom random = new SplittableRandom(3);
    float[][] rows = new float[40][300];
    for (float[] row : rows) {
      for (int j = 0; j < row.length; j++) {
        row[j] = (float) random.nextGaussian();
      }
    }
    Pca p = Pca.of(rows, 39); // all directions there are
    double sum = 0;
    for (int c = 0; c < 39; c++) {
      sum += p.shares()[c];
      assertTrue(c == 0 || p.shares()[c] <= p.shares()[c - 1], "in order");
      for (int e = 0; e <= c; e++) {
        double dot = 0;
        for (int j = 0; j < 300; j++) {
          dot += p.axes()[c][j] * p.axes()[e][j];
        }
        assertEquals(c == e ? 1 : 0, dot, 1e-10);
      }
    }
    assertEquals(1, sum, 1e-12);
    double[] a = p.along(rows[3]);
    double[] b = p.along(rows[17]);
    double there = 0;
    double here = 0;
    for (int c = 0; c < 39; c++) {
      there += (a[c] - b[c]) * (a[c] - b[c]);
    }
    for (int j = 0; j < 300; j++) {
      here += Math.pow((double) rows[3][j] - rows[17][j], 2);
    }
    assertEquals(here, there, 1e-9 * here);
  }

  @Test
  void rowsThatAreAllTheSameHaveNone() {
    Pca p = Pca.of(new float[][] {{1, 2}, {1, 2}, {1, 2}}, 2);
    assertArrayEquals(new double[2], p.shares());
    assertArrayEquals(new double[2], p.along(new float[] {5, 5}));
    Pca one = Pca.of(new float[][] {{1, 2}}, 2);
    assertArrayEquals(new double[2], one.shares());
  }
}
