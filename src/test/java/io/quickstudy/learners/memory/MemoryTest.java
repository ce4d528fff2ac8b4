package io.quickstudy.learners.memory;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.quickstudy.graph.DType;
import io.quickstudy.graph.Ops;
import io.quickstudy.graph.Shape;
import io.quickstudy.graph.Tensor;
import io.quickstudy.nn.ConvNet;
import io.quickstudy.nn.Init;
import io.quickstudy.nn.Model;
import io.quickstudy.nn.Norm;
import io.quickstudy.reference.Reference;
import io.quickstudy.task.Batch;
import io.quickstudy.task.Labelling;
import io.quickstudy.task.Sequence;
import io.quickstudy.task.Signal;
import io.quickstudy.transform.Params;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.stream.DoubleStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The outer memories against their papers' equations in plain Java, and what follows from them. */
class MemoryTest {
  private static final double EXACT = 1e-10;
  private static final int HIDDEN = 4;
  private static final int ROWS = 5;
  private static final int WIDTH = 3;
  private static final int IN = 2;
  private static final int STEPS = 4;

  /** Parameters as numbers. */
  private static double[] of(Params theta, String name) {
    return Reference.eval(theta.get(name));
  }

  /** Other numbers in place of those of init, large enough that every equation matters. */
  private static Params drawn(Params theta) {
    SplittableRandom r = new SplittableRandom(3);
    return theta.map(
        t ->
            Ops.literal(
                t.shape(),
                DoubleStream.generate(() -> 2 * r.nextDouble() - 1)
                    .limit(t.shape().size())
                    .toArray()));
  }

  private static double sigmoid(double x) {
    return 1 / (1 + Math.exp(-x));
  }

  private static double softplus(double x) {
    return Math.log(1 + Math.exp(x));
  }

  private static double[] softmax(double[] z) {
    double sum = Arrays.stream(z).map(Math::exp).sum();
    return Arrays.stream(z).map(v -> Math.exp(v) / sum).toArray();
  }

  /** x W + b, W row-major. */
  private static double[] affine(double[] x, double[] w, double[] b) {
    double[] y = b.clone();
    for (int i = 0; i < x.length; i++) {
      for (int j = 0; j < y.length; j++) {
        y[j] += x[i] * w[i * y.length + j];
      }
    }
    return y;
  }

  private static double[] joined(double[]... parts) {
    return Arrays.stream(parts).flatMapToDouble(Arrays::stream).toArray();
  }

  private static double cosine(double[] k, double[] row) {
    double dot = 0;
    double kk = 0;
    double rr = 0;
    for (int i = 0; i < k.length; i++) {
      dot += k[i] * row[i];
      kk += k[i] * k[i];
      rr += row[i] * row[i];
    }
    return dot / Math.sqrt(Math.max(kk, 1e-12)) / Math.sqrt(Math.max(rr, 1e-12));
  }

  /** One step of an LSTM: h and c are changed. */
  private static void lstm(Params p, double[] x, double[] h, double[] c) {
    double[] z = affine(x, of(p, "weight_ih"), of(p, "bias"));
    double[] ofState = affine(h, of(p, "weight_hh"), new double[4 * HIDDEN]);
    for (int i = 0; i < HIDDEN; i++) {
      double in = sigmoid(z[i] + ofState[i]);
      double forget = sigmoid(z[HIDDEN + i] + ofState[HIDDEN + i]);
      double cell = Math.tanh(z[2 * HIDDEN + i] + ofState[2 * HIDDEN + i]);
      double out = sigmoid(z[3 * HIDDEN + i] + ofState[3 * HIDDEN + i]);
      c[i] = forget * c[i] + in * cell;
      h[i] = out * Math.tanh(c[i]);
    }
  }

  private static double[][] empty() {
    double[][] m = new double[ROWS][WIDTH];
    Arrays.stream(m).forEach(row -> Arrays.fill(row, 1e-6));
    return m;
  }

