package io.quickstudy.adapt;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** Into how large pieces queries are cut. */
class PieceTest {
  @Test
  void aCallThatFitsHasOnePiece() {
    assertEquals(1, Compute.pieceFor(1, 64));
    assertEquals(6, Compute.pieceFor(5, 64));
    assertEquals(12, Compute.pieceFor(11, 16));
    assertEquals(16, Compute.pieceFor(16, 16));
    assertEquals(16, Compute.pieceFor(13, 22)); // of 22 at most there are 16
  }

  @Test
  void aLargerCallHasPiecesOfOneSizeThatLeaveLittleToFill() {
    assertEquals(16, Compute.pieceFor(75, 16)); // five times, not 4 x 16 + 12
    assertEquals(24, Compute.pieceFor(65, 64)); // not twice 64
    assertEquals(48, Compute.pieceFor(144, 64));
    assertEquals(64, Compute.pieceFor(1280, 64));
    assertEquals(4, Compute.pieceFor(1000, 4));
    assertEquals(1, Compute.pieceFor(1000, 1));
  }

  @Test
  void nothingIsLeftOutAndLittleIsFilled() {
    for (int most : new int[] {1, 4, 16, 64}) {
      Set<Integer> sizes = new TreeSet<>();
      for (int n = 1; n <= 1000; n++) {
        int p = Compute.pieceFor(n, most);
        int pieces = (n + p - 1) / p;
        assertTrue(p >= 1 && p <= most, n + " in pieces of " + p);
        assertTrue(2 * pieces * p <= 3 * n, n + " in " + pieces + " pieces of " + p);
        sizes.add(p);
      }
      assertTrue(sizes.size() <= 12, sizes::toString);
    }
  }
}
