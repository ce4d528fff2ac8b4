package io.quickstudy.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashSet;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class SplitTest {
  @Test
  void randomHasItsCountsAndSeed() {
    ImageSet set = Sets.random(1623, 1);
    Split split = Split.randomTrainAndTest(set, 1);
    assertCounts(split, 1200, 100, 423);
    Set<Integer> train = set(split, Split.Part.TRAIN);
    assertTrue(train.containsAll(set(split, Split.Part.VAL)), "val only watches the training");
    assertTrue(set(split, Split.Part.TEST).stream().noneMatch(train::contains));
    assertArrayEquals(
        split.classes(Split.Part.TEST), Split.randomTrainAndTest(set, 1).classes(Split.Part.TEST));
    assertFalse(
        set(split, Split.Part.TEST).equals(set(Split.randomTrainAndTest(set, 2), Split.Part.TEST)));
  }

  @Test
  void heldoutKeepsGroupsTogether() {
    ImageSet set = Sets.random(40, 1);
    Split split = Split.heldout(set);
    assertCounts(split, 28, 4, 8);
    assertDisjointAndWhole(split, 40);
    Set<String> train = new HashSet<>();
    for (int c : split.classes(Split.Part.TRAIN)) {
      train.add(set.classes().get(c).group());
    }
    for (int c : split.classes(Split.Part.TEST)) {
      assertFalse(train.contains(set.classes().get(c).group()));
    }
  }

  @Test
  void ownSplitsSayItOfEachClass() {
    ImageSet set = Sets.random(6, 1);
    Split split =
        Split.of("mine", set, c -> c.group().equals("g0") ? Split.Part.TEST : Split.Part.TRAIN);
    assertCounts(split, 4, 0, 2);
    assertEquals("mine 4/0/2", split.toString());
    assertMessage("no class for test", () -> Split.of("mine", set, c -> Split.Part.TRAIN));
    assertMessage("no class for training", () -> Split.of("mine", set, c -> Split.Part.VAL));

    Split random = Split.random(Sets.random(100, 1), 0);
    assertCounts(random, 64, 16, 20);
    assertDisjointAndWhole(random, 100);
  }

  @Test
  void errorsNameTheRepair() {
    assertMessage("did you mean 'test'", () -> Split.Part.of("tets"));
    assertMessage("random", () -> Split.heldout(Sets.random(4, 1)));
  }

  private static void assertMessage(String part, org.junit.jupiter.api.function.Executable call) {
    String message = assertThrows(IllegalArgumentException.class, call).getMessage();
    assertTrue(message.contains(part), message);
  }

  private static void assertCounts(Split split, int train, int val, int test) {
    assertEquals(train, split.classes(Split.Part.TRAIN).length);
    assertEquals(val, split.classes(Split.Part.VAL).length);
    assertEquals(test, split.classes(Split.Part.TEST).length);
  }

  private static void assertDisjointAndWhole(Split split, int classes) {
    Set<Integer> all = new HashSet<>();
    for (Split.Part part : Split.Part.values()) {
      IntStream.of(split.classes(part)).forEach(c -> assertTrue(all.add(c)));
    }
    assertEquals(classes, all.size());
  }

  private static Set<Integer> set(Split split, Split.Part part) {
    Set<Integer> set = new HashSet<>();
    IntStream.of(split.classes(part)).forEach(set::add);
    return set;
  }
}
