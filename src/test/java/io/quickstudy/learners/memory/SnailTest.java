package io.quickstudy.learners.memory;

import static io.quickstudy.graph.Ops.*;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.quickstudy.functions.Normalisation;
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
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** SNAIL against its paper's pseudo-code in plain Java, one whole sequence for each query. */
class SnailTest {
  private static final int WAYS = 3;
  private static final int D = 4;
  private static final int EMBEDDING = 3;
  private static final double CLOSE = 1e-11;
  private static final Mlp EMBED = new Mlp(List.of(5, 6, 4));

  private static double[] numbers(int n, long stream) {
    RandomStream r = new RandomStream(17, RandomUse.PARAMETERS, stream);
    double[] x = new double[n];
    Arrays.setAll(x, i -> 2 * r.nextDouble() - 1);
    return x;
  }

  private static Tensor values(long stream, int... shape) {
    Shape s = Shape.of(shape);
    return literal(s, numbers(s.size(), stream));
  }

  private static Tensor labels(double... y) {
    return literal(DType.I32, Shape.of(y.length), y);
  }

  private static Snail snail(int ways) {
    return snail(ways, Norm.Policy.NONE);
  }

  private static Snail snail(int ways, Norm.Policy norm) {
    Snail.Options o = new Snail.Options(EMBEDDING, D, 6, WAYS);
    return new Snail(EMBED, ways, o, norm);
  }

