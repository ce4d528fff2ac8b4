package io.quickstudy.backend.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.quickstudy.backend.ProgramSpec;
import io.quickstudy.backend.cpu.CpuCandidate;
import io.quickstudy.graph.DType;
import io.quickstudy.graph.Ops;
import io.quickstudy.graph.Shape;
import io.quickstudy.graph.Tensor;
import io.quickstudy.suite.BackendRun;
import io.quickstudy.suite.Candidate;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import java.util.stream.IntStream;

/** Loops so large that threads take quads, and reductions that are cut, against the CPU. */
public final class LargeLoops {
  private static final double NEAR = 2e-5;

  private LargeLoops() {}

  private record Case(String name, List<Tensor> inputs, List<Tensor> outputs) {}

  /** What each case is called, and its check of what a backend computes. */
  static Map<String, Consumer<Candidate>> checks() {
    Map<String, Consumer<Candidate>> out = new LinkedHashMap<>();
    for (Case c : List.of(normalised(4, 35, 50, 32), normalised(3, 7, 9, 721))) {
      out.put(c.name, x -> check(c, x));
    }
    for (Case c : List.of(rows(300, 700), rows(700, 301), rows(3, 50_000), rows(2, 70_001))) {
      out.put(c.name, x -> check(c, x));
    }
    for (Case c : List.of(columns(40, 4100), moved(400, 600), converted(140_002), crossed())) {
      out.put(c.name, x -> check(c, x));
    }
    for (Case c :
        List.of(cells(1, 16, 96, 64, 4), cells(3, 10, 101, 55, 3), cells(2, 5, 300, 81, 2))) {
      out.put(c.name, x -> check(c, x));
    }
    for (Case c : List.of(turned(2, 13, 130, 99), turned(1, 1, 700, 513))) {
      out.put(c.name, x -> check(c, x));
    }
    return out;
  }

  /** A source with the kernels of a batch norm. */
  public static String source() {
    return source(normalised(4, 35, 50, 32));
  }

  /** A source with the products of an LSTM's step. */
  public static String products() {
    return source(cells(1, 16, 200, 200, 4));
  }

  private static String source(Case c) {
    Map<Tensor, double[]> values = new LinkedHashMap<>();
    c.inputs.forEach(t -> values.put(t, new double[0]));
    ProgramSpec spec = BackendRun.spec(c.outputs, values, 1);
    return GeneratedCandidate.plan(spec, CudaBackend.Loops.GENERATED).generated.sources().get(0);
  }

  private static Tensor argument(int... dims) {
    return Tensor.argument("x", DType.F32, Shape.of(dims));
  }

  /** As a batch norm has them: sums of what is computed from sums, and one over the tasks too. */
  private static Case normalised(int... dims) {
    Tensor x = argument(dims);
    Tensor scale = argument(dims[0], dims[3]);
    Shape all = x.shape();
    List<Integer> inner = List.of(1, 2);
    Tensor mean = Ops.mean(x, inner);
    Tensor d = Ops.sub(x, Ops.broadcast(mean, all, inner));
    Tensor deviation =
        Ops.rsqrt(Ops.add(Ops.mean(Ops.mul(d, d), inner), Ops.fill(1e-5, scale.shape())));
    Tensor z = Ops.mul(d, Ops.broadcast(Ops.mul(deviation, scale), all, inner));
    Tensor y = Ops.maximum(z, Ops.fill(0, all));
    List<Tensor> outputs =
        List.of(
            mean,
            deviation,
            y,
            Ops.sum(y, inner),
            Ops.sum(y, List.of(0, 1, 2)),
            Ops.sum(Ops.mul(y, y), List.of(0, 1, 2)),
            Ops.max(y, inner),
            Ops.max(y, List.of(0, 1, 2)),
            Ops.sum(y));
    return new Case("normalised " + all, List.of(x, scale), outputs);
  }

  /** Softmax; among the roots are some of negative numbers. */
  private static Case rows(int n, int row) {
    Tensor x = argument(n, row);
    List<Integer> last = List.of(1);
    Tensor e = Ops.exp(Ops.sub(x, Ops.broadcast(Ops.max(x, last), x.shape(), last)));
    Tensor y = Ops.div(e, Ops.broadcast(Ops.sum(e, last), x.shape(), last));
    Tensor roots = Ops.sqrt(Ops.add(x, Ops.fill(0.9999, x.shape())));
    List<Tensor> outputs =
        List.of(y, Ops.max(roots, last), Ops.max(roots, List.of(0)), Ops.sum(Ops.mul(x, e)));
    return new Case("rows " + x.shape(), List.of(x), outputs);
  }