  private static double[] read(double[] w, double[][] m) {
    double[] r = new double[WIDTH];
    for (int i = 0; i < ROWS; i++) {
      for (int j = 0; j < WIDTH; j++) {
        r[j] += w[i] * m[i][j];
      }
    }
    return r;
  }

  private static final double[] INPUTS = {0.3, -0.8, 1, 0.5, -0.4, 0.9, 0.1, -1};

  private static Signal signal(int out) {
    return new Signal(
        Ops.literal(Shape.of(STEPS, IN), INPUTS),
        Ops.fill(0, Shape.of(STEPS, out)),
        Ops.fill(1, Shape.of(STEPS)));
  }

  private static double[] input(int t) {
    return Arrays.copyOfRange(INPUTS, t * IN, (t + 1) * IN);
  }

  private static NeuralTuringMachine ntm(Controller.Kind kind, int heads) {
    return new NeuralTuringMachine(
        new Timeline(Shape.of(IN), 2, false),
        new NeuralTuringMachine.Options(kind, HIDDEN, ROWS, WIDTH, heads, heads, 1));
  }

  /** A weighting by (5) to (9). */
  private static double[] weighting(double[] emitted, double[] before, double[][] m) {
    double[] k = new double[WIDTH];
    for (int j = 0; j < WIDTH; j++) {
      k[j] = Math.tanh(emitted[j]);
    }
    double beta = softplus(emitted[WIDTH]);
    double g = sigmoid(emitted[WIDTH + 1]);
    double gamma = 1 + softplus(emitted[WIDTH + 2]);
    double[] s = softmax(Arrays.copyOfRange(emitted, WIDTH + 3, WIDTH + 6)); // -1, 0, 1
    double[] content =
        softmax(Arrays.stream(m).mapToDouble(row -> beta * cosine(k, row)).toArray());
    double[] w = new double[ROWS];
    for (int i = 0; i < ROWS; i++) {
      for (int j = 0; j < ROWS; j++) {
        int by = Math.floorMod(i - j, ROWS);
        double shift = by == 0 ? s[1] : by == 1 ? s[2] : by == ROWS - 1 ? s[0] : 0;
        w[i] += (g * content[j] + (1 - g) * before[j]) * shift;
      }
    }
    double[] sharp = Arrays.stream(w).map(v -> Math.pow(v, gamma)).toArray();
    double sum = Arrays.stream(sharp).sum();
    return Arrays.stream(sharp).map(v -> v / sum).toArray();
  }

  @Test
  void aTuringMachineIsThatOfItsPaper() {
    NeuralTuringMachine f = ntm(Controller.Kind.LSTM, 1);
    Params theta = drawn(f.init(new Init(1)));
    double[] h = new double[HIDDEN];
    double[] c = new double[HIDDEN];
    double[] r = Arrays.stream(of(theta, "start.reads")).map(Math::tanh).toArray();
    double[] wr = softmax(of(theta, "start.read"));
    double[] ww = softmax(of(theta, "start.write"));
    double[][] m = empty();
    double[] expected = {};
    for (int t = 0; t < STEPS; t++) {
      lstm(theta.sub("controller"), joined(input(t), r), h, c);
      double[] reader = affine(h, of(theta, "read.weight"), of(theta, "read.bias"));
      double[] writer = affine(h, of(theta, "write.weight"), of(theta, "write.bias"));
      wr = weighting(reader, wr, m);
      ww = weighting(writer, ww, m);
      int from = WIDTH + 6;
      for (int i = 0; i < ROWS; i++) {
        for (int j = 0; j < WIDTH; j++) {
          double erase = sigmoid(writer[from + j]);
          double add = Math.tanh(writer[from + WIDTH + j]);
          m[i][j] = m[i][j] * (1 - ww[i] * erase) + ww[i] * add;
        }
      }
      r = read(wr, m);
      double[] y = affine(joined(h, r), of(theta, "out.weight"), of(theta, "out.bias"));
      expected = joined(expected, y);
    }
    assertArrayEquals(expected, Reference.eval(f.outputs(theta, signal(2))), EXACT);
    Params seen = f.weightings(theta, signal(2));
    double[] last = Reference.eval(Ops.at(seen.get("write"), 0, STEPS - 1));
    assertArrayEquals(ww, last, EXACT);
    double[] reads = Reference.eval(Ops.at(seen.get("read"), 0, STEPS - 1));
    assertArrayEquals(wr, reads, EXACT);
  }

