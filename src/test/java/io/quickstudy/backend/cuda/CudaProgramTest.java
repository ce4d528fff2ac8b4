package io.quickstudy.backend.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.quickstudy.backend.Backend;
import io.quickstudy.backend.BackendException;
import io.quickstudy.backend.Precision;
import io.quickstudy.backend.Program;
import io.quickstudy.backend.ProgramContract;
import io.quickstudy.backend.ProgramSpec;
import io.quickstudy.backend.Resident;
import io.quickstudy.backend.cuda.driver.CudaDriver;
import io.quickstudy.bindings.Emulator;
import io.quickstudy.graph.DType;
import io.quickstudy.graph.Ops;
import io.quickstudy.graph.Shape;
import io.quickstudy.graph.Tensor;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What programs on a GPU do besides what they do on every device. */
class CudaProgramTest implements ProgramContract {
  private final EmulatedDriver driver = new EmulatedDriver();
  private final CudaBackend cuda =
      new CudaBackend(driver, CudaBackend.Memory.SHARED, Precision.FP32);

  @Override
  public Backend backend() {
    return cuda;
  }

  private static Tensor argument(DType dtype, int... dims) {
    return Tensor.argument("a", dtype, Shape.of(dims));
  }

  private static ProgramSpec spec(List<Tensor> in, List<Tensor> out, Map<Integer, Integer> carry) {
    return new ProgramSpec("test", in, out, Set.of(), carry, 1, Set.of());
  }

  @Test
  void everyRunButTheFirstIsReplayed() {
    Tensor a = argument(DType.F32);
    try (Program p = cuda.compile(spec(List.of(a), List.of(Ops.neg(a)), Map.of(0, 0)))) {
      p.set(0, new float[] {1});
      for (int i = 0; i < 10; i++) {
        p.run();
      }
      assertEquals(9, driver.replays());
      float[] x = new float[1];
      p.input(0, x);
      assertEquals(1, x[0]);
    }
  }

  @ParameterizedTest
  @EnumSource
  void aRunIsPreparedWhileAnotherGoesOn(CudaDriver.Queue late) {
    CudaBackend beside =
        new CudaBackend(new EmulatedDriver(late), CudaBackend.Memory.SHARED, Precision.FP32);
    Tensor x = argument(DType.F32, 3);
    Tensor i = argument(DType.I32, 2);
    Tensor sum = argument(DType.F32);
    Tensor y = Ops.sum(Ops.gather(x, i, 0));
    List<Tensor> outputs = List.of(y, Ops.add(sum, y));
    try (Program p = beside.compile(spec(List.of(x, i, sum), outputs, Map.of(1, 2)))) {
      p.set(2, new float[] {0});
      p.set(1, new int[] {0, 2});
      float[] read = new float[1];
      float total = 0;
      for (int k = 0; k < 9; k++) {
        p.set(0, new float[] {k, 100, 10 * k});
        p.run();
        total += 11 * k;
        p.set(0, new float[] {-1, -1, -1}); // written over before the device is to see it
        if (k > 0) {
          p.before(0, read);
          assertEquals(11 * (k - 1), read[0], "of run " + (k - 1));
        }
        if (k % 4 == 3) {
          p.get(0, read);
          assertEquals(11 * k, read[0], "of run " + k);
          p.input(2, read);
          assertEquals(total, read[0], "up to run " + k);
        }
      }
      p.input(2, read);
      assertEquals(total, read[0]);
      float[] next = new float[3];
      p.input(0, next);
      assertArrayEquals(new float[] {-1, -1, -1}, next, "what is set for the next run");
    }
  }

  @ParameterizedTest
  @EnumSource
  void aBadIndexIsSaidByTheNextRunAtTheLatest(CudaDriver.Queue late) {
    CudaBackend beside =
        new CudaBackend(new EmulatedDriver(late), CudaBackend.Memory.SHARED, Precision.FP32);
    Tensor x = argument(DType.F32, 4);
    Tensor i = argument(DType.I32, 1);
    Tensor state = argument(DType.F32);
    List<Tensor> outputs = List.of(Ops.add(state, Ops.sum(Ops.gather(x, i, 0))));
    try (Program p = beside.compile(spec(List.of(x, i, state), outputs, Map.of(0, 2)))) {
      p.set(0, new float[] {1, 2, 3, 4});
      for (int k = 0; k < 3; k++) { // one by one, recorded, replayed
        p.set(1, new int[] {7});
        p.run();
        p.set(1, new int[] {1});
        String message = assertThrows(BackendException.class, p::run).getMessage();
        assertEquals(
            "test: Index 7 is outside 0..3: expected a label or row that there is; correct the"
                + " input.",
            message);
        p.set(2, new float[] {0.5f});
        p.run();
        p.run();
        float[] y = new float[1];
        p.input(2, y);
        assertEquals(4.5f, y[0]);
        p.set(1, new int[] {-1});
        p.run();
        assertThrows(BackendException.class, () -> p.input(2, y), "no state of a bad run");
        p.set(1, new int[] {0});
        p.run();
        p.get(0, y);
      }
    }
  }

