package io.quickstudy.learners.memory;

import static io.quickstudy.graph.Ops.literal;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.quickstudy.graph.DType;
import io.quickstudy.graph.Shape;
import io.quickstudy.graph.Tensor;
import io.quickstudy.learner.Criterion;
import io.quickstudy.learners.inner.Order;
import io.quickstudy.nn.ConvNet;
import io.quickstudy.nn.Init;
import io.quickstudy.nn.Linear;
import io.quickstudy.nn.Mlp;
import io.quickstudy.nn.Model;
import io.quickstudy.nn.Norm;
import io.quickstudy.nn.WithClassifier;
import io.quickstudy.random.RandomStream;
import io.quickstudy.random.RandomUse;
import io.quickstudy.reference.Reference;
import io.quickstudy.task.Batch;
import io.quickstudy.task.Task;
import io.quickstudy.transform.Grad;
import io.quickstudy.transform.Params;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The equations of Ravi and Larochelle (2017) on y = w x + b in plain Java. */
class LstmMetaLearnerTest {
  private static final double CLOSE = 1e-12;
  private static final int HIDDEN = 2;
  private static final int STEPS = 3;

  private static final double[] X = {0.5, -1, 2};
  private static final double[] Y = {1, 0.25, -0.5};
  private static final double[] QUERY = {1.5, -0.75};
  private static final double[] ANSWER = {0.5, 2};

  private static Tensor column(double... x) {
    return literal(Shape.of(x.length, 1), x);
  }

  private static final Task TASK =
      new Task(new Batch(column(X), column(Y)), new Batch(column(QUERY), column(ANSWER)));

  private static LstmMetaLearner learner(Order order, int innerBatch) {
    return new LstmMetaLearner(
        new Mlp(List.of(1, 1)),
        Criterion.SQUARED_ERROR,
        new LstmMetaLearner.Options(STEPS, innerBatch, HIDDEN, 0.1, 0.9, order),
        Norm.Policy.NONE);
  }

  /** Parameters of the size of 1, by name. */
  private static Map<String, double[]> drawn() {
    Map<String, double[]> m = new LinkedHashMap<>();
    Params like = learner(Order.FIRST, 0).init(new Init(1));
    for (String n : like.names()) {
      double[] v = new double[like.get(n).shape().size()];
      RandomStream r = new RandomStream(m.size(), RandomUse.PARAMETERS, 3);
      for (int i = 0; i < v.length; i++) {
        v[i] = 2 * r.nextDouble() - 1;
      }
      m.put(n, v);
    }
    return m;
  }

  private static Params params(Map<String, double[]> values) {
    Params like = learner(Order.FIRST, 0).init(new Init(1));
    Params p = Params.empty();
    for (String n : like.names()) {
      p = p.with(n, literal(like.get(n).shape(), values.get(n)));
    }
    return p;
  }

  /** Gradients and losses of the updates, as they were or as they are to be taken. */
  private record Seen(List<double[]> gradients, List<Double> losses) {}

  private static double loss(double[] p, double[] x, double[] y) {
    double sum = 0;
    for (int i = 0; i < x.length; i++) {
      double e = p[0] * x[i] + p[1] - y[i];
      sum += e * e / x.length;
    }
    return sum;
  }

  private static double[] gradient(double[] p, double[] x, double[] y) {
    double[] g = new double[2];
    for (int i = 0; i < x.length; i++) {
      double e = p[0] * x[i] + p[1] - y[i];
      g[0] += 2 * e * x[i] / x.length;
      g[1] += 2 * e / x.length;
    }
    return g;
  }

  private static double sigmoid(double x) {
    return 1 / (1 + Math.exp(-x));
  }

  /** Equation 3. */
  private static double[] logAndSign(double x) {
    return Math.abs(x) >= Math.exp(-10)
        ? new double[] {Math.log(Math.abs(x)) / 10, Math.signum(x)}
        : new double[] {-1, Math.exp(10) * x};
  }

  private static double gate(Map<String, double[]> m, String name, double[] h, double c, double z) {
    double[] w = m.get("meta." + name + ".weight");
    double sum = m.get("meta." + name + ".bias")[0] + w[HIDDEN] * c + w[HIDDEN + 1] * z;
    for (int k = 0; k < HIDDEN; k++) {
      sum += w[k] * h[k];
    }
    return sigmoid(sum);
  }

