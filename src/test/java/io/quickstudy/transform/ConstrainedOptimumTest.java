package io.quickstudy.transform;

import static io.quickstudy.graph.Ops.*;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.quickstudy.functions.Reductions;
import io.quickstudy.functions.Sorting;
import io.quickstudy.graph.DType;
import io.quickstudy.graph.Ops;
import io.quickstudy.graph.Shape;
import io.quickstudy.graph.Tensor;
import io.quickstudy.reference.Reference;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

/**
 * A support vector machine over features, as MetaOptNet's head (Lee, Maji, Ravichandran and Soatto
 * 2019, equations 5 and 6), differentiated through the conditions of its dual's optimum.
 */
class ConstrainedOptimumTest {
  private static final int N = 6;
  private static final int WAYS = 3;
  private static final double C = 0.4;
  private static final Shape ALPHA = Shape.of(N, WAYS);
  private static final Tensor Y = oneHot(literal(DType.I32, Shape.of(N), 0, 1, 2, 0, 1, 2), WAYS);

  private static Tensor numbers(long seed, int... dims) {
    SplittableRandom r = new SplittableRandom(seed);
    Shape s = Shape.of(dims);
    return literal(s, r.doubles(s.size(), -1, 1).toArray());
  }

  /** Equation 6, to be made small: |w(alpha)|^2 / 2 - sum alpha_n,y_n, and a little curvature. */
  private static Tensor dual(Tensor x, Tensor alpha) {
    Tensor w = dot(t(alpha), x);
    Tensor half = add(sum(mul(w, w)), sum(mul(alpha, alpha)));
    return sub(scale(half, 0.5), sum(mul(alpha, Y)));
  }

  private static Tensor slack(Tensor alpha) {
    return sub(scale(Y, C), alpha); // >= 0, and its rows add up to C
  }

  /** The nearest point of the simplex of sum C, row by row (Duchi et al. 2008, figure 1). */
  private static Tensor onSimplex(Tensor v) {
    Tensor totals = Reductions.cumulativeSum(Sorting.sortDescending(v), 1);
    Tensor count = add(convert(iota(v.shape(), 1), DType.F32), scalar(1));
    Tensor theta = max(div(sub(totals, scalar(C)), count), List.of(1));
    return maximum(sub(v, broadcast(theta, v.shape(), List.of(1))), scalar(0));
  }

  /** Projected gradient descent. */
  private static Tensor solved(Tensor x) {
    Tensor alpha = fill(0, ALPHA);
    for (int i = 0; i < 250; i++) {
      Tensor g = add(dot(x, dot(t(x), alpha)), sub(alpha, Y));
      alpha = sub(scale(Y, C), onSimplex(slack(sub(alpha, scale(g, 0.15)))));
    }
    return alpha;
  }

  private static Tensor flat(Tensor alpha) {
    return reshape(alpha, Shape.of(N * WAYS));
  }

  private static Tensor head(Tensor x) {
    Tensor found = solved(x);
    Tensor active = flat(lessEqual(slack(found), scalar(1e-9)));
    Constraints held =
        Constraints.none()
            .equal(z -> sum(z.get("alpha"), List.of(1)))
            .atMost(z -> neg(flat(slack(z.get("alpha")))), active);
    return Implicit.constrainedOptimum(
            z -> dual(x, z.get("alpha")), held, Params.of("alpha", found))
        .get("alpha");
  }

  /** A loss of the head's logits for two queries. */
  private static Tensor loss(Tensor x) {
    Tensor logits = dot(numbers(2, 2, 3), dot(t(x), head(x)));
    return sum(exp(scale(logits, 3)));
  }

  @Test
  void supportVectorMachineAsDifferences() {
    Tensor x = numbers(1, N, 3);
    double[] left = Reference.eval(slack(solved(x)));
    long bound = Arrays.stream(left).filter(a -> a < 1e-9).count();
    long near = Arrays.stream(left).filter(a -> a >= 1e-9 && a < 1e-3).count();
    assertTrue(bound > 2 && bound < N * WAYS - 2, bound + " of 18 are at their bound");
    assertEquals(0, near, "a difference would change what is active");

    Function<Params, Tensor> f = p -> loss(p.get("x"));
    Tensor direction = numbers(3, N, 3);
    Function<Params, Tensor> slope = p -> sum(mul(Grad.grad(f, p).get("x"), direction));
    Function<Params, Tensor> curvature = p -> sum(mul(Grad.grad(slope, p).get("x"), direction));
    Params at = Params.of("x", x);
    double h = 1e-3;
    Function<Double, Params> moved = s -> Params.of("x", add(x, scale(direction, s)));
    double[] v = new double[7];
    double[] d = new double[7];
    for (int i = -3; i <= 3; i++) {
      Params p = moved.apply(i * h);
      v[i + 3] = Reference.eval(f.apply(p))[0];
      d[i + 3] = Reference.eval(slope.apply(p))[0];
    }
    assertEquals(difference(v, h), d[3], 1e-8 * Math.abs(d[3]) + 1e-9);
    double second = Reference.eval(curvature.apply(at))[0];
    assertEquals(difference(d, h), second, 1e-7 * Math.abs(second) + 1e-8);
  }

  private static double difference(double[] v, double h) {
    return (45 * (v[4] - v[2]) - 9 * (v[5] - v[1]) + (v[6] - v[0])) / (60 * h);
  }

  /** Where the objective is linear along what constraints fix, their system is still regular. */
  @Test
  void flatObjectivesAreHeldByTheirConstraints() {
    Params at = Params.of("c", literal(Shape.of(2), 0.5, 2));
    Function<Params, Tensor> f =
        p -> {
          Tensor c = p.get("c");
          // z0 = c0 c1 and z1 = c1, whatever the objective
          Params found =
              Params.of("z", stack(0, List.of(mul(at(c, 0, 0), at(c, 0, 1)), at(c, 0, 1))));
          Params z =
              Implicit.constrainedOptimum(
                  q -> sum(mul(q.get("z"), c)),
                  Constraints.none()
                      .equal(
                          q ->
                              sub(
                                  q.get("z"),
                                  stack(
                                      0,
                                      List.of(
                                          mul(at(c, 0, 0), at(q.get("z"), 0, 1)), at(c, 0, 1))))),
                  found);
          return sum(mul(z.get("z"), literal(Shape.of(2), 1, 10)));
        };
    assertArrayEquals(new double[] {2, 10.5}, Reference.eval(Grad.grad(f, at).get("c")), 1e-12);
  }

  @Test
  void withoutConstraintsItIsAnOptimum() {
    Params at = Params.of("c", literal(Shape.of(2), 3, -1));
    Function<Params, Tensor> f =
        p ->
            sum(
                exp(
                    Implicit.constrainedOptimum(
                            q -> {
                              Tensor d = sub(q.get("z"), mul(p.get("c"), p.get("c")));
                              return sum(mul(d, d));
                            },
                            Constraints.none(),
                            Params.of("z", mul(p.get("c"), p.get("c"))))
                        .get("z")));
    assertArrayEquals(
        new double[] {6 * Math.exp(9), -2 * Math.E},
        Reference.eval(Grad.grad(f, at).get("c")),
        1e-8);
    assertArrayEquals(
        new double[] {(2 + 36) * Math.exp(9), (2 + 4) * Math.E},
        Reference.eval(
            Grad.grad(
                    p -> Grad.grad(f, p).values().stream().map(Ops::sum).findFirst().orElseThrow(),
                    at)
                .get("c")),
        1e-7);
  }
}
