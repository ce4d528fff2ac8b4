package io.quickstudy.graph;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** Nodes, shapes, and what the shape rules refuse. */
class GraphTest {
  private static Tensor f32(int... dims) {
    return Tensor.argument("x", DType.F32, Shape.of(dims));
  }

  private static Tensor i32(int... dims) {
    return Tensor.argument("k", DType.I32, Shape.of(dims));
  }

  @Test
  void equalExpressionsAreOneNode() {
    Tensor x = f32(2, 3);
    Tensor y = f32(2, 3);
    assertSame(Ops.add(x, y), Ops.add(x, y));
    assertNotSame(Ops.add(x, y), Ops.add(y, x));
    assertSame(Ops.exp(Ops.scale(x, 0.5)), Ops.exp(Ops.scale(x, 0.5)));
    assertNotSame(Ops.scale(x, 0.5), Ops.scale(x, 0.25));
    assertSame(Ops.fill(1, Shape.of(2)), Ops.fill(1, Shape.of(2)));
    assertNotSame(Ops.fill(0.0, Shape.of(2)), Ops.fill(-0.0, Shape.of(2)));
    assertSame(Ops.fill(Double.NaN, Shape.of(2)), Ops.fill(Double.NaN, Shape.of(2)));
    assertSame(Ops.literal(Shape.of(2), 1, 2), Ops.literal(Shape.of(2), 1, 2));
    assertNotSame(Ops.literal(Shape.of(2), 1, 2), Ops.literal(Shape.of(2), 1, 3));
    assertNotSame(Ops.literal(Shape.of(2), 1, 2), Ops.literal(DType.I32, Shape.of(2), 1, 2));
    assertSame(Ops.sum(x, List.of(0)), Ops.sum(x, new java.util.ArrayList<>(List.of(0))));
    assertSame(Ops.slice(x, 1, 0, 2), Ops.slice(x, -1, 0, 2));
  }

  @Test
  void argumentsAndAliasesAreAlwaysNew() {
    assertNotSame(f32(2), f32(2));
    Tensor x = f32(2);
    assertNotSame(Ops.alias(x), Ops.alias(x));
  }

  @Test
  void nodesKnowTheirTypeAndAge() {
    Tensor x = f32(2, 3);
    Tensor y = Ops.dot(x, Ops.t(x));
    assertEquals(Shape.of(2, 2), y.shape());
    assertEquals(DType.F32, y.dtype());
    assertTrue(y.inputs().stream().allMatch(i -> i.id() < y.id()));
    assertEquals(3, x.dim(-1));
  }

  @Test
  void literalsDoNotChangeAfterwards() {
    double[] numbers = {1, 2};
    Tensor t = Ops.literal(Shape.of(2), numbers);
    numbers[0] = 7;
    ((Leaf.Literal) t.op()).values().numbers()[1] = 7;
    assertArrayEquals(new double[] {1, 2}, ((Leaf.Literal) t.op()).values().numbers());
  }

  @Test
  void shapes() {
    Shape s = Shape.of(2, 3, 4);
    assertEquals(24, s.size());
    assertEquals(1, Shape.of().size());
    assertEquals(Shape.of(5, 2, 3, 4), s.prepend(5));
    assertEquals(Shape.of(2, 3, 4, 6, 7), s.append(6, 7));
    assertEquals(Shape.of(2, 3, 9), s.with(-1, 9));
    assertEquals(Shape.of(3), s.without(List.of(0, 2)));
    assertEquals(Shape.of(3, 4), s.sub(1, 3));
    assertArrayEquals(new int[] {12, 4, 1}, s.strides());
    assertEquals("[2, 3, 4]", s.toString());
  }

  @Test
  void windows() {
    assertEquals(Window.square(3, 1, 1), Window.same(3, 1, 28, 28));
    for (int size = 1; size <= 5; size++) {
      for (int stride = 1; stride <= 3; stride++) {
        for (int extent = 1; extent <= 9; extent++) {
          Window w = Window.same(size, stride, extent, extent + 1);
          assertEquals((extent + stride - 1) / stride, w.outH(extent), w + " of " + extent);
          assertEquals((extent + stride) / stride, w.outW(extent + 1), w + " of " + extent);
          assertTrue(w.bottom() == w.top() || w.bottom() == w.top() + 1);
        }
      }
    }
  }

  @Test
  void functionsAlignShapes() {
    assertEquals(Shape.of(3, 4), Ops.add(f32(3, 1), f32(4)).shape());
    assertEquals(Shape.of(2, 3), Ops.where(f32(3), f32(2, 1), f32()).shape());
    assertEquals(Shape.of(5, 2, 3), Ops.expand(f32(2, 1), Shape.of(5, 2, 3)).shape());
    assertEquals(Shape.of(2, 2, 3), Ops.stack(1, List.of(f32(2, 3), f32(2, 3))).shape());
    assertEquals(Shape.of(3), Ops.at(f32(2, 3), 0, 1).shape());
    assertEquals(Shape.of(4, 7), Ops.oneHot(i32(4), 7).shape());
    Tensor x = f32(2, 3);
    assertSame(x, Ops.reshape(x, x.shape()));
    assertSame(x, Ops.expand(x, x.shape()));
    assertSame(x, Ops.concatenate(0, x));
    assertSame(x, Ops.convert(x, DType.F32));
  }

