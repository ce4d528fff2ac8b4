package io.quickstudy.learners.memory;

import static io.quickstudy.graph.Ops.concatenate;
import static io.quickstudy.graph.Ops.literal;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.quickstudy.functions.Distributions;
import io.quickstudy.graph.DType;
import io.quickstudy.graph.Ops;
import io.quickstudy.graph.Shape;
import io.quickstudy.graph.Tensor;
import io.quickstudy.learner.Predictive;
import io.quickstudy.learner.Setup;
import io.quickstudy.learners.memory.ConditionalNeuralProcess.Decoding;
import io.quickstudy.learners.memory.ConditionalNeuralProcess.Options;
import io.quickstudy.nn.FeatureScale;
import io.quickstudy.nn.Init;
import io.quickstudy.nn.Mlp;
import io.quickstudy.nn.Norm;
import io.quickstudy.random.RandomStream;
import io.quickstudy.random.RandomUse;
import io.quickstudy.reference.Reference;
import io.quickstudy.task.Batch;
import io.quickstudy.task.Task;
import io.quickstudy.task.TaskKind;
import io.quickstudy.transform.Params;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Conditional neural processes, against the paper's equations in plain Java. */
class ConditionalNeuralProcessTest {
  private static final double CLOSE = 1e-11;
  private static final int WAYS = 3;
  private static final int D = 4;

  private static Options options(int minContext, double minDeviation, Decoding decoding) {
    return new Options(List.of(5), decoding, WAYS, minContext, minDeviation);
  }

  private static ConditionalNeuralProcess built(
      TaskKind task, Shape example, int outputs, Options o) {
    Mlp.Options hidden = new Mlp.Options(List.of(6, D), FeatureScale.RAW);
    Setup s =
        new Setup(task, example, outputs, 0, Norm.Policy.NONE, Optional.of(Mlp.KIND.build(hidden)));
    return (ConditionalNeuralProcess) ConditionalNeuralProcess.KIND.build(o, s);
  }

  private static ConditionalNeuralProcess ofCurves(Options o) {
    return built(TaskKind.REGRESSION, Shape.of(1), 1, o);
  }

  private static double[] numbers(int n, long stream) {
    RandomStream r = new RandomStream(11, RandomUse.PARAMETERS, stream);
    double[] x = new double[n];
    Arrays.setAll(x, i -> 2 * r.nextDouble() - 1);
    return x;
  }

  private static Tensor column(double... x) {
    return literal(Shape.of(x.length, 1), x);
  }

  private static Params jolted(ConditionalNeuralProcess f) {
    long[] k = {100}; // biases begin at 0, and would hide that they are forgotten
    return f.init(new Init(3))
        .map(
            t -> {
              double[] v = Reference.eval(t);
              double[] more = numbers(v.length, k[0]++);
              Arrays.setAll(v, i -> v[i] + 0.3 * more[i]);
              return literal(t.shape(), v);
            });
  }

  /** Layers in plain Java, with ReLU between them. */
  private static double[] layers(Params p, int n, double... x) {
    double[] z = x;
    for (int l = 1; l <= n; l++) {
      double[] w = Reference.eval(p.get("layer" + l + ".weight"));
      double[] next = Reference.eval(p.get("layer" + l + ".bias"));
      for (int j = 0; j < next.length; j++) {
        for (int i = 0; i < z.length; i++) {
          next[j] += (l == 1 ? z[i] : Math.max(z[i], 0)) * w[i * next.length + j];
        }
      }
      z = next;
    }
    return z;
  }

  private static double[] joined(double[]... parts) {
    return Arrays.stream(parts).flatMapToDouble(Arrays::stream).toArray();
  }

  /** Equation 2 of the first points: 0 of none. */
  private static double[] r(Params theta, double[] x, double[] y, int n) {
    double[] r = new double[D];
    for (int i = 0; i < n; i++) {
      double[] ri = layers(theta.sub("encoder"), 2, x[i], y[i]);
      for (int k = 0; k < D; k++) {
        r[k] += ri[k] / n;
      }
    }
    return r;
  }

  /** Equation 3: mean and deviation at x. */
  private static double[] phi(Params theta, double[] r, double x, double least) {
    double[] raw = layers(theta.sub("decoder"), 2, joined(r, new double[] {x}));
    return new double[] {raw[0], least + (1 - least) * Math.log1p(Math.exp(raw[1]))};
  }

  private static double logNormal(double y, double mean, double deviation) {
    double z = (y - mean) / deviation;
    return -0.5 * Math.log(2 * Math.PI) - Math.log(deviation) - 0.5 * z * z;
  }

