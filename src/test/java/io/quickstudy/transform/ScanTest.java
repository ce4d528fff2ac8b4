package io.quickstudy.transform;

import static io.quickstudy.graph.Ops.*;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.quickstudy.backend.BackendException;
import io.quickstudy.backend.MemoryLimit;
import io.quickstudy.backend.Program;
import io.quickstudy.backend.ProgramSpec;
import io.quickstudy.backend.cpu.CpuBackend;
import io.quickstudy.backend.cuda.CudaCandidate;
import io.quickstudy.graph.DType;
import io.quickstudy.graph.Recurrence;
import io.quickstudy.graph.Shape;
import io.quickstudy.graph.Tensor;
import io.quickstudy.nn.Lstm;
import io.quickstudy.reference.Reference;
import io.quickstudy.suite.BackendRun;
import io.quickstudy.suite.Candidate;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.Function;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A loop that is one node against the same loop written out, and what is refused. */
class ScanTest {
  private static final Lstm LSTM = new Lstm(3, 4);

  /** Arguments with numbers. */
  private static final class Numbers {
    private final SplittableRandom random = new SplittableRandom(7);
    private final Map<Tensor, double[]> values = new LinkedHashMap<>();

    Tensor of(String name, int... dims) {
      Tensor t = Tensor.argument(name, DType.F32, Shape.of(dims));
      double[] v = new double[t.shape().size()];
      for (int i = 0; i < v.length; i++) {
        v[i] = (float) (random.nextDouble() - 0.5);
      }
      values.put(t, v);
      return t;
    }

    Params lstm() {
      return Params.of("weight_ih", of("ih", 3, 16), "weight_hh", of("hh", 4, 16))
          .with("bias", of("bias", 16));
    }
  }

  private static Tensor squares(Tensor x) {
    return sum(mul(x, x));
  }

  private static Tensor gates(Params theta, Tensor x) {
    return at(LSTM.project(theta, reshape(x, Shape.of(1, 3))), 0, 0);
  }

  /** The squares of an LSTM's outputs, in a loop in Java. */
  private static Tensor unrolled(Params theta, Tensor x) {
    Lstm.State s = LSTM.start();
    Tensor loss = scalar(0);
    for (int t = 0; t < x.dim(0); t++) {
      s = LSTM.step(theta, gates(theta, at(x, 0, t)), s);
      loss = add(loss, squares(s.h()));
    }
    return add(loss, sum(s.c()));
  }

  private static Tensor scanned(Params theta, Tensor x, int every) {
    Params start = Params.of("h", fill(0, Shape.of(4)), "c", fill(0, Shape.of(4)));
    Scan.Result r =
        Scan.scan(
            (carry, in) -> {
              Lstm.State from = new Lstm.State(carry.get("h"), carry.get("c"));
              Lstm.State s = LSTM.step(theta, gates(theta, in.get("x")), from);
              return new Scan.Step(
                  Params.of("h", s.h(), "c", s.c()), Params.of("loss", squares(s.h())));
            },
            start,
            Params.of("x", x),
            every);
    return add(sum(r.ys().get("loss")), sum(r.carry().get("c")));
  }

  /** Value, gradient, and the gradient of the gradient's squares. */
  private static List<Tensor> twice(Function<Params, Tensor> f, Params theta) {
    List<Tensor> out = new ArrayList<>();
    Grad.Result<Void> one = Grad.valueAndGrad(f, theta);
    out.add(one.value());
    out.addAll(one.grad().values());
    Function<Params, Tensor> squares =
        p ->
            Grad.grad(f, p).values().stream()
                .map(ScanTest::squares)
                .reduce(scalar(0), (a, b) -> add(a, b));
    out.addAll(Grad.grad(squares, theta).values());
    return out;
  }

  private static void near(List<Tensor> expected, List<Tensor> actual, Map<Tensor, double[]> in) {
    Map<Tensor, double[]> a = Reference.eval(expected, in);
    Map<Tensor, double[]> b = Reference.eval(actual, in);
    for (int i = 0; i < expected.size(); i++) {
      assertArrayEquals(a.get(expected.get(i)), b.get(actual.get(i)), 1e-12, "output " + i);
    }
  }