  @Test
  void residentsCanBeBoundAnewAfterARecordedRun() {
    Tensor d = argument(DType.U8, 3);
    ProgramSpec s =
        new ProgramSpec(
            "test",
            List.of(d),
            List.of(Ops.convert(d, DType.F32)),
            Set.of(0),
            Map.of(),
            1,
            Set.of());
    try (Program p = cuda.compile(s);
        Resident one = cuda.upload(DType.U8, Shape.of(3), bytes(1, -1, 3));
        Resident two = cuda.upload(DType.U8, Shape.of(3), bytes(4, 5, 6))) {
      assertThrows(IllegalStateException.class, p::run, "data not bound");
      float[] y = new float[3];
      for (int turn = 0; turn < 3; turn++) {
        p.bind(0, one);
        for (int i = 0; i < 3; i++) {
          p.run();
        }
        p.get(0, y);
        assertArrayEquals(new float[] {1, 255, 3}, y);
        p.bind(0, two);
        p.run();
        p.get(0, y);
        assertArrayEquals(new float[] {4, 5, 6}, y);
      }
      assertEquals(6, driver.replays());
    }
  }

  private static ByteBuffer bytes(int... values) {
    ByteBuffer b = ByteBuffer.allocate(values.length);
    for (int v : values) {
      b.put((byte) v);
    }
    return b.flip();
  }

  @Test
  void memoryIsFreedByClosing() {
    Tensor x = argument(DType.F32, 100, 100);
    long before = Emulator.bytes();
    for (int i = 0; i < 3; i++) {
      try (Program p = cuda.compile(spec(List.of(x), List.of(Ops.exp(x)), Map.of()))) {
        assertTrue(p.bytes() >= 80_000, "two buffers of 40 kB");
        assertTrue(Emulator.bytes() >= before + 80_000);
        p.run();
      }
    }
    assertEquals(before, Emulator.bytes());
  }

  @Test
  void sumsThatAreCutIntoSlicesAreNearAndTheSameAgain() {
    int n = 100_003;
    Tensor x = argument(DType.F32, n);
    Tensor sum = Ops.sum(Ops.mul(x, x), List.of(0));
    Tensor largest = Ops.max(x, List.of(0));
    try (Program p = cuda.compile(spec(List.of(x), List.of(sum, largest), Map.of()))) {
      float[] values = new float[n];
      double expected = 0;
      for (int i = 0; i < n; i++) {
        values[i] = (i * 7919 % 1000 - 500) / 500f;
        expected += (double) values[i] * values[i];
      }
      values[n - 5] = 9;
      expected += 81 - Math.pow(((n - 5) * 7919 % 1000 - 500) / 500f, 2);
      p.set(0, values);
      float[] y = new float[1];
      float[] first = new float[1];
      p.run();
      p.get(0, first);
      assertEquals(expected, first[0], 1e-5 * expected);
      p.run();
      p.get(0, y);
      assertEquals(first[0], y[0]);
      p.get(1, y);
      assertEquals(9, y[0]);
    }
  }

  @Test
  void aProfileNamesEveryStep() {
    Tensor x = argument(DType.F32, 5, 4);
    Tensor y = argument(DType.F32, 4, 3);
    try (Program p = cuda.compile(spec(List.of(x, y), List.of(Ops.dot(Ops.exp(x), y)), Map.of()))) {
      String[] lines = p.profile(2).split("\n");
      assertTrue(lines[0].contains("2 steps"), Arrays.toString(lines));
      assertEquals(3, lines.length);
    }
  }

  @Test
  void moreThanThereIsIsASentence() {
    Tensor x = argument(DType.F32, 2_000_000_000);
    long before = Emulator.live();
    ProgramSpec s = spec(List.of(x), List.of(Ops.scale(x, 2), Ops.scale(x, 3)), Map.of());
    CudaBackend full =
        new CudaBackend(new FullDevice(driver, 3 << 20), CudaBackend.Memory.SHARED, Precision.FP32);
    BackendException e = assertThrows(BackendException.class, () -> full.compile(s));
    assertTrue(e.getMessage().matches("test needs .* of memory on .* and 3.0 MiB are free;.*"));
    assertEquals(before, Emulator.live());
  }

  @Test
  void aGpuWithoutTf32IsASentence() {
    BackendException e =
        assertThrows(
            BackendException.class,
            () ->
                new CudaBackend(new EmulatedDriver(75), CudaBackend.Memory.SHARED, Precision.TF32));
    assertEquals(
        "Precision 'tf32' needs a GPU of compute capability 8.0 or newer, and cuda, emulated has"
            + " 7.5: say --precision fp32.",
        e.getMessage());
  }

  @Test
  void productsAndConvolutionsAloneAreRounded() {
    float fine = 1 + 0x1p-12f; // 1 in TF32
    Tensor a = argument(DType.F32, 1, 1);
    Tensor one = Tensor.argument("one", DType.F32, Shape.of(1, 1));
    List<Tensor> out = List.of(Ops.dot(a, one), Ops.mul(a, a), Ops.add(a, one));
    for (Precision precision : Precision.values()) {
      CudaBackend backend = new CudaBackend(driver, CudaBackend.Memory.SHARED, precision);
      try (Program p = backend.compile(spec(List.of(a, one), out, Map.of()))) {
        p.set(0, new float[] {fine});
        p.set(1, new float[] {1});
        p.run();
        float[] y = new float[3];
        for (int i = 0; i < 3; i++) {
          float[] v = new float[1];
          p.get(i, v);
          y[i] = v[0];
        }
        float product = precision == Precision.TF32 ? 1 : fine;
        assertArrayEquals(new float[] {product, fine * fine, fine + 1}, y);
      }
    }
    assertEquals(
        "tf32",
        new CudaBackend(driver, CudaBackend.Memory.SHARED, Precision.TF32)
            .describe()
            .get("precision"));
  }
}
