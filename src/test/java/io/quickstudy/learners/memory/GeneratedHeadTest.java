package io.quickstudy.learners.memory;

import static io.quickstudy.graph.Ops.*;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.quickstudy.graph.DType;
import io.quickstudy.graph.Shape;
import io.quickstudy.graph.Tensor;
import io.quickstudy.nn.Init;
import io.quickstudy.nn.Mlp;
import io.quickstudy.nn.Norm;
import io.quickstudy.random.RandomStream;
import io.quickstudy.random.RandomUse;
import io.quickstudy.reference.Reference;
import io.quickstudy.task.Batch;
import io.quickstudy.task.Task;
import io.quickstudy.transform.Params;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** phi = [h, theta_p] in plain Java. */
class GeneratedHeadTest {
  private static final int WAYS = 3;
  private static final int D = 4;
  private static final int STATE = 3;
  private static final double CLOSE = 1e-11;
  private static final Mlp EMBED = new Mlp(List.of(5, 6, 7));

  private static Tensor values(long stream, int... shape) {
    Shape s = Shape.of(shape);
    RandomStream r = new RandomStream(23, RandomUse.PARAMETERS, stream);
    double[] x = new double[s.size()];
    Arrays.setAll(x, i -> 2 * r.nextDouble() - 1);
    return literal(s, x);
  }

  private static Tensor labels(int... y) {
    return literal(DType.I32, Shape.of(y.length), Arrays.stream(y).asDoubleStream().toArray());
  }

  private static GeneratedHead learner(GeneratedHead.Head head, int ways) {
    GeneratedHead.Options o = new GeneratedHead.Options(D, STATE, head, 6, WAYS);
    return new GeneratedHead(EMBED, ways, o, Norm.Policy.NONE);
  }

  /** With biases that are not 0. */
  private static Params theta(GeneratedHead l) {
    Params p = l.init(new Init(3));
    long stream = 100;
    for (String n : p.names()) {
      if (n.endsWith("bias")) {
        p = p.with(n, values(stream++, p.get(n).shape().dims()));
      }
    }
    return p;
  }

  private static double[][] rows(Tensor t) {
    double[] v = Reference.eval(t);
    int d = t.dim(1);
    double[][] rows = new double[t.dim(0)][];
    Arrays.setAll(rows, i -> Arrays.copyOfRange(v, i * d, (i + 1) * d));
    return rows;
  }

  private static double[] affine(double[] x, Params p, String name) {
    double[][] w = rows(p.get(name + ".weight"));
    double[] y = Reference.eval(p.get(name + ".bias"));
    for (int k = 0; k < y.length; k++) {
      for (int i = 0; i < x.length; i++) {
        y[k] += x[i] * w[i][k];
      }
    }
    return y;
  }

  private static double[] joined(double[] a, double[] b) {
    double[] c = Arrays.copyOf(a, a.length + b.length);
    System.arraycopy(b, 0, c, a.length, b.length);
    return c;
  }

  private static double[][] embedded(Params p, Tensor x) {
    double[][] z = rows(EMBED.apply(p, x, Norm.batch()));
    double[][] out = new double[z.length][];
    Arrays.setAll(out, i -> affine(z[i], p, "features"));
    return out;
  }

  private static double sigma(double v) {
    return 1 / (1 + Math.exp(-v));
  }

  /** The LSTM's last state: gates in the order input, forget, cell, output. */
  private static double[] state(Params p, double[][] z, int[] y) {
    double[][] in = rows(p.get("lstm.weight_ih"));
    double[][] back = rows(p.get("lstm.weight_hh"));
    double[] h = new double[STATE];
    double[] c = new double[STATE];
    for (int t = 0; t < z.length; t++) {
      double[] label = new double[WAYS];
      label[y[t]] = 1;
      double[] x = joined(z[t], label);
      double[] g = Reference.eval(p.get("lstm.bias"));
      for (int k = 0; k < g.length; k++) {
        for (int i = 0; i < x.length; i++) {
          g[k] += x[i] * in[i][k];
        }
        for (int i = 0; i < STATE; i++) {
          g[k] += h[i] * back[i][k];
        }
      }
      for (int k = 0; k < STATE; k++) {
        c[k] = sigma(g[STATE + k]) * c[k] + sigma(g[k]) * Math.tanh(g[2 * STATE + k]);
      }
      for (int k = 0; k < STATE; k++) {
        h[k] = sigma(g[3 * STATE + k]) * Math.tanh(c[k]);
      }
    }
    return h;
  }

