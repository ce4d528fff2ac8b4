package io.quickstudy.graph;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.quickstudy.functions.Distances;
import io.quickstudy.functions.Losses;
import io.quickstudy.functions.Normalisation;
import io.quickstudy.transform.Grad;
import io.quickstudy.transform.Params;
import io.quickstudy.transform.Vmap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.function.Executable;

/** What was once a bare exception, or silence, while a graph is built: each now says what it is. */
class RefusedTest {
  private static Tensor f(int... dims) {
    return Tensor.argument("f", DType.F32, Shape.of(dims));
  }

  private static Tensor k(int... dims) {
    return Tensor.argument("k", DType.I32, Shape.of(dims));
  }

  private static final Map<String, Executable> CASES = new LinkedHashMap<>();

  static {
    // positions and axes
    CASES.put("Gather[batch=-1]: -1 batch axes", () -> Ops.gather(f(2, 3), k(2), -1));
    CASES.put("ScatterAdd[batch=-1, n=3]: -1 batch", () -> Ops.scatterAdd(f(2), k(2), 3, -1));
    CASES.put("axis 3 of shape [1, 2]", () -> Ops.stack(3, List.of(f(2), f(2))));
    CASES.put("stack: shapes [[2], [3]]", () -> Ops.stack(0, List.of(f(2), f(3))));
    CASES.put("stack: no tensors were given", () -> Ops.stack(0, List.of()));
    CASES.put("concatenate: no tensors were given", () -> Ops.concatenate(0));
    CASES.put("axis 7 of shape [2]", () -> Ops.concatenate(7, f(2)));
    CASES.put("expand: [2, 3] cannot fill [3]", () -> Ops.expand(f(2, 3), Shape.of(3)));
    CASES.put("expand: [2] cannot fill [3]", () -> Ops.expand(f(2), Shape.of(3)));
    CASES.put("axes [-1] of shape [2, 3]", () -> Shape.of(2, 3).without(List.of(-1)));
    CASES.put("axes 1 to 5 of shape [2, 3]", () -> Shape.of(2, 3).sub(1, 5));
    CASES.put("axes 2 to 1 of shape [2, 3]", () -> Shape.of(2, 3).sub(2, 1));
    // numbers of another kind
    CASES.put("literal: 1.5 for I32[1]", () -> Ops.literal(DType.I32, Shape.of(1), 1.5));
    CASES.put("literal: NaN for I32[1]", () -> Ops.literal(DType.I32, Shape.of(1), Double.NaN));
    CASES.put("literal: 3.0E9 for I32[1]", () -> Ops.literal(DType.I32, Shape.of(1), 3e9));
    CASES.put("literal: 300.0 for U8[1]", () -> Ops.literal(DType.U8, Shape.of(1), 300));
    CASES.put("literal: -1.0 for U8[1]", () -> Ops.literal(DType.U8, Shape.of(1), -1));
    // what is not there
    CASES.put("EXP: operand 0 is null", () -> Ops.exp(null));
    CASES.put("a type of shape [2] and kind null", () -> Tensor.argument("x", null, Shape.of(2)));
    CASES.put("a type of shape null", () -> Tensor.argument("x", DType.F32, null));
    CASES.put("parameter 'a' is null", () -> Params.of("a", null));
    CASES.put("parameter 'null' is F32[2]", () -> Params.of(null, f(2)));
    CASES.put("parameter 'b' is null", () -> Params.of("b", f(2)).map(t -> null));
    CASES.put("grad: the function returned null", () -> Grad.grad(p -> null, Params.of("a", f(2))));
    CASES.put(
        "vmap: the function returned null", () -> Vmap.vmapAll(p -> null, Params.of("a", f(2))));
    CASES.put("parameter 'y' is null", () -> Vmap.vmap(p -> null, Params.of("a", f(2))));
    // names and shapes of parameters
    CASES.put("parameter 'a' is given twice", () -> Params.of("a", f(1), "a", f(2)));
    CASES.put("parameters under an empty name", () -> Params.of("a", f(1)).under(""));
    CASES.put(
        "parameter of shape [2] would become [3, 2]",
        () -> Params.of("a", f(2)).plus(Params.of("a", f(3, 2))));
    CASES.put(
        "parameter of shape [4] would become [3, 4]",
        () -> Params.of("a", f(4)).minus(Params.of("a", f(3, 4))));
    CASES.put(
        "parameter of shape [5] would become [3, 5]", () -> Params.of("a", f(5)).times(f(3, 5)));
    // functions of matrices
    CASES.put("squared distance: [3] and [3]", () -> Distances.squaredEuclidean(f(3), f(3)));
    CASES.put(
        "squared distance: [2, 3] and [2, 4]", () -> Distances.squaredEuclidean(f(2, 3), f(2, 4)));
    CASES.put("cosine: [2, 3] and [2, 4]", () -> Distances.cosine(f(2, 3), f(2, 4)));
    CASES.put("moments of [3]", () -> Normalisation.moments(f(3)));
    CASES.put(
        "batch norm: x [2, 3] with a moment, gamma or beta of [2, 1]",
        () -> Normalisation.batchNorm(f(2, 3), Normalisation.moments(f(2, 3)), f(2, 1), f(3)));
    CASES.put("cross-entropy: logits [2, 3, 4]", () -> Losses.crossEntropy(f(2, 3, 4), k(2)));
  }

  @TestFactory
  Stream<DynamicTest> aSentenceEach() {
    return CASES.entrySet().stream()
        .map(
            e ->
                DynamicTest.dynamicTest(
                    e.getKey(),
                    () -> {
                      String said =
                          assertThrows(IllegalArgumentException.class, e.getValue()).getMessage();
                      assertEquals(
                          e.getKey(),
                          said.substring(0, Math.min(said.length(), e.getKey().length())));
                    }));
  }

  @Test
  void whatWasRightStaysSo() {
    assertEquals(Shape.of(2, 3, 2), Ops.stack(-1, List.of(f(2, 3), f(2, 3))).shape());
    assertEquals(
        Shape.of(2, 2, 3), Ops.stack(-2, List.of(f(2, 3), f(2, 3))).shape().without(List.of()));
    assertEquals(Shape.of(2, 3), Params.of("a", f(2, 3)).times(Ops.scalar(2)).get("a").shape());
    assertEquals(
        Shape.of(2, 3), Params.of("a", f(2, 3)).plus(Params.of("a", f(3))).get("a").shape());
    assertEquals(DType.I32, Ops.literal(DType.I32, Shape.of(2), -2147483648.0, 2147483647).dtype());
  }
}
