package io.quickstudy.data.sampling;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.quickstudy.data.Rotations;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class PixelMovesTest {
  private static final byte[] IMAGE = {1, 2, 3, 4, 5, 6, 7, 8, 9};

  @Test
  void rowsAreTrueRotations() {
    PixelMoves moves = PixelMoves.of(Rotations.CLASSES, 3, 3);
    assertEquals(4, moves.rows());
    assertArrayEquals(IMAGE, moves.apply(IMAGE, moves.row(0, 0, 0)));
    assertArrayEquals(
        new byte[] {3, 6, 9, 2, 5, 8, 1, 4, 7}, moves.apply(IMAGE, moves.row(1, 0, 0)));
    assertArrayEquals(
        new byte[] {9, 8, 7, 6, 5, 4, 3, 2, 1}, moves.apply(IMAGE, moves.row(2, 0, 0)));
    byte[] turned = IMAGE;
    for (int i = 0; i < 4; i++) {
      assertArrayEquals(turned, moves.apply(IMAGE, i), "turned " + i + " times");
      turned = moves.apply(turned, 1);
    }
    assertArrayEquals(IMAGE, turned);
  }

  @Test
  void shiftsMoveAndLeaveBlank() {
    PixelMoves moves = PixelMoves.shifted(Rotations.CLASSES, 2, 3, 3);
    assertEquals(100, moves.rows());
    assertArrayEquals(
        new byte[] {0, 0, 0, 0, 1, 2, 0, 4, 5}, moves.apply(IMAGE, moves.row(0, 1, 1)));
    assertArrayEquals(
        new byte[] {6, 9, 0, 5, 8, 0, 4, 7, 0}, moves.apply(IMAGE, moves.row(1, 0, -1)));
    assertEquals(9, moves.blank());
    assertEquals(900, moves.table().length);
    int row = moves.row(3, -2, 2);
    assertArrayEquals(Arrays.copyOfRange(moves.table(), 9 * row, 9 * row + 9), moves.row(row));
  }

  @Test
  void channelsMoveTogether() {
    PixelMoves moves = PixelMoves.of(Rotations.PER_CLASS, 2, 2);
    byte[] colours = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12};
    assertArrayEquals(new byte[] {4, 5, 6, 10, 11, 12, 1, 2, 3, 7, 8, 9}, moves.apply(colours, 1));
  }

  @Test
  void impossibleMovesAreRefused() {
    assertThrows(IllegalArgumentException.class, () -> PixelMoves.of(Rotations.CLASSES, 3, 4));
    assertEquals(1, PixelMoves.of(Rotations.NONE, 3, 4).rows());
    assertThrows(
        IllegalArgumentException.class, () -> PixelMoves.of(Rotations.NONE, 3, 3).row(1, 0, 0));
  }
}
