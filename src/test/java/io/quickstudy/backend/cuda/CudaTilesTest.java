package io.quickstudy.backend.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import io.quickstudy.backend.Precision;
import io.quickstudy.backend.cuda.driver.CudaDriver;
import io.quickstudy.backend.cuda.driver.CudaDriver.Launch;
import io.quickstudy.backend.cuda.driver.DeviceMemory;
import io.quickstudy.backend.cuda.kernels.Tiling;
import io.quickstudy.backend.cuda.kernels.Tiling.Kernel;
import io.quickstudy.backend.cuda.kernels.Tiling.Tile;
import io.quickstudy.backend.cuda.kernels.Tiling.Way;
import io.quickstudy.reference.Reference;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.DoubleStream;
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

    List<Kernel> tiles() {
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
          for (Kernel kernel : operation.tiles()) {
            if (!Way.of(precision, Tiling.TF32_CAPABILITY).contains(kernel.way())) {
              continue;
            }
            String name = kernel.name(operation.kernel);
            tests.add(
                dynamicTest(
                    driver.device() + ": " + name,
                    () ->
                        sizes(operation, kernel.tile())
                            .forEach(s -> compare(driver, name, operation, precision, s))));
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
        for (Kernel k : ways(Precision.FP32)) {
          assertEquals(x[i], run(driver, k.name("qs_conv"), s, all, 2)[1], k + "");
        }
      }
    }
  }

  private static List<Kernel> ways(Precision precision) {
    List<Way> ways = Way.of(precision, Tiling.TF32_CAPABILITY);
    return Tiling.PIXELS.stream().filter(k -> ways.contains(k.way())).toList();
  }

  /** Of results in 32-bit floats. */
  private static double error(CudaDriver driver, String kernel, Sizes s, double[][] all) {
    double[] exact = new double[s.y()];
    each(s, (x, w, y) -> exact[y] += all[0][x] * all[1][w]);
    double[] actual = run(driver, kernel, s, all, 2);
    double sum = 0;
    for (int i = 0; i < exact.length; i++) {
      sum += (actual[i] - exact[i]) * (actual[i] - exact[i]);
    }
    return Math.sqrt(sum / exact.length);
  }

  /**
   * Long sums of numbers of one sign and of both. Were they left to tensor cores, which cut off
   * where others round, the error would grow with the length.
   */
  @Test
  void threeProductsAreNoLessExactThanFloats() {
    Sizes s = new Sizes(40, 1, 1500, 1, 40, 1, 0);
    SplittableRandom random = new SplittableRandom(5);
    for (CudaDriver driver : CudaCandidate.DRIVERS) {
      for (double least : new double[] {-1, 0}) {
        double[][] all = {
          Reference.rounded(random.doubles((long) TASKS * s.x(), least, 1).toArray()),
          Reference.rounded(random.doubles((long) TASKS * s.w(), least, 1).toArray()),
          new double[TASKS * s.y()]
        };
        double plain = error(driver, "qs_conv_64x64", s, all);
        double split = error(driver, "qs_conv_64x64_3xtf32", s, all);
        double single = error(driver, "qs_conv_64x64_tf32", s, all);
        assertTrue(split <= plain, split + ", plainly " + plain);
        assertTrue(single > 5 * plain, single + ", plainly " + plain);
      }
    }
  }

  /** And spoils nothing but the results that it is part of. */
  @Test
  void whatIsNotFiniteIsTakenAsFloatsAre() {
    double inf = Double.POSITIVE_INFINITY;
    double[][] pairs = {{inf, 1}, {-inf, 1}, {inf, -inf}, {Double.NaN, 1}, {1 + 0x1p-20, 1}};
    // by the columns (2, 1), (0, 1) and (1, 0): infinity times zero is no number
    double nan = Double.NaN;
    double[][] expected = {
      {inf, nan, inf},
      {-inf, nan, -inf},
      {nan, nan, nan},
      {nan, nan, nan},
      {3 + 0x1p-19, 1, 1 + 0x1p-20}
    };
    double[] w = {2, 0, 1, 1, 1, 0};
    Sizes s = new Sizes(pairs.length, 1, 2, 1, 3, 1, 0);
    double[] x = Stream.of(pairs).flatMapToDouble(DoubleStream::of).toArray();
    double[][] all = {twice(x), twice(w), new double[TASKS * s.y()]};
    for (CudaDriver driver : CudaCandidate.DRIVERS) {
      for (Kernel k : ways(Precision.FP32)) {
        double[] y = run(driver, k.name("qs_conv"), s, all, 2);
        for (int i = 0; i < expected.length; i++) {
          for (int j = 0; j < 3; j++) {
            assertEquals(expected[i][j], y[3 * i + j], "%s, %s, %s".formatted(k, i, j));
          }
        }
      }
    }
  }

  /**
   * The largest and the smallest floats: what rounds to no finite TF32 is cut to one, and what is
   * less than the smallest is lost.
   */
  @Test
  void theEndsOfTheRangeBecomeNoNumbersNowhere() {
    Sizes s = new Sizes(1, 1, 1, 1, 1, 1, 0);
    for (CudaDriver driver : CudaCandidate.DRIVERS) {
      for (Kernel k : ways(Precision.FP32)) {
        double[] x = {Float.MAX_VALUE, 0x1.ffcp127, 0x1p-130, 0x1.8p-140, Float.MIN_VALUE};
        for (double v : x) {
          double[][] all = {{v, -v}, {1, 1}, {0, 0}};
          double[] y = run(driver, k.name("qs_conv"), s, all, 2);
          boolean split = k.way() == Way.SPLIT;
          double near = split && v == Float.MAX_VALUE ? 0x1.ffcp127 : v;
          assertEquals(near, y[0], split ? 0x1p-136 : 0, k + "");
          assertEquals(-near, y[1], split ? 0x1p-136 : 0, k + "");
        }
      }
    }
  }

  private static double[] twice(double[] x) {
    return DoubleStream.concat(DoubleStream.of(x), DoubleStream.of(x)).toArray();
  }
}
