package io.quickstudy.data.sampling;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.quickstudy.data.ImageSet;
import io.quickstudy.data.Rotations;
import io.quickstudy.data.Sets;
import io.quickstudy.random.ChiSquare;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class EpisodeSamplerTest {
  private static final EpisodeSpec SPEC = new EpisodeSpec(5, 2, 3);
  private static final int[] CLASSES = {1, 3, 4, 6, 7, 9};
  private final ImageSet set = Sets.random(10, 20);

  private EpisodeSampler sampler(Rotations rotations) {
    return new EpisodeSampler(set, CLASSES, rotations, SPEC, 11);
  }

  @ParameterizedTest
  @EnumSource
  void episodesAreWellFormed(Rotations rotations) {
    EpisodeSampler sampler = sampler(rotations);
    for (int i = 0; i < 200; i++) {
      Episode e = sampler.episode(i);
      Set<Integer> support = new HashSet<>();
      Set<Integer> moved = new HashSet<>();
      Set<Integer> pooled = new HashSet<>();
      for (int k = 0; k < SPEC.supportSize(); k++) {
        assertEquals(k / SPEC.shots(), e.supportLabel()[k]);
        support.add(e.supportIndex()[k] * 4 + e.supportMove()[k]);
        moved.add(e.supportMove()[k]);
        pooled.add(e.supportIndex()[k] / 20 * 4 + e.supportMove()[k]);
      }
      assertEquals(SPEC.supportSize(), support.size());
      assertEquals(SPEC.ways(), pooled.size(), "classes are distinct");
      for (int k = 0; k < SPEC.querySize(); k++) {
        int label = e.queryLabel()[k];
        assertEquals(k / SPEC.queries(), label);
        assertFalse(support.contains(e.queryIndex()[k] * 4 + e.queryMove()[k]));
        int shown = e.supportIndex()[label * SPEC.shots()];
        assertEquals(shown / 20, e.queryIndex()[k] / 20, "same class");
        assertEquals(e.supportMove()[label * SPEC.shots()], e.queryMove()[k]);
        assertTrue(Arrays.binarySearch(CLASSES, e.queryIndex()[k] / 20) >= 0);
      }
      if (rotations == Rotations.NONE || rotations == Rotations.PER_EPISODE) {
        assertEquals(1, moved.size());
      }
    }
  }

  @Test
  void classesAnglesAndExamplesAreUniform() {
    EpisodeSampler sampler = sampler(Rotations.CLASSES);
    assertEquals(24, sampler.poolSize());
    int[] drawn = new int[24];
    int[] examples = new int[20];
    boolean sameCharacterTwice = false;
    for (int i = 0; i < 4000; i++) {
      Episode e = sampler.episode(i);
      Set<Integer> characters = new HashSet<>();
      for (int label = 0; label < SPEC.ways(); label++) {
        int index = e.supportIndex()[label * SPEC.shots()];
        characters.add(index / 20);
        int pooled = Arrays.binarySearch(CLASSES, index / 20) * 4;
        drawn[pooled + e.supportMove()[label * SPEC.shots()]]++;
        examples[e.queryIndex()[label * SPEC.queries()] % 20]++;
      }
      sameCharacterTwice |= characters.size() < SPEC.ways();
    }
    assertTrue(ChiSquare.of(drawn) < 49.7, Arrays.toString(drawn));
    assertTrue(ChiSquare.of(examples) < 43.8, Arrays.toString(examples));
    assertTrue(sameCharacterTwice, "a character under two angles is two classes");
  }

  @Test
  void episodesReplayInAnyOrderAndBatch() {
    TaskBatch batch = sampler(Rotations.CLASSES).batch(4);
    sampler(Rotations.CLASSES).fill(100, batch);
    for (int task = 3; task >= 0; task--) {
      Episode e = sampler(Rotations.CLASSES).episode(100 + task);
      assertArrayEquals(e.queryIndex(), batch.of("query.index", task));
      assertArrayEquals(e.supportMove(), batch.of("support.move", task));
    }
  }

  /** Pins the meaning of a seed: a change here breaks the replay of every recorded run. */
  @Test
  void seedsKeepTheirMeaning() {
    Episode e = sampler(Rotations.CLASSES).episode(0);
    int[] all =
        IntStream.concat(IntStream.of(e.supportIndex()), IntStream.of(e.queryMove())).toArray();
    assertEquals(-1784347049, Arrays.hashCode(all), Arrays.toString(all));
  }

  @Test
  void impossibleEpisodesAreRefused() {
    assertError("examples", new EpisodeSpec(5, 11, 10), CLASSES);
    assertError("7 ways from 6 classes", new EpisodeSpec(7, 1, 1), CLASSES);
    assertError("twice", new EpisodeSpec(1, 1, 1), new int[] {2, 2});
    assertError("Class 10", new EpisodeSpec(1, 1, 1), new int[] {10});
    assertThrows(IllegalArgumentException.class, () -> new EpisodeSpec(5, 0, 1));
    assertThrows(
        IllegalArgumentException.class,
        () -> {
          EpisodeSampler other =
              new EpisodeSampler(set, CLASSES, Rotations.NONE, new EpisodeSpec(5, 1, 1), 0);
          sampler(Rotations.NONE).fill(0, other.batch(1));
        });
    assertThrows(IllegalArgumentException.class, () -> sampler(Rotations.NONE).batch(0));
  }

  private void assertError(String part, EpisodeSpec spec, int[] classes) {
    String message =
        assertThrows(
                IllegalArgumentException.class,
                () -> new EpisodeSampler(set, classes, Rotations.NONE, spec, 0))
            .getMessage();
    assertTrue(message.contains(part), message);
  }
}
