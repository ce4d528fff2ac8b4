package io.quickstudy.exchange.onnx;

import static io.quickstudy.graph.Ops.*;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import io.quickstudy.backend.Precision;
import io.quickstudy.functions.Losses;
import io.quickstudy.functions.Normalisation;
import io.quickstudy.graph.DType;
import io.quickstudy.graph.Elementwise;
import io.quickstudy.graph.Layout;
import io.quickstudy.graph.Op;
import io.quickstudy.graph.Product;
import io.quickstudy.graph.Shape;
import io.quickstudy.graph.Tensor;
import io.quickstudy.graph.Window;
import io.quickstudy.nn.ConvNet;
import io.quickstudy.nn.Init;
import io.quickstudy.nn.Norm;
import io.quickstudy.run.RunException;
import io.quickstudy.runtime.Array;
import io.quickstudy.runtime.Compiled;
import io.quickstudy.runtime.Engine;
import io.quickstudy.runtime.Function;
import io.quickstudy.runtime.Signature;
import io.quickstudy.transform.Params;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** Every op on images of three channels that are no squares: translated, or refused in words. */
class TranslatorTest {
  private static final Shape IMAGE = Shape.of(6, 5, 3);
  private static final double TOLERANCE = 1e-5;
  private static final Map<String, UnaryOperator<Tensor>> GOOD = new LinkedHashMap<>();
  private static final Map<String, UnaryOperator<Tensor>> BAD = new LinkedHashMap<>();

