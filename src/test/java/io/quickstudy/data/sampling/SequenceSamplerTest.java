package io.quickstudy.data.sampling;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.quickstudy.data.ImageSet;
import io.quickstudy.data.Rotations;
import io.quickstudy.data.Sets;
import io.quickstudy.random.ChiSquare;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class SequenceSamplerTest {
  private final ImageSet set = Sets.random(10, 20);
  private final int[] classes = {0, 1, 2, 3, 4, 5, 6, 7};

  private SequenceSampler sampler(SequenceSpec spec, int shift) {
    return new SequenceSampler(set, classes, Rotations.CLASSES, shift, spec, 5);
  }

  @ParameterizedTest
  @EnumSource
  void sequencesAreWellFormed(SequenceSpec.Mixture mixture) {
    SequenceSampler sampler = sampler(new SequenceSpec(5, 50, mixture), 2);
    int angleRows = 25;
    for (int i = 0; i < 100; i++) {
      DrawnSequence s = sampler.sequence(i);
      int[] seen = new int[5];
      int[] pooled = new int[5];
      Set<Integer> images = new HashSet<>();
      for (int t = 0; t < 50; t++) {
        int label = s.label()[t];
        assertEquals(++seen[label], s.instance()[t]);
        int now = 1 + s.index()[t] / 20 * 4 + s.move()[t] / angleRows;
        assertTrue(pooled[label] == 0 || pooled[label] == now, "one class and angle per label");
        pooled[label] = now;
        images.add(s.index()[t] * 4 + s.move()[t] / angleRows);
      }
      if (mixture == SequenceSpec.Mixture.BALANCED) {
        assertArrayEquals(new int[] {10, 10, 10, 10, 10}, seen);
        assertEquals(50, images.size(), "no image twice");
        assertEquals(5, Arrays.stream(pooled).distinct().count());
      }
    }
  }

  @Test
  void shiftsAndLabelsAreUniform() {
    SequenceSampler sampler = sampler(new SequenceSpec(5, 50), 1);
    int[] shifts = new int[9];
    int[] labels = new int[5];
    for (int i = 0; i < 200; i++) {
      DrawnSequence s = sampler.sequence(i);
      labels[s.label()[0]]++;
      for (int move : s.move()) {
        shifts[move % 9]++;
      }
    }
    assertTrue(ChiSquare.of(shifts) < 26.1, Arrays.toString(shifts));
    assertTrue(ChiSquare.of(labels) < 18.5, Arrays.toString(labels));
  }

  @Test
  void batchesHoldTheSameSequences() {
    SequenceSpec spec = new SequenceSpec(3, 7);
    TaskBatch batch = sampler(spec, 1).batch(3);
    sampler(spec, 1).fill(40, batch);
    DrawnSequence last = sampler(spec, 1).sequence(42);
    assertArrayEquals(last.index(), batch.of("index", 2));
    assertArrayEquals(last.move(), batch.of("move", 2));
    assertArrayEquals(last.label(), batch.of("label", 2));
  }

  /** Pins the meaning of a seed: a change here breaks the replay of every recorded run. */
  @Test
  void seedsKeepTheirMeaning() {
    DrawnSequence s = sampler(new SequenceSpec(5, 20), 2).sequence(7);
    int[] hashes = {
      Arrays.hashCode(s.index()),
      Arrays.hashCode(s.move()),
      Arrays.hashCode(s.label()),
      Arrays.hashCode(s.instance())
    };
    assertEquals(775759175, Arrays.hashCode(hashes));
  }

  @Test
  void impossibleSequencesAreRefused() {
    assertThrows(IllegalArgumentException.class, () -> sampler(new SequenceSpec(2, 50), 0));
    assertThrows(IllegalArgumentException.class, () -> new SequenceSpec(0, 50));
    SequenceSpec.Mixture balanced = SequenceSpec.Mixture.BALANCED;
    assertThrows(IllegalArgumentException.class, () -> new SequenceSpec(5, 50, balanced, 4));
    assertThrows(IllegalArgumentException.class, () -> sampler(new SequenceSpec(2, 10), -1));
  }

  @Test
  void stringsNameTheClassesAnew() {
    SequenceSpec.Mixture balanced = SequenceSpec.Mixture.BALANCED;
    SequenceSampler plain = sampler(new SequenceSpec(5, 20), 2);
    SequenceSampler named = sampler(new SequenceSpec(5, 20, balanced, 3125), 2);
    java.util.Set<Integer> all = new java.util.TreeSet<>();
    for (int i = 0; i < 10; i++) {
      DrawnSequence a = plain.sequence(i);
      DrawnSequence b = named.sequence(i);
      java.util.Map<Integer, Integer> name = new java.util.HashMap<>();
      for (int t = 0; t < 20; t++) {
        int label = b.label()[t];
        assertTrue(label >= 0 && label < 3125);
        Integer before = name.put(a.label()[t], label);
        assertTrue(before == null || before == label, "a class keeps its name");
      }
      assertEquals(5, name.values().stream().distinct().count());
      assertArrayEquals(a.instance(), b.instance());
      all.addAll(name.values());
    }
    assertTrue(all.size() > 45, "other names for every sequence: " + all.size());
  }
}
