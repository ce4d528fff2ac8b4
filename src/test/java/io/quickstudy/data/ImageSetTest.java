package io.quickstudy.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
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
}