  static {
    for (Elementwise.Unary op : Elementwise.Unary.values()) {
      GOOD.put(op.toString(), x -> Tensor.of(op, add(x, scalar(0.1))));
    }
    for (Elementwise.Binary op : Elementwise.Binary.values()) {
      GOOD.put(op + " with itself", x -> Tensor.of(op, x, mul(x, x)));
      GOOD.put(op + " with a row", x -> Tensor.of(op, x, like(x, table(5, 3))));
      GOOD.put(op + " with channels", x -> Tensor.of(op, like(x, table(3)), x));
      GOOD.put(op + " with its means", x -> Tensor.of(op, x, over(x, List.of(1, 2))));
      GOOD.put(op + " with means of rows", x -> Tensor.of(op, over(x, List.of(2, 3)), x));
    }
    GOOD.put("exponentials near 0", x -> expm1(scale(x, 1e-4)));
    GOOD.put("logarithms near 0", x -> log1p(scale(x, 1e-4)));
    GOOD.put("select", x -> where(less(x, scalar(0.5)), x, table(6, 5, 3)));
    GOOD.put("between two means", x -> sub(over(x, List.of(1)), over(x, List.of(2, 3))));
    GOOD.put("means alone", x -> add(over(x, List.of(1)), over(x, List.of(1, 2))));
    GOOD.put("a batch of constants", x -> add(fill(2, x.shape()), fill(1, x.shape())));
    GOOD.put("whole numbers", x -> convert(convert(scale(x, 9), DType.I32), DType.F32));
    GOOD.put("sum", x -> sum(x, List.of(1, 3)));
    GOOD.put("sum over the batch", x -> sum(x, List.of(0)));
    GOOD.put("max", x -> max(x, List.of(0, 2)));
    GOOD.put("mean over the batch", x -> mean(x, List.of(0, 1, 2)));
    GOOD.put("moments", x -> Normalisation.moments(x).variance());
    GOOD.put("flatten", x -> reshape(x, Shape.of(x.dim(0), 90)));
    GOOD.put("reshape", x -> reshape(x, Shape.of(x.dim(0) * 6, 15)));
    GOOD.put("transpose", x -> transpose(x, List.of(3, 0, 2, 1)));
    GOOD.put("transpose and reshape", x -> reshape(t(x), Shape.of(x.dim(0), 18, 5)));
    GOOD.put("new axes", x -> broadcast(x, Shape.of(x.dim(0), 2, 6, 5, 3, 4), List.of(1, 5)));
    GOOD.put("a repeated constant", x -> mul(x, repeat(table(6, 5, 3), x.dim(0))));
    GOOD.put("slices", x -> slice(x, starts(), List.of(x.dim(0), 6, 4, 3), List.of(1, 2, 1, 2)));
    GOOD.put("the first", x -> at(x, 0, 0));
    GOOD.put("pad", x -> pad(x, List.of(0, 1, 0, 2), List.of(0, 0, 3, 1)));
    GOOD.put("concatenate", x -> concatenate(2, x, exp(x), repeat(table(6, 5, 3), x.dim(0))));
    GOOD.put("stack", x -> stack(1, List.of(x, neg(x))));
    GOOD.put("dot", x -> dot(x, repeat(repeat(table(3, 4), 6), x.dim(0))));
    GOOD.put("dot of maps", x -> dot(x, t(x)));
    GOOD.put("linear", x -> add(dot(rows(x), table(90, 4)), table(4)));
    GOOD.put("affine in two dimensions", x -> mul(add(rows(x), table(90)), table(90)));
    GOOD.put("conv", x -> conv(x, table(3, 2, 3, 4), new Window(3, 2, 2, 1, 0, 1, 1, 0)));
    GOOD.put("conv by filters of the input", x -> conv(x, filters(x), Window.square(3, 1, 1)));
    GOOD.put("max pool", x -> maxPool(x, new Window(3, 2, 2, 1, 1, 0, 0, 1)));
    GOOD.put("average pool", x -> averagePool(x, new Window(3, 2, 2, 1, 1, 2, 0, 1)));
    GOOD.put("softmax", x -> Losses.softmax(rows(x)));
    GOOD.put("gather", x -> gather(rows(x), literal(DType.I32, Shape.of(1), 0), 0));
    GOOD.put("top positions", x -> convert(topK(rows(x), 4), DType.F32));
    GOOD.put("batch norm", TranslatorTest::normalised);
    GOOD.put("network", TranslatorTest::network);

    BAD.put("the number of inputs", x -> scale(x, 1.0 / x.dim(0)));
    BAD.put("number by number", x -> loop(x));
    BAD.put("positions in the batch", x -> mul(x, like0(x, iota(Shape.of(x.dim(0)), 0))));
    BAD.put("random", x -> uniform(convert(repeat(sum(x), 2), DType.I32), x.shape()));
    BAD.put("cholesky", x -> cholesky(dot(x, t(x))));
    BAD.put("solve", x -> triangularSolve(dot(x, t(x)), x, Product.Form.PLAIN));
    BAD.put("input gradient", x -> convInputGrad(x, table(1, 1, 2, 3), one(), 6, 5));
    BAD.put("filter gradient", x -> convFilterGrad(x, x, one()));
    BAD.put("scatter", x -> scatterAdd(x, zeros(x), 2, 0));
    BAD.put("gather within", x -> gather(x, zeros(x), 1));
    BAD.put(
        "zeros between", x -> Tensor.of(new Layout.Pad(zero(), zero(), List.of(0, 1, 0, 0)), x));
    BAD.put("half of the batch", x -> slice(x, 0, 0, x.dim(0) / 2));
  }

  private static Window one() {
    return Window.square(1, 1, 0);
  }

  private static List<Integer> zero() {
    return List.of(0, 0, 0, 0);
  }

  private static List<Integer> starts() {
    return List.of(0, 1, 1, 0);
  }

  private static Tensor zeros(Tensor x) {
    return literal(DType.I32, Shape.of(x.dim(0)), new double[x.dim(0)]);
  }

  private static Tensor rows(Tensor x) {
    return reshape(x, Shape.of(x.dim(0), 90));
  }

  private static Tensor filters(Tensor x) {
    return reshape(slice(rows(mean(x, List.of(0)), 1), 1, 0, 81), Shape.of(3, 3, 3, 3));
  }

  private static Tensor rows(Tensor x, int n) {
    return reshape(x, Shape.of(n, 90));
  }

  private static Tensor like(Tensor x, Tensor part) {
    return expand(part, x.shape());
  }

  private static Tensor like0(Tensor x, Tensor ofBatch) {
    return broadcast(convert(ofBatch, DType.F32), x.shape(), List.of(1, 2, 3));
  }

  /** The means over axes, repeated along them. */
  private static Tensor over(Tensor x, List<Integer> axes) {
    return broadcast(mean(x, axes), x.shape(), axes);
  }

