package io.quickstudy.backend.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import io.quickstudy.backend.Precision;
import io.quickstudy.backend.cuda.driver.CudaDriver;
import io.quickstudy.backend.cuda.driver.CudaDriver.Launch;
import io.quickstudy.backend.cuda.driver.DeviceMemory;
import io.quickstudy.backend.cuda.kernels.Tiling;
import io.quickstudy.backend.cuda.kernels.Tiling.Tile;
import io.quickstudy.reference.Reference;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** Every kernel of a convolution where its tiles end, against the definition. */
class CudaTilesTest {
  /** Of 32-bit floats, relative to 1 plus the largest: sums here have up to 100 terms. */
  private static final double NEAR = 1e-5;

  private static final int TASKS = 2;

  /** The three kernels of a tile. */
  private enum Operation {
    FORWARD("qs_conv"),
    INPUT("qs_conv_dx"),
    FILTER("qs_conv_dw");

    private final String kernel;

    Operation(String kernel) {
      this.kernel = kernel;
    }

    List<Tile> tiles() {
      return switch (this) {
        case FORWARD, INPUT -> Tiling.PIXELS;
        case FILTER -> Tiling.TAPS;
      };
    }
  }

  /** Extents of one task, images and filters square. */
  private record Sizes(int n, int size, int c, int taps, int o, int stride, int pad) {
    int out() {
      return (size + 2 * pad - taps) / stride + 1;
    }

    int x() {
      return n * size * size * c;
    }

    int w() {
      return taps * taps * c * o;
    }

    int y() {
      return n * out() * out() * o;
    }
  }

  private interface Products {
    void add(int x, int w, int y);
  }

  /** Every product of a task, by the places of its three numbers. */
  private static void each(Sizes s, Products f) {
    for (int row = 0; row < s.n * s.out() * s.out(); row++) {
      int top = row / s.out() % s.out() * s.stride - s.pad;
      int left = row % s.out() * s.stride - s.pad;
      for (int tap = 0; tap < s.taps * s.taps; tap++) {
        int h = top + tap / s.taps;
        int v = left + tap % s.taps;
        if (h < 0 || h >= s.size || v < 0 || v >= s.size) {
          continue;
        }
        int pixel = (row / s.out() / s.out() * s.size + h) * s.size + v;
        for (int c = 0; c < s.c; c++) {
          for (int o = 0; o < s.o; o++) {
            f.add(pixel * s.c + c, (tap * s.c + c) * s.o + o, row * s.o + o);
          }
        }
      }
    }
  }

  /** Sizes whose product has these extents, for one tap, and some with more taps. */
  private static List<Sizes> sizes(Operation operation, Tile tile) {
    List<Sizes> out = new ArrayList<>();
    for (int rows = tile.rows() - 1; rows <= tile.rows() + 1; rows++) {
      for (int columns = tile.columns() - 1; columns <= tile.columns() + 1; columns++) {
        for (int depth : List.of(15, 16, 17, 33)) {
          out.add(
              switch (operation) {
                case FORWARD -> new Sizes(rows, 1, depth, 1, columns, 1, 0);
                case INPUT -> new Sizes(rows, 1, columns, 1, depth, 1, 0);
                case FILTER -> new Sizes(depth, 1, rows, 1, columns, 1, 0);
              });
        }
      }
    }
    out.add(new Sizes(3, 9, 3, 3, 6, 2, 1));
    out.add(new Sizes(2, 8, 4, 3, 8, 1, 1));
    out.add(new Sizes(5, 5, 1, 2, 36, 3, 0));
    return out;
  }

  @TestFactory
  @Tag("cuda")
  Stream<DynamicTest> areThoseOfTheDefinition() {
    List<DynamicTest> tests = new ArrayList<>();
    for (CudaDriver driver : CudaCandidate.DRIVERS) {
      for (Precision precision : Precision.values()) {
        for (Operation operation : Operation.values()) {
          for (Tile tile : operation.tiles()) {
            String kernel = new Tiling(tile, 1, 1).kernel(operation.kernel, precision);
            tests.add(
                dynamicTest(
                    driver.device() + ": " + kernel,
                    () ->
                        sizes(operation, tile)
                            .forEach(s -> compare(driver, kernel, operation, precision, s))));
          }
        }
      }
    }
    return tests.stream();
  }

  private static double[] numbers(int n, SplittableRandom random) {
    return Reference.rounded(random.doubles(n, -1, 1).toArray());
  }