  /**
   * w and b behind all updates.
   *
   * @param given what the updates take for gradients and losses; null for those that there are
   * @param seen takes those that there are
   */
  private static double[] adapted(Map<String, double[]> m, Seen given, Seen seen) {
    double[] theta = {m.get("layer1.weight")[0], m.get("layer1.bias")[0]};
    double[][] h = new double[2][HIDDEN];
    double[][] c = new double[2][HIDDEN];
    double[] f = new double[2];
    double[] i = new double[2];
    for (int t = 0; t < STEPS; t++) {
      double[] g = given == null ? gradient(theta, X, Y) : given.gradients().get(t);
      double l = given == null ? loss(theta, X, Y) : given.losses().get(t);
      seen.gradients().add(g);
      seen.losses().add(l);
      double[] next = new double[2];
      for (int n = 0; n < 2; n++) {
        double[] x = {logAndSign(l)[0], logAndSign(l)[1], logAndSign(g[n])[0], logAndSign(g[n])[1]};
        double[] z = m.get("meta.lstm.bias").clone();
        for (int k = 0; k < 4 * HIDDEN; k++) {
          for (int j = 0; j < 4; j++) {
            z[k] += x[j] * m.get("meta.lstm.weight_ih")[j * 4 * HIDDEN + k];
          }
          for (int j = 0; j < HIDDEN; j++) {
            z[k] += h[n][j] * m.get("meta.lstm.weight_hh")[j * 4 * HIDDEN + k];
          }
        }
        for (int k = 0; k < HIDDEN; k++) {
          c[n][k] = sigmoid(z[HIDDEN + k]) * c[n][k] + sigmoid(z[k]) * Math.tanh(z[2 * HIDDEN + k]);
          h[n][k] = sigmoid(z[3 * HIDDEN + k]) * Math.tanh(c[n][k]);
        }
        i[n] = gate(m, "input", h[n], theta[n], i[n]);
        f[n] = gate(m, "forget", h[n], theta[n], f[n]);
        next[n] = f[n] * theta[n] - i[n] * g[n];
      }
      theta = next;
    }
    return theta;
  }

  private static Seen none() {
    return new Seen(new ArrayList<>(), new ArrayList<>());
  }

  private static double[] line(Params p) {
    return new double[] {
      Reference.eval(p.get("layer1.weight"))[0], Reference.eval(p.get("layer1.bias"))[0]
    };
  }

  @Test
  void itsStepsAreThePapers() {
    Map<String, double[]> m = drawn();
    double[] expected = adapted(m, null, none());
    for (Order order : Order.values()) {
      LstmMetaLearner l = learner(order, 0);
      assertArrayEquals(expected, line(l.adapt(params(m), TASK.support())), CLOSE);
      double loss = Reference.eval(l.loss(params(m), TASK).loss())[0];
      assertEquals(loss(expected, QUERY, ANSWER), loss, CLOSE);
    }
    List<Tensor> by =
        learner(Order.FIRST, 0).predictByStep(params(m), TASK.support(), column(QUERY));
    assertEquals(STEPS + 1, by.size());
    assertEquals(expected[0] * QUERY[0] + expected[1], Reference.eval(by.getLast())[0], CLOSE);
    double before = m.get("layer1.weight")[0] * QUERY[0] + m.get("layer1.bias")[0];
    assertEquals(before, Reference.eval(by.getFirst())[0], CLOSE);
  }

  /** Section 3.3.1: the outer gradient where gradients and losses are what they were. */
  @Test
  void gradientsAndLossesInsideAreConstants() {
    Map<String, double[]> m = drawn();
    Seen seen = none();
    adapted(m, null, seen);
    Params first = Grad.grad(p -> learner(Order.FIRST, 0).loss(p, TASK).loss(), params(m));
    Params second = Grad.grad(p -> learner(Order.SECOND, 0).loss(p, TASK).loss(), params(m));
    double step = 1e-5;
    for (String n : first.names()) {
      double[] g = Reference.eval(first.get(n));
      for (int k = 0; k < g.length; k++) {
        double[] sides = new double[2];
        for (int side = 0; side < 2; side++) {
          Map<String, double[]> moved = new LinkedHashMap<>(m);
          double[] v = m.get(n).clone();
          v[k] += side == 0 ? step : -step;
          moved.put(n, v);
          sides[side] = loss(adapted(moved, seen, none()), QUERY, ANSWER);
        }
        double difference = (sides[0] - sides[1]) / (2 * step);
        assertEquals(difference, g[k], 1e-8 * Math.max(1, Math.abs(difference)), n + " " + k);
      }
    }
    assertNotEquals(
        Reference.eval(first.get("layer1.weight"))[0],
        Reference.eval(second.get("layer1.weight"))[0],
        1e-3);
  }

