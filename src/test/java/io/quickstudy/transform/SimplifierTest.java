package io.quickstudy.transform;

import static io.quickstudy.graph.Ops.*;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.quickstudy.functions.Losses;
import io.quickstudy.functions.Normalisation;
import io.quickstudy.graph.DType;
import io.quickstudy.graph.Layout;
import io.quickstudy.graph.Leaf;
import io.quickstudy.graph.Reduction;
import io.quickstudy.graph.Shape;
import io.quickstudy.graph.Tensor;
import io.quickstudy.graph.Walks;
import io.quickstudy.graph.Window;
import io.quickstudy.reference.Reference;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** That what is meant to become less work does, and stays the same number. */
class SimplifierTest {
  private static Tensor argument(int... dims) {
    return Tensor.argument("x", DType.F32, Shape.of(dims));
  }

  private static Tensor numbers(int seed, int... dims) {
    Shape s = Shape.of(dims);
    double[] v = IntStream.range(0, s.size()).mapToDouble(i -> Math.sin(seed + i * 1.7)).toArray();
    return literal(s, v);
  }

  private static long sumsOver(Shape shape, List<Tensor> outputs) {
    return Graphs.order(Simplifier.simplify(outputs)).stream()
        .filter(t -> t.op() instanceof Reduction.Sum && t.input(0).shape().equals(shape))
        .count();
  }

  @Test
  void whatIsLessItsMeanSumsUpToZero() {
    Tensor x = argument(3, 4);
    Tensor mean = mean(x, List.of(0));
    Tensor centred = sub(x, broadcast(mean, x.shape(), List.of(0)));
    Tensor zero = Simplifier.simplify(List.of(sum(centred, List.of(0)))).get(0);
    assertTrue(zero.op() instanceof Leaf.Fill f && f.value() == 0);
  }

  @Test
  void whatIsLessAnotherMeanDoesNot() {
    Tensor x = argument(3, 4);
    Tensor y = Tensor.argument("y", DType.F32, Shape.of(3, 4));
    Tensor other = sub(x, broadcast(mean(y, List.of(0)), x.shape(), List.of(0)));
    Tensor alongOne = sub(x, broadcast(mean(x, List.of(1)), x.shape(), List.of(1)));
    for (Tensor t : List.of(other, alongOne)) {
      Tensor s = Simplifier.simplify(List.of(sum(t, List.of(0)))).get(0);
      assertTrue(!(s.op() instanceof Leaf.Fill), s.toString());
    }
  }

  /** Sums: mean, variance, and of the gradient those of scale and shift. */
  @Test
  void theGradientOfABatchNormSumsUpTwice() {
    Tensor x = argument(6, 5);
    Params at =
        Params.of("x", x, "gamma", Tensor.argument("gamma", DType.F32, Shape.of(5)))
            .with("beta", Tensor.argument("beta", DType.F32, Shape.of(5)));
    Params g = Grad.grad(p -> loss(p, numbers(7, 6, 5)), at);
    assertEquals(4, sumsOver(x.shape(), List.of(g.get("x"), g.get("gamma"), g.get("beta"))));
  }

  private static Tensor loss(Params p, Tensor weights) {
    Tensor x = p.get("x");
    Tensor y = Normalisation.batchNorm(x, Normalisation.moments(x), p.get("gamma"), p.get("beta"));
    return sum(mul(weights, y));
  }

  /** The rules' worth is that of the second derivative too. */
  @Test
  void aBatchNormsGradientsStayTheSameNumbers() {
    Params at =
        Params.of("x", numbers(1, 6, 5), "gamma", numbers(2, 5)).with("beta", numbers(3, 5));
    Tensor w = numbers(4, 6, 5);
    Params once = Grad.grad(p -> loss(p, w), at);
    Params twice =
        Grad.grad(p -> sum(mul(numbers(5, 6, 5), Grad.grad(q -> loss(q, w), p).get("x"))), at);
    for (Params g : List.of(once, twice)) {
      for (Tensor t : g.values()) {
        double[] plain = Reference.eval(t);
        double[] simple = Reference.eval(Simplifier.simplify(List.of(t)).get(0));
        assertArrayEquals(plain, simple, 1e-12);
      }
    }
  }

