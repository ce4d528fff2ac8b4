package io.quickstudy.backend.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.quickstudy.backend.BackendException;
import io.quickstudy.backend.Precision;
import io.quickstudy.backend.cuda.ClockedDriver.Fault;
import io.quickstudy.backend.cuda.ConvolutionChoice.Use;
import io.quickstudy.backend.cuda.driver.SharedConvolution;
import io.quickstudy.backend.cuda.kernels.KernelCache;
import io.quickstudy.backend.plan.Buffer;
import io.quickstudy.backend.plan.Step;
import io.quickstudy.bindings.Emulator;
import io.quickstudy.graph.Convolution;
import io.quickstudy.graph.DType;
import io.quickstudy.graph.Ops;
import io.quickstudy.graph.Shape;
import io.quickstudy.graph.Tensor;
import io.quickstudy.graph.Window;
import io.quickstudy.suite.BackendRun;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which convolutions cuDNN can do, and which are left to it. */
class ConvolutionChoiceTest {
  private static final Window SAME = Window.square(3, 1, 1);

  @TempDir Path folder;

  // ---- what it can do

  private static Step.Conv.Operand operand(long start, long perTask, int... dims) {
    Shape s = Shape.of(dims);
    Buffer b = new Buffer("b", DType.F32, 4L * s.size(), Buffer.Space.SHARED);
    return new Step.Conv.Operand(new Step.Place(b, start), s, perTask);
  }

  private static Step.Conv step(Window w, int tasks, boolean filters, long start) {
    int size = 8;
    Step.Conv.Operand x = operand(start, tasks == 1 ? 0 : 2 * size * size * 3, 2, size, size, 3);
    Step.Conv.Operand f =
        operand(1, filters ? w.height() * w.width() * 12 : 0, w.height(), w.width(), 3, 4);
    int oh = w.outH(size);
    int ow = w.outW(size);
    Step.Conv.Operand y = operand(0, tasks == 1 ? 0 : 2L * oh * ow * 4, 2, oh, ow, 4);
    return new Step.Conv(new Convolution.Conv(w), tasks, x, f, y, "conv");
  }

  @Test
  void tasksThatShareTheFilterAreOneBatch() {
    SharedConvolution one = SharedConvolution.of(step(SAME, 1, false, 0)).orElseThrow();
    assertEquals(SharedConvolution.Result.Y, one.result());
    assertEquals(List.of(2, 3, 8, 8, 192, 1, 24, 3), boxed(one.describeX()));
    assertEquals(List.of(2, 4, 8, 8, 256, 1, 32, 4), boxed(one.describeY()));
    SharedConvolution five = SharedConvolution.of(step(SAME, 5, false, 8)).orElseThrow();
    assertEquals(10, five.describeX()[0]);
    assertEquals(10, five.describeY()[0]);
  }

  private static List<Integer> boxed(int[] x) {
    return java.util.Arrays.stream(x).boxed().toList();
  }

  @Test
  void whatItCannotDoIsLeftToOurKernels() {
    assertEquals(Optional.empty(), SharedConvolution.of(step(SAME, 2, true, 0)), "own filters");
    assertEquals(Optional.empty(), SharedConvolution.of(step(SAME, 1, false, 2)), "between");
    Window below = Window.same(3, 2, 8, 8); // 0 above, 1 below
    assertEquals(Optional.empty(), SharedConvolution.of(step(below, 1, false, 0)));
    Window spare = new Window(2, 2, 2, 2, 0, 1, 0, 1); // a row below that no window reaches
    assertEquals(0, SharedConvolution.of(step(spare, 1, false, 0)).orElseThrow().padH());
  }

  // ---- what is left to it

  private static ClockedDriver device(Fault fault, long own, Long... algorithms) {
    return new ClockedDriver("a GPU", fault, own, List.of(algorithms));
  }

  private ConvolutionChoice choice(ClockedDriver d, Use use) {
    return choice(d, use, folder);
  }

