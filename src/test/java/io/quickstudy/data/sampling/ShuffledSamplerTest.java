package io.quickstudy.data.sampling;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.quickstudy.data.Rotations;
import io.quickstudy.data.Sets;
import io.quickstudy.random.ChiSquare;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Support sets in a random order. */
class ShuffledSamplerTest {
  private static final int TASKS = 600;
  private static final int[] CLASSES = {0, 1, 2, 3, 4, 5, 6};
  private static final EpisodeSpec SPEC = new EpisodeSpec(3, 2, 2);

  private final EpisodeSampler plain =
      new EpisodeSampler(Sets.random(7, 20), CLASSES, Rotations.CLASSES, SPEC, 3);
  private final TaskSampler shuffled = new ShuffledSampler(plain, 3);

  /** The images of a task's support, each with all that describes it, in order. */
  private static List<String> support(TaskBatch b, int task) {
    int n = b.of("support.label", task).length;
    return IntStream.range(0, n)
        .mapToObj(
            k ->
                b.names().stream()
                    .filter(name -> name.startsWith("support."))
                    .map(name -> image(b.of(name, task), k, n))
                    .toList()
                    .toString())
        .toList();
  }

  private static String image(int[] all, int k, int images) {
    int size = all.length / images;
    return Arrays.toString(Arrays.copyOfRange(all, k * size, (k + 1) * size));
  }

  @Test
  void imagesKeepWhatDescribesThemAndQueriesTheirPlaces() {
    TaskBatch before = plain.batch(TASKS);
    TaskBatch after = shuffled.batch(TASKS);
    plain.fill(5, before);
    shuffled.fill(5, after);
    assertEquals(before.names(), after.names());
    int same = 0;
    for (int task = 0; task < TASKS; task++) {
      List<String> a = support(before, task);
      List<String> b = support(after, task);
      assertEquals(a.stream().sorted().toList(), b.stream().sorted().toList());
      same += a.equals(b) ? 1 : 0;
      for (String name : before.names()) {
        if (name.startsWith("query.")) {
          assertArrayEquals(before.of(name, task), after.of(name, task));
        }
      }
    }
    assertTrue(
        same < 10, same + " of " + TASKS + " in the order of the classes: 1 in 720 expected");
  }

  @Test
  void everyPlaceIsAsLikely() {
    int images = SPEC.supportSize();
    int[] where = new int[images * SPEC.ways()];
    for (int i = 0; i < TASKS; i++) {
      int[] labels = shuffled.one(i).of("support.label", 0);
      for (int k = 0; k < images; k++) {
        where[k * SPEC.ways() + labels[k]]++;
      }
    }
    // 99.9 % of 17 degrees of freedom, more than there are
    assertTrue(ChiSquare.of(where) < 40.8, Arrays.toString(where));
  }

  @Test
  void aTaskIsTheSameInEveryBatch() {
    TaskBatch batch = shuffled.batch(4);
    shuffled.fill(2, batch);
    for (int task = 0; task < 4; task++) {
      assertEquals(support(shuffled.one(2 + task), 0), support(batch, task));
    }
  }

  @Test
  void theSupportsOrderIsOfTheSeed() {
    TaskSampler other = new ShuffledSampler(plain, 4);
    long alike =
        IntStream.range(0, TASKS)
            .filter(i -> support(other.one(i), 0).equals(support(shuffled.one(i), 0)))
            .count();
    assertTrue(alike < 10, alike + " of " + TASKS);
  }

  @Test
  void distortionsGoWithTheirImages() {
    Augmentation bent = Augmentation.of(new Distortion(1, 30, 0, 0, 0));
    TaskSampler both = new AugmentedSampler(shuffled, bent, 3);
    assertArrayEquals(shuffled.one(7).of("support.index", 0), both.one(7).of("support.index", 0));
    // in the other order the maps, as integers of an image, are moved with it
    TaskSampler moved = new ShuffledSampler(new AugmentedSampler(plain, bent, 3), 3);
    List<String> a = support(new AugmentedSampler(plain, bent, 3).one(7), 0);
    assertEquals(a.stream().sorted().toList(), support(moved.one(7), 0).stream().sorted().toList());
  }
}
