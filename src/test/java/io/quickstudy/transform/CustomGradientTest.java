package io.quickstudy.transform;

import static io.quickstudy.graph.Ops.*;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.quickstudy.graph.DType;
import io.quickstudy.graph.Ops;
import io.quickstudy.graph.Shape;
import io.quickstudy.graph.Tensor;
import io.quickstudy.reference.Reference;
import java.util.List;
import java.util.function.Function;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

/** Gradients that are not those of the value. */
class CustomGradientTest {
  private static Params x(double... values) {
    return Params.of("x", literal(Shape.of(values.length), values));
  }

  private static double[] gradient(Function<Params, Tensor> f, Params at) {
    return Reference.eval(Grad.grad(f, at).get("x"));
  }

  /** round(x), as if it were x. */
  private static Tensor straightThrough(Tensor x) {
    return CustomGradient.of(p -> floor(add(p.get("x"), scalar(0.5))), (p, y, g) -> p.map(v -> g))
        .apply(Params.of("x", x));
  }

  @Test
  void straightThroughEstimator() {
    Params at = x(0.2, 1.7);
    Function<Params, Tensor> f =
        p -> {
          Tensor y = straightThrough(p.get("x"));
          return sum(mul(y, mul(y, y)));
        };
    assertEquals(8, Reference.eval(f.apply(at))[0]);
    assertArrayEquals(new double[] {0, 12}, gradient(f, at)); // 3 y^2
    // the second derivative goes through y again: 6 y
    assertArrayEquals(new double[] {0, 12}, gradient(p -> sum(Grad.grad(f, p).get("x")), at));
    Function<Params, Tensor> second = p -> sum(Grad.grad(f, p).get("x"));
    assertArrayEquals(new double[] {6, 6}, gradient(p -> sum(Grad.grad(second, p).get("x")), at));
  }

  /** exp with a slope of 2 x: the slope of that is 2, where a surrogate sum would give 4 or 0. */
  @Test
  void slopeOfTheSlopeIsThatOfTheRule() {
    Function<Params, Tensor> f =
        CustomGradient.of(p -> sum(exp(p.get("x"))), (p, y, g) -> p.map(v -> mul(g, scale(v, 2))));
    Params at = x(3, -1);
    assertArrayEquals(new double[] {6, -2}, gradient(f, at));
    assertArrayEquals(new double[] {2, 2}, gradient(p -> sum(Grad.grad(f, p).get("x")), at));
  }

  /** The value of the rule is the function's, also where that moves otherwise. */
  @Test
  void ruleReadsTheValue() {
    Function<Params, Tensor> f =
        CustomGradient.of(
            p -> sum(mul(p.get("x"), p.get("x"))),
            (p, y, g) -> p.map(v -> expand(mul(g, y), v.shape())));
    Params at = x(2);
    assertArrayEquals(new double[] {4}, gradient(f, at));
    assertArrayEquals(new double[] {4}, gradient(p -> sum(Grad.grad(f, p).get("x")), at));
  }

  @Test
  void valueIsExact() {
    Tensor a = literal(Shape.of(2), 1e8, 0.1);
    Tensor y = straightThrough(a);
    assertSame(
        Simplifier.simplify(List.of(floor(add(a, scalar(0.5))))).get(0),
        Simplifier.simplify(List.of(y)).get(0));
  }

  @Test
  void reversedAndClippedGradients() {
    Function<Tensor, Tensor> reversed =
        a ->
            CustomGradient.of(p -> p.get("x"), (p, y, g) -> p.map(v -> scale(g, -0.5)))
                .apply(Params.of("x", a));
    assertArrayEquals(
        new double[] {-2, -3},
        gradient(p -> sum(mul(reversed.apply(p.get("x")), reversed.apply(p.get("x")))), x(2, 3)));
    Function<Tensor, Tensor> clipped =
        a ->
            CustomGradient.of(
                    p -> p.get("x"),
                    (p, y, g) -> p.map(v -> maximum(minimum(g, scalar(1)), scalar(-1))))
                .apply(Params.of("x", a));
    // both uses add up before they are clipped
    assertArrayEquals(
        new double[] {1, -0.8},
        gradient(
            p -> {
              Tensor y = clipped.apply(p.get("x"));
              return sum(mul(y, y));
            },
            x(2, -0.4)),
        1e-12);
  }

