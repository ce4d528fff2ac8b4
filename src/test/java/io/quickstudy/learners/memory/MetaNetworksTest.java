package io.quickstudy.learners.memory;

import static io.quickstudy.graph.Ops.literal;
import static io.quickstudy.graph.Ops.slice;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.quickstudy.graph.DType;
import io.quickstudy.graph.Shape;
import io.quickstudy.graph.Tensor;
import io.quickstudy.learners.inner.Order;
import io.quickstudy.nn.Init;
import io.quickstudy.random.RandomStream;
import io.quickstudy.random.RandomUse;
import io.quickstudy.reference.Reference;
import io.quickstudy.task.Batch;
import io.quickstudy.task.Task;
import io.quickstudy.transform.Grad;
import io.quickstudy.transform.Params;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/**
 * Algorithm 1 of Munkhdalai and Yu (2017) in plain Java, on images of one pixel and two channels,
 * of which a 3x3 convolution sees its middle alone.
 */
class MetaNetworksTest {
  private static final double CLOSE = 1e-12;

  /** Of images, filters, features, and layers that make fast weights; and the classes. */
  private static final int D = 2;

  private static final int STEPS = 2;

  /** The first example of each class, then the second. */
  private static final double[][] X = {{0.5, -1}, {2, 0.75}, {0.25, 1.5}, {-1.25, 0.5}};

  private static final int[] Y = {0, 1, 0, 1};

  /** What cosines are times before the softmax. */
  private static final double SCALE = 3;

  private static final double[][] QUERY = {{1.5, -0.75}, {0.5, 2}, {-1, 0.25}};
  private static final int[] ANSWER = {1, 0, 1};

  private static MetaNetworks learner(Order order) {
    return learner(order, MetaNetworks.RepresentationLoss.CROSS_ENTROPY);
  }

  private static MetaNetworks learner(Order order, MetaNetworks.RepresentationLoss loss) {
    MetaNetworks.Options o = new MetaNetworks.Options(D, 1, D, D, STEPS, loss, order, SCALE);
    return new MetaNetworks(Shape.of(1, 1, D), D, o);
  }

  private static Batch batch(double[][] x, int[] y) {
    double[] flat = new double[x.length * D];
    double[] labels = new double[x.length];
    for (int i = 0; i < x.length; i++) {
      System.arraycopy(x[i], 0, flat, i * D, D);
      labels[i] = y[i];
    }
    return new Batch(
        literal(Shape.of(x.length, 1, 1, D), flat), literal(DType.I32, Shape.of(x.length), labels));
  }

  private static final Task TASK = new Task(batch(X, Y), batch(QUERY, ANSWER));

  /** Parameters of the size of 1, by name. */
  private static Map<String, double[]> drawn() {
    Map<String, double[]> m = new LinkedHashMap<>();
    Params like = learner(Order.FIRST).init(new Init(1));
    for (String n : like.names()) {
      double[] v = new double[like.get(n).shape().size()];
      RandomStream r = new RandomStream(m.size(), RandomUse.PARAMETERS, 6);
      for (int i = 0; i < v.length; i++) {
        v[i] = 2 * r.nextDouble() - 0.75;
      }
      m.put(n, v);
    }
    return m;
  }

  private static Params params(Map<String, double[]> values) {
    Params like = learner(Order.FIRST).init(new Init(1));
    Params p = Params.empty();
    for (String n : like.names()) {
      p = p.with(n, literal(like.get(n).shape(), values.get(n)));
    }
    return p;
  }

  /** x W, W [x's, out] row-major. */
  private static double[] times(double[] x, double[] w) {
    int out = w.length / x.length;
    double[] y = new double[out];
    for (int i = 0; i < x.length; i++) {
      for (int k = 0; k < out; k++) {
        y[k] += x[i] * w[i * out + k];
      }
    }
    return y;
  }

  private static double[] relu(double[] x) {
    return java.util.Arrays.stream(x).map(v -> Math.max(v, 0)).toArray();
  }

  private static double[] plus(double[] a, double[] b) {
    double[] y = a.clone();
    for (int i = 0; i < y.length; i++) {
      y[i] += b[i];
    }
    return y;
  }

