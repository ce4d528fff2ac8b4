package io.quickstudy.learners;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import io.quickstudy.backend.cpu.CpuCandidate;
import io.quickstudy.backend.cuda.CudaCandidate;
import io.quickstudy.graph.DType;
import io.quickstudy.graph.Ops;
import io.quickstudy.graph.Shape;
import io.quickstudy.graph.Tensor;
import io.quickstudy.nn.Classifier;
import io.quickstudy.nn.ConvNet;
import io.quickstudy.nn.Init;
import io.quickstudy.nn.Linear;
import io.quickstudy.nn.Mlp;
import io.quickstudy.nn.Norm;
import io.quickstudy.reference.Reference;
import io.quickstudy.suite.Candidate;
import io.quickstudy.task.Sequence;
import io.quickstudy.task.Task;
import io.quickstudy.transform.Grad;
import io.quickstudy.transform.Params;
import io.quickstudy.transform.Simplifier;
import io.quickstudy.transform.Vmap;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** Every learner's whole meta-gradient, over a batch of tasks. */
public class MetaGradientTest {
  private static final int TASKS = 3;
  private static final int WAYS = 3;

  /** Of the gradient through the reference, against differences of the loss. */
  private static final double DOUBLE = 1e-7;

  /**
   * Of a backend's gradient in 32-bit floats, relative to the largest number of the reference's.
   */
  private static final double FLOAT = 1e-4;

  /**
   * The same with operands of products in TF32, rounded as the reference rounds them. A number so
   * near the middle between two of TF32 that a backend takes the other one moves a term by 2^-10.
   */
  private static final double TF32 = 0x1p-10;

  /** Of the differences; two of them, so that a kink of a ReLU or pooling window between shows. */
  private static final double[] STEPS = {2e-6, 4e-6};

  private static final int DIRECTIONS = 3;

  /** A seed whose tasks put no ReLU or pooling window so near its kink that rounding decides. */
  private static final long CLEAR = 2;

  /** The loss on one task, given the parameters and the task's parts by name. */
  private interface Loss extends BiFunction<Params, Params, Tensor> {}

  /**
   * A learner to try.
   *
   * @param exact whether its gradient is that of its loss; a first-order one is not
   */
  private record Case(String name, Learner learner, Loss loss, Params task, boolean exact) {
    @Override
    public String toString() {
      return name;
    }
  }

  private static List<Case> cases() {
    List<Case> out = new ArrayList<>();
    for (ConvNet.Down down : ConvNet.Down.values()) {
      for (ConvNet.Head head : ConvNet.Head.values()) {
        ConvNet net = new ConvNet(7, 6, 2, 3, 2, down, head);
        String with = " " + down + " " + head;
        for (Norm.Policy norm : List.of(Norm.Policy.TRANSDUCTIVE, Norm.Policy.SUPPORT)) {
          Learner second = maml(net, 2, Maml.Order.SECOND, norm);
          out.add(images("MAML " + norm + with, second, true));
        }
        for (Norm.Policy norm :
            List.of(Norm.Policy.TRANSDUCTIVE, Norm.Policy.SUPPORT, Norm.Policy.RUNNING)) {
          out.add(images("ProtoNet " + norm + with, new ProtoNet(net, WAYS, norm), true));
        }
        Learner first = maml(net, 1, Maml.Order.FIRST, Norm.Policy.TRANSDUCTIVE);
        out.add(images("FOMAML" + with, first, false));
      }
    }
    Learner sine =
        new Maml(
            new Mlp(List.of(1, 5, 4, 1)),
            Criterion.SQUARED_ERROR,
            0.1,
            3,
            Maml.Order.SECOND,
            Norm.Policy.NONE);
    Params points = new Task(values(4, 1), values(5, 1)).pack();
    out.add(new Case("MAML regression", sine, taskLoss(sine), points, true));
    BlackBoxLstm lstm = new BlackBoxLstm(6, 4, WAYS);
    Params sequence = new Sequence(argument(DType.F32, 7, 2, 3), argument(DType.I32, 7)).pack();
    out.add(
        new Case(
            "LSTM",
            lstm,
            (theta, parts) -> lstm.loss(theta, Sequence.unpack(parts)).loss(),
            sequence,
            true));
    Params task = new Task(labelled(6, 2, 3), labelled(3, 2, 3)).pack();
    out.add(new Case("LSTM on tasks", lstm, taskLoss(lstm), task, true));
    return out;
  }