  private static ConvolutionChoice choice(ClockedDriver d, Use use, Path cache) {
    Trials trials = new Trials(d, Precision.FP32, new KernelCache(cache), d::now);
    return new ConvolutionChoice(d, use, Precision.FP32, trials);
  }

  private Optional<Integer> algorithm(ClockedDriver d, Use use) {
    return choice(d, use).of(step(SAME, 1, false, 0)).map(c -> c.way().algorithm());
  }

  @Test
  void theFastestIsTaken() throws IOException {
    long before = Emulator.live();
    assertEquals(Optional.of(1), algorithm(device(Fault.NONE, 100, 50L, 30L, 40L), Use.MEASURED));
    forget();
    assertEquals(Optional.empty(), algorithm(device(Fault.NONE, 20, 50L, 30L), Use.MEASURED));
    forget();
    assertEquals(Optional.empty(), algorithm(device(Fault.NONE, 30, 50L, 30L), Use.MEASURED));
    assertEquals(before, Emulator.live());
  }

  private void forget() throws IOException {
    try (Stream<Path> all = Files.list(folder)) {
      for (Path p : all.toList()) {
        Files.delete(p);
      }
    }
  }

  @Test
  void whatWasMeasuredHoldsForLaterRuns() throws IOException {
    assertEquals(Optional.of(0), algorithm(device(Fault.NONE, 100, 50L, 60L), Use.MEASURED));
    ClockedDriver later = device(Fault.NONE, 1, 50L, 40L);
    assertEquals(Optional.of(0), algorithm(later, Use.MEASURED));
    assertEquals(0, later.starts(), "not measured");
    ClockedDriver other = new ClockedDriver("another GPU", Fault.NONE, 100, List.of(50L, 40L));
    assertEquals(Optional.of(1), algorithm(other, Use.MEASURED));
    assertEquals(Optional.of(0), algorithm(later, Use.MEASURED));
  }

  @Test
  void aRunThatGoesOnRepeatsItsChoicesThoughTheCacheIsLost() throws IOException {
    ConvolutionChoice first = choice(device(Fault.NONE, 100, 50L, 60L), Use.MEASURED);
    Step.Conv s = step(SAME, 1, false, 0);
    assertTrue(first.of(s).isPresent());
    assertEquals(
        Map.of(
            "Y 1 x [2, 8, 8, 3] * [3, 3, 3, 4] = [8, 8, 4], strides 1, 1, padding 1, 1",
            "algorithm 0"),
        first.choices());
    forget();
    ClockedDriver d = device(Fault.NONE, 1, 50L, 40L);
    ConvolutionChoice later = choice(d, Use.MEASURED);
    later.repeat(first.choices());
    assertEquals(0, later.of(s).orElseThrow().way().algorithm());
    assertEquals(0, d.starts(), "not measured");

    ConvolutionChoice without = choice(device(Fault.MISSING, 1), Use.MEASURED);
    assertEquals(Optional.empty(), without.of(s));
    ConvolutionChoice with = choice(device(Fault.NONE, 100, 1L), Use.MEASURED);
    with.repeat(without.choices());
    assertEquals(Optional.empty(), with.of(s), "it began with our kernels");
    ConvolutionChoice lost = choice(device(Fault.MISSING, 1), Use.MEASURED);
    lost.repeat(first.choices());
    assertEquals(Optional.empty(), lost.of(s), "not to be had any more");
  }

  @Test
  void anEntryThatIsDamagedOrNamesNoAlgorithmIsMadeAnew() throws IOException {
    algorithm(device(Fault.NONE, 100, 50L), Use.MEASURED);
    Path entry;
    try (Stream<Path> all = Files.list(folder)) {
      entry = all.findFirst().orElseThrow();
    }
    byte[] whole = Files.readAllBytes(entry);
    Files.write(entry, new byte[] {1, 2, 3});
    assertEquals(Optional.of(0), algorithm(device(Fault.NONE, 100, 50L), Use.MEASURED));
    assertArrayEquals(whole, Files.readAllBytes(entry));
    Files.delete(entry);
    byte[] foreign = "algorithm 9".getBytes(StandardCharsets.UTF_8);
    new KernelCache(folder).get(entry.getFileName().toString(), () -> foreign);
    for (int i = 0; i < 2; i++) {
      ClockedDriver d = device(Fault.NONE, 100, 50L);
      assertEquals(Optional.of(0), algorithm(d, Use.MEASURED));
      assertEquals(i > 0, d.starts() == 0, "kept from then on");
    }
  }