  private static double[] softmax(double[] z) {
    double[] p = java.util.Arrays.stream(z).map(Math::exp).toArray();
    double sum = java.util.Arrays.stream(p).sum();
    return java.util.Arrays.stream(p).map(v -> v / sum).toArray();
  }

  private static double sigmoid(double x) {
    return 1 / (1 + Math.exp(-x));
  }

  /** The three layers of a network; the first is a convolution's middle. */
  private record Net(double[] conv, double[] dense, double[] output) {
    static Net of(Map<String, double[]> m, String which) {
      return new Net(
          java.util.Arrays.copyOfRange(m.get(which + ".conv1.weight"), 4 * D * D, 5 * D * D),
          m.get(which + ".dense.weight"),
          m.get(which + ".output.weight"));
    }

    double[] first(Net fast, double[] x) {
      return plus(relu(times(x, conv)), relu(times(x, fast.conv)));
    }

    double[] embed(Net fast, double[] x) {
      double[] h = first(fast, x);
      return plus(times(h, dense), times(h, fast.dense));
    }

    double[] logits(Net fast, double[] x) {
      double[] h = first(fast, x);
      double[] z = plus(relu(times(h, dense)), relu(times(h, fast.dense)));
      return plus(times(z, output), times(z, fast.output));
    }

    /** The gradient of the cross entropy of an example, without fast weights. */
    Net gradient(double[] x, int y) {
      double[] h = relu(times(x, conv));
      double[] z = relu(times(h, dense));
      double[] e = softmax(times(z, output));
      e[y] -= 1;
      double[] ez = back(e, output, z);
      double[] eh = back(ez, dense, h);
      return new Net(outer(x, eh), outer(h, ez), outer(z, e));
    }

    /** What comes back through a layer, and through the ReLU that made its input. */
    private static double[] back(double[] e, double[] w, double[] in) {
      double[] y = new double[in.length];
      for (int i = 0; i < in.length; i++) {
        for (int k = 0; k < e.length; k++) {
          y[i] += in[i] > 0 ? e[k] * w[i * e.length + k] : 0;
        }
      }
      return y;
    }

    private static double[] outer(double[] x, double[] e) {
      double[] g = new double[x.length * e.length];
      for (int i = 0; i < x.length; i++) {
        for (int k = 0; k < e.length; k++) {
          g[i * e.length + k] = x[i] * e[k];
        }
      }
      return g;
    }

    Net mean(Net other) {
      return new Net(
          half(plus(conv, other.conv)),
          half(plus(dense, other.dense)),
          half(plus(output, other.output)));
    }

    private static double[] half(double[] x) {
      return java.util.Arrays.stream(x).map(v -> v / 2).toArray();
    }
  }

  private static double[] logAndSign(double x) {
    return Math.abs(x) >= Math.exp(-7)
        ? new double[] {Math.log(Math.abs(x)) / 7, Math.signum(x)}
        : new double[] {-1, Math.exp(7) * x};
  }

  /** d: what an LSTM makes of the gradients that a number has had. */
  private static double[] recurrent(Map<String, double[]> m, String layers, List<double[]> seen) {
    double[] made = new double[seen.getFirst().length];
    for (int n = 0; n < made.length; n++) {
      double[] h = new double[D];
      double[] c = new double[D];
      for (double[] g : seen) {
        double[] z =
            plus(
                m.get("d." + layers + ".lstm.bias"),
                plus(
                    times(logAndSign(g[n]), m.get("d." + layers + ".lstm.weight_ih")),
                    times(h, m.get("d." + layers + ".lstm.weight_hh"))));
        for (int k = 0; k < D; k++) {
          c[k] = sigmoid(z[D + k]) * c[k] + sigmoid(z[k]) * Math.tanh(z[2 * D + k]);
          h[k] = sigmoid(z[3 * D + k]) * Math.tanh(c[k]);
        }
      }
      made[n] = times(h, m.get("d." + layers + ".output.weight"))[0];
    }
    return made;
  }