  @Test
  void curvesArePredictedByTheEquations() {
    ConditionalNeuralProcess f = ofCurves(options(1, 0.1, Decoding.JOINT));
    Params theta = jolted(f);
    double[] x = numbers(4, 1);
    double[] y = numbers(4, 2);
    double[] q = {-1.5, 0.2, 3};
    Params adapted = theta.with(f.adapt(theta, new Batch(column(x), column(y))));
    double[] r = r(theta, x, y, 4);
    assertArrayEquals(r, Reference.eval(adapted.get("representation")), CLOSE);
    Predictive p = f.predictive(adapted, column(q)).orElseThrow();
    double[] target = {0.5, -1, 0};
    for (int t = 0; t < q.length; t++) {
      double[] phi = phi(theta, r, q[t], 0.1);
      assertEquals(phi[0], Reference.eval(p.mean())[t], CLOSE);
      assertEquals(phi[0], Reference.eval(f.predict(adapted, column(q)))[t], CLOSE);
      assertEquals(phi[1], Reference.eval(p.deviation())[t], CLOSE);
      double log = logNormal(target[t], phi[0], phi[1]);
      assertEquals(log, Reference.eval(p.logDensity(column(target)))[t], CLOSE);
      double z = (target[t] - phi[0]) / phi[1];
      double below = Reference.eval(Distributions.normalCumulative(Ops.scalar(z)))[0];
      assertEquals(below, Reference.eval(p.cumulative(column(target)))[t], CLOSE);
    }
  }

  /** Three support points, each a target, and two queries: by hand which sees how many. */
  @Test
  void theLossIsOfAllPointsFromMoreAndMoreOfThem() {
    double[] x = numbers(3, 1);
    double[] y = numbers(3, 2);
    double[] qx = numbers(2, 3);
    double[] qy = numbers(2, 4);
    Task task = new Task(new Batch(column(x), column(y)), new Batch(column(qx), column(qy)));
    for (int least = 0; least < 3; least++) {
      ConditionalNeuralProcess f = ofCurves(options(least, 0.2, Decoding.JOINT));
      Params theta = jolted(f);
      int[] n = seen(least);
      double[] allX = joined(x, qx);
      double[] allY = joined(y, qy);
      double sum = 0;
      for (int t = 0; t < 5; t++) {
        double[] phi = phi(theta, r(theta, x, y, n[t]), allX[t], 0.2);
        sum += logNormal(allY[t], phi[0], phi[1]);
      }
      assertEquals(-sum / 5, Reference.eval(f.loss(theta, task).loss())[0], CLOSE);
      assertEquals(2, f.loss(theta, task).outputs().dim(0));
    }
  }

  /** How many points each of three support points and two queries is predicted from. */
  private static int[] seen(int least) {
    return switch (least) {
      case 0 -> new int[] {3, 2, 0, 1, 3};
      case 1 -> new int[] {3, 2, 1, 1, 3};
      default -> new int[] {3, 3, 2, 2, 3};
    };
  }

  private static double[][] rows(double[] v, int n) {
    double[][] rows = new double[n][];
    int d = v.length / n;
    Arrays.setAll(rows, i -> Arrays.copyOfRange(v, i * d, (i + 1) * d));
    return rows;
  }

  @Test
  void imagesAreReadByClass() {
    for (Decoding how : Decoding.values()) {
      ConditionalNeuralProcess f =
          built(TaskKind.EPISODES, Shape.of(5), WAYS, options(1, 0.1, how));
      Params theta = jolted(f);
      Tensor x = literal(Shape.of(5, 5), numbers(25, 5));
      Tensor q = literal(Shape.of(2, 5), numbers(10, 6));
      int[] labels = {2, 0, 1, 0, 0}; // unequal shots
      Tensor y = literal(DType.I32, Shape.of(5), 2, 0, 1, 0, 0);
      double[][] z = new double[7][];
      double[][] images = rows(Reference.eval(concatenate(0, x, q)), 7);
      Arrays.setAll(z, i -> layers(theta.sub("encoder"), 2, images[i]));
      double[][] r = new double[WAYS][D];
      double[] counts = {3, 1, 1};
      for (int i = 0; i < 5; i++) {
        for (int k = 0; k < D; k++) {
          r[labels[i]][k] += z[i][k] / counts[labels[i]];
        }
      }
      double[] mean = new double[D];
      Arrays.setAll(mean, k -> (r[0][k] + r[1][k] + r[2][k]) / WAYS);
      Batch support = new Batch(x, y);
      double[][] logits = rows(Reference.eval(f.predict(theta, support, q)), 2);
      Params decoder = theta.sub("decoder");
      for (int i = 0; i < 2; i++) {
        double[] target = z[5 + i];
        double[] expected =
            how == Decoding.JOINT
                ? layers(decoder, 2, joined(r[0], r[1], r[2], target))
                : new double[] {
                  layers(decoder, 2, joined(r[0], mean, target))[0],
                  layers(decoder, 2, joined(r[1], mean, target))[0],
                  layers(decoder, 2, joined(r[2], mean, target))[0]
                };
        assertArrayEquals(expected, logits[i], CLOSE, how + " query " + i);
      }
      Task task = new Task(support, new Batch(q, literal(DType.I32, Shape.of(2), 1, 2)));
      double[][] trained = rows(Reference.eval(f.loss(theta, task).outputs()), 2);
      assertArrayEquals(logits[1], trained[1], CLOSE);
      assertTrue(f.predictive(theta.with(f.adapt(theta, support)), q).isEmpty());
    }
  }

