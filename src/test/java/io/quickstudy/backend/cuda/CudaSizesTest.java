package io.quickstudy.backend.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import io.quickstudy.backend.cpu.CpuCandidate;
import io.quickstudy.graph.DType;
import io.quickstudy.graph.Ops;
import io.quickstudy.graph.Product;
import io.quickstudy.graph.Shape;
import io.quickstudy.graph.Tensor;
import io.quickstudy.graph.Window;
import io.quickstudy.suite.Candidate;
import io.quickstudy.transform.Params;
import io.quickstudy.transform.Vmap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;

/** Sizes at which kernels take other ways than with the suite's small samples, against the CPU. */
class CudaSizesTest {
  private static final double NEAR = 2e-5;

  private record Case(String name, List<Tensor> outputs, List<Tensor> inputs) {}

  private static Tensor argument(int... dims) {
    return Tensor.argument("x", DType.F32, Shape.of(dims));
  }

  private static Tensor indices(int... dims) {
    return Tensor.argument("i", DType.I32, Shape.of(dims));
  }

  private static Case loop(int... dims) {
    Tensor x = argument(dims);
    Tensor y = Ops.mul(Ops.tanh(x), x);
    return new Case(
        "loop over " + x.shape(),
        List.of(
            y,
            Ops.sum(y),
            Ops.sum(y, List.of(0)),
            Ops.max(y, List.of(dims.length - 1)),
            Ops.max(x, List.of(0))),
        List.of(x));
  }

  private static Case product(int batch, int m, int k, int n) {
    Tensor a = argument(batch, m, k);
    Tensor b = argument(batch, k, n);
    Tensor turned = argument(batch, n, k);
    Tensor other = Ops.transpose(turned, List.of(0, 2, 1));
    return new Case(
        "product %s x %s x %s x %s".formatted(batch, m, k, n),
        List.of(Ops.dot(a, b), Ops.dot(a, other)),
        List.of(a, b, turned));
  }

  private static Case convolution(int tasks, int n, int size, int c, int o, Window w) {
    Tensor x = argument(tasks, n, size, size, c);
    Tensor f = argument(tasks, w.height(), w.width(), c, o);
    Tensor y = argument(tasks, n, w.outH(size), w.outW(size), o);
    Tensor forward = vmap(x, f, (a, b) -> Ops.conv(a, b, w));
    Tensor input = vmap(y, f, (a, b) -> Ops.convInputGrad(a, b, w, size, size));
    Tensor filter = vmap(x, y, (a, b) -> Ops.convFilterGrad(a, b, w));
    return new Case(
        "convolution %s x %s of %s, %s to %s".formatted(tasks, n, size, c, o),
        List.of(forward, input, filter),
        List.of(x, f, y));
  }

  private interface Two {
    Tensor of(Tensor a, Tensor b);
  }

  private static Tensor vmap(Tensor a, Tensor b, Two f) {
    Params both = Params.empty().with("a", a).with("b", b);
    return Vmap.vmap(p -> f.of(p.get("a"), p.get("b")), both);
  }

  private static Case factor(int batch, int n, int m) {
    Tensor x = argument(batch, n, n);
    Tensor b = argument(batch, n, m);
    // well conditioned: x x' / n + 1
    Tensor a =
        Ops.add(
            Ops.scale(Ops.dot(x, Ops.transpose(x, List.of(0, 2, 1))), 1.0 / n),
            Ops.diagonal(Shape.of(batch, n, n)));
    Tensor l = Ops.cholesky(a);
    return new Case(
        "factors %s x %s, %s columns".formatted(batch, n, m),
        List.of(
            l,
            Ops.triangularSolve(l, b, Product.Form.PLAIN),
            Ops.triangularSolve(l, b, Product.Form.TRANSPOSED)),
        List.of(x, b));
  }

  private static Case rows(int n, int row, int k) {
    Tensor x = argument(n, row);
    Tensor i = indices(k);
    Tensor g = argument(k, row);
    Tensor key = indices(3, 2);
    return new Case(
        "rows %s of %s x %s".formatted(k, n, row),
        List.of(
            Ops.gather(x, i, 0),
            Ops.scatterAdd(g, i, n, 0),
            Ops.topK(x, Math.min(row, 5)),
            Ops.uniform(key, Shape.of(row))),
        List.of(x, i, g, key));
  }

  private static List<Case> cases() {
    return List.of(
        loop(70_001),
        loop(3, 20_000),
        loop(20_000, 3),
        loop(17, 5, 33, 64),
        loop(300, 40),
        product(1, 200, 130, 70),
        product(3, 65, 33, 31),
        product(2, 5, 700, 129),
        convolution(2, 9, 14, 5, 40, Window.same(3, 1, 14, 14)),
        convolution(1, 6, 28, 1, 64, Window.same(3, 2, 28, 28)),
        convolution(3, 2, 20, 33, 20, Window.square(3, 1, 0)),
        factor(3, 33, 40),
        factor(2, 96, 17),
        factor(2, 97, 2),
        factor(3, 130, 1),
        factor(1, 200, 40),
        rows(50, 300, 700),
        rows(9, 7, 20));
  }

  @TestFactory
  @Tag("cuda")
  Stream<DynamicTest> areThoseOfTheCpu() {
    return CudaCandidate.FP32.stream()
        .flatMap(
            cuda ->
                cases().stream()
                    .map(c -> dynamicTest(cuda.name() + ": " + c.name, () -> compare(c, cuda))));
  }

  private static void compare(Case c, Candidate candidate) {
    SplittableRandom random = new SplittableRandom(11);
    Map<Tensor, double[]> values = new LinkedHashMap<>();
    for (Tensor t : c.inputs) {
      double[] x = new double[t.shape().size()];
      for (int i = 0; i < x.length; i++) {
        x[i] = t.dtype() == DType.I32 ? random.nextInt(9) : (float) (2 * random.nextDouble() - 1);
      }
      values.put(t, x);
    }
    List<double[]> cpu = new CpuCandidate(1).run(c.outputs, values);
    List<double[]> cuda = candidate.run(c.outputs, values);
    for (int i = 0; i < cpu.size(); i++) {
      double largest = 1;
      for (double v : cpu.get(i)) {
        assertTrue(Double.isFinite(v), "output " + i);
        largest = Math.max(largest, Math.abs(v));
      }
      for (int k = 0; k < cpu.get(i).length; k++) {
        assertEquals(
            cpu.get(i)[k], cuda.get(i)[k], NEAR * largest, "output " + i + ", number " + k);
      }
    }
  }
}
