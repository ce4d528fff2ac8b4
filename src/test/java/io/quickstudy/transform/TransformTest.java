package io.quickstudy.transform;

import static io.quickstudy.graph.Ops.*;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.quickstudy.graph.DType;
import io.quickstudy.graph.Shape;
import io.quickstudy.graph.Tensor;
import io.quickstudy.reference.Reference;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

/** What grad and vmap do with closures, constants, kinks and mistakes. */
class TransformTest {
  private static Params x(double... values) {
    return Params.of("x", literal(Shape.of(values.length), values));
  }

  private static Params scalarX(double value) {
    return Params.of("x", scalar(value));
  }

  private static double[] gradient(Function<Params, Tensor> f, Params at) {
    return Reference.eval(Grad.grad(f, at).get("x"));
  }

  // ---- closures

  /** d/dx of x (d/dy (x + y) at y = x) is 1: the inner gradient must not see the outer x. */
  @Test
  void innerGradientsDoNotSeeOuterVariables() {
    Function<Params, Tensor> f =
        p -> mul(p.get("x"), Grad.grad(q -> add(p.get("x"), q.get("x")), p).get("x"));
    assertArrayEquals(new double[] {1}, gradient(f, scalarX(2)));
  }

  /** d/dx of x (d/dy (x y) at y = x) = d/dx x x = 2x. */
  @Test
  void outerGradientsSeeThroughInnerOnes() {
    Function<Params, Tensor> f =
        p -> mul(p.get("x"), Grad.grad(q -> mul(p.get("x"), q.get("x")), p).get("x"));
    assertArrayEquals(new double[] {6}, gradient(f, scalarX(3)));
  }

  @Test
  void closuresOverThePointItselfAreConstant() {
    Tensor x = scalar(3);
    assertArrayEquals(new double[] {3}, gradient(p -> mul(p.get("x"), x), Params.of("x", x)));
  }

  @Test
  void closuresAreSharedByVmap() {
    Tensor shared = literal(Shape.of(2), 10, 20);
    Tensor y =
        Vmap.vmap(
            p -> mul(p.get("x"), shared),
            Params.of("x", literal(Shape.of(3, 2), 1, 2, 3, 4, 5, 6)));
    assertArrayEquals(new double[] {10, 40, 30, 80, 50, 120}, Reference.eval(y));
  }

  /** A loop over tasks of the gradient with respect to parameters that all tasks share. */
  @Test
  void gradientInsideVmapOfASharedParameter() {
    Tensor w = scalar(3);
    Tensor y =
        Vmap.vmap(
            p ->
                Grad.grad(q -> mul(mul(q.get("x"), q.get("x")), p.get("t")), Params.of("x", w))
                    .get("x"),
            Params.of("t", literal(Shape.of(2), 1, 10)));
    assertArrayEquals(new double[] {6, 60}, Reference.eval(y));
  }

  @Test
  void sameTensorUnderTwoNamesIsTwoVariables() {
    Tensor x = scalar(3);
    Params g =
        Grad.grad(p -> mul(p.get("a"), mul(p.get("b"), p.get("b"))), Params.of("a", x, "b", x));
    assertArrayEquals(new double[] {9}, Reference.eval(g.get("a")));
    assertArrayEquals(new double[] {18}, Reference.eval(g.get("b")));
  }

  // ---- what carries no gradient

  @Test
  void stopHoldsGradientsBack() {
    assertArrayEquals(
        new double[] {3}, gradient(p -> mul(stop(p.get("x")), p.get("x")), scalarX(3)));
    assertArrayEquals(new double[] {0}, gradient(p -> stop(p.get("x")), scalarX(3)));
    Params x = Params.of("x", Tensor.argument("x", DType.F32, Shape.of()));
    Params first = Grad.grad(p -> stop(mul(p.get("x"), p.get("x"))), x);
    assertSame(fill(0, Shape.of()), first.get("x"));
  }

  @Test
  void aliasesLetGradientsThrough() {
    assertArrayEquals(
        new double[] {6}, gradient(p -> mul(alias(p.get("x")), p.get("x")), scalarX(3)));
  }

  @Test
  void unusedParametersHaveZeroGradients() {
    Params g =
        Grad.grad(
            p -> sum(p.get("a")), Params.of("a", fill(1, Shape.of(2)), "b", fill(1, Shape.of(3))));
    assertArrayEquals(new double[] {0, 0, 0}, Reference.eval(g.get("b")));
    assertArrayEquals(new double[] {1, 1}, Reference.eval(g.get("a")));
  }

  @Test
  void stepsOfAFunctionHaveNoSlope() {
    Function<Params, Tensor> f =
        p -> sum(add(floor(p.get("x")), mul(sign(p.get("x")), less(p.get("x"), scalar(1)))));
    assertArrayEquals(new double[] {0, 0}, gradient(f, x(0.5, 2.5)));
    assertArrayEquals(
        new double[] {0, 0},
        gradient(p -> sum(convert(convert(p.get("x"), DType.I32), DType.F32)), x(0.5, 2.5)));
  }

  // ---- kinks and ties, as the ops document them

  @Test
  void rectifierHasSlopeZeroAtZero() {
    assertArrayEquals(
        new double[] {0, 0, 1}, gradient(p -> sum(maximum(p.get("x"), scalar(0))), x(-1, 0, 1)));
    assertArrayEquals(
        new double[] {1, 0, 0}, gradient(p -> sum(minimum(p.get("x"), scalar(0))), x(-1, 0, 1)));
    // where equal, the gradient goes to the second operand
    assertArrayEquals(
        new double[] {0, 1, 1}, gradient(p -> sum(maximum(scalar(0), p.get("x"))), x(-1, 0, 1)));
  }