  @Test
  void gradientsAreThoseOfTheLoopWrittenOutHoweverFewCarriesAreKept() {
    Numbers n = new Numbers();
    Params theta = n.lstm();
    Tensor x = n.of("x", 7, 3);
    List<Tensor> expected = twice(p -> unrolled(p, x), theta);
    for (int every : List.of(1, 2, 3, 7, 10)) {
      List<Tensor> actual = twice(p -> scanned(p, x, every), theta);
      Verifier.verify("scan", actual);
      near(expected, actual, n.values);
      List<Tensor> simple = Simplifier.simplify(actual);
      Verifier.verify("simplifying", simple);
      near(expected, simple, n.values);
    }
  }

  /** Loss and gradient of second-order MAML over tasks, two inner steps on sequences. */
  private static List<Tensor> maml(
      Params theta, Tensor xs, Function<Params, Function<Tensor, Tensor>> loss, boolean scan) {
    Function<Params, Tensor> outer =
        p ->
            mean(
                Vmap.vmap(
                    task -> {
                      java.util.function.UnaryOperator<Params> step =
                          fast ->
                              fast.minus(
                                  Grad.grad(q -> loss.apply(q).apply(task.get("x")), fast)
                                      .times(0.1));
                      Params fast =
                          scan ? Scan.scan(step, p, 2).carry() : step.apply(step.apply(p));
                      return loss.apply(fast).apply(task.get("x"));
                    },
                    Params.of("x", xs)));
    Grad.Result<Void> r = Grad.valueAndGrad(outer, theta);
    List<Tensor> out = new ArrayList<>(r.grad().values());
    out.add(r.value());
    return out;
  }

  private static List<double[]> run(int workers, List<Tensor> outputs, Map<Tensor, double[]> in) {
    try (CpuBackend cpu = new CpuBackend(workers)) {
      return BackendRun.of(cpu, outputs, in, 5, 2);
    }
  }

  @Test
  @Tag("cpu")
  @Tag("cuda")
  void loopsWithinLoopsGiveTheMetaGradientOnEveryDevice() {
    Numbers n = new Numbers();
    Params theta = n.lstm();
    Tensor xs = n.of("xs", 5, 6, 3);
    List<Tensor> written = maml(theta, xs, p -> x -> unrolled(p, x), false);
    List<Tensor> within = maml(theta, xs, p -> x -> scanned(p, x, 2), true);
    near(written, within, n.values);
    List<double[]> one = run(1, within, n.values);
    Map<Tensor, double[]> expected = Reference.eval(within, n.values);
    for (int workers : List.of(2, 3)) {
      List<double[]> more = run(workers, within, n.values);
      for (int i = 0; i < one.size(); i++) {
        assertArrayEquals(one.get(i), more.get(i), "output " + i + " of " + workers + " workers");
      }
    }
    List<List<double[]>> all = new ArrayList<>(List.of(one));
    for (Candidate c : CudaCandidate.FP32) {
      all.add(c.run(within, n.values));
    }
    for (List<double[]> actual : all) {
      for (int i = 0; i < actual.size(); i++) {
        assertArrayEquals(expected.get(within.get(i)), actual.get(i), 2e-5, "output " + i);
      }
    }
  }

  /** With less memory, and so values computed again, the same to the bit. */
  @Test
  @Tag("cpu")
  void littleMemoryChangesNothing() {
    Numbers n = new Numbers();
    Tensor early = exp(n.of("x", 8, 512)); // wanted by the first loop and the last
    Tensor y = sines(Params.of("x", early));
    y = sines(Params.of("x", sines(Params.of("x", concatenate(1, y, y, y)))));
    y = slice(y, 1, 0, 512);
    List<Tensor> outputs = List.of(sines(Params.of("x", early, "y", y)));
    ProgramSpec spec = BackendRun.spec(outputs, n.values, 1);
    try (CpuBackend cpu = new CpuBackend(1);
        Program all = cpu.compile(spec)) {
      MemoryLimit less = new MemoryLimit(all.bytes() - 4 * 4000);
      try (Program few = cpu.compile(spec, less)) {
        assertTrue(few.memory().repeated() > 0, few.memory().toString());
        List<float[]> expected = run(all, spec, n.values);
        List<float[]> actual = run(few, spec, n.values);
        assertArrayEquals(expected.get(0), actual.get(0));
      }
    }
  }

