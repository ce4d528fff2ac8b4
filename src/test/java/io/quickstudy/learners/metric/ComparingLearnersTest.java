package io.quickstudy.learners.metric;

import static io.quickstudy.graph.Ops.*;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.quickstudy.functions.Losses;
import io.quickstudy.graph.DType;
import io.quickstudy.graph.Shape;
import io.quickstudy.graph.Tensor;
import io.quickstudy.graph.Window;
import io.quickstudy.nn.ConvNet;
import io.quickstudy.nn.FeatureScale;
import io.quickstudy.nn.Init;
import io.quickstudy.nn.Mlp;
import io.quickstudy.nn.Norm;
import io.quickstudy.random.RandomStream;
import io.quickstudy.random.RandomUse;
import io.quickstudy.reference.Reference;
import io.quickstudy.task.Batch;
import io.quickstudy.task.Task;
import io.quickstudy.transform.Params;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Learners that compare, against the equations of their papers in plain Java. */
class ComparingLearnersTest {
  private static final int WAYS = 3;
  private static final int D = 4;
  private static final double CLOSE = 1e-11;

  private static final Mlp EMBED = new Mlp(List.of(5, 6, D));

  private static double[] numbers(int n, long stream) {
    RandomStream r = new RandomStream(11, RandomUse.PARAMETERS, stream);
    double[] x = new double[n];
    for (int i = 0; i < n; i++) {
      x[i] = 2 * r.nextDouble() - 1;
    }
    return x;
  }

  private static Tensor values(long stream, int... shape) {
    Shape s = Shape.of(shape);
    return literal(s, numbers(s.size(), stream));
  }

  private static Tensor labels(double... y) {
    return literal(DType.I32, Shape.of(y.length), y);
  }

  private static double[] value(Tensor t) {
    return Reference.eval(t);
  }

  private static double[][] rows(Tensor t) {
    double[] v = value(t);
    int d = t.dim(1);
    double[][] rows = new double[t.dim(0)][];
    for (int i = 0; i < rows.length; i++) {
      rows[i] = Arrays.copyOfRange(v, i * d, (i + 1) * d);
    }
    return rows;
  }

  private static Matching matching(Matching.Context context, int reads, double scale) {
    return new Matching(EMBED, WAYS, new Matching.Options(context, reads, scale), Norm.Policy.NONE);
  }

  private static double dotted(double[] a, double[] b) {
    double s = 0;
    for (int i = 0; i < a.length; i++) {
      s += a[i] * b[i];
    }
    return s;
  }

  private static double[] softmax(double[] z) {
    double sum = Arrays.stream(z).map(Math::exp).sum();
    return Arrays.stream(z).map(v -> Math.exp(v) / sum).toArray();
  }

  /** Equation 1: the sum of the labels by attention. */
  private static double[][] attended(double[][] f, double[][] g, int[] y, double scale) {
    double[][] p = new double[f.length][WAYS];
    for (int i = 0; i < f.length; i++) {
      double[] c = new double[g.length];
      for (int j = 0; j < g.length; j++) {
        c[j] = scale * dotted(f[i], g[j]) / Math.sqrt(dotted(f[i], f[i]) * dotted(g[j], g[j]));
      }
      double[] a = softmax(c);
      for (int j = 0; j < g.length; j++) {
        p[i][y[j]] += a[j];
      }
    }
    return p;
  }

  private static void predicts(double[][] expected, Tensor logits) {
    double[][] found = rows(Losses.softmax(logits));
    for (int i = 0; i < expected.length; i++) {
      assertArrayEquals(expected[i], found[i], CLOSE, "query " + i);
    }
  }

  @Test
  void matchingSumsLabelsByAttention() {
    Matching m = matching(Matching.Context.NONE, 1, 7);
    Params theta = m.init(new Init(3));
    Tensor x = values(1, 5, 5);
    Tensor q = values(2, 2, 5);
    Tensor y = labels(2, 0, 1, 0, 0); // unequal shots
    double[][] f = rows(EMBED.apply(theta, q, Norm.batch()));
    double[][] g = rows(EMBED.apply(theta, x, Norm.batch()));
    predicts(attended(f, g, new int[] {2, 0, 1, 0, 0}, 7), m.predict(theta, new Batch(x, y), q));
  }