  /** An episode of six classes is two tasks, whose examples come in any order. */
  @Test
  void episodesAreCutIntoTasks() {
    for (Decoding how : Decoding.values()) {
      Options o = options(1, 0.1, how);
      ConditionalNeuralProcess f = built(TaskKind.EPISODES, Shape.of(5), 2 * WAYS, o);
      ConditionalNeuralProcess one = built(TaskKind.EPISODES, Shape.of(5), WAYS, o);
      Params theta = jolted(one);
      Tensor x = literal(Shape.of(6, 5), numbers(30, 7));
      Tensor q = literal(Shape.of(6, 5), numbers(30, 8));
      double[] labels = {4, 0, 3, 1, 5, 2};
      double[] asked = {0, 5, 1, 2, 3, 4};
      Task task = new Task(new Batch(x, labels(labels)), new Batch(q, labels(asked)));
      Tensor logits = f.loss(theta, task).outputs();
      double sum = 0;
      for (int k = 0; k < 2; k++) {
        Batch support = new Batch(rows(x, labels, k), own(labels, k));
        double[] alone = Reference.eval(one.predict(theta, support, rows(q, asked, k)));
        int row = 0;
        for (int i = 0; i < 6; i++) {
          if ((int) asked[i] / WAYS == k) {
            double[] found = Reference.eval(Ops.at(logits, 0, i));
            double all = 0;
            for (int c = 0; c < WAYS; c++) {
              assertEquals(alone[row * WAYS + c], found[k * WAYS + c], CLOSE);
              all += Math.exp(alone[row * WAYS + c]);
            }
            sum += Math.log(all) - alone[row * WAYS + (int) asked[i] % WAYS];
            row++;
          }
        }
      }
      assertEquals(sum / 6, Reference.eval(f.loss(theta, task).loss())[0], CLOSE);
      refused("Tasks of 6 classes", () -> f.adapt(theta, task.support()));
    }
  }

  private static Tensor labels(double... y) {
    return literal(DType.I32, Shape.of(y.length), y);
  }

  /** The rows of the k-th task's examples, in their order. */
  private static Tensor rows(Tensor x, double[] labels, int k) {
    List<Tensor> rows = new ArrayList<>();
    for (int i = 0; i < labels.length; i++) {
      if ((int) labels[i] / WAYS == k) {
        rows.add(Ops.at(x, 0, i));
      }
    }
    return Ops.stack(0, rows);
  }

  private static Tensor own(double[] labels, int k) {
    return labels(
        Arrays.stream(labels).filter(l -> (int) l / WAYS == k).map(l -> l % WAYS).toArray());
  }

  private static void refused(String expected, org.junit.jupiter.api.function.Executable code) {
    String message = assertThrows(IllegalArgumentException.class, code).getMessage();
    assertTrue(message.contains(expected), message);
  }

  @Test
  void whatDoesNotFitIsRefused() {
    refused("--decoder is empty", () -> new Options(List.of(), Decoding.JOINT, WAYS, 1, 0.1));
    refused(
        "--min-context is 2",
        () -> built(TaskKind.EPISODES, Shape.of(5), WAYS, options(2, 0.1, Decoding.JOINT)));
    refused(
        "--task-ways is 3, and tasks have 4",
        () -> built(TaskKind.EPISODES, Shape.of(5), 4, options(1, 0.1, Decoding.JOINT)));
    ConditionalNeuralProcess f = ofCurves(options(3, 0.1, Decoding.JOINT));
    Batch two = new Batch(column(1, 2), column(1, 2));
    refused("at most 2, the shots", () -> f.loss(f.init(new Init(1)), new Task(two, two)));
  }
}