  @Test
  void weightingsOfAllHeadsAddUpToOne() {
    NeuralTuringMachine f = ntm(Controller.Kind.FEED_FORWARD, 2);
    Params seen = f.weightings(drawn(f.init(new Init(1))), signal(2));
    for (String name : seen.names()) {
      assertEquals(Shape.of(STEPS, 2, ROWS), seen.get(name).shape());
      double[] sums = Reference.eval(Ops.sum(seen.get(name), java.util.List.of(2)));
      for (double sum : sums) {
        assertEquals(1, sum, EXACT);
      }
    }
  }

  private static Mann mann(int heads, Mann.Strength strength, Mann.Written written) {
    return new Mann(
        new Timeline(Shape.of(IN), 2, false),
        new Mann.Options(HIDDEN, ROWS, WIDTH, heads, 0.9, strength, written));
  }

  @ParameterizedTest
  @CsvSource({
    "PLAIN, KEY",
    "EMITTED, KEY",
    "PLAIN, OWN",
    "EMITTED, OWN",
    "PLAIN, PAIR",
    "EMITTED, PAIR"
  })
  void leastRecentlyUsedAccessIsThatOfItsPaper(Mann.Strength strength, Mann.Written written) {
    int n = 2;
    Mann f = mann(n, strength, written);
    Params theta = drawn(f.init(new Init(1)));
    double[] h = new double[HIDDEN];
    double[] c = new double[HIDDEN];
    double[] r = new double[n * WIDTH];
    double[] used = new double[ROWS];
    double[][] wr = new double[n][ROWS];
    double[][] m = empty();
    double[] asked = new double[n * WIDTH];
    double[] expected = {};
    for (int t = 0; t < STEPS; t++) {
      lstm(theta.sub("controller"), joined(input(t), r), h, c);
      double[] k = affine(h, of(theta, "key.weight"), of(theta, "key.bias"));
      double[] added =
          written == Mann.Written.KEY
              ? k
              : affine(h, of(theta, "add.weight"), of(theta, "add.bias"));
      double[] alpha = affine(h, of(theta, "alpha.weight"), of(theta, "alpha.bias"));
      Integer[] order = {0, 1, 2, 3, 4};
      double[] before = used.clone();
      Arrays.sort(order, (a, b) -> Double.compare(before[a] + 1e-6 * a, before[b] + 1e-6 * b));
      double[][] ww = new double[n][ROWS];
      for (int head = 0; head < n; head++) {
        for (int i = 0; i < ROWS; i++) {
          double least = i == order[head] ? 1 : 0;
          double gate = sigmoid(alpha[head]);
          ww[head][i] = gate * wr[head][i] + (1 - gate) * least;
        }
      }
      Arrays.fill(m[order[0]], 0);
      for (int i = 0; i < ROWS; i++) {
        used[i] *= 0.9;
        for (int head = 0; head < n; head++) {
          used[i] += ww[head][i];
          for (int j = 0; j < WIDTH; j++) {
            int at = head * WIDTH + j;
            double paired = written == Mann.Written.PAIR ? asked[at] : 0;
            m[i][j] += ww[head][i] * (paired + Math.tanh(added[at]));
          }
        }
      }
      r = new double[0];
      for (int head = 0; head < n; head++) {
        double[] key = new double[WIDTH];
        for (int j = 0; j < WIDTH; j++) {
          key[j] = Math.tanh(k[head * WIDTH + j]);
        }
        double beta = 1;
        if (strength == Mann.Strength.EMITTED) {
          double[] z = affine(h, of(theta, "strength.weight"), of(theta, "strength.bias"));
          beta = softplus(z[head]);
        }
        double times = beta;
        wr[head] = softmax(Arrays.stream(m).mapToDouble(row -> times * cosine(key, row)).toArray());
        for (int i = 0; i < ROWS; i++) {
          used[i] += wr[head][i];
        }
        r = joined(r, read(wr[head], m));
      }
      asked = Arrays.stream(k).map(Math::tanh).toArray();
      double[] y =
          affine(joined(h, r), of(theta, "classifier.weight"), of(theta, "classifier.bias"));
      expected = joined(expected, y);
    }
    assertArrayEquals(expected, Reference.eval(f.outputs(theta, signal(2))), EXACT);
  }