  /** What is done with a column's sum. */
  private static Case columns(int n, int row) {
    Tensor x = argument(n, row);
    Tensor old = argument(row);
    Tensor sum = Ops.sum(x, List.of(0));
    Tensor next = Ops.add(Ops.scale(old, 0.9), Ops.scale(sum, 0.1));
    List<Tensor> outputs = List.of(sum, next, Ops.tanh(next), Ops.reshape(next, Shape.of(row, 1)));
    return new Case("columns " + x.shape(), List.of(x, old), outputs);
  }

  /** Read in another order, from odd places, and put side by side. */
  private static Case moved(int n, int m) {
    Tensor x = argument(n, m);
    Tensor turned = argument(m, n);
    Tensor wide = argument(n, m + 2);
    Tensor y = Ops.add(Ops.add(x, Ops.t(turned)), Ops.slice(wide, 1, 1, m + 1));
    Tensor joined = Ops.concatenate(1, x, y, Ops.slice(wide, 1, 0, 3), x);
    Tensor padded = Ops.pad(x, List.of(1, 4), List.of(0, 3));
    return new Case("moved " + x.shape(), List.of(x, turned, wide), List.of(y, joined, padded));
  }

  private static Case converted(int n) {
    Tensor i = Tensor.argument("i", DType.I32, Shape.of(n));
    Tensor x = Ops.scale(Ops.convert(i, DType.F32), 0.7);
    return new Case(
        "converted " + n, List.of(i), List.of(x, Ops.convert(x, DType.I32), Ops.sum(x)));
  }

  /** Sums of one loop of which none can be made from another. */
  private static Case crossed() {
    Tensor x = argument(48, 50, 64);
    Tensor y = Ops.mul(x, x);
    List<Tensor> outputs = IntStream.range(0, 3).mapToObj(d -> Ops.sum(y, List.of(d))).toList();
    return new Case("crossed", List.of(x), outputs);
  }

  /** Products of few rows, of whose results parts of a row go together, as a cell's gates do. */
  private static Case cells(int batch, int rows, int depth, int hidden, int gates) {
    Tensor x = argument(batch, rows, depth);
    Tensor w = argument(batch, depth, gates * hidden);
    Tensor before = argument(batch, rows, hidden);
    Tensor z = Ops.dot(x, w);
    Tensor h = before;
    for (int i = 0; i < gates; i++) {
      Tensor gate = Ops.slice(z, 2, i * hidden, (i + 1) * hidden);
      h = i % 2 == 0 ? Ops.mul(h, Ops.sigmoid(gate)) : Ops.add(h, Ops.tanh(gate));
    }
    Tensor wide = Ops.dot(Ops.concatenate(2, h, h, h), argument(batch, 3 * hidden, depth));
    List<Tensor> inputs = new ArrayList<>(List.of(x, w, before, wide.input(1)));
    return new Case(
        "cells " + z.shape() + " of " + gates,
        inputs,
        List.of(h, Ops.tanh(h), Ops.exp(Ops.scale(wide, 0.01))));
  }

  /** Products of transposed matrices, and what is done with each result. */
  private static Case turned(int batch, int rows, int depth, int columns) {
    Tensor a = argument(batch, depth, rows);
    Tensor b = argument(batch, columns, depth);
    Tensor bias = argument(columns);
    Shape all = Shape.of(batch, rows, columns);
    Tensor y = Ops.dot(Ops.t(a), Ops.t(b));
    Tensor moved = Ops.add(Ops.scale(y, 0.05), Ops.broadcast(bias, all, List.of(0, 1)));
    Tensor tanh = Ops.tanh(moved);
    List<Tensor> outputs = List.of(y, tanh, Ops.mul(tanh, moved));
    return new Case("turned " + all, List.of(a, b, bias), outputs);
  }

  private static void check(Case c, Candidate candidate) {
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
    List<double[]> other = candidate.run(c.outputs, values);
    for (int i = 0; i < cpu.size(); i++) {
      double largest = 1;
      for (double v : cpu.get(i)) {
        largest = Double.isFinite(v) ? Math.max(largest, Math.abs(v)) : largest;
      }
      for (int k = 0; k < cpu.get(i).length; k++) {
        assertEquals(
            cpu.get(i)[k], other.get(i)[k], NEAR * largest, "output " + i + ", number " + k);
      }
    }
  }
}
