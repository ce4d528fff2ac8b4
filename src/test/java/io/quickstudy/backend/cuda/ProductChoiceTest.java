package io.quickstudy.backend.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.quickstudy.backend.Precision;
import io.quickstudy.backend.cuda.ClockedDriver.Fault;
import io.quickstudy.backend.cuda.kernels.KernelCache;
import io.quickstudy.bindings.Emulator;
import io.quickstudy.graph.DType;
import io.quickstudy.graph.Ops;
import io.quickstudy.graph.Shape;
import io.quickstudy.graph.Tensor;
import io.quickstudy.reference.Reference;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Who computes products of few rows, which is measured. */
class ProductChoiceTest {
  private static final String PRODUCT = "product of 1 x [12, 96] and [96, 256]";

  /** Nanoseconds of a launch of ours. */
  private static final long OWN = 10;

  @TempDir Path folder;

  private static ClockedDriver device(long library) {
    return new ClockedDriver("a GPU", Fault.NONE, OWN, List.of()).withProducts(library);
  }

  private ProductChoice choice(ClockedDriver d) {
    return new ProductChoice(
        Optional.of(new Trials(d, Precision.FP32, new KernelCache(folder), d::now)));
  }

  /**
   * Runs a product of few rows and one of fewer, with what is done with their results, and expects
   * them to be right.
   */
  private static void run(ClockedDriver d, ProductChoice choice) {
    Tensor x = Tensor.argument("x", DType.F32, Shape.of(12, 96));
    Tensor w = Tensor.argument("w", DType.F32, Shape.of(96, 256));
    Tensor v = Tensor.argument("v", DType.F32, Shape.of(256, 5));
    Tensor z = Ops.dot(x, w);
    Tensor h = Ops.mul(Ops.sigmoid(Ops.slice(z, 1, 0, 128)), Ops.slice(z, 1, 128, 256));
    List<Tensor> out = List.of(h, Ops.tanh(Ops.dot(Ops.concatenate(1, h, h), v)));
    SplittableRandom random = new SplittableRandom(4);
    Map<Tensor, double[]> values =
        Map.of(
            x, numbers(random, x.shape().size()),
            w, numbers(random, w.shape().size()),
            v, numbers(random, v.shape().size()));
    ChosenRun.of(d, Precision.FP32, choice).check(out, values);
  }

  /** As a multiplication in TF32 sees a number: 11 bits, halves away from zero. */
  private static double rounded(double x) {
    int bits = Float.floatToRawIntBits((float) x);
    return Float.intBitsToFloat((bits + 0x1000) & 0xffffe000);
  }

  @Test
  void inTf32OperandsAreRounded() {
    ClockedDriver d = device(OWN + 1);
    ProductChoice c =
        new ProductChoice(
            Optional.of(new Trials(d, Precision.TF32, new KernelCache(folder), d::now)));
    Tensor x = Tensor.argument("x", DType.F32, Shape.of(12, 96));
    Tensor w = Tensor.argument("w", DType.F32, Shape.of(96, 256));
    Tensor v = Tensor.argument("v", DType.F32, Shape.of(96, 5));
    List<Tensor> out = List.of(Ops.dot(x, w), Ops.dot(x, v));
    SplittableRandom random = new SplittableRandom(9);
    Map<Tensor, double[]> values = new HashMap<>();
    List.of(x, w, v).forEach(t -> values.put(t, numbers(random, t.shape().size())));
    Map<Tensor, double[]> cut = new HashMap<>();
    values.forEach((t, n) -> cut.put(t, Arrays.stream(n).map(i -> rounded(i)).toArray()));
    List<double[]> found = ChosenRun.of(d, Precision.TF32, c).results(out, values);
    assertEquals(Map.of(PRODUCT, "own"), c.choices());
    Map<Tensor, double[]> expected = Reference.eval(out, cut);
    Map<Tensor, double[]> exact = Reference.eval(out, values);
    for (int i = 0; i < out.size(); i++) {
      double[] e = expected.get(out.get(i));
      double far = 0;
      for (int k = 0; k < e.length; k++) {
        assertEquals(e[k], found.get(i)[k], 1e-5);
        far = Math.max(far, Math.abs(exact.get(out.get(i))[k] - found.get(i)[k]));
      }
      assertTrue(far > 1e-4, "rounded: " + far);
    }
  }

  private static double[] numbers(SplittableRandom random, int n) {
    return random.doubles(n, -1, 1).map(x -> (float) x).toArray();
  }

  @Test
  void theFasterIsTakenAndKept() {
    long before = Emulator.live();
    ClockedDriver d = device(OWN + 1);
    ProductChoice first = choice(d);
    run(d, first);
    assertEquals(Map.of(PRODUCT, "own"), first.choices());
    assertTrue(d.products() > 0, "measured");

    ClockedDriver later = device(1);
    ProductChoice second = choice(later);
    run(later, second);
    assertEquals(first.choices(), second.choices());
    assertEquals(0, later.products(), "not measured again, and not used");
    assertEquals(before, Emulator.live());
  }

  @Test
  void theLibraryIsTakenWhereItIsAsFast() {
    ClockedDriver d = device(OWN);
    ProductChoice c = choice(d);
    run(d, c);
    assertEquals(Map.of(PRODUCT, "cuBLAS"), c.choices());
  }

  @Test
  void aRunThatGoesOnRepeatsItsChoices() {
    ClockedDriver d = device(OWN + 1);
    ProductChoice c = choice(d);
    c.repeat(Map.of(PRODUCT, "cuBLAS"));
    run(d, c);
    assertEquals(Map.of(PRODUCT, "cuBLAS"), c.choices());
    assertTrue(d.products() > 0, "by cuBLAS");
  }

  @Test
  void withoutMeasurementsItIsLeftToTheLibrary() {
    ClockedDriver d = device(OWN + 1);
    ProductChoice c = new ProductChoice(Optional.empty());
    run(d, c);
    assertEquals(Map.of(), c.choices());
    assertTrue(d.products() > 0, "by cuBLAS");
  }
}