  @Test
  void aQueryIsTheStepBehindTheSupportSet() {
    for (Recurrent f :
        new Recurrent[] {
          new BlackBoxLstm(new Timeline(Shape.of(IN), 3, true), HIDDEN),
          new Mann(
              new Timeline(Shape.of(IN), 3, true),
              new Mann.Options(HIDDEN, ROWS, WIDTH, 1, 0.9, Mann.Strength.PLAIN, Mann.Written.KEY)),
          new NeuralTuringMachine(
              new Timeline(Shape.of(IN), 3, true),
              new NeuralTuringMachine.Options(Controller.Kind.LSTM, HIDDEN, ROWS, WIDTH, 1, 1, 1))
        }) {
      Params theta = drawn(f.init(new Init(1)));
      Tensor x = Ops.literal(Shape.of(STEPS, IN), INPUTS);
      Tensor y = Ops.literal(DType.I32, Shape.of(STEPS), 1, 0, 2, 1);
      Batch support = new Batch(Ops.slice(x, 0, 0, 3), Ops.slice(y, 0, 0, 3));
      Tensor query = Ops.slice(x, 0, 3, 4);
      double[] all = Reference.eval(f.outputs(theta, new Sequence(x, y)));
      double[] asked = Reference.eval(f.predict(theta, support, Ops.concatenate(0, query, query)));
      double[] last = Arrays.copyOfRange(all, 9, 12);
      assertArrayEquals(joined(last, last), asked, EXACT, f.getClass().getSimpleName());
    }
  }

  /** A model before a network: its features are what that sees, of queries by the support set's. */
  @Test
  void behindAModelAreItsFeatures() {
    ConvNet model = new ConvNet(4, 4, 1, 2, 2, ConvNet.Down.MAX_POOL, ConvNet.Head.FLATTEN);
    Shape image = Shape.of(4, 4, 1);
    Timeline embedded =
        new Timeline(Optional.of(model), Norm.Policy.SUPPORT, image, 3, true, Labelling.ONE_HOT);
    Mann.Options o =
        new Mann.Options(HIDDEN, ROWS, WIDTH, 2, 0.9, Mann.Strength.PLAIN, Mann.Written.KEY);
    Recurrent f = new Mann(embedded, o);
    Recurrent plain = new Mann(new Timeline(Shape.of(model.features()), 3, true), o);
    Params theta = drawn(f.init(new Init(1)));
    Params inside = theta.sub(Timeline.EMBEDDING);
    double[] pixels = new SplittableRandom(5).doubles(STEPS * 16).toArray();
    Tensor x = Ops.literal(Shape.of(STEPS, 4, 4, 1), pixels);
    Tensor y = Ops.literal(DType.I32, Shape.of(STEPS), 1, 0, 2, 1);

    Tensor all = model.apply(inside, x, Norm.batch());
    assertArrayEquals(
        Reference.eval(plain.outputs(theta, new Sequence(all, y))),
        Reference.eval(f.outputs(theta, new Sequence(x, y))),
        EXACT);

    Batch support = new Batch(Ops.slice(x, 0, 0, 3), Ops.slice(y, 0, 0, 3));
    Tensor query = Ops.slice(x, 0, 3, 4);
    Model.Pass seen = model.pass(inside, support.x(), Norm.batch());
    Tensor asked = model.apply(inside, query, Norm.given(seen.moments()));
    assertArrayEquals(
        Reference.eval(plain.predict(theta, new Batch(seen.y(), support.y()), asked)),
        Reference.eval(f.predict(theta, support, query)),
        EXACT);
    assertEquals(
        Map.of("controller.weight_ih", Shape.of(1, 1, 2)),
        f.flattened(),
        "rows of a map of filters");
    assertEquals(
        Map.of("controller.weight_ih", image),
        new Mann(new Timeline(image, 3, true), o).flattened(),
        "rows of pixels");
  }