  /** Reptile: the gradient of a loss is theta - phi, whatever the loss. */
  @Test
  void directionThatIsNoGradient() {
    Params theta = x(1, 2);
    Params g =
        Grad.grad(
            p -> {
              Params phi = p.map(v -> scale(v, 0.25));
              Tensor loss = sum(exp(phi.get("x")));
              return scale(
                  CustomGradient.of(q -> loss, (q, y, c) -> p.minus(phi).map(Ops::stop).times(c))
                      .apply(p),
                  2);
            },
            theta);
    assertArrayEquals(new double[] {1.5, 3}, Reference.eval(g.get("x")));
  }

  /** What the rule closes over is differentiated with it, also task by task. */
  @Test
  void rulesCloseOverVariablesOfOuterGradientsAndTasks() {
    Params w = Params.of("w", scalar(3));
    Function<Params, Tensor> f =
        p -> {
          Tensor each =
              Vmap.vmap(
                  task -> {
                    Params a = Params.of("x", task.get("x"));
                    Params slope =
                        Grad.grad(
                            CustomGradient.of(
                                q -> q.get("x"),
                                (q, y, g) ->
                                    q.map(v -> mul(g, mul(mul(p.get("w"), p.get("w")), v)))),
                            a);
                    return slope.get("x");
                  },
                  x(1, 10));
          return sum(each);
        };
    assertEquals(99, Reference.eval(f.apply(w))[0]);
    assertArrayEquals(new double[] {66}, Reference.eval(Grad.grad(f, w).get("w")));
  }

  /** A shared argument's cotangent is the sum of the tasks', each clipped on its own. */
  @Test
  void sharedArgumentsGetTheSumOverTasks() {
    Params shared = Params.of("x", scalar(2));
    Params g =
        Grad.grad(
            p ->
                sum(
                    Vmap.vmap(
                        task ->
                            CustomGradient.of(
                                    q -> mul(q.get("x"), q.get("t")),
                                    (q, y, c) -> Params.of("x", minimum(c, scalar(1)), "t", c))
                                .apply(p.with("t", scale(task.get("t"), 1))),
                        Params.of("t", literal(Shape.of(3), 1, 2, 3)))),
            shared);
    assertArrayEquals(new double[] {3}, Reference.eval(g.get("x")));
  }

  @Test
  void integersAreArgumentsWithoutGradient() {
    Tensor k = literal(DType.I32, Shape.of(2), 1, 0);
    Params g =
        Grad.grad(
            p ->
                sum(
                    CustomGradient.of(
                            q -> gather(q.get("x"), q.get("k"), 0),
                            (q, y, c) -> Params.of("x", scatterAdd(scale(c, 7), q.get("k"), 2, 0)))
                        .apply(p.with("k", k))),
            x(1, 2));
    assertArrayEquals(new double[] {7, 7}, Reference.eval(g.get("x")));
  }

  private static String refusal(Supplier<?> f) {
    String message = assertThrows(IllegalArgumentException.class, f::get).getMessage();
    assertTrue(!message.contains("\n") && !message.contains(". "), "one sentence: " + message);
    return message;
  }

  @Test
  void wrongRulesAreRefused() {
    Params at = x(1, 2);
    String names =
        refusal(() -> CustomGradient.of(p -> p.get("x"), (p, y, g) -> Params.of("y", g)).apply(at));
    assertEquals(
        "custom gradient: the vjp gives [y], expected [x]: give one tensor for each", names);
    String shapes =
        refusal(
            () -> CustomGradient.of(p -> p.get("x"), (p, y, g) -> p.map(v -> sum(g))).apply(at));
    assertEquals(
        "custom gradient: the vjp gives 'x' as F32[], expected F32[2]: give it that shape", shapes);
    String integers =
        refusal(
            () -> CustomGradient.of(p -> convert(p.get("x"), DType.I32), (p, y, g) -> p).apply(at));
    assertTrue(integers.contains("I32"), integers);
  }

  @Test
  void hiddenVariablesAreRefused() {
    Function<Params, Tensor> f =
        p ->
            sum(
                CustomGradient.of(q -> mul(q.get("x"), p.get("w")), (q, y, g) -> q.map(v -> g))
                    .apply(Params.of("x", p.get("x"))));
    String hidden = refusal(() -> Grad.grad(f, x(1, 2).with("w", fill(1, Shape.of(2)))));
    assertTrue(hidden.contains("'w'") && hidden.contains("stop()"), hidden);
    Function<Params, Tensor> stopped =
        p ->
            sum(
                CustomGradient.of(
                        q -> mul(q.get("x"), stop(p.get("w"))), (q, y, g) -> q.map(v -> g))
                    .apply(Params.of("x", p.get("x"))));
    Params g = Grad.grad(stopped, x(1, 2).with("w", fill(1, Shape.of(2))));
    assertArrayEquals(new double[] {0, 0}, Reference.eval(g.get("w")));
  }
}
