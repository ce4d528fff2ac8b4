package io.quickstudy.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class FingerprintTest {
  private static final ImageSet SET = Sets.random(12, 3);

  private static byte[] pixels(ImageSet set) {
    byte[] all = new byte[set.pixels().remaining()];
    set.pixels().get(all);
    return all;
  }

  private static String print(ImageSet set) {
    return Fingerprint.of(set, Split.random(set, 0));
  }

  @Test
  void theSameTasksHaveTheSame() {
    ImageSet moved = ImageSet.of("elsewhere", 4, 4, 1, pixels(SET), SET.classes());
    assertEquals(print(SET), print(moved));
    assertTrue(print(SET).matches("[0-9a-f]{64}"), print(SET));
  }

  @Test
  void whateverChangesATaskChangesIt() {
    byte[] bit = pixels(SET);
    bit[bit.length - 1] ^= 1;
    List<ImageClass> renamed = new ArrayList<>(SET.classes());
    renamed.set(3, new ImageClass("x", "g1", 9, 3));
    List<ImageClass> counted = new ArrayList<>(SET.classes());
    counted.set(3, new ImageClass("c3", "g1", 9, 2));
    counted.set(4, new ImageClass("c4", "g2", 11, 4));
    List<String> prints = new ArrayList<>();
    prints.add(print(SET));
    prints.add(print(ImageSet.of("random", 4, 4, 1, bit, SET.classes())));
    prints.add(print(ImageSet.of("random", 2, 8, 1, pixels(SET), SET.classes())));
    prints.add(print(ImageSet.of("random", 4, 4, 1, pixels(SET), renamed)));
    prints.add(print(ImageSet.of("random", 4, 4, 1, pixels(SET), counted)));
    prints.add(print(Sets.random(13, 3)));
    prints.add(Fingerprint.of(SET, Split.random(SET, 1)));
    prints.add(Fingerprint.of(SET, Split.heldout(SET)));
    Set<String> others = new TreeSet<>(prints);
    assertEquals(prints.size(), others.size(), prints.toString());
  }
}