  private static Tensor sines(Params xs) {
    Params zero = Params.of("c", fill(0, Shape.of(xs.get("x").dim(1))));
    return Scan.scan(
            (c, x) -> {
              Tensor y = sin(x.values().stream().reduce(c.get("c"), (a, b) -> add(a, b)));
              return new Scan.Step(Params.of("c", y), Params.of("y", y));
            },
            zero,
            xs)
        .ys()
        .get("y");
  }

  private static List<float[]> run(Program p, ProgramSpec spec, Map<Tensor, double[]> in) {
    for (int i = 0; i < spec.inputs().size(); i++) {
      double[] x = in.get(spec.inputs().get(i));
      float[] f = new float[x.length];
      for (int k = 0; k < f.length; k++) {
        f[k] = (float) x[k];
      }
      p.set(i, f);
    }
    p.run();
    List<float[]> out = new ArrayList<>();
    for (Tensor t : spec.outputs()) {
      float[] y = new float[t.shape().size()];
      p.get(out.size(), y);
      out.add(y);
    }
    return out;
  }

  @Test
  @Tag("cuda")
  void chunksOfTasksCarryTheirLoopsThrough() {
    Numbers n = new Numbers();
    Params theta = n.lstm();
    Tensor xs = n.of("xs", 6, 5, 3);
    List<Tensor> outputs = maml(theta, xs, p -> x -> scanned(p, x, 2), true);
    Map<Tensor, double[]> expected = Reference.eval(outputs, n.values);
    for (int size : List.of(1, 3)) {
      for (Candidate c : CudaCandidate.inChunksOf(size, 6)) {
        List<double[]> actual = c.run(outputs, n.values);
        for (int i = 0; i < actual.size(); i++) {
          assertArrayEquals(expected.get(outputs.get(i)), actual.get(i), 2e-5, c.name() + " " + i);
        }
      }
    }
  }

  @Test
  @Tag("cpu")
  void aBadIndexInAStepStopsTheRun() {
    Tensor table = fill(1, Shape.of(3, 2));
    Tensor i = Tensor.argument("i", DType.I32, Shape.of(4));
    Scan.Result r =
        Scan.scan(
            (c, x) -> new Scan.Step(Params.of("c", add(c.get("c"), gather(table, x.get("i"), 0)))),
            Params.of("c", fill(0, Shape.of(2))),
            Params.of("i", i));
    List<Tensor> out = List.of(r.carry().get("c"));
    try (CpuBackend cpu = new CpuBackend(1);
        Program p = cpu.compile(BackendRun.spec(out, Map.of(i, new double[4]), 1))) {
      p.set(0, new int[] {0, 1, 7, 2});
      String said = assertThrows(BackendException.class, p::run).getMessage();
      assertTrue(said.contains("Index 7 is outside 0..2"), said);
      p.set(0, new int[] {0, 1, 2, 2});
      p.run();
      float[] c = new float[2];
      p.get(0, c);
      assertArrayEquals(new float[] {4, 4}, c);
    }
  }

  @Test
  void aLoopThatIsTracedTwiceIsOneNodeHoweverLong() {
    Numbers n = new Numbers();
    Params theta = n.lstm();
    Tensor x = n.of("x", 9, 3);
    assertSame(scanned(theta, x, 1), scanned(theta, x, 1));
    int some = nodes(Grad.grad(p -> scanned(p, x, 1), theta));
    Tensor longer = n.of("x", 900, 3);
    assertEquals(some, nodes(Grad.grad(p -> scanned(p, longer, 1), theta)));
  }

  private static int nodes(Params p) {
    return Graphs.order(p.values()).size();
  }

  @Test
  void whatNobodyReadsIsNotComputed() {
    Numbers n = new Numbers();
    Params theta = n.lstm();
    Tensor x = n.of("x", 9, 3);
    List<Tensor> simple = Simplifier.simplify(List.of(scanned(theta, x, 1)));
    List<Recurrence> loops =
        Graphs.order(simple).stream()
            .filter(t -> t.op() instanceof Recurrence)
            .map(t -> (Recurrence) t.op())
            .toList();
    assertEquals(1, loops.size());
    assertEquals(1, loops.get(0).body().stacked().size(), "the carries are for gradients alone");
  }