  /**
   * Of as many channels as the CPU has convolutions by Winograd's algorithm for, whose roundings go
   * into the second order.
   */
  private static List<Case> wide() {
    ConvNet net = new ConvNet(8, 8, 2, 32, 2, ConvNet.Down.MAX_POOL, ConvNet.Head.FLATTEN);
    Params task = new Task(labelled(WAYS * 2, 8, 8, 2), labelled(WAYS * 2, 8, 8, 2)).pack();
    List<Case> out = new ArrayList<>();
    for (Norm.Policy norm : List.of(Norm.Policy.TRANSDUCTIVE, Norm.Policy.SUPPORT)) {
      Learner second = maml(net, 2, Maml.Order.SECOND, norm);
      out.add(new Case("wide MAML " + norm, second, taskLoss(second), task, true));
    }
    Learner proto = new ProtoNet(net, WAYS, Norm.Policy.RUNNING);
    out.add(new Case("wide ProtoNet", proto, taskLoss(proto), task, true));
    ConvNet strided = new ConvNet(16, 16, 1, 64, 2, ConvNet.Down.STRIDE, ConvNet.Head.FLATTEN);
    Learner second = maml(strided, 1, Maml.Order.SECOND, Norm.Policy.TRANSDUCTIVE);
    Params many = new Task(labelled(12, 16, 16, 1), labelled(12, 16, 16, 1)).pack();
    out.add(new Case("wide MAML, strided", second, taskLoss(second), many, true));
    return out;
  }

  private static Learner maml(ConvNet net, int steps, Maml.Order order, Norm.Policy norm) {
    Classifier f = new Classifier(net, new Linear(net.features(), WAYS));
    return new Maml(f, Criterion.CROSS_ENTROPY, 0.4, steps, order, norm);
  }

  private static Case images(String name, Learner learner, boolean exact) {
    Params task = new Task(labelled(WAYS * 2, 7, 6, 2), labelled(WAYS, 7, 6, 2)).pack();
    return new Case(name, learner, taskLoss(learner), task, exact);
  }

  private static Loss taskLoss(Learner learner) {
    return (theta, parts) -> learner.loss(theta, Task.unpack(parts)).loss();
  }

  private static io.quickstudy.task.Batch labelled(int n, int... example) {
    return new io.quickstudy.task.Batch(
        Tensor.argument("x", DType.F32, Shape.of(n).append(example)), argument(DType.I32, n));
  }

  private static io.quickstudy.task.Batch values(int n, int d) {
    return new io.quickstudy.task.Batch(argument(DType.F32, n, d), argument(DType.F32, n, d));
  }

  private static Tensor argument(DType dtype, int... dims) {
    return Tensor.argument("part", dtype, Shape.of(dims));
  }

  /** A case over a batch of tasks: its loss, meta-gradient and numbers to compute them from. */
  private record Batched(
      Params trainable, Tensor loss, Params gradient, Map<Tensor, double[]> values) {}

  private static Batched batched(Case c, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    Params init = c.learner.init(new Init(5));
    Map<Tensor, double[]> values = new LinkedHashMap<>();
    Params theta = init.map(t -> Tensor.argument("theta", t.dtype(), t.shape()));
    for (String n : init.names()) {
      values.put(theta.get(n), Reference.rounded(Reference.eval(init.get(n))));
    }
    Params tasks = c.task.map(t -> Tensor.argument("task", t.dtype(), t.shape().prepend(TASKS)));
    for (Tensor t : tasks.values()) {
      double[] x = new double[t.shape().size()];
      for (int i = 0; i < x.length; i++) {
        boolean label = t.dtype() == DType.I32;
        x[i] = label ? i % t.dim(-1) % WAYS : (float) (2 * random.nextDouble() - 1);
      }
      values.put(t, x);
    }
    Params trainable = Params.empty();
    for (String n : theta.names()) {
      if (!Norm.isBuffer(n)) {
        trainable = trainable.with(n, theta.get(n));
      }
    }
    Grad.Result<Void> r =
        Grad.valueAndGrad(
            p -> Ops.mean(Vmap.vmap(x -> c.loss.apply(theta.with(p), x), tasks)), trainable);
    return new Batched(trainable, r.value(), r.grad(), values);
  }