  @Test
  void aFactorLeavesTheSumAlongTheAxesWhereItIsConstant() {
    Tensor x = numbers(1, 2, 3, 4);
    Tensor factor = broadcast(numbers(2, 2, 4), x.shape(), List.of(1));
    Tensor t = sum(mul(x, factor), List.of(0, 1));
    Tensor simple = Simplifier.simplify(List.of(t)).get(0);
    assertEquals(1, sumsOver(x.shape(), List.of(t)));
    assertArrayEquals(Reference.eval(t), Reference.eval(simple), 1e-12);
    assertEquals(Shape.of(2, 4), simple.input(0).shape());
  }

  @Test
  void aSumIsMadeOfOneThatIsThereAnyway() {
    Tensor x = argument(2, 3, 4);
    Tensor fine = sum(x, List.of(1));
    List<Tensor> simple = Simplifier.simplify(List.of(sum(x, List.of(0, 1)), fine));
    assertSame(fine, simple.get(1));
    assertSame(fine, simple.get(0).input(0));
    assertEquals(1, sumsOver(x.shape(), List.of(sum(x, List.of(0, 1)), fine)));
  }

  /** Batch norm, pooling, ReLU: behind the two sums of the moments all sums are small ones. */
  @Test
  void sumsBehindPoolingAreSmall() {
    Tensor x = argument(2, 4, 6, 3);
    Tensor slope = Tensor.argument("gamma", DType.F32, Shape.of(3));
    Tensor offset = Tensor.argument("beta", DType.F32, Shape.of(3));
    Params at = Params.of("x", x, "gamma", slope).with("beta", offset);
    Params g = Grad.grad(SimplifierTest::pooled, at);
    assertEquals(2, sumsOver(x.shape(), List.copyOf(g.values())));
  }

  @Test
  void gradientsThroughPoolingStayTheSameNumbers() {
    Params at =
        Params.of("x", numbers(1, 2, 5, 6, 3), "gamma", numbers(2, 3)).with("beta", numbers(3, 3));
    Params once = Grad.grad(SimplifierTest::pooled, at);
    Tensor w = numbers(8, 2, 5, 6, 3);
    Params twice = Grad.grad(p -> sum(mul(w, Grad.grad(SimplifierTest::pooled, p).get("x"))), at);
    for (Params g : List.of(once, twice)) {
      for (Tensor t : g.values()) {
        double[] simple = Reference.eval(Simplifier.simplify(List.of(t)).get(0));
        assertArrayEquals(Reference.eval(t), simple, 1e-12);
      }
    }
  }

  private static Tensor pooled(Params p) {
    Tensor x = p.get("x");
    Tensor y = Normalisation.batchNorm(x, Normalisation.moments(x), p.get("gamma"), p.get("beta"));
    Tensor z = Losses.relu(maxPool(y, Window.square(2, 2, 0)));
    return sum(mul(mul(z, z), numbers(6, z.shape().dims())));
  }

  /** The gradient of slices that meet, read in any order, is one concatenation. */
  @Test
  void paddingsThatMeetAreJoinedInAnyOrder() {
    for (List<Integer> order :
        List.of(List.of(0, 1, 2, 3), List.of(2, 0, 1, 3), List.of(3, 1, 0, 2))) {
      Tensor x = argument(2, 8);
      Tensor y = argument(2, 2);
      Tensor total = scalar(0);
      for (int i : order) {
        total = add(total, sum(mul(exp(slice(x, 1, 2 * i, 2 * i + 2)), y)));
      }
      Tensor sum = total;
      Tensor g =
          Grad.grad(
                  p -> Walks.replace(List.of(sum), Map.of(x, p.get("x"))).get(0), Params.of("x", x))
              .get("x");
      Tensor simple = Simplifier.simplify(List.of(g)).get(0);
      assertTrue(simple.op() instanceof Layout.Concatenate, order + " " + simple);
      assertEquals(4, simple.inputs().size());
    }
  }

  /** Whichever of two nodes was made first. */
  @Test
  void operandsComeInTheOrderOfTheGraph() {
    for (boolean swapped : new boolean[] {false, true}) {
      Tensor x = argument(3);
      Tensor first = swapped ? sin(x) : cos(x);
      Tensor a = cos(x);
      Tensor b = sin(x);
      assertSame(swapped ? b : a, first);
      Tensor y = Simplifier.simplify(List.of(sub(mul(a, b), exp(mul(b, a))))).get(0);
      assertSame(y.input(0), y.input(1).input(0));
      assertSame(a, y.input(0).input(0));
    }
  }
}