  /** What is refused, and words that the message must have. */
  @TestFactory
  Stream<DynamicTest> refusalsNameTheShapes() {
    Map<String, Runnable> bad = new LinkedHashMap<>();
    Window w = Window.square(3, 1, 0);
    Window two = Window.square(2, 2, 0);
    bad.put("[0, 2]|at least 1", () -> Shape.of(0, 2));
    bad.put("[65536, 65536]|2^31", () -> Shape.of(65536, 65536));
    bad.put("axis 3|[2, 3]", () -> Shape.of(2, 3).dim(3));
    bad.put("axis -3|[2, 3]", () -> Shape.of(2, 3).dim(-3));
    bad.put("[2, 3]|[2, 4]", () -> Ops.add(f32(2, 3), f32(2, 4)));
    bad.put("ADD|I32[2]", () -> Ops.add(i32(2), i32(2)));
    bad.put("EXP|I32[2]", () -> Ops.exp(i32(2)));
    bad.put("I32 to U8", () -> Ops.convert(i32(2), DType.U8));
    bad.put("literal|3|[2]", () -> Ops.literal(Shape.of(2), 1, 2, 3));
    bad.put("random|I32[3]", () -> Ops.uniform(i32(3), Shape.of(2)));
    bad.put("random|F32[2]", () -> Ops.uniform(f32(2), Shape.of(2)));
    bad.put("reshape|[2, 3]|[5]", () -> Ops.reshape(f32(2, 3), Shape.of(5)));
    bad.put("transpose|[0, 0]|[2, 3]", () -> Ops.transpose(f32(2, 3), List.of(0, 0)));
    bad.put("broadcast|[2]|[3, 3]", () -> Ops.broadcast(f32(2), Shape.of(3, 3), List.of(0)));
    bad.put("broadcast|[]|[1, 0]", () -> Ops.broadcast(f32(), Shape.of(3, 3), List.of(1, 0)));
    bad.put("broadcast|[2]|[5]", () -> Ops.broadcast(f32(2), Shape.of(2), List.of(5)));
    bad.put("Iota|from 0", () -> Tensor.of(new Leaf.Iota(Shape.of(2), -1)));
    bad.put(
        "Concatenate|from 0", () -> Tensor.of(new Layout.Concatenate(-1), f32(2, 3), f32(2, 4)));
    bad.put("Slice|[4]|limit", () -> Ops.slice(f32(4), 0, 2, 5));
    bad.put("Slice|[4]|start", () -> Ops.slice(f32(4), 0, 2, 2));
    bad.put("Pad|[4]|negative", () -> Ops.pad(f32(4), List.of(-1), List.of(0)));
    bad.put("concatenate|[2, 3]|[2, 4]", () -> Ops.concatenate(0, f32(2, 3), f32(2, 4)));
    bad.put("Sum|[2, 3]|axes", () -> Ops.sum(f32(2, 3), List.of(1, 0)));
    bad.put("Max|I32", () -> Ops.max(i32(2, 3), List.of(0)));
    bad.put("dot|[2, 3]|[2, 4]", () -> Ops.dot(f32(2, 3), f32(2, 4)));
    bad.put("Cholesky|[2, 3]|square", () -> Ops.cholesky(f32(2, 3)));
    bad.put(
        "triangular solve|[2, 2]|[3, 1]",
        () -> Ops.triangularSolve(f32(2, 2), f32(3, 1), Product.Form.PLAIN));
    bad.put("[1, 5, 5, 2]|[3, 3, 4, 1]", () -> Ops.conv(f32(1, 5, 5, 2), f32(3, 3, 4, 1), w));
    bad.put("filter [5, 5, 2, 1]", () -> Ops.conv(f32(1, 5, 5, 2), f32(5, 5, 2, 1), w));
    bad.put(
        "[2, 1, 5, 5, 2]|[3, 3, 3, 2, 1]|task axes",
        () -> Ops.conv(f32(2, 1, 5, 5, 2), f32(3, 3, 3, 2, 1), w));
    bad.put("F32[5, 5, 2]|task axis", () -> Ops.conv(f32(5, 5, 2), f32(3, 3, 2, 1), w));
    bad.put("extent of 2", () -> Ops.conv(f32(1, 2, 5, 2), f32(3, 3, 2, 1), w));
    bad.put(
        "[1, 2, 2, 1]|[3, 3, 2, 1]",
        () -> Ops.convInputGrad(f32(1, 2, 2, 1), f32(3, 3, 2, 1), w, 5, 5));
    bad.put("F32[4, 4]", () -> Ops.maxPool(f32(4, 4), two));
    bad.put("padding|window", () -> Ops.maxPool(f32(4, 4, 1), Window.square(2, 2, 2)));
    bad.put("strides 0", () -> Window.square(2, 0, 0));
    bad.put("Gather|[2, 3]|[3, 1]", () -> Ops.gather(f32(2, 3), i32(3, 1), 1));
    bad.put("Gather|F32[2]", () -> Ops.gather(f32(2, 3), f32(2), 0));
    bad.put("ScatterAdd|[2, 3]|[3]", () -> Ops.scatterAdd(f32(2, 3), i32(3), 4, 0));
    bad.put("TopK|[3]", () -> Ops.topK(f32(3), 4));
    return bad.entrySet().stream()
        .map(
            e ->
                dynamicTest(
                    e.getKey(),
                    () -> {
                      String message =
                          assertThrows(IllegalArgumentException.class, () -> e.getValue().run())
                              .getMessage();
                      for (String word : e.getKey().split("\\|", -1)) {
                        assertTrue(
                            message.contains(word), "'" + word + "' missing from: " + message);
                      }
                      assertTrue(
                          !message.contains("\n") && !message.contains(". "),
                          "one sentence: " + message);
                    }));
  }
}