  /** m of a gradient. */
  private static double[] made(Map<String, double[]> m, String layers, double[] g) {
    double[] w = new double[g.length];
    for (int n = 0; n < w.length; n++) {
      double[] z = logAndSign(g[n]);
      for (String layer : List.of("layer1", "layer2")) {
        String name = "m." + layers + "." + layer;
        z = relu(plus(times(z, m.get(name + ".weight")), m.get(name + ".bias")));
      }
      w[n] = times(z, m.get("m." + layers + ".output.weight"))[0];
    }
    return w;
  }

  private static double cosine(double[] a, double[] b) {
    double dot = 0;
    double aa = 0;
    double bb = 0;
    for (int i = 0; i < a.length; i++) {
      dot += a[i] * b[i];
      aa += a[i] * a[i];
      bb += b[i] * b[i];
    }
    return dot / Math.sqrt(aa * bb);
  }

  /**
   * The logits of the queries.
   *
   * @param given gradients to be taken in place of those that there are, in their order; or null
   * @param seen takes the gradients
   */
  private static double[][] logits(Map<String, double[]> m, List<Net> given, List<Net> seen) {
    Iterator<Net> next = given == null ? null : given.iterator();
    Net u = Net.of(m, "u");
    List<double[]> conv = new ArrayList<>();
    List<double[]> dense = new ArrayList<>();
    for (int t = 0; t < STEPS; t++) {
      Net g = u.gradient(X[2 * t], Y[2 * t]).mean(u.gradient(X[2 * t + 1], Y[2 * t + 1]));
      g = next == null ? g : next.next();
      seen.add(g);
      conv.add(g.conv());
      dense.add(g.dense());
    }
    Net q = new Net(recurrent(m, "conv", conv), recurrent(m, "dense", dense), new double[D * D]);
    Net b = Net.of(m, "b");
    List<Net> values = new ArrayList<>();
    for (int i = 0; i < X.length; i++) {
      Net g = next == null ? b.gradient(X[i], Y[i]) : next.next();
      seen.add(g);
      values.add(
          new Net(
              made(m, "conv", g.conv()),
              made(m, "dense", g.dense()),
              made(m, "dense", g.output())));
    }
    double[][] out = new double[QUERY.length][];
    for (int j = 0; j < QUERY.length; j++) {
      double[] a = new double[X.length];
      for (int i = 0; i < X.length; i++) {
        a[i] = SCALE * cosine(u.embed(q, QUERY[j]), u.embed(q, X[i]));
      }
      a = softmax(a);
      Net w = new Net(new double[D * D], new double[D * D], new double[D * D]);
      for (int i = 0; i < X.length; i++) {
        Net v = values.get(i);
        for (int k = 0; k < D * D; k++) {
          w.conv()[k] += a[i] * v.conv()[k];
          w.dense()[k] += a[i] * v.dense()[k];
          w.output()[k] += a[i] * v.output()[k];
        }
      }
      out[j] = b.logits(w, QUERY[j]);
    }
    return out;
  }

  private static double loss(double[][] logits) {
    double sum = 0;
    for (int j = 0; j < logits.length; j++) {
      sum -= Math.log(softmax(logits[j])[ANSWER[j]]) / logits.length;
    }
    return sum;
  }

  @Test
  void itsStepsAreThePapers() {
    Map<String, double[]> m = drawn();
    double[][] expected = logits(m, null, new ArrayList<>());
    for (Order order : Order.values()) {
      MetaNetworks l = learner(order);
      double[] found = Reference.eval(l.predict(params(m), TASK.support(), TASK.query().x()));
      for (int j = 0; j < QUERY.length; j++) {
        for (int k = 0; k < D; k++) {
          assertEquals(expected[j][k], found[j * D + k], CLOSE, "query " + j);
        }
      }
      double loss = Reference.eval(l.loss(params(m), TASK).loss())[0];
      assertEquals(loss(expected), loss, CLOSE);
    }
  }