  @Test
  void aStringIsItsLetters() {
    int label = 4 * 625 + 0 * 125 + 3 * 25 + 1 * 5 + 2; // e a d b c
    int out = Labelling.STRINGS.outputs(15);
    Tensor two = Ops.literal(DType.I32, Shape.of(2), label, out - 1);
    double[] shown = Reference.eval(Labelling.STRINGS.shown(two, out));
    double[] expected = new double[50];
    for (int at : new int[] {4, 5, 13, 16, 22, 29, 34, 39, 44, 49}) {
      expected[at] = 1;
    }
    assertArrayEquals(expected, shown, 0);
    // the likeliest string is that of the likeliest letters, and its logit their sum
    double[] z = new double[25];
    double[] high = {1.5, 2, 0.5, 3, 1};
    for (int j = 0; j < 5; j++) {
      z[5 * j + new int[] {4, 0, 3, 1, 2}[j]] = high[j];
    }
    double[] logits = Reference.eval(Labelling.STRINGS.logits(Ops.literal(Shape.of(1, 25), z)));
    assertEquals(3125, logits.length);
    for (int k = 0; k < logits.length; k++) {
      assertEquals(k == label, logits[k] >= 8, "label " + k);
    }
    assertEquals(8, logits[label], EXACT);
  }

  @Test
  void everyStringHasItsOwnLetters() {
    double[] all = java.util.stream.IntStream.range(0, 3125).asDoubleStream().toArray();
    Tensor labels = Ops.literal(DType.I32, Shape.of(3125), all);
    double[] shown = Reference.eval(Labelling.STRINGS.shown(labels, 3125));
    for (int k = 0; k < 3125; k++) {
      int read = 0;
      for (int j = 0; j < 5; j++) {
        for (int letter = 0; letter < 5; letter++) {
          read += shown[25 * k + 5 * j + letter] == 1 ? letter * (int) Math.pow(5, 4 - j) : 0;
        }
      }
      assertEquals(k, read);
    }
  }

  @Test
  void whatDoesNotFitIsSaid() {
    String heads =
        assertThrows(
                IllegalArgumentException.class,
                () -> mann(ROWS + 1, Mann.Strength.PLAIN, Mann.Written.KEY))
            .getMessage();
    assertTrue(heads.contains("--heads is 6: expected at most 5"), heads);
    String shift =
        assertThrows(
                IllegalArgumentException.class,
                () ->
                    new NeuralTuringMachine.Options(
                        Controller.Kind.LSTM, HIDDEN, ROWS, WIDTH, 1, 1, 3))
            .getMessage();
    assertTrue(shift.contains("--head-shift is 3"), shift);
    String decay =
        assertThrows(
                IllegalArgumentException.class,
                () ->
                    new Mann.Options(
                        HIDDEN, ROWS, WIDTH, 1, 1, Mann.Strength.PLAIN, Mann.Written.KEY))
            .getMessage();
    assertTrue(decay.contains("--decay is 1.0"), decay);
  }
}
