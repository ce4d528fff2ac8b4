package io.quickstudy.data.sampling;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.quickstudy.data.ImageClass;
import io.quickstudy.data.ImageSet;
import io.quickstudy.data.Rotations;
import io.quickstudy.data.Sets;
import io.quickstudy.data.Within;
import io.quickstudy.random.ChiSquare;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class PairSamplerTest {
  private static final int PAIRS = 7;
  private static final int[] CLASSES = {1, 3, 4, 6, 7, 9};
  private final ImageSet set = Sets.random(10, 20);

  private PairSampler sampler(Rotations rotations) {
    return new PairSampler(set, CLASSES, rotations, PAIRS, 3);
  }

  @ParameterizedTest
  @EnumSource
  void halfAreOfOneClass(Rotations rotations) {
    for (int i = 0; i < 300; i++) {
      DrawnPairs p = sampler(rotations).pairs(i);
      assertArrayEquals(new int[] {1, 0, 1, 0, 1, 0, 1}, p.label());
      for (int k = 0; k < PAIRS; k++) {
        int left = p.leftIndex()[k] / 20;
        int right = p.rightIndex()[k] / 20;
        assertTrue(Arrays.binarySearch(CLASSES, left) >= 0);
        assertTrue(Arrays.binarySearch(CLASSES, right) >= 0);
        if (p.label()[k] == 1) {
          assertEquals(left, right);
          assertEquals(p.leftMove()[k], p.rightMove()[k]);
          assertNotEquals(p.leftIndex()[k], p.rightIndex()[k]);
        } else if (rotations == Rotations.CLASSES) {
          assertNotEquals(left * 4 + p.leftMove()[k], right * 4 + p.rightMove()[k]);
        } else {
          assertNotEquals(left, right);
        }
      }
      if (rotations == Rotations.NONE || rotations == Rotations.PER_EPISODE) {
        IntStream all = IntStream.concat(IntStream.of(p.leftMove()), IntStream.of(p.rightMove()));
        assertEquals(1, all.distinct().count());
      }
    }
  }

  @Test
  void classesAndAnglesAreUniform() {
    PairSampler sampler = sampler(Rotations.CLASSES);
    assertEquals(24, sampler.poolSize());
    int[] same = new int[24];
    int[] others = new int[24];
    int[] examples = new int[20];
    for (int i = 0; i < 2000; i++) {
      DrawnPairs p = sampler.pairs(i);
      for (int k = 0; k < PAIRS; k++) {
        int pooled = Arrays.binarySearch(CLASSES, p.rightIndex()[k] / 20) * 4 + p.rightMove()[k];
        (p.label()[k] == 1 ? same : others)[pooled]++;
        examples[p.leftIndex()[k] % 20]++;
      }
    }
    assertTrue(ChiSquare.of(same) < 49.7, Arrays.toString(same));
    assertTrue(ChiSquare.of(others) < 49.7, Arrays.toString(others));
    assertTrue(ChiSquare.of(examples) < 43.8, Arrays.toString(examples));
  }

  @Test
  void tasksReplayInAnyOrderAndBatch() {
    TaskBatch batch = sampler(Rotations.PER_CLASS).batch(3);
    sampler(Rotations.PER_CLASS).fill(50, batch);
    for (int task = 2; task >= 0; task--) {
      DrawnPairs p = sampler(Rotations.PER_CLASS).pairs(50 + task);
      assertArrayEquals(p.leftIndex(), batch.of("left.index", task));
      assertArrayEquals(p.leftMove(), batch.of("left.move", task));
      assertArrayEquals(p.rightIndex(), batch.of("right.index", task));
      assertArrayEquals(p.rightMove(), batch.of("right.move", task));
      assertArrayEquals(p.label(), batch.of("label", task));
    }
  }

  /** Pins the meaning of a seed: a change here breaks the replay of every recorded run. */
  @Test
  void seedsKeepTheirMeaning() {
    DrawnPairs p = sampler(Rotations.CLASSES).pairs(0);
    int[] all =
        IntStream.concat(IntStream.of(p.leftIndex()), IntStream.of(p.rightMove())).toArray();
    assertEquals(384926305, Arrays.hashCode(all), Arrays.toString(all));
  }

  @Test
  void impossiblePairsAreRefused() {
    assertError("Tasks of 0 pairs", Sets.random(4, 2), 4, 0);
    assertError("a pair needs 2; leave the class out", Sets.random(4, 1), 4, 1);
    assertError("2 ways from 1 class", Sets.random(4, 2), 1, 1);
  }

  private static void assertError(String part, ImageSet of, int classes, int pairs) {
    int[] all = IntStream.range(0, classes).toArray();
    String message =
        assertThrows(
                IllegalArgumentException.class,
                () -> new PairSampler(of, all, Rotations.NONE, pairs, 0))
            .getMessage();
    assertTrue(message.contains(part), message);
  }

  @Test
  void withinAGroupBothClassesAreOfIt() {
    ImageSet grouped =
        ImageSet.of(
            "grouped",
            2,
            2,
            1,
            new TreeMap<>(
                Map.of("a/1", images(3), "a/2", images(3), "b/1", images(3), "b/2", images(3))));
    int[] all = {0, 1, 2, 3};
    PairSampler s = new PairSampler(grouped, all, Rotations.NONE, Within.GROUP, 40, 3);
    DrawnPairs p = s.pairs(0);
    Set<String> different = new TreeSet<>();
    for (int k = 0; k < 40; k++) {
      ImageClass l = grouped.classes().get(p.leftIndex()[k] / 3);
      ImageClass r = grouped.classes().get(p.rightIndex()[k] / 3);
      assertEquals(l.group(), r.group());
      assertEquals(p.label()[k] == 1, l.equals(r));
      different.add(l.group());
    }
    assertEquals(Set.of("a", "b"), different);
    String message =
        assertThrows(
                IllegalArgumentException.class,
                () ->
                    new PairSampler(
                        grouped, new int[] {0, 1, 2}, Rotations.NONE, Within.GROUP, 4, 3))
            .getMessage();
    assertTrue(message.startsWith("Group 'b' of 'grouped' has 1 class: expected 2"), message);
  }

  private static List<byte[]> images(int n) {
    return Collections.nCopies(n, new byte[4]);
  }
}
