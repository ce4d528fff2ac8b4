package io.quickstudy.backend.cuda.kernels;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.quickstudy.backend.CSource;
import io.quickstudy.backend.cuda.driver.CudaDriver;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** What launches say of blocks, tiles and arguments is what the kernels are written for. */
class KernelNumbersTest {
  @Test
  void aLaunchHasTheArgumentsOfAKernel() throws IOException {
    CSource args = CSource.read("kernels/args.h");
    assertEquals(
        Map.of(
            "QS_ARGS_NUMBERS", CudaDriver.Launch.NUMBERS,
            "QS_ARGS_POINTERS", CudaDriver.Launch.POINTERS),
        args.constants(""));
  }

  @Test
  void blocksHaveTheThreadsThatKernelsExpect() throws IOException {
    CSource generated = CSource.read("kernels/generated.cuh");
    assertEquals(Grid.BLOCK, generated.constant("QS_THREADS"));
    CSource loop = CSource.read("kernels/loop.cu");
    assertEquals(Map.of("LANES", Grid.LANES, "THREADS", Grid.BLOCK), loop.constants(""));
    CSource tile = CSource.read("kernels/tile.cuh");
    assertEquals(Tiling.THREADS, tile.constant("THREADS"));
    assertEquals(Tiling.DEPTH, tile.constant("DEPTH"));
  }

  @Test
  void everyTileHasItsKernelsAndNoMore() throws IOException {
    Set<String> ours = new TreeSet<>();
    for (Tiling.Kernel k : Tiling.PIXELS) {
      ours.add(k.name("qs_conv"));
      ours.add(k.name("qs_conv_dx"));
    }
    Tiling.TAPS.forEach(k -> ours.add(k.name("qs_conv_dw")));
    Set<String> written = new TreeSet<>();
    for (String file :
        List.of("kernels/conv.cu", "kernels/conv_3xtf32.cu", "kernels/conv_tf32.cu")) {
      Matcher m = Pattern.compile("QS_TILED\\((\\w+),").matcher(CSource.read(file).text());
      while (m.find()) {
        written.add(m.group(1));
      }
    }
    assertEquals(written, ours);
  }
}