  private static double[] answer(GeneratedHead.Head head, Params p, double[] h, double[] z) {
    return switch (head) {
      case BESIDE -> {
        double[] a = affine(joined(h, z), p, "head1");
        yield affine(Arrays.stream(a).map(v -> Math.max(v, 0)).toArray(), p, "head2");
      }
      case LINEAR -> {
        double[] made = affine(h, p, "head");
        double[] y = new double[WAYS];
        for (int k = 0; k < WAYS; k++) {
          y[k] = made[D * WAYS + k];
          for (int i = 0; i < D; i++) {
            y[k] += z[i] * made[i * WAYS + k];
          }
        }
        yield y;
      }
    };
  }

  @ParameterizedTest
  @EnumSource
  void theStateAndThetaPAreTheClassifierOfAllQueries(GeneratedHead.Head head) {
    GeneratedHead l = learner(head, WAYS);
    Params p = theta(l);
    int[] few = {2, 0, 1, 0};
    int[] many = new int[70]; // so many that they are read in a loop
    Arrays.setAll(many, i -> i % WAYS);
    for (int[] y : List.of(few, many)) {
      Tensor x = values(1, y.length, 5);
      Tensor q = values(2, 5, 5);
      double[] h = state(p, embedded(p, x), y);
      Batch support = new Batch(x, labels(y));
      assertArrayEquals(h, Reference.eval(l.adapt(p, support).get(GeneratedHead.STATE)), CLOSE);
      double[][] found = rows(l.predict(p, support, q));
      double[][] z = embedded(p, q);
      for (int i = 0; i < z.length; i++) {
        assertArrayEquals(answer(head, p, h, z[i]), found[i], CLOSE, "query " + i);
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void anEpisodeOfTwoTasksIsBoth(GeneratedHead.Head head) {
    GeneratedHead one = learner(head, WAYS);
    Params p = theta(one);
    Tensor x = values(3, 6, 5);
    Tensor q = values(4, 6, 5);
    Tensor first = labels(1, 0, 2);
    double a = loss(one, p, slice(x, 0, 0, 3), first, slice(q, 0, 0, 3), first);
    double b = loss(one, p, slice(x, 0, 3, 6), first, slice(q, 0, 3, 6), first);
    Tensor all = labels(1, 0, 2, 4, 3, 5);
    double both = loss(learner(head, 2 * WAYS), p, x, all, q, all);
    assertEquals((a + b) / 2, both, CLOSE);
  }

  private static double loss(GeneratedHead l, Params p, Tensor x, Tensor s, Tensor q, Tensor y) {
    return Reference.eval(l.loss(p, new Task(new Batch(x, s), new Batch(q, y))).loss())[0];
  }

  @Test
  void atFirstALabelMovesGatesAsStronglyAsAnImage() {
    GeneratedHead.Options o = new GeneratedHead.Options(64, 64, GeneratedHead.Head.BESIDE, 8, WAYS);
    Params p = new GeneratedHead(EMBED, WAYS, o, Norm.Policy.NONE).init(new Init(1));
    double[][] in = rows(p.get("lstm.weight_ih"));
    double image = 0;
    double label = 0;
    for (int k = 0; k < 4 * 64; k++) {
      for (int i = 0; i < 64; i++) {
        image += in[i][k] * in[i][k] / (4 * 64); // of an image of 64 numbers of variance 1
      }
      label += in[64][k] * in[64][k] / (4 * 64);
    }
    assertEquals(1, image, 0.1);
    assertEquals(1, label, 0.2);
    assertTrue(in[64 + WAYS - 1][0] != in[64][0], "labels differ");
  }

  @Test
  void classesThatAreNoWholeNumberOfTasksAreRefused() {
    Exception e =
        assertThrows(
            IllegalArgumentException.class, () -> learner(GeneratedHead.Head.BESIDE, WAYS + 2));
    assertEquals(
        "Option --task-ways is 3, and tasks have 5 classes: expected as many, or several times as"
            + " many in training; change --task-ways, for which generated-head is trained anew, or"
            + " the tasks.",
        e.getMessage());
  }
}