  @TestFactory
  Stream<DynamicTest> isThatOfDifferences() {
    return cases().stream().filter(Case::exact).map(c -> dynamicTest(c.name, () -> differences(c)));
  }

  private static void differences(Case c) {
    SplittableRandom random = new SplittableRandom(3);
    int smooth = 0;
    for (int k = 0; k < 20 && smooth < DIRECTIONS; k++) {
      Batched b = batched(c, k);
      Tensor loss = Simplifier.simplify(List.of(b.loss)).get(0);
      Map<Tensor, double[]> g = Reference.eval(b.gradient.values(), b.values);
      double norm = 0;
      for (Tensor t : b.gradient.values()) {
        for (double v : g.get(t)) {
          norm += v * v;
        }
      }
      Map<Tensor, double[]> direction = new LinkedHashMap<>();
      double along = 0;
      for (String n : b.trainable.names()) {
        Tensor t = b.trainable.get(n);
        double[] d = random.doubles(t.shape().size(), -1, 1).toArray();
        direction.put(t, d);
        double[] gn = g.get(b.gradient.get(n));
        for (int i = 0; i < d.length; i++) {
          along += d[i] * gn[i];
        }
      }
      double expected = difference(loss, b, direction, STEPS[0]);
      double scale = Math.max(Math.abs(expected), 0.5 * Math.sqrt(norm));
      if (Math.abs(expected - difference(loss, b, direction, STEPS[1])) > DOUBLE / 2 * scale) {
        continue; // the differences disagree among themselves: a kink lies between
      }
      smooth++;
      double error = Math.abs(along - expected) / scale;
      assertTrue(
          error <= DOUBLE,
          "direction %d: gradient %.12g, differences %.12g, relative error %.2g"
              .formatted(k, along, expected, error));
    }
    assertTrue(smooth == DIRECTIONS, "only " + smooth + " directions without a kink");
  }

  private static double difference(
      Tensor loss, Batched b, Map<Tensor, double[]> direction, double step) {
    double near = at(loss, b, direction, step) - at(loss, b, direction, -step);
    double far = at(loss, b, direction, 2 * step) - at(loss, b, direction, -2 * step);
    return (8 * near - far) / (12 * step);
  }

  private static double at(Tensor loss, Batched b, Map<Tensor, double[]> direction, double step) {
    Map<Tensor, double[]> moved = new LinkedHashMap<>(b.values);
    direction.forEach(
        (t, d) -> {
          double[] x = b.values.get(t).clone();
          for (int i = 0; i < x.length; i++) {
            x[i] += step * d[i];
          }
          moved.put(t, x);
        });
    return Reference.eval(loss, moved)[0];
  }

  @TestFactory
  @Tag("cpu")
  Stream<DynamicTest> onTheCpuIsThatOfTheReference() {
    return Stream.concat(cases().stream(), wide().stream())
        .map(
            c ->
                dynamicTest(
                    c.name,
                    () -> {
                      Batched b = batched(c, CLEAR);
                      List<double[]> one = near(new CpuCandidate(1), b);
                      same(one, near(new CpuCandidate(2), b));
                    }));
  }

  /** What each case is called, and its check of what a backend computes. */
  public static Map<String, Consumer<Candidate>> checks() {
    Map<String, Consumer<Candidate>> out = new LinkedHashMap<>();
    cases().forEach(c -> out.put(c.name, backend -> near(backend, batched(c, CLEAR))));
    return out;
  }

  @TestFactory
  @Tag("cuda")
  Stream<DynamicTest> onCudaIsThatOfTheReference() {
    return on(CudaCandidate.FP32, c -> true);
  }

  /** Whose filters are shared by all tasks: cuDNN's work. */
  @TestFactory
  @Tag("cuda")
  Stream<DynamicTest> byCudnnIsThatOfTheReference() {
    return on(
        CudaCandidate.DNN, c -> c.learner instanceof ProtoNet || c.name.startsWith("MAML SUP"));
  }

