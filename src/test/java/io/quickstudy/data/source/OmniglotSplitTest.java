package io.quickstudy.data.source;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.quickstudy.data.ImageClass;
import io.quickstudy.data.ImageSet;
import io.quickstudy.data.Sets;
import io.quickstudy.data.Split;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** That Omniglot is split as papers split it. */
class OmniglotSplitTest {
  @Test
  void omniglotHasItsClasses() {
    ImageSet set = Sets.omniglot();
    assertEquals(1623, set.classes().size());
    assertEquals(32460, set.examples());
    assertTrue(set.classes().stream().allMatch(c -> c.count() == 20));
    assertEquals(50, set.classes().stream().map(ImageClass::group).distinct().count());
    long ink = 0;
    for (int i = 0; i < 100; i++) {
      for (byte b : set.image(i * 300)) {
        ink += b & 255;
      }
    }
    assertEquals(0.08, ink / (255.0 * 784 * 100), 0.02, "ink is bright on dark");
  }

  @Test
  void vinyalsHasItsCounts() {
    Split split = OmniglotSplit.VINYALS.of(Sets.omniglot(), 0);
    assertEquals("vinyals 1028/172/423", split.toString());
    assertEquals(
        1623,
        Stream.of(Split.Part.values())
            .flatMapToInt(p -> IntStream.of(split.classes(p)))
            .distinct()
            .count());
  }

  @Test
  void lakeHasItsCounts() {
    Split split = OmniglotSplit.LAKE.of(Sets.omniglot(), 0);
    assertEquals("lake 964/172/659", split.toString());
    Set<Integer> train = new HashSet<>();
    IntStream.of(split.classes(Split.Part.TRAIN)).forEach(train::add);
    for (int c : split.classes(Split.Part.VAL)) {
      assertTrue(train.contains(c), "val only watches the training");
    }
  }

  @Test
  void otherSetsHaveNoSuchAlphabets() {
    for (OmniglotSplit s : List.of(OmniglotSplit.VINYALS, OmniglotSplit.LAKE)) {
      IllegalArgumentException e =
          assertThrows(IllegalArgumentException.class, () -> s.of(Sets.random(4, 1), 0));
      assertTrue(e.getMessage().contains("lacks 25 alphabets such as 'Angelic'"), e.getMessage());
    }
  }

  @Test
  void namesAreThoseOfTheDataSet() {
    assertEquals(List.of("vinyals", "random", "lake", "heldout"), new Omniglot().splits());
    ImageSet set = Sets.random(40, 1);
    assertEquals("random 30/2/10", OmniglotSplit.named("random").of(set, 0).toString());
    assertEquals("heldout 28/4/8", OmniglotSplit.named("heldout").of(set, 0).toString());
    IllegalArgumentException e =
        assertThrows(IllegalArgumentException.class, () -> new Omniglot().checkSplit("vinyal"));
    assertTrue(e.getMessage().contains("did you mean 'vinyals'"), e.getMessage());
  }
}