  /** One LSTM step in plain Java: gates in the order input, forget, cell, output. */
  private static double[][] lstm(Params p, double[] x, double[] recurrent, double[] c) {
    double[][] in = rows(p.get("weight_ih"));
    double[][] back = rows(p.get("weight_hh"));
    double[] z = value(p.get("bias"));
    for (int k = 0; k < 4 * D; k++) {
      for (int i = 0; i < x.length; i++) {
        z[k] += x[i] * in[i][k];
      }
      for (int i = 0; i < recurrent.length; i++) {
        z[k] += recurrent[i] * back[i][k];
      }
    }
    double[] h = new double[D];
    double[] next = new double[D];
    for (int k = 0; k < D; k++) {
      next[k] = sigma(z[D + k]) * c[k] + sigma(z[k]) * Math.tanh(z[2 * D + k]);
      h[k] = sigma(z[3 * D + k]) * Math.tanh(next[k]);
    }
    return new double[][] {h, next};
  }

  private static double sigma(double v) {
    return 1 / (1 + Math.exp(-v));
  }

  private static double[] plus(double[] a, double[] b) {
    double[] s = a.clone();
    for (int i = 0; i < s.length; i++) {
      s[i] += b[i];
    }
    return s;
  }

  /** g(x_i, S) of appendix A.2. */
  private static double[][] inContext(Params theta, double[][] embedded) {
    int n = embedded.length;
    double[][] g = embedded.clone();
    for (boolean backward : new boolean[] {false, true}) {
      Params p = theta.sub(backward ? "backward" : "forward");
      double[][] s = {new double[D], new double[D]};
      for (int i = 0; i < n; i++) {
        int at = backward ? n - 1 - i : i;
        s = lstm(p, embedded[at], s[0], s[1]);
        g[at] = plus(g[at], s[0]);
      }
    }
    return g;
  }

  /** f(x, S) of appendix A.1. */
  private static double[] read(Params theta, double[] embedded, double[][] g, int reads) {
    double[] h = embedded;
    double[] c = new double[D];
    for (int k = 0; k < reads; k++) {
      double[] by = h;
      double[] a = softmax(Arrays.stream(g).mapToDouble(v -> dotted(by, v)).toArray());
      double[] recurrent = Arrays.copyOf(h, 2 * D);
      for (int j = 0; j < g.length; j++) {
        for (int i = 0; i < D; i++) {
          recurrent[D + i] += a[j] * g[j][i];
        }
      }
      double[][] s = lstm(theta.sub("read"), embedded, recurrent, c);
      h = plus(s[0], embedded);
      c = s[1];
    }
    return h;
  }

  @Test
  void fullContextFollowsTheAppendix() {
    Matching m = matching(Matching.Context.FULL, 3, 4);
    Params theta = m.init(new Init(5));
    Tensor x = values(3, 4, 5);
    Tensor q = values(4, 2, 5);
    double[][] g = inContext(theta, rows(EMBED.apply(theta, x, Norm.batch())));
    double[][] f = rows(EMBED.apply(theta, q, Norm.batch()));
    for (int i = 0; i < f.length; i++) {
      f[i] = read(theta, f[i], g, 3);
    }
    predicts(
        attended(f, g, new int[] {0, 1, 2, 1}, 4),
        m.predict(theta, new Batch(x, labels(0, 1, 2, 1)), q));
  }

  private static Tensor taken(Tensor x, int... rows) {
    List<Tensor> parts = new ArrayList<>();
    for (int r : rows) {
      parts.add(slice(x, 0, r, r + 1));
    }
    return concatenate(0, parts);
  }

  @Test
  void onlyFullContextDependsOnTheOrderOfTheSupportSet() {
    Tensor x = values(5, 4, 5);
    Tensor q = values(6, 3, 5);
    for (Matching.Context context : Matching.Context.values()) {
      Matching m = matching(context, 2, 5);
      Params theta = m.init(new Init(7));
      double[] one = value(m.predict(theta, new Batch(x, labels(0, 1, 2, 1)), q));
      Batch turned = new Batch(taken(x, 3, 1, 0, 2), labels(1, 1, 0, 2));
      double[] other = value(m.predict(theta, turned, q));
      double far = 0;
      for (int i = 0; i < one.length; i++) {
        far = Math.max(far, Math.abs(one[i] - other[i]));
      }
      if (context == Matching.Context.NONE) {
        assertEquals(0, far, CLOSE);
      } else {
        assertTrue(far > 1e-6, "the LSTM over the support set has an order: " + far);
      }
      // a query is answered alone, whatever others are asked
      double[] alone = value(m.predict(theta, new Batch(x, labels(0, 1, 2, 1)), taken(q, 1)));
      assertArrayEquals(Arrays.copyOfRange(one, WAYS, 2 * WAYS), alone, CLOSE);
    }
  }

