package io.quickstudy.backend.cuda.kernels;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.quickstudy.backend.Precision;
import io.quickstudy.backend.cuda.kernels.Tiling.Products;
import io.quickstudy.backend.cuda.kernels.Tiling.Tile;
import io.quickstudy.backend.cuda.kernels.Tiling.Way;
import java.util.List;
import org.junit.jupiter.api.Test;

/** How the layers that Quickstudy is made for are cut. */
class TilingTest {
  private static final int PROCESSORS = 132;
  private static final List<List<Way>> DEVICES =
      List.of(Way.of(Precision.FP32, 75), Way.of(Precision.FP32, 80), Way.of(Precision.TF32, 90));

  /** Of a filter of 3 x 3 from as many channels to as many. */
  private static Tiling pixels(List<Way> ways, long tasks, long pixels, long channels) {
    long numbers = tasks * pixels * channels;
    return Tiling.pixels(ways, new Products(tasks, pixels, channels, 9 * channels, numbers));
  }

  private static Tiling taps(List<Way> ways, long tasks, long taps, long columns, long pixels) {
    return Tiling.taps(ways, new Products(tasks, taps, columns, pixels, tasks * taps * columns));
  }

  @Test
  void aGpuWithoutTensorCoresForThemTakesThePlainWay() {
    for (Precision precision : Precision.values()) {
      for (Way way : Way.of(precision, 75)) {
        assertEquals(precision == Precision.FP32, way == Way.PLAIN);
      }
    }
    assertEquals(Way.PLAIN, pixels(DEVICES.get(0), 32, 75L * 7 * 7, 64).kernel().way());
    assertEquals(Way.SPLIT, pixels(DEVICES.get(1), 32, 75L * 7 * 7, 64).kernel().way());
    assertEquals(Way.TF32, pixels(DEVICES.get(2), 32, 75L * 7 * 7, 64).kernel().way());
  }

  @Test
  void largeLayersGetLargeTilesAndAreNotSliced() {
    for (List<Way> ways : DEVICES) {
      Tiling t = pixels(ways, 32, 75L * 14 * 14, 64);
      assertEquals(64, t.kernel().tile().columns());
      assertTrue(t.kernel().tile().rows() >= 64, t.toString());
      assertEquals(1, t.slices());
      assertEquals(32, pixels(ways, 4, 75L * 42 * 42, 32).kernel().tile().columns());
    }
  }

  @Test
  void smallOnesStillFillAGpu() {
    for (List<Way> ways : DEVICES) {
      for (long pixels : new long[] {14 * 14, 7 * 7, 4 * 4}) {
        long blocks = pixels(ways, 32, 5 * pixels, 64).blocks();
        assertTrue(blocks >= PROCESSORS * 3 / 4, pixels + " pixels: " + blocks);
      }
    }
  }

  @Test
  void theSmallestAreNotSliced() {
    for (List<Way> ways : DEVICES) {
      assertEquals(1, Tiling.pixels(ways, new Products(1, 20, 5, 9, 100)).blocks());
      assertEquals(1, taps(ways, 1, 576, 64, 60).slices());
    }
  }

  @Test
  void longSumsAreSliced() {
    for (List<Way> ways : DEVICES) {
      Tiling first = taps(ways, 32, 9, 64, 75L * 14 * 14);
      assertEquals(Tile.T16X64, first.kernel().tile());
      assertEquals(32 * first.slices(), first.blocks());
      assertTrue(first.slices() > 1 && first.blocks() >= PROCESSORS, first.toString());
      Tiling shared = taps(ways, 1, 576, 64, 360L * 14 * 14);
      // five tiles of 128 rows in 26 slices are 130 blocks, which one wave runs
      assertTrue(shared.slices() > 1 && shared.blocks() >= PROCESSORS - 4, shared.toString());
    }
  }
}
