package io.quickstudy.backend.cuda.kernels;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.quickstudy.backend.cuda.kernels.Tiling.Tile;
import org.junit.jupiter.api.Test;

/** How the layers that Quickstudy is made for are cut. */
class TilingTest {
  private static final int PROCESSORS = 132;

  @Test
  void largeLayersGetLargeTiles() {
    assertEquals(Tile.T128X64, Tiling.pixels(32, 75L * 14 * 14, 64).tile());
    assertEquals(Tile.T256X32, Tiling.pixels(4, 75L * 42 * 42, 32).tile());
  }

  @Test
  void smallOnesStillFillAGpu() {
    for (long pixels : new long[] {14 * 14, 7 * 7, 4 * 4}) {
      long blocks = Tiling.pixels(32, 5 * pixels, 64).blocks();
      assertTrue(blocks >= PROCESSORS * 3 / 4, pixels + " pixels: " + blocks);
    }
  }

  @Test
  void theSmallestGetTheSmallestTile() {
    assertEquals(new Tiling(Tile.T32X32, 1, 1), Tiling.pixels(1, 20, 5));
    assertEquals(new Tiling(Tile.T32X32, 1, 2), Tiling.taps(2, 18, 4, 40));
  }

  @Test
  void longSumsAreSliced() {
    Tiling first = Tiling.taps(32, 9, 64, 75L * 14 * 14);
    assertEquals(Tile.T16X64, first.tile());
    assertEquals(32 * first.slices(), first.blocks());
    assertTrue(first.slices() > 1 && first.blocks() >= PROCESSORS, first.toString());
    Tiling shared = Tiling.taps(1, 576, 64, 360L * 14 * 14);
    assertEquals(9 * shared.slices(), Tile.T64X64 == shared.tile() ? shared.blocks() : 0);
    assertTrue(shared.blocks() >= PROCESSORS, shared.toString());
    assertEquals(1, Tiling.taps(1, 576, 64, 60).slices());
  }
}