  private static Stream<DynamicTest> on(List<Candidate> candidates, Predicate<Case> which) {
    return candidates.stream()
        .flatMap(
            cuda ->
                cases().stream()
                    .filter(which)
                    .map(
                        c ->
                            dynamicTest(
                                cuda.name() + ": " + c.name, () -> near(cuda, batched(c, CLEAR)))));
  }

  @Test
  void onCudaInChunksItIsThatOfTheReference() {
    near(CudaCandidate.inChunksOf(1, TASKS), batched(cases().get(0), CLEAR));
  }

  /**
   * Against the reference with operands rounded in the same places, and not against the one in
   * double precision, which is on the other side of some kinks.
   */
  @TestFactory
  @Tag("cuda")
  Stream<DynamicTest> onTensorCoresIsThatOfTheRoundedReference() {
    Case c = cases().get(0);
    return CudaCandidate.TF32.stream()
        .map(
            cuda ->
                dynamicTest(
                    cuda.name() + ": " + c.name,
                    () -> {
                      Batched b = batched(c, CLEAR);
                      List<Tensor> outputs = new ArrayList<>(b.gradient.values());
                      outputs.add(b.loss);
                      near(
                          cuda,
                          b,
                          outputs,
                          Reference.eval(outputs, b.values, Reference.Precision.TF32),
                          TF32);
                    }));
  }

  /** What a backend computes, which is near what the reference does. */
  private static List<double[]> near(Candidate candidate, Batched b) {
    List<Tensor> outputs = new ArrayList<>(b.gradient.values());
    outputs.add(b.loss);
    return near(candidate, b, outputs, Reference.eval(outputs, b.values), FLOAT);
  }

  private static List<double[]> near(
      Candidate candidate,
      Batched b,
      List<Tensor> outputs,
      Map<Tensor, double[]> expected,
      double tolerance) {
    double largest = 0;
    for (Tensor t : outputs) {
      for (double v : expected.get(t)) {
        largest = Math.max(largest, Math.abs(v));
      }
    }
    List<double[]> actual = candidate.run(outputs, b.values);
    for (int i = 0; i < outputs.size(); i++) {
      double[] e = expected.get(outputs.get(i));
      for (int k = 0; k < e.length; k++) {
        double a = actual.get(i)[k];
        assertTrue(
            Math.abs(a - e[k]) / largest <= tolerance,
            "%s: %s, number %d: %s, expected %s"
                .formatted(candidate.name(), outputs.get(i), k, a, e[k]));
      }
    }
    return actual;
  }

  private static void same(List<double[]> one, List<double[]> two) {
    for (int i = 0; i < one.size(); i++) {
      assertArrayEquals(one.get(i), two.get(i), "output " + i + " with one worker and two");
    }
  }

  @TestFactory
  Stream<DynamicTest> aBatchIsTheMeanOfItsTasks() {
    return cases().stream().map(c -> dynamicTest(c.name, () -> loop(c, batched(c, CLEAR))));
  }

  private static void loop(Case c, Batched b) {
    Params theta = Params.empty();
    List<Tensor> arguments = List.copyOf(b.values.keySet());
    List<String> names = List.copyOf(c.learner.init(new Init(5)).names());
    for (int i = 0; i < names.size(); i++) {
      theta = theta.with(names.get(i), arguments.get(i));
    }
    double sum = 0;
    for (int task = 0; task < TASKS; task++) {
      Map<Tensor, double[]> values = new LinkedHashMap<>(b.values);
      int at = names.size();
      for (Tensor slot : c.task.values()) {
        double[] all = b.values.get(arguments.get(at++));
        int n = all.length / TASKS;
        values.put(slot, java.util.Arrays.copyOfRange(all, task * n, (task + 1) * n));
      }
      sum += Reference.eval(c.loss.apply(theta, c.task), values)[0];
    }
    double mean = Reference.eval(b.loss, b.values)[0];
    assertTrue(
        Math.abs(mean - sum / TASKS) <= 1e-12 * Math.abs(mean),
        "batched " + mean + ", one by one " + sum / TASKS);
  }
}