  @Test
  void aFolderThatCannotBeWrittenToIsDoneWithout() throws IOException {
    Path file = Files.writeString(folder.resolve("file"), "no folder");
    for (int i = 0; i < 2; i++) {
      ClockedDriver d = device(Fault.NONE, 100, 50L);
      ConvolutionChoice c = choice(d, Use.MEASURED, file);
      assertTrue(c.of(step(SAME, 1, false, 0)).isPresent());
      int measured = d.starts();
      assertTrue(measured > 0);
      assertTrue(c.of(step(SAME, 1, false, 0)).isPresent());
      assertEquals(measured, d.starts(), "measured once in a run");
    }
  }

  @Test
  void anAlgorithmThatFailsIsLeftOut() {
    ClockedDriver d = device(Fault.FIRST_FAILS, 100, 5L, 50L);
    long before = Emulator.live();
    assertEquals(Optional.of(1), algorithm(d, Use.MEASURED));
    assertEquals(before, Emulator.live());
  }

  @Test
  void withoutMeasuringItIsAllOrNothing() {
    ClockedDriver d = device(Fault.NONE, 1, 50L, 5L);
    assertEquals(Optional.of(0), algorithm(d, Use.ON));
    assertEquals(Optional.empty(), algorithm(d, Use.OFF));
    assertEquals(0, d.starts());
    for (Use use : List.of(Use.ON, Use.MEASURED)) {
      assertEquals(Optional.empty(), algorithm(device(Fault.NO_ALGORITHMS, 9, 1L), use));
    }
  }

  @Test
  void whereItIsMissingOurKernelsDoAll() {
    ClockedDriver d = device(Fault.MISSING, 100, 1L);
    ConvolutionChoice c = choice(d, Use.MEASURED);
    assertEquals(Optional.empty(), c.of(step(SAME, 1, false, 0)));
    assertEquals("cuDNN is not usable: it is not there.", c.describe());
    BackendException e = assertThrows(BackendException.class, () -> choice(d, Use.ON));
    assertEquals(
        "QUICKSTUDY_CUDNN is 'on', but cuDNN is not usable: it is not there.", e.getMessage());
  }

  @Test
  void aProgramRunsWhatWasChosen() {
    Tensor x = Tensor.argument("x", DType.F32, Shape.of(2, 5, 5, 3));
    Tensor w = Tensor.argument("w", DType.F32, Shape.of(3, 3, 3, 4));
    Tensor y = Ops.conv(x, w, SAME);
    List<Tensor> out =
        List.of(y, Ops.convInputGrad(y, w, SAME, 5, 5), Ops.convFilterGrad(x, y, SAME));
    Map<Tensor, double[]> values = Map.of(x, new double[150], w, new double[108]);
    int runs = 3;
    ClockedDriver d = device(Fault.NONE, 1, 50L, 5L);
    CudaBackend cuda =
        new CudaBackend(
            d,
            CudaBackend.Memory.GUARDED,
            Precision.FP32,
            CudaBackend.Loops.INTERPRETED,
            choice(d, Use.ON));
    BackendRun.of(cuda, out, values, 1, runs);
    assertEquals(2 * out.size(), d.starts(0), "once by itself and once recorded");
    BackendRun.of(
        new CudaBackend(d, CudaBackend.Memory.GUARDED, Precision.FP32), out, values, 1, runs);
    assertEquals(2 * out.size(), d.starts());
  }
}
