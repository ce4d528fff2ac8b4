package io.quickstudy.suite;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.quickstudy.graph.DType;
import io.quickstudy.graph.Ops;
import io.quickstudy.graph.Shape;
import io.quickstudy.graph.Tensor;
import io.quickstudy.reference.Reference;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** That the bound of TF32 holds what TF32 does, and nothing that is coarser. */
class Tf32BoundTest {
  private static final double U = 0x1p-11;

  private static final Tensor A = Tensor.argument("a", DType.F32, Shape.of(1, 2));
  private static final Tensor B = Tensor.argument("b", DType.F32, Shape.of(2, 1));
  private static final Tensor DOT = Ops.dot(A, B);

  private static double bound(Tensor t, double[] a, double[] b) {
    return Tf32Bound.of(List.of(t), Map.of(A, a, B, b)).get(t)[0];
  }

  @Test
  void aProductMayMoveByTheRoundingsOfItsTerms() {
    double expected = (2 * U + U * U) * (3 * 5 + 7 * 11);
    assertEquals(expected, bound(DOT, new double[] {3, -7}, new double[] {5, 11}), 1e-15);
  }

  @Test
  void whatBringsAnErrorAlongHasItMultiplied() {
    Tensor twice = Ops.dot(DOT, Ops.reshape(Ops.fill(2, Shape.of(1)), Shape.of(1, 1)));
    double e = (2 * U + U * U) * 8;
    assertEquals(
        2 * e + (2 * U + U * U) * 2 * (8 + e),
        bound(twice, new double[] {1, 1}, new double[] {3, 5}),
        1e-15);
    assertEquals(Math.exp(8 + e) - Math.exp(8), bound(Ops.exp(DOT), ones(), of(3, 5)), 1e-9);
    assertEquals(2 * 8 * e + e * e, bound(Ops.mul(DOT, DOT), ones(), of(3, 5)), 1e-12);
  }

  private static double[] ones() {
    return of(1, 1);
  }

  private static double[] of(double... v) {
    return v;
  }

  @Test
  void aComparisonThatARoundingDecidesIsRefused() {
    Tensor step = Ops.less(DOT, Ops.fill(8, DOT.shape()));
    assertEquals(0, bound(step, ones(), of(3, 6)));
    assertEquals(Double.POSITIVE_INFINITY, bound(step, ones(), of(3, 5)));
    Map<Tensor, double[]> at = Map.of(A, ones(), B, of(3, 5));
    AssertionError e =
        assertThrows(
            AssertionError.class,
            () -> Tf32Bound.check("less", List.of(step), at, List.of(new double[] {0})));
    assertTrue(e.getMessage().contains("may decide"), e.getMessage());
  }

  @Test
  void roundedOperandsPassAndCoarserOnesDoNot() {
    double third = 1.0 / 3 + U / 4;
    Map<Tensor, double[]> at = Map.of(A, of(third, third), B, of(0.7, 0.9));
    List<Tensor> outputs = List.of(DOT);
    double[] exact = Reference.eval(outputs, at).get(DOT);
    double[] tf32 = Reference.eval(outputs, at, Reference.Precision.TF32).get(DOT);
    assertTrue(tf32[0] != exact[0]);
    Tf32Bound.check("rounded", outputs, at, List.of(tf32));
    Tf32Bound.check("exact", outputs, at, List.of(exact));
    double[] bfloat = {exact[0] * (1 + 8 * U)};
    assertThrows(
        AssertionError.class, () -> Tf32Bound.check("of 8 bits", outputs, at, List.of(bfloat)));
  }
}