  private static Tensor loop(Tensor x) {
    Tensor y = at(x, 0, 0);
    for (int i = 1; i < x.dim(0); i++) {
      y = add(y, at(x, 0, i));
    }
    return y;
  }

  private static Tensor table(int... dims) {
    Shape s = Shape.of(dims);
    double[] values = new double[s.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = 0.25 + (i * 7 % 11) / 16.0;
    }
    return literal(s, values);
  }

  private static Tensor normalised(Tensor x) {
    Normalisation.Moments by = new Normalisation.Moments(table(3), scale(table(3), 2));
    return Normalisation.batchNorm(x, by, neg(table(3)), exp(table(3)));
  }

  private static Tensor network(Tensor x) {
    ConvNet net = new ConvNet(6, 5, 3, 4, 2, ConvNet.Down.STRIDE, ConvNet.Head.FLATTEN);
    return net.apply(net.init(new Init(5)), x, Norm.batch());
  }

  @TestFactory
  Stream<DynamicTest> agree() {
    return GOOD.keySet().stream().map(n -> dynamicTest(n, () -> agree(GOOD.get(n))));
  }

  private static void agree(UnaryOperator<Tensor> f) throws Exception {
    try (Engine engine = Engine.open("cpu", 1, Precision.FP32);
        OnnxModel model = new OnnxModel(file(engine, f))) {
      for (int n : new int[] {1, 4}) {
        Array x = draw(n);
        Array expected = expected(engine, f, x);
        Array got = model.run("x", x).get("y");
        assertEquals(expected.shape(), got.shape());
        double largest = 0;
        for (float e : expected.data()) {
          largest = Math.max(largest, Math.abs(e));
        }
        for (int i = 0; i < expected.data().length; i++) {
          assertEquals(expected.data()[i], got.data()[i], TOLERANCE * largest, "number " + i);
        }
      }
    }
  }

  /** As images are exported: [n, c, h, w] outside. */
  private static byte[] file(Engine engine, UnaryOperator<Tensor> f) {
    Shape channelsFirst = Shape.of(3, 6, 5);
    Traced traced =
        new Traced(
            engine,
            Map.of(),
            "x",
            channelsFirst,
            Value.same(4),
            (none, x) -> Params.of("y", f.apply(transpose(x, List.of(0, 2, 3, 1)))));
    return traced.write("test", "0", Map.of());
  }

  private static Array draw(int n) {
    SplittableRandom random = new SplittableRandom(n);
    float[] x = new float[n * IMAGE.size()];
    for (int i = 0; i < x.length; i++) {
      x[i] = (float) random.nextDouble(0.05, 1);
    }
    return new Array(Shape.of(n, 3, 6, 5), x);
  }

  private static Array expected(Engine engine, UnaryOperator<Tensor> f, Array x) {
    Map<String, Op.Type> inputs = Map.of("x", new Op.Type(x.shape(), DType.F32));
    Signature signature = new Signature(Map.of(), inputs, Map.of(), 1, Set.of());
    Function g =
        (s, in, r) ->
            new Function.Result(
                s, Params.of("y", f.apply(transpose(in.get("x"), List.of(0, 2, 3, 1)))));
    try (Compiled c = engine.compile("expected", signature, g)) {
      c.set("x", x.data());
      c.run();
      return c.output("y");
    }
  }

  @TestFactory
  Stream<DynamicTest> refused() {
    return BAD.keySet().stream()
        .map(
            n ->
                dynamicTest(
                    n,
                    () -> {
                      try (Engine engine = Engine.open("cpu", 1, Precision.FP32)) {
                        String said =
                            assertThrows(RunException.class, () -> file(engine, BAD.get(n)))
                                .getMessage();
                        assertTrue(said.startsWith("This model cannot be written as ONNX ("), said);
                      }
                    }));
  }

  @Test
  void axesThatGoLeaveTheOrderOfTheRest() {
    assertEquals(List.of(0, 2, 1), Value.without(Value.channelsFirst(), List.of(1)));
    assertEquals(List.of(0, 1), Value.without(Value.channelsFirst(), List.of(1, 2)));
  }
}