  @Test
  void itStartsAsGradientDescentAtASmallRate() {
    Params theta = learner(Order.FIRST, 0).init(new Init(1));
    LstmMetaLearner.Options o = new LstmMetaLearner.Options(1, 0, HIDDEN, 0.1, 0.9, Order.FIRST);
    LstmMetaLearner one =
        new LstmMetaLearner(new Mlp(List.of(1, 1)), Criterion.SQUARED_ERROR, o, Norm.Policy.NONE);
    double[] at = line(theta);
    double[] g = gradient(at, X, Y);
    double[] expected = {0.9 * at[0] - 0.1 * g[0], 0.9 * at[1] - 0.1 * g[1]};
    // weights up to 0.01 move a gate by a few thousandths
    assertArrayEquals(expected, line(one.adapt(theta, TASK.support())), 0.01);
  }

  @Test
  void anUpdateMaySeeAMiniBatch() {
    Params theta = params(drawn());
    LstmMetaLearner two = learner(Order.FIRST, 2);
    Tensor all = learner(Order.FIRST, 0).predict(theta, TASK.support(), column(QUERY));
    Tensor some = two.predict(theta, TASK.support(), column(QUERY));
    assertNotEquals(Reference.eval(all)[0], Reference.eval(some)[0], 1e-6);
    // as many as there are is all of them
    Tensor many = learner(Order.FIRST, 7).predict(theta, TASK.support(), column(QUERY));
    assertArrayEquals(Reference.eval(all), Reference.eval(many), 0);
  }

  /** Section 3.4: averages that prefer later updates, collected on the task's support set. */
  @Test
  void queriesAreNormalisedByWhatTheSupportSetShowed() {
    ConvNet net = new ConvNet(4, 4, 1, 2, 1, ConvNet.Down.MAX_POOL, ConvNet.Head.FLATTEN);
    Model f = new WithClassifier(net, new Linear(net.features(), 2));
    LstmMetaLearner.Options o = new LstmMetaLearner.Options(2, 0, 3, 0.5, 0.9, Order.FIRST);
    LstmMetaLearner l = new LstmMetaLearner(f, Criterion.CROSS_ENTROPY, o, Norm.Policy.SUPPORT);
    Params theta = l.init(new Init(2));
    Batch support = new Batch(images(2, 1), literal(DType.I32, Shape.of(2), 0, 1));
    Params adapted = l.adapt(theta, support);
    LstmMetaLearner.Options once = new LstmMetaLearner.Options(1, 0, 3, 0.5, 0.9, Order.FIRST);
    Params between =
        theta.with(
            new LstmMetaLearner(f, Criterion.CROSS_ENTROPY, once, Norm.Policy.TRANSDUCTIVE)
                .adapt(theta, support));
    String name = "norm1.running_var";
    double[] before = Reference.eval(f.pass(theta, support.x(), Norm.batch()).moments().get(name));
    double[] later = Reference.eval(f.pass(between, support.x(), Norm.batch()).moments().get(name));
    double[] found = Reference.eval(adapted.get(name));
    for (int k = 0; k < found.length; k++) {
      assertEquals(0.1 * before[k] + 0.9 * later[k], found[k], 1e-9);
    }
    assertTrue(!adapted.names().contains("meta.lstm.bias"));
    // each query on its own
    Tensor both = l.predict(theta.with(adapted), images(2, 3));
    Tensor one =
        l.predict(theta.with(adapted), io.quickstudy.graph.Ops.slice(images(2, 3), 0, 0, 1));
    assertEquals(Reference.eval(both)[0], Reference.eval(one)[0], CLOSE);
  }

  private static Tensor images(int n, int seed) {
    RandomStream r = new RandomStream(seed, RandomUse.PARAMETERS, 4);
    double[] v = new double[n * 16];
    for (int i = 0; i < v.length; i++) {
      v[i] = r.nextDouble();
    }
    return literal(Shape.of(n, 4, 4, 1), v);
  }
}