  @Test
  void absoluteValueHasSlopeZeroAtZero() {
    assertArrayEquals(new double[] {-1, 0, 1}, gradient(p -> sum(abs(p.get("x"))), x(-1, 0, 1)));
  }

  @Test
  void equalLargestElementsShareTheGradient() {
    assertArrayEquals(
        new double[] {0, 0.5, 0.5}, gradient(p -> max(p.get("x"), List.of(0)), x(1, 2, 2)));
  }

  // ---- results and mistakes

  @Test
  void valueAndGradientAndMore() {
    Grad.Result<Tensor> r =
        Grad.valueAndGradAux(
            p -> new Grad.Aux<>(mul(p.get("x"), p.get("x")), neg(p.get("x"))), scalarX(3));
    assertArrayEquals(new double[] {9}, Reference.eval(r.value()));
    assertArrayEquals(new double[] {6}, Reference.eval(r.grad().get("x")));
    assertArrayEquals(new double[] {-3}, Reference.eval(r.aux()));
  }

  @Test
  void vmapOfSeveralResultsAndOfConstants() {
    Params y =
        Vmap.vmapAll(
            p -> Params.of("same", p.get("x"), "constant", scalar(7)),
            Params.of("x", literal(Shape.of(2), 1, 2)));
    assertArrayEquals(new double[] {1, 2}, Reference.eval(y.get("same")));
    assertArrayEquals(new double[] {7, 7}, Reference.eval(y.get("constant")));
  }

  private static String refusal(Runnable f) {
    String message = assertThrows(IllegalArgumentException.class, f::run).getMessage();
    assertTrue(!message.contains("\n") && !message.contains(". "), "one sentence: " + message);
    return message;
  }

  /** The point stands in the function where its argument should: no gradient would come out. */
  @Test
  void functionsThatIgnoreTheirArgumentAreRefused() {
    Params theta = x(1, 2);
    assertEquals(
        "grad: the function never reads its argument, the parameters [x], so that its gradient"
            + " would be zero: compute the loss from the argument, as p in grad(p -> loss(p),"
            + " theta)",
        refusal(() -> Grad.grad(p -> sum(theta.get("x")), theta)));
    refusal(() -> Grad.grad(p -> scalar(p.count()), theta));
    // nothing to read, a parameter without use, one that is frozen, no step that would use it
    assertEquals(0, Grad.grad(p -> scalar(1), Params.empty()).count());
    Params frozen = theta.with("b", scalar(2));
    assertArrayEquals(
        new double[] {0, 0}, gradient(p -> theta.with(p).with(frozen).get("b"), theta));
    assertArrayEquals(new double[] {0, 0}, gradient(p -> sum(stop(p.get("x"))), theta));
    assertArrayEquals(new double[] {0, 0}, gradient(p -> mul(scalar(0), sum(p.get("x"))), theta));
  }

  /** The derivative of a linear loss along a direction is constant: its gradient is zero. */
  @Test
  void hessianOfALinearLossIsZero() {
    Function<Params, Tensor> linear = p -> sum(p.get("x"));
    assertArrayEquals(
        new double[] {0, 0}, gradient(p -> sum(Grad.grad(linear, p).get("x")), x(1, 2)));
  }

  @Test
  void mistakesAreNamed() {
    Tensor k = Tensor.argument("k", DType.I32, Shape.of(2));
    String integers = refusal(() -> Grad.grad(p -> scalar(1), Params.of("k", k)));
    assertTrue(integers.contains("'k' is I32"), integers);
    String vector = refusal(() -> Grad.grad(p -> p.get("x"), x(1, 2)));
    assertTrue(vector.contains("F32[2]"), vector);
    String nothing = refusal(() -> Vmap.vmap(p -> scalar(1), Params.empty()));
    assertTrue(nothing.contains("leading axis"), nothing);
    String rank = refusal(() -> Vmap.vmap(p -> p.get("x"), scalarX(1)));
    assertTrue(rank.contains("[x]"), rank);
    String lengths =
        refusal(
            () ->
                Vmap.vmap(
                    p -> p.get("a"),
                    Params.of("a", fill(0, Shape.of(2)), "b", fill(0, Shape.of(3)))));
    assertTrue(lengths.contains("'b'") && lengths.contains("3") && lengths.contains("2"), lengths);
  }

  // ---- graphs

  @Test
  void orderHasInputsFirstAndEveryNodeOnce() {
    Tensor x = Tensor.argument("x", DType.F32, Shape.of());
    Tensor y = x;
    for (int i = 0; i < 40; i++) {
      y = add(y, y); // 2^40 paths
    }
    List<Tensor> order = Graphs.order(List.of(y, x));
    assertEquals(41, order.size());
    assertSame(x, order.get(0));
    assertSame(y, order.get(40));
    Verifier.verify("a test", List.of(y));
    assertEquals(Math.pow(2, 40), Reference.eval(y, Map.of(x, new double[] {1}))[0]);
    Tensor last = y;
    assertSame(last, Graphs.order(new ArrayList<>(List.of(last, last))).getLast());
  }

  @Test
  void longChainsNeedNoDeepStack() {
    Params at = scalarX(0.5);
    Function<Params, Tensor> f =
        p -> {
          Tensor y = p.get("x");
          for (int i = 0; i < 20_000; i++) {
            y = neg(y);
          }
          return y;
        };
    assertArrayEquals(new double[] {1}, gradient(f, at));
  }
}
