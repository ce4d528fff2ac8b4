package io.quickstudy.data.sampling;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.quickstudy.data.ImageClass;
import io.quickstudy.data.ImageSet;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** That a class's number, its label and its images belong together. */
class DescribedSamplerTest {
  private static final ImageSet SET =
      ImageSet.of(
          "s",
          1,
          1,
          1,
          Map.of(
              "a", List.of(new byte[1], new byte[1]),
              "b", List.of(new byte[1], new byte[1], new byte[1]),
              "c", List.of(new byte[1]),
              "d", List.of(new byte[1], new byte[1])));

  @Test
  void tasksAreOfDistinctClassesAndImages() {
    DescribedSampler s = new DescribedSampler(SET, new int[] {3, 1, 0}, 2, 2, 5);
    boolean[] seen = new boolean[4];
    for (int i = 0; i < 200; i++) {
      TaskBatch b = s.one(i);
      int[] classes = b.of("support.class", 0);
      assertTrue(classes[0] != classes[1]);
      assertArrayEquals(new int[] {0, 1}, b.of("support.label", 0));
      assertArrayEquals(new int[] {0, 0, 1, 1}, b.of("query.label", 0));
      assertArrayEquals(new int[4], b.of("query.move", 0));
      int[] index = b.of("query.index", 0);
      assertEquals(4, Arrays.stream(index).distinct().count());
      for (int k = 0; k < 4; k++) {
        ImageClass c = SET.classes().get(classes[k / 2]);
        assertTrue(index[k] >= c.first() && index[k] < c.first() + c.count());
      }
      seen[classes[0]] = true;
      Episode e = s.episode(b, 0);
      assertEquals(SET.classes().get(classes[1]).first(), e.supportIndex()[1]);
      assertArrayEquals(index, e.queryIndex());
    }
    assertTrue(seen[0] && seen[1] && !seen[2] && seen[3]);
  }

  @Test
  void aTaskIsTheSameInAnyBatchAndHasASeed() {
    DescribedSampler s = new DescribedSampler(SET, new int[] {0, 1, 3}, 3, 1, 5);
    TaskBatch many = s.batch(4);
    s.fill(7, many);
    for (int t = 0; t < 4; t++) {
      for (String name : many.names()) {
        assertArrayEquals(s.one(7 + t).of(name, 0), many.of(name, t));
      }
    }
    DescribedSampler other = new DescribedSampler(SET, new int[] {0, 1, 3}, 3, 1, 6);
    boolean same = true;
    for (int i = 0; i < 10; i++) {
      same &= Arrays.equals(s.one(i).all("query.index"), other.one(i).all("query.index"));
    }
    assertTrue(!same);
  }

  @Test
  void tooFewImagesOrClassesAreNamed() {
    String few =
        assertThrows(
                IllegalArgumentException.class,
                () -> new DescribedSampler(SET, new int[] {0, 2}, 2, 2, 0))
            .getMessage();
    assertTrue(few.contains("Class 'c' of 's' has 1 example: a task needs 2"), few);
    assertThrows(
        IllegalArgumentException.class, () -> new DescribedSampler(SET, new int[] {0}, 2, 1, 0));
    assertThrows(
        IllegalArgumentException.class, () -> new DescribedSampler(SET, new int[] {0}, 1, 0, 0));
  }
}
