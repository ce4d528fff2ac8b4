package io.quickstudy.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ImageSetTest {
  private static final List<ImageClass> TWO =
      List.of(new ImageClass("a", "", 0, 1), new ImageClass("b", "", 1, 2));

  @Test
  void setsAreImmutable() {
    byte[] pixels = {1, 2, 3};
    ImageSet set = ImageSet.of("tiny", 1, 1, 1, pixels, TWO);
    pixels[0] = 9;
    assertArrayEquals(new byte[] {1}, set.image(0));
    assertTrue(set.pixels().isDirect() && set.pixels().isReadOnly());
    set.pixels().get();
    assertEquals(3, set.pixels().remaining());
    assertEquals("tiny (2 classes, 3 images of 1 x 1 x 1)", set.toString());
  }

  @Test
  void whatDoesNotAgreeIsRefused() {
    assertThrows(IllegalArgumentException.class, () -> ImageSet.of("t", 1, 1, 1, new byte[2], TWO));
    assertThrows(IllegalArgumentException.class, () -> ImageSet.of("t", 1, 1, 2, new byte[6], TWO));
    assertThrows(
        IllegalArgumentException.class,
        () -> ImageSet.of("t", 1, 1, 1, new byte[3], TWO.reversed()));
    assertThrows(
        IllegalArgumentException.class, () -> ImageSet.of("t", 1, 1, 1, new byte[3], TWO).image(3));
  }

  @Test
  void singleImagesMakeASet() {
    Map<String, List<byte[]>> images = new LinkedHashMap<>();
    images.put("round/disc", List.of(new byte[] {1, 2}, new byte[] {3, 4}));
    images.put("plain", List.of(new byte[] {5, 6}));
    ImageSet set = ImageSet.of("shapes", 1, 2, 1, images);
    assertEquals(
        List.of(new ImageClass("plain", "", 0, 1), new ImageClass("disc", "round", 1, 2)),
        set.classes());
    assertArrayEquals(new byte[] {3, 4}, set.image(2));

    assertRefused("'disc' of 'shapes' has 1 bytes: expected 1 x 2 x 1", 2, List.of(new byte[1]));
    assertRefused("'disc' of 'shapes' with 0 examples", 2, List.of());
    assertRefused("sides of at least 1", 0, List.of(new byte[0]));
    assertRefused("at most 2 GiB", 1 << 30, Collections.nCopies(2, new byte[1]));
    assertThrows(
        IllegalArgumentException.class, () -> ImageSet.of("none", 1, 2, 1, Map.of()).examples());
  }

  private static void assertRefused(String part, int width, List<byte[]> disc) {
    String message =
        assertThrows(
                IllegalArgumentException.class,
                () -> ImageSet.of("shapes", 1, width, 1, Map.of("disc", disc)))
            .getMessage();
    assertTrue(message.contains(part), message);
  }
}
