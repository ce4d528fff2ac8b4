package io.quickstudy.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Arrays;
import org.junit.jupiter.api.Test;

class WarpsTest {
  private static final byte[] IMAGE = {1, 2, 3, 4, 5, 6, 7, 8, 9};

  @Test
  void rowsAreTrueRotations() {
    Warps warps = Warps.of(Rotations.CLASSES, 3, 3);
    assertEquals(4, warps.rows());
    assertArrayEquals(IMAGE, warps.apply(IMAGE, warps.row(0, 0, 0)));
    assertArrayEquals(
        new byte[] {3, 6, 9, 2, 5, 8, 1, 4, 7}, warps.apply(IMAGE, warps.row(1, 0, 0)));
    assertArrayEquals(
        new byte[] {9, 8, 7, 6, 5, 4, 3, 2, 1}, warps.apply(IMAGE, warps.row(2, 0, 0)));
    byte[] turned = IMAGE;
    for (int i = 0; i < 4; i++) {
      assertArrayEquals(turned, warps.apply(IMAGE, i), "turned " + i + " times");
      turned = warps.apply(turned, 1);
    }
    assertArrayEquals(IMAGE, turned);
  }

  @Test
  void shiftsMoveAndLeaveBlank() {
    Warps warps = Warps.shifted(Rotations.CLASSES, 2, 3, 3);
    assertEquals(100, warps.rows());
    assertArrayEquals(
        new byte[] {0, 0, 0, 0, 1, 2, 0, 4, 5}, warps.apply(IMAGE, warps.row(0, 1, 1)));
    assertArrayEquals(
        new byte[] {6, 9, 0, 5, 8, 0, 4, 7, 0}, warps.apply(IMAGE, warps.row(1, 0, -1)));
    assertEquals(9, warps.blank());
    assertEquals(900, warps.table().length);
    int row = warps.row(3, -2, 2);
    assertArrayEquals(Arrays.copyOfRange(warps.table(), 9 * row, 9 * row + 9), warps.row(row));
  }

  @Test
  void channelsMoveTogether() {
    Warps warps = Warps.of(Rotations.PER_CLASS, 2, 2);
    byte[] colours = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12};
    assertArrayEquals(new byte[] {4, 5, 6, 10, 11, 12, 1, 2, 3, 7, 8, 9}, warps.apply(colours, 1));
  }

  @Test
  void impossibleMovesAreRefused() {
    assertThrows(IllegalArgumentException.class, () -> Warps.of(Rotations.CLASSES, 3, 4));
    assertEquals(1, Warps.of(Rotations.NONE, 3, 4).rows());
    assertThrows(IllegalArgumentException.class, () -> Warps.of(Rotations.NONE, 3, 3).row(1, 0, 0));
  }
}