  private static void compare(
      CudaDriver driver, String kernel, Operation operation, Precision precision, Sizes s) {
    SplittableRandom random = new SplittableRandom(s.hashCode());
    double[][] all = {
      numbers(TASKS * s.x(), random), numbers(TASKS * s.w(), random), numbers(TASKS * s.y(), random)
    };
    int written =
        switch (operation) {
          case FORWARD -> 2;
          case INPUT -> 0;
          case FILTER -> 1;
        };
    double[] actual = run(driver, kernel, s, all, written);
    double[][] taken =
        switch (precision) {
          case FP32 -> all;
          case TF32 -> Stream.of(all).map(Reference::narrowed).toArray(double[][]::new);
        };
    double[] expected = new double[all[written].length];
    for (int task = 0; task < TASKS; task++) {
      int[] from = {task * s.x(), task * s.w(), task * s.y()};
      each(
          s,
          (i, j, k) -> {
            int[] at = {from[0] + i, from[1] + j, from[2] + k};
            int a = (written + 1) % 3;
            int b = (written + 2) % 3;
            expected[at[written]] += taken[a][at[a]] * taken[b][at[b]];
          });
    }
    double largest = 1;
    for (double v : expected) {
      largest = Math.max(largest, Math.abs(v));
    }
    for (int i = 0; i < expected.length; i++) {
      assertEquals(expected[i], actual[i], NEAR * largest, s + ", number " + i);
    }
  }

  /** What a kernel writes, with one block, so that it also goes from tile to tile. */
  private static double[] run(
      CudaDriver driver, String kernel, Sizes s, double[][] all, int written) {
    long[] numbers = {
      TASKS, s.n, s.size, s.size, s.c, s.taps, s.taps, s.o, s.stride, s.stride, s.pad, s.pad,
      s.out(), s.out(), s.x(), s.w(), s.y()
    };
    long[] args = new long[Launch.WORDS];
    System.arraycopy(numbers, 0, args, 0, numbers.length);
    List<DeviceMemory> blocks = new ArrayList<>();
    try {
      for (int i = 0; i < all.length; i++) {
        DeviceMemory m = DeviceMemory.allocate(driver, 4L * all[i].length, kernel);
        blocks.add(m);
        args[Launch.NUMBERS + i] = m.address();
        if (i == written) {
          driver.fill(m.address(), (byte) 0xFF, m.bytes());
        } else {
          driver.copyIn(m.address(), bytes(all[i]));
        }
      }
      driver.launch(new Launch(kernel, 2, Tiling.THREADS, 0, args));
      ByteBuffer result = bytes(all[written]);
      driver.copyOut(result, blocks.get(written).address());
      FloatBuffer floats = result.rewind().asFloatBuffer();
      double[] y = new double[all[written].length];
      for (int i = 0; i < y.length; i++) {
        y[i] = floats.get(i);
      }
      return y;
    } finally {
      blocks.forEach(DeviceMemory::close);
    }
  }

  private static ByteBuffer bytes(double[] x) {
    ByteBuffer b = ByteBuffer.allocateDirect(4 * x.length).order(ByteOrder.nativeOrder());
    for (double v : x) {
      b.putFloat((float) v);
    }
    return b.flip();
  }

  /**
   * Multiplied by one, a number shows how it is taken: not as it is, nor in 8 bits, nor cut off.
   */
  @Test
  void tensorCoresTakeElevenBitsAndHalvesAwayFromZero() {
    double[] x = {1 + 0x1p-10, 1 + 0x1p-11, 1 + 0x1p-12, -1 - 0x3p-12, 1 + 0x1.8p-10, 3 - 0x1p-9};
    double[] expected = {1 + 0x1p-10, 1 + 0x1p-10, 1, -1 - 0x1p-10, 1 + 0x1p-9, 3 - 0x1p-9};
    Sizes s = new Sizes(1, 1, 1, 1, 1, 1, 0);
    for (CudaDriver driver : CudaCandidate.DRIVERS) {
      for (int i = 0; i < x.length; i++) {
        double[][] all = {{x[i], x[i]}, {1, 1}, {0, 0}};
        assertEquals(expected[i], run(driver, "qs_conv_32x32_tf32", s, all, 2)[1]);
        assertEquals(x[i], run(driver, "qs_conv_32x32", s, all, 2)[1]);
      }
    }
  }
}
