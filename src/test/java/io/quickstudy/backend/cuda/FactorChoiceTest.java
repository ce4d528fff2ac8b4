package io.quickstudy.backend.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.quickstudy.backend.Precision;
import io.quickstudy.backend.cuda.ClockedDriver.Fault;
import io.quickstudy.backend.cuda.kernels.KernelCache;
import io.quickstudy.bindings.Emulator;
import io.quickstudy.graph.DType;
import io.quickstudy.graph.Ops;
import io.quickstudy.graph.Product;
import io.quickstudy.graph.Shape;
import io.quickstudy.graph.Tensor;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.function.LongUnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** By how many rows matrices are factored, which is measured. */
class FactorChoiceTest {
  @TempDir Path folder;

  private static ClockedDriver device(LongUnaryOperator takes) {
    return new ClockedDriver("a GPU", Fault.NONE, 1, List.of()).with(takes);
  }

  private FactorChoice choice(ClockedDriver d) {
    return new FactorChoice(
        Optional.of(new Trials(d, Precision.FP32, new KernelCache(folder), d::now)));
  }

  /** Runs factors and solutions of matrices of n rows, and expects them to be right. */
  private static void run(ClockedDriver d, FactorChoice choice, int n) {
    Tensor a = Tensor.argument("a", DType.F32, Shape.of(2, n, n));
    Tensor b = Tensor.argument("b", DType.F32, Shape.of(2, n, 3));
    Tensor l = Ops.cholesky(a);
    List<Tensor> out =
        List.of(
            l,
            Ops.triangularSolve(l, b, Product.Form.PLAIN),
            Ops.triangularSolve(l, b, Product.Form.TRANSPOSED));
    SplittableRandom random = new SplittableRandom(n);
    double[] matrices = new double[2 * n * n];
    for (int i = 0; i < 2 * n; i++) {
      for (int j = 0; j <= i % n; j++) {
        double x = i % n == j ? n : (float) random.nextDouble(-1, 1);
        matrices[i * n + j] = x;
        matrices[(i - i % n + j) * n + i % n] = x;
      }
    }
    double[] right = random.doubles(6L * n, -1, 1).map(x -> (float) x).toArray();
    ChosenRun.of(d, choice).check(out, Map.of(a, matrices, b, right));
  }

  private static Map<String, String> all(int n, String panels) {
    return Map.of(
        "factors of 2 x [%s, %s]".formatted(n, n), panels,
        "lower systems of 2 x [%s, %s] with 3 right sides".formatted(n, n), panels,
        "upper systems of 2 x [%s, %s] with 3 right sides".formatted(n, n), panels);
  }

  @Test
  void theFastestIsTakenAndKept() {
    long before = Emulator.live();
    ClockedDriver d = device(rows -> rows * rows * rows);
    FactorChoice first = choice(d);
    run(d, first, 70);
    assertEquals(all(70, "panels of 32"), first.choices());
    assertTrue(d.panels(64) > 0, "measured");

    ClockedDriver later = device(rows -> 1);
    FactorChoice second = choice(later);
    run(later, second, 70);
    assertEquals(first.choices(), second.choices());
    assertEquals(0, later.panels(64), "not measured again");
    assertTrue(later.panels(32) > 0);
    assertEquals(before, Emulator.live());
  }

  @Test
  void aRunThatGoesOnRepeatsItsChoices() {
    ClockedDriver d = device(rows -> 1);
    FactorChoice c = choice(d);
    c.repeat(all(100, "panels of 64"));
    run(d, c, 100);
    assertEquals(all(100, "panels of 64"), c.choices());
    assertEquals(0, d.panels(32) + d.panels(96), "not measured");
  }

  @Test
  void whereOneLaunchIsAsFastAsOthersFewArePutTogether() {
    ClockedDriver d = device(rows -> 1);
    FactorChoice c = choice(d);
    run(d, c, 96);
    assertEquals(all(96, "panels of 96"), c.choices(), "the whole matrix");
    run(d, c, 32);
    assertEquals(3, c.choices().size(), "small ones are not measured");
  }
}