  /** The module on concatenated maps, as equation 1 writes it. */
  @Test
  void relationsAreOfConcatenatedMaps() {
    ConvNet f =
        new ConvNet(
            8, 8, 1, 3, 2, ConvNet.Down.MAX_POOL, 1, ConvNet.Head.FLATTEN, FeatureScale.RAW);
    Relation learner = new Relation(f, WAYS, 5, Norm.Policy.RUNNING);
    Params theta = learner.init(new Init(9));
    Tensor x = values(7, 4, 8, 8, 1);
    Tensor q = values(8, 2, 8, 8, 1);
    double[] found = value(learner.predict(theta, new Batch(x, labels(0, 1, 2, 1)), q));

    Params g = theta.sub("relation");
    Norm running = Norm.given(theta);
    Tensor support = reshape(f.apply(theta, x, running), Shape.of(4, 4, 4, 3));
    Tensor queries = reshape(f.apply(theta, q, running), Shape.of(2, 4, 4, 3));
    Tensor shared = add(at(support, 0, 1), at(support, 0, 3)); // the class of two shots
    List<Tensor> classes = List.of(at(support, 0, 0), shared, at(support, 0, 2));
    // before any training the running statistics are mean 0 and variance 1, gamma 1, beta 0
    double normalised = 1 / Math.sqrt(1 + 1e-5);
    for (int i = 0; i < 2; i++) {
      for (int j = 0; j < WAYS; j++) {
        Tensor pair = concatenate(2, classes.get(j), at(queries, 0, i));
        Tensor z = reshape(pair, Shape.of(1, 4, 4, 6));
        for (int block = 1; block <= 2; block++) {
          Tensor w = g.get("conv" + block + ".weight");
          z = scale(conv(z, w, Window.same(3, 1, z.dim(1), z.dim(2))), normalised);
          z = maxPool(Losses.relu(z), Window.square(2, 2, 0));
        }
        Tensor flat = reshape(z, Shape.of(1, 3));
        Tensor h = Losses.relu(add(dot(flat, g.get("layer1.weight")), g.get("layer1.bias")));
        Tensor r = add(dot(h, g.get("layer2.weight")), g.get("layer2.bias"));
        assertEquals(value(r)[0], found[i * WAYS + j], CLOSE, "query " + i + ", class " + j);
      }
    }
  }

  /** Without batch norm an episode of two tasks says of each what a graph of it alone says. */
  @Test
  void anEpisodeOfSeveralGraphsIsCut() {
    Mlp embed = new Mlp(List.of(5, 6, D));
    GraphNet.Options o = new GraphNet.Options(4, 6, 3, 2);
    GraphNet whole = new GraphNet(embed, 4, o, Norm.Policy.NONE);
    GraphNet one = new GraphNet(embed, 2, o, Norm.Policy.NONE);
    Params theta = whole.init(new Init(13));
    Tensor x = values(9, 8, 5);
    Tensor q = values(10, 4, 5);
    // in no order: classes 0 and 1 are the first task, 2 and 3 the second
    Task task =
        new Task(new Batch(x, labels(3, 0, 2, 1, 1, 3, 0, 2)), new Batch(q, labels(2, 1, 3, 0)));
    double[][] found = rows(whole.loss(theta, task).outputs());
    Batch first = new Batch(taken(x, 1, 6, 3, 4), labels(0, 0, 1, 1));
    Batch second = new Batch(taken(x, 2, 7, 0, 5), labels(0, 0, 1, 1));
    double[][] ofFirst = rows(one.predict(theta, first, taken(q, 1, 3)));
    double[][] ofSecond = rows(one.predict(theta, second, taken(q, 0, 2)));
    for (int i = 0; i < 2; i++) {
      assertArrayEquals(ofFirst[i], Arrays.copyOfRange(found[2 * i + 1], 0, 2), CLOSE);
      assertArrayEquals(ofSecond[i], Arrays.copyOfRange(found[2 * i], 2, 4), CLOSE);
      assertTrue(found[2 * i][0] < -1e6 && found[2 * i + 1][3] < -1e6, "of the other task");
    }
    String message =
        assertThrows(
                IllegalArgumentException.class, () -> new GraphNet(embed, 3, o, Norm.Policy.NONE))
            .getMessage();
    assertTrue(message.startsWith("Option --graph-ways is 2, and tasks have 3 classes"), message);
    assertThrows(IllegalArgumentException.class, () -> whole.predict(theta, task.support(), q));
  }
}