  /** With biases that are not 0. */
  private static Params theta(Snail l) {
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

  private static double[] joined(double[] a, double[] b) {
    double[] c = Arrays.copyOf(a, a.length + b.length);
    System.arraycopy(b, 0, c, a.length, b.length);
    return c;
  }

  private static double[] affine(double[] x, double[][] w, double[] b) {
    double[] y = b.clone();
    for (int k = 0; k < y.length; k++) {
      for (int i = 0; i < x.length; i++) {
        y[k] += x[i] * w[i][k];
      }
    }
    return y;
  }

  private static double[] affine(double[] x, Params p, String name) {
    return affine(x, rows(p.get(name + ".weight")), Reference.eval(p.get(name + ".bias")));
  }

  /** DenseBlock: lines 2 to 4. */
  private static double[][] dense(double[][] in, Params p, int rate) {
    double[][] before = rows(at(p.get("weight"), 0, 0));
    double[][] now = rows(at(p.get("weight"), 0, 1));
    double[] bias = Reference.eval(p.get("bias"));
    double[][] out = new double[in.length][];
    for (int t = 0; t < in.length; t++) {
      double[] z = affine(in[t], now, bias);
      if (t >= rate) {
        z = affine(in[t - rate], before, z);
      }
      double[] made = new double[D];
      for (int k = 0; k < D; k++) {
        made[k] = Math.tanh(z[k]) / (1 + Math.exp(-z[D + k]));
      }
      out[t] = joined(in[t], made);
    }
    return out;
  }

  /** AttentionBlock: lines 2 to 7. */
  private static double[][] attention(double[][] in, Params p, int keys) {
    double[][] out = new double[in.length][];
    for (int t = 0; t < in.length; t++) {
      double[] q = affine(in[t], p, "query");
      double[] e = new double[t + 1];
      double sum = 0;
      for (int s = 0; s <= t; s++) {
        double[] k = affine(in[s], p, "key");
        double logit = 0;
        for (int i = 0; i < keys; i++) {
          logit += q[i] * k[i];
        }
        e[s] = Math.exp(logit / Math.sqrt(keys));
        sum += e[s];
      }
      double[] read = new double[keys / 2];
      for (int s = 0; s <= t; s++) {
        double[] v = affine(in[s], p, "value");
        for (int i = 0; i < read.length; i++) {
          read[i] += e[s] / sum * v[i];
        }
      }
      out[t] = joined(in[t], read);
    }
    return out;
  }

  /** The answer at the last step. */
  private static double[] answer(Params p, double[][] support, int[] y, double[] query) {
    double[][] s = new double[support.length + 1][];
    for (int t = 0; t < s.length; t++) {
      double[] label = new double[WAYS];
      if (t < y.length) {
        label[y[t]] = 1;
      }
      s[t] = joined(t < y.length ? support[t] : query, label);
    }
    int[] keys = {D / 2, 2 * D, 4 * D};
    for (int i = 1; i <= 3; i++) {
      s = attention(s, p.sub("attention" + i), keys[i - 1]);
      for (int j = 1; i < 3 && j <= 3; j++) { // T = 6, of which the logarithm is between 2 and 3
        s = dense(s, p.sub("tc" + i + ".dense" + j), (int) Math.pow(2, j));
      }
    }
    return affine(s[s.length - 1], p, "classifier");
  }

  @Test
  void itIsThePapersPseudoCode() {
    Snail l = snail(WAYS);
    Params p = theta(l);
    Tensor x = values(1, 5, 5);
    Tensor q = values(2, 4, 5);
    int[] y = {2, 0, 1, 0, 2};
    double[][] found = rows(l.predict(p, new Batch(x, labels(2, 0, 1, 0, 2)), q));
    double[][] support = embedded(p, x);
    double[][] queries = embedded(p, q);
    for (int i = 0; i < queries.length; i++) {
      assertArrayEquals(answer(p, support, y, queries[i]), found[i], CLOSE, "query " + i);
    }
  }

  private static double[][] embedded(Params p, Tensor x) {
    double[][] z = rows(EMBED.apply(p, x, Norm.batch()));
    double[][] out = new double[z.length][];
    Arrays.setAll(out, i -> affine(z[i], p, "features"));
    return out;
  }

  /** Less the support set's mean, over the root of its mean variance; queries likewise. */
  @Test
  void featuresAreStandardisedByTheSupportSet() {
    Snail l = snail(WAYS, Norm.Policy.SUPPORT);
    Params p = theta(l);
    Tensor x = values(1, 5, 5);
    Tensor q = values(2, 4, 5);
    int[] y = {2, 0, 1, 0, 2};
    double[][] support = embedded(p, x);
    double[] mean = new double[EMBEDDING];
    for (double[] z : support) {
      Arrays.setAll(mean, i -> mean[i] + z[i] / support.length);
    }
    double variance = 0;
    for (double[] z : support) {
      for (int i = 0; i < EMBEDDING; i++) {
        variance += (z[i] - mean[i]) * (z[i] - mean[i]) / (support.length * EMBEDDING);
      }
    }
    double deviation = Math.sqrt(variance + Normalisation.EPSILON);
    double[][] found = rows(l.predict(p, new Batch(x, labels(2, 0, 1, 0, 2)), q));
    double[][] queries = standardised(embedded(p, q), mean, deviation);
    for (int i = 0; i < queries.length; i++) {
      double[] expected = answer(p, standardised(support, mean, deviation), y, queries[i]);
      assertArrayEquals(expected, found[i], CLOSE, "query " + i);
    }
  }

  private static double[][] standardised(double[][] z, double[] mean, double deviation) {
    double[][] out = new double[z.length][EMBEDDING];
    for (int t = 0; t < z.length; t++) {
      for (int i = 0; i < EMBEDDING; i++) {
        out[t][i] = (z[t][i] - mean[i]) / deviation;
      }
    }
    return out;
  }

  @Test
  void sequencesShorterThanADilationAndLongerThanTAreTaken() {
    Snail l = snail(WAYS);
    Params p = theta(l);
    for (int n : new int[] {1, 11}) {
      double[] y = new double[n];
      Arrays.setAll(y, i -> i % WAYS);
      Tensor x = values(3, n, 5);
      Tensor q = values(4, 1, 5);
      double[] found = Reference.eval(l.predict(p, new Batch(x, labels(y)), q));
      int[] label = Arrays.stream(y).mapToInt(v -> (int) v).toArray();
      assertArrayEquals(answer(p, embedded(p, x), label, embedded(p, q)[0]), found, CLOSE);
    }
  }

  @Test
  void anEpisodeOfTwoTasksIsBoth() {
    Snail one = snail(WAYS);
    Snail two = snail(2 * WAYS);
    Params p = theta(one);
    // in an order of their own, as a shuffled support set has it
    int[] support = {4, 0, 3, 2, 5, 1};
    int[] query = {1, 5, 4, 2, 0, 3, 3, 2, 1, 0, 5, 4};
    Tensor x = values(5, 6, 5);
    Tensor q = values(6, 12, 5);
    double both = loss(two, p, x, support, q, query);
    double first = loss(one, p, x, support, q, query, 0);
    double second = loss(one, p, x, support, q, query, WAYS);
    assertEquals((first + second) / 2, both, CLOSE);
  }

  private static double loss(Snail l, Params p, Tensor x, int[] s, Tensor q, int[] y) {
    Task task = new Task(new Batch(x, labels(doubles(s))), new Batch(q, labels(doubles(y))));
    return Reference.eval(l.loss(p, task).loss())[0];
  }

  /** Of the examples whose labels are of the task that begins with a class. */
  private static double loss(
      Snail l, Params p, Tensor x, int[] s, Tensor q, int[] y, int firstClass) {
    return loss(
        l, p, of(x, s, firstClass), kept(s, firstClass), of(q, y, firstClass), kept(y, firstClass));
  }

  private static boolean in(int label, int first) {
    return label >= first && label < first + WAYS;
  }

  private static int[] kept(int[] labels, int first) {
    return Arrays.stream(labels).filter(v -> in(v, first)).map(v -> v - first).toArray();
  }

  private static Tensor of(Tensor x, int[] labels, int first) {
    double[] rows =
        IntStream.range(0, labels.length)
            .filter(i -> in(labels[i], first))
            .asDoubleStream()
            .toArray();
    return gather(x, labels(rows), 0);
  }

  private static double[] doubles(int[] v) {
    return Arrays.stream(v).asDoubleStream().toArray();
  }

  @Test
  void classesThatAreNoWholeNumberOfTasksAreRefused() {
    Exception e = assertThrows(IllegalArgumentException.class, () -> snail(WAYS + 1));
    assertEquals(
        "Option --task-ways is 3, and tasks have 4 classes: expected as many, or several times as"
            + " many in training; change --task-ways, for which snail is trained anew, or the"
            + " tasks.",
        e.getMessage());
    Batch support = new Batch(values(7, 6, 5), labels(0, 1, 2, 3, 4, 5));
    Snail two = snail(2 * WAYS);
    Params p = theta(two);
    Exception f = assertThrows(IllegalArgumentException.class, () -> two.adapt(p, support));
    assertEquals(
        "Tasks of 6 classes for snail: expected 3, as it has outputs (--task-ways); take as many,"
            + " or train with others.",
        f.getMessage());
  }
}
