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
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class LabelledSamplerTest {
  private static final int IMAGES = 32;
  private static final int[] CLASSES = {1, 3, 4, 6, 7, 9};
  private final ImageSet set = Sets.random(10, 20);

  private LabelledSampler sampler(Rotations rotations) {
    return new LabelledSampler(set, CLASSES, rotations, IMAGES, 3);
  }

  @ParameterizedTest
  @EnumSource
  void labelsAreThoseOfTheClasses(Rotations rotations) {
    LabelledSampler sampler = sampler(rotations);
    boolean turned = rotations == Rotations.CLASSES;
    assertEquals(turned ? 24 : 6, sampler.poolSize());
    for (int i = 0; i < 100; i++) {
      DrawnImages d = sampler.images(i);
      for (int k = 0; k < IMAGES; k++) {
        int base = Arrays.binarySearch(CLASSES, d.index()[k] / 20);
        assertEquals(turned ? 4 * base + d.move()[k] : base, d.label()[k]);
      }
      long angles = IntStream.of(d.move()).distinct().count();
      switch (rotations) {
        case NONE, PER_EPISODE -> assertEquals(1, angles);
        case CLASSES, PER_CLASS -> assertTrue(angles > 1);
      }
    }
  }

  @Test
  void classesExamplesAndAnglesAreUniform() {
    int[] labels = new int[6];
    int[] examples = new int[20];
    int[] angles = new int[4];
    for (int i = 0; i < 500; i++) {
      DrawnImages d = sampler(Rotations.PER_CLASS).images(i);
      for (int k = 0; k < IMAGES; k++) {
        labels[d.label()[k]]++;
        examples[d.index()[k] % 20]++;
        angles[d.move()[k]]++;
      }
    }
    assertTrue(ChiSquare.of(labels) < 20.5, Arrays.toString(labels));
    assertTrue(ChiSquare.of(examples) < 43.8, Arrays.toString(examples));
    assertTrue(ChiSquare.of(angles) < 16.3, Arrays.toString(angles));
  }

  @Test
  void batchesReplayInAnyOrder() {
    TaskBatch batch = sampler(Rotations.CLASSES).batch(3);
    sampler(Rotations.CLASSES).fill(50, batch);
    for (int task = 2; task >= 0; task--) {
      DrawnImages d = sampler(Rotations.CLASSES).images(50 + task);
      assertArrayEquals(d.index(), batch.of("index", task));
      assertArrayEquals(d.move(), batch.of("move", task));
      assertArrayEquals(d.label(), batch.of("label", task));
    }
    assertThrows(IllegalArgumentException.class, () -> batch.all("labels"));
  }

  /** Pins the meaning of a seed: a change here breaks the replay of every recorded run. */
  @Test
  void seedsKeepTheirMeaning() {
    DrawnImages d = sampler(Rotations.CLASSES).images(0);
    int[] all = IntStream.concat(IntStream.of(d.index()), IntStream.of(d.move())).toArray();
    assertEquals(71218125, Arrays.hashCode(all), Arrays.toString(all));
  }

  @Test
  void impossibleBatchesAreRefused() {
    assertThrows(
        IllegalArgumentException.class,
        () -> new LabelledSampler(set, CLASSES, Rotations.NONE, 0, 0));
    assertThrows(
        IllegalArgumentException.class,
        () -> new LabelledSampler(set, new int[0], Rotations.NONE, 1, 0));
  }
}