  /**
   * d/dx of x d/dc (x c^2) over steps: what an inner gradient sees as constant the outer does not.
   */
  @Test
  void whatABodyUsesFromOutsideGetsItsGradient() {
    Tensor x0 = Tensor.argument("x", DType.F32, Shape.of());
    Function<Params, Tensor> f =
        p -> {
          Tensor x = p.get("x");
          return Scan.scan(
                  c ->
                      Params.of(
                          "c", Grad.grad(q -> mul(x, mul(q.get("c"), q.get("c"))), c).get("c")),
                  Params.of("c", scalar(1)),
                  3)
              .carry()
              .get("c"); // (2 x)^3
        };
    Tensor g = Grad.grad(f, Params.of("x", x0)).get("x");
    assertEquals(24 * 0.25, Reference.eval(g, Map.of(x0, new double[] {0.5}))[0], 1e-12);
  }

  /** c' = 2 c w with twice the gradient; a value that reaches w behind the rule's back. */
  @Test
  void gradientsThatAreWrittenDownAreThoseOfTheBody() {
    Tensor w0 = Tensor.argument("w", DType.F32, Shape.of());
    Function<Params, Tensor> good =
        p ->
            Scan.scan(
                    CustomGradient.ofAll(
                        c ->
                            Params.of("c", mul(scale(c.get("c"), 2), c.get("w")))
                                .with("w", c.get("w")),
                        (x, y, g) ->
                            Params.of("c", scale(mul(g.get("c"), x.get("w")), 4), "w", g.get("w"))),
                    Params.of("c", p.get("c")).with("w", w0),
                    3)
                .carry()
                .get("c");
    Tensor c0 = Tensor.argument("c", DType.F32, Shape.of());
    Map<Tensor, double[]> values = Map.of(w0, new double[] {0.5}, c0, new double[] {3});
    Tensor g = Grad.grad(good, Params.of("c", c0)).get("c");
    assertEquals(8, Reference.eval(g, values)[0], 1e-12);

    Function<Params, Tensor> hidden =
        p ->
            Scan.scan(
                    c ->
                        Params.of(
                            "c",
                            CustomGradient.of(
                                    x -> mul(x.get("c"), p.get("w")), (x, y, d) -> x.map(t -> d))
                                .apply(c)),
                    Params.of("c", c0),
                    3)
                .carry()
                .get("c");
    refused(
        "custom gradient: the value also depends on", () -> Grad.grad(hidden, Params.of("w", w0)));
  }

  private static void refused(String expected, Runnable r) {
    String said = assertThrows(IllegalArgumentException.class, r::run).getMessage();
    assertTrue(said.startsWith(expected), said);
  }

  @Test
  void badLoopsAreRefusedInASentence() {
    Params c = Params.of("c", fill(0, Shape.of(2)));
    Params x = Params.of("x", fill(0, Shape.of(3, 2)));
    refused(
        "scan: carry 'c' is F32[2] and the body makes it F32[3]",
        () -> Scan.scan(p -> Params.of("c", fill(0, Shape.of(3))), c, 2));
    refused(
        "scan: carry 'c' is F32[2] and the body makes it I32[2]",
        () -> Scan.scan(p -> p.map(t -> convert(t, DType.I32)), c, 2));
    refused(
        "scan: the body's carry is [d]", () -> Scan.scan(p -> Params.of("d", p.get("c")), c, 2));
    refused(
        "scan: carry 'i' is I32", () -> Scan.scan(p -> p, Params.of("i", iota(Shape.of(2), 0)), 2));
    refused(
        "scan: 'z' has shape [4]; expected a leading axis of steps, 3 as 'x' has",
        () -> Scan.scan((p, in) -> new Scan.Step(p), c, x.with("z", fill(0, Shape.of(4)))));
    refused(
        "scan: 'x' has shape []",
        () -> Scan.scan((p, in) -> new Scan.Step(p), c, Params.of("x", scalar(1))));
    refused(
        "scan: there are no xs", () -> Scan.scan((p, in) -> new Scan.Step(p), c, Params.empty()));
    refused("scan: the number of steps is 0", () -> Scan.scan(p -> p, c, 0));
    refused("scan: the distance of kept carries is 0", () -> Scan.scan(p -> p, c, 3, 0));
    refused(
        "scan: result 'y' is I32",
        () ->
            Scan.scan(
                (p, in) -> new Scan.Step(p, Params.of("y", convert(in.get("x"), DType.I32))),
                c,
                x));
    refused(
        "scan: there is neither a carry nor a result",
        () -> Scan.scan((p, in) -> new Scan.Step(p), Params.empty(), x));
  }
}