  /** The outer gradient where the gradients inside are what they were. */
  @Test
  void gradientsInsideAreConstants() {
    Map<String, double[]> m = drawn();
    List<Net> seen = new ArrayList<>();
    logits(m, null, seen);
    Params first = Grad.grad(p -> learner(Order.FIRST).loss(p, TASK).loss(), params(m));
    double step = 1e-5;
    double largest = 0;
    for (String n : first.names()) {
      double[] g = Reference.eval(first.get(n));
      for (int k = 0; k < g.length; k++) {
        double[] sides = new double[2];
        for (int side = 0; side < 2; side++) {
          Map<String, double[]> moved = new LinkedHashMap<>(m);
          double[] v = m.get(n).clone();
          v[k] += side == 0 ? step : -step;
          moved.put(n, v);
          sides[side] = loss(logits(moved, seen, new ArrayList<>()));
        }
        double difference = (sides[0] - sides[1]) / (2 * step);
        assertEquals(difference, g[k], 1e-8 * Math.max(1, Math.abs(difference)), n + " " + k);
        largest = Math.max(largest, Math.abs(difference));
      }
    }
    assertTrue(largest > 0.01, "largest of the gradient: " + largest);
    double[] u = Reference.eval(first.get("u.output.weight"));
    assertArrayEquals(new double[D * D], u, 0, "the logits of u only make gradients");
  }

  @Test
  void whatIsKeptAnswersEachQueryOnItsOwn() {
    MetaNetworks l = learner(Order.FIRST);
    Params theta = params(drawn());
    Params adapted = l.adapt(theta, TASK.support());
    assertEquals(Shape.of(4, D), adapted.get("keys").shape());
    assertEquals(Shape.of(4, 9 * D * D + 2 * D * D), adapted.get("values").shape());
    assertEquals(Shape.of(9 * D * D + D * D), adapted.get("fast").shape());
    Tensor x = TASK.query().x();
    double[] all = Reference.eval(l.predict(theta.with(adapted), x));
    double[] one = Reference.eval(l.predict(theta.with(adapted), slice(x, 0, 2, 3)));
    assertArrayEquals(new double[] {all[4], all[5]}, one, CLOSE);
  }

  @Test
  void pairsMayBeVerified() {
    Map<String, double[]> m = drawn();
    MetaNetworks l = learner(Order.FIRST, MetaNetworks.RepresentationLoss.CONTRASTIVE);
    double[] fast = Reference.eval(l.adapt(params(m), TASK.support()).get("fast"));
    // grad_t of the dense layer, by differences of the loss of pairs
    List<double[]> seen = new ArrayList<>();
    for (int t = 0; t < STEPS; t++) {
      double[] g = new double[D * D];
      for (int k = 0; k < g.length; k++) {
        g[k] = (pairs(m, t, k, 1e-5) - pairs(m, t, k, -1e-5)) / 2e-5;
      }
      seen.add(g);
    }
    double[] dense = java.util.Arrays.copyOfRange(fast, 9 * D * D, fast.length);
    assertArrayEquals(recurrent(m, "dense", seen), dense, 1e-6);
    Exception e =
        assertThrows(
            IllegalArgumentException.class,
            () -> l.adapt(params(m), batch(new double[][] {X[0], X[1]}, new int[] {Y[0], Y[1]})));
    assertTrue(e.getMessage().startsWith("Option --representation-loss is contrastive with 2"));
  }

  /** The contrastive loss of part t with the support set, one of u's dense weights moved. */
  private static double pairs(Map<String, double[]> m, int t, int k, double by) {
    Net u = Net.of(m, "u");
    double[] w = u.dense().clone();
    w[k] += by;
    double sum = 0;
    for (int i = 2 * t; i < 2 * t + 2; i++) {
      for (int j = 0; j < X.length; j++) {
        double[] a = times(relu(times(X[i], u.conv())), w);
        double[] b = times(relu(times(X[j], u.conv())), w);
        double d2 = (a[0] - b[0]) * (a[0] - b[0]) + (a[1] - b[1]) * (a[1] - b[1]);
        double near = Math.max(0, 1 - Math.sqrt(d2));
        sum += (Y[i] == Y[j] ? d2 : near * near) / 2 / (2 * X.length);
      }
    }
    return sum;
  }

  @Test
  void onlyImagesHaveConvolutions() {
    MetaNetworks.Options o = learner(Order.FIRST).o();
    Exception e =
        assertThrows(IllegalArgumentException.class, () -> new MetaNetworks(Shape.of(12), D, o));
    assertTrue(e.getMessage().startsWith("Learner meta-networks on examples of shape [12]"));
  }
}
