package io.quickstudy.nn;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.quickstudy.graph.DType;
import io.quickstudy.graph.Ops;
import io.quickstudy.graph.Recurrence;
import io.quickstudy.graph.Shape;
import io.quickstudy.graph.Tensor;
import io.quickstudy.graph.Walks;
import io.quickstudy.reference.Reference;
import io.quickstudy.transform.Params;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Models: shapes, parameters, and cells against plain loops. */
class ModelTest {
  private static Tensor images(int n, int h, int w, int c) {
    return Tensor.argument("x", DType.F32, Shape.of(n, h, w, c));
  }

  @Test
  void theFieldsBackbonesHaveTheirSizes() {
    ConvNet stride = new ConvNet(28, 28, 1, 64, 4, ConvNet.Down.STRIDE, ConvNet.Head.MEAN);
    ConvNet pool = new ConvNet(28, 28, 1, 64, 4, ConvNet.Down.MAX_POOL, ConvNet.Head.FLATTEN);
    ConvNet mini = new ConvNet(84, 84, 3, 32, 4, ConvNet.Down.MAX_POOL, ConvNet.Head.FLATTEN);
    assertEquals(64, stride.features());
    assertEquals(64, pool.features());
    assertEquals(800, mini.features());
    for (ConvNet net : List.of(stride, pool, mini)) {
      Params p = net.init(new Init(0));
      Tensor y = net.apply(p, images(2, net.height(), net.width(), net.channels()), Norm.batch());
      assertEquals(Shape.of(2, net.features()), y.shape());
    }
    WithClassifier whole = new WithClassifier(stride, new Linear(64, 5));
    Params p = whole.init(new Init(0));
    long weights =
        p.names().stream()
            .filter(n -> !Norm.isBuffer(n))
            .mapToLong(n -> p.get(n).shape().size())
            .sum();
    // four convolutions, their scales and shifts, the linear layer
    assertEquals(9 * 64 + 3 * 9 * 64 * 64 + 4 * 2 * 64 + 64 * 5 + 5, weights);
  }

  @Test
  void aWrongImageIsASentence() {
    ConvNet net = new ConvNet(28, 28, 1, 8, 4, ConvNet.Down.STRIDE, ConvNet.Head.MEAN);
    Params p = net.init(new Init(0));
    IllegalArgumentException e =
        assertThrows(
            IllegalArgumentException.class, () -> net.apply(p, images(2, 20, 20, 1), Norm.batch()));
    assertTrue(e.getMessage().contains("[2, 20, 20, 1]"), e.getMessage());
    assertThrows(
        IllegalArgumentException.class,
        () -> new ConvNet(8, 8, 1, 8, 4, ConvNet.Down.MAX_POOL, ConvNet.Head.MEAN));
  }

  @Test
  void kochsNetworkHasThePapersLayers() {
    KochNet net = new KochNet(Shape.of(105, 105, 1), 64, 4096);
    Params p = net.init(new Init(0));
    assertEquals(Shape.of(10, 10, 1, 64), p.get("conv1.weight").shape());
    assertEquals(Shape.of(7, 7, 64, 128), p.get("conv2.weight").shape());
    assertEquals(Shape.of(4, 4, 128, 128), p.get("conv3.weight").shape());
    assertEquals(Shape.of(4, 4, 128, 256), p.get("conv4.weight").shape());
    assertEquals(Shape.of(9216, 4096), p.get("fc.weight").shape());
    assertEquals(Shape.of(2, 4096), net.apply(p, images(2, 105, 105, 1), Norm.batch()).shape());
    IllegalArgumentException e =
        assertThrows(
            IllegalArgumentException.class, () -> new KochNet(Shape.of(28, 28, 1), 64, 4096));
    assertEquals(
        "Images of 28x28 for model 'koch': expected sides of at least 65, of which its layers leave"
            + " something; say --size 105, or take another model.",
        e.getMessage());
    assertEquals(1, new KochNet(Shape.of(65, 65, 1), 1, 2).flattened().get("fc.weight").dim(0));
  }

  @Test
  void kochsNetworkIsItsLayers() {
    KochNet net = new KochNet(Shape.of(65, 65, 1), 1, 3);
    Params p = net.init(new Init(2));
    double[] x = new double[65 * 65];
    for (int i = 0; i < x.length; i++) {
      x[i] = 1;
    }
    // of a constant image every layer's map is constant: sums of weights, biases, ReLU
    double[] z = {1};
    for (int layer = 1; layer <= 4; layer++) {
      double[] w = Reference.eval(p.get("conv" + layer + ".weight"));
      double[] b = Reference.eval(p.get("conv" + layer + ".bias"));
      double[] next = b.clone();
      for (int i = 0; i < w.length; i++) {
        next[i % b.length] += w[i] * z[i / b.length % z.length];
      }
      z = Arrays.stream(next).map(v -> Math.max(0, v)).toArray();
    }
    double[] w = Reference.eval(p.get("fc.weight"));
    double[] y = Reference.eval(p.get("fc.bias"));
    for (int i = 0; i < w.length; i++) {
      y[i % 3] += w[i] * z[i / 3];
    }
    for (int i = 0; i < 3; i++) {
      y[i] = 1 / (1 + Math.exp(-y[i]));
    }
    Tensor found = net.apply(p, Ops.literal(Shape.of(1, 65, 65, 1), x), Norm.batch());
    assertArrayEquals(y, Reference.eval(found), 1e-12);
  }

  @Test
  void givenMomentsOfAPassGiveThatPassAgain() {
    ConvNet net = new ConvNet(9, 9, 2, 3, 2, ConvNet.Down.STRIDE, ConvNet.Head.FLATTEN);
    double[] x = new double[4 * 9 * 9 * 2];
    for (int i = 0; i < x.length; i++) {
      x[i] = Math.cos(i * i);
    }
    Tensor images = Ops.literal(Shape.of(4, 9, 9, 2), x);
    Params p = net.init(new Init(1));
    Model.Pass first = net.pass(p, images, Norm.batch());
    Tensor again = net.apply(p, images, Norm.given(first.moments()));
    assertArrayEquals(Reference.eval(first.y()), Reference.eval(again), 1e-12);
  }

  /** Mean 0 for each, deviation 1 over all, and queries by the statistics of those before them. */
  @Test
  void standardisedFeaturesAreLessTheirMeansOverOneDeviation() {
    ConvNet net = new ConvNet(8, 8, 1, 3, 2, ConvNet.Down.MAX_POOL, ConvNet.Head.FLATTEN);
    Standardised f = new Standardised(net);
    Params p = f.init(new Init(1));
    double[] pixels = new SplittableRandom(3).doubles(6 * 64).toArray();
    Tensor x = Ops.literal(Shape.of(6, 8, 8, 1), pixels);
    int d = net.features();
    assertEquals(d, f.features());
    double[] z = Reference.eval(net.apply(p, x, Norm.batch()));
    double[] mean = new double[d];
    for (int i = 0; i < z.length; i++) {
      mean[i % d] += z[i] / 6;
    }
    double square = 0;
    for (int i = 0; i < z.length; i++) {
      z[i] -= mean[i % d];
      square += z[i] * z[i] / z.length;
    }
    double deviation = Math.sqrt(square + 1e-5);
    double[] expected = Arrays.stream(z).map(v -> v / deviation).toArray();
    Model.Pass pass = f.pass(p, x, Norm.batch());
    assertArrayEquals(expected, Reference.eval(pass.y()), 1e-9);
    double[] one = Reference.eval(f.apply(p, Ops.slice(x, 0, 2, 3), Norm.given(pass.moments())));
    assertArrayEquals(Arrays.copyOfRange(expected, 2 * d, 3 * d), one, 1e-9);
  }

  @Test
  void theSameSeedDrawsTheSameNumbers() {
    Mlp mlp = new Mlp(List.of(3, 4, 2));
    Params a = mlp.init(new Init(7));
    Params b = mlp.init(new Init(7));
    Params c = mlp.init(new Init(8));
    double[] first = Reference.eval(a.get("layer1.weight"));
    assertArrayEquals(first, Reference.eval(b.get("layer1.weight")));
    assertTrue(first[0] != Reference.eval(c.get("layer1.weight"))[0]);
    double[] normal = Reference.eval(new Init(3).normal(Shape.of(20000), 2));
    double square = 0;
    for (double v : normal) {
      square += v * v / normal.length;
    }
    assertEquals(4, square, 0.15); // four standard errors
  }

  @Test
  void lstmInALoopThatIsOneNodeIsTheSame() {
    Lstm lstm = new Lstm(3, 2);
    Params p = lstm.init(new Init(4));
    Tensor x = new Init(5).uniform(Shape.of(6, 3), 1);
    List<Lstm.State> states = lstm.run(p, x, lstm.start());
    Lstm.Outputs loop = lstm.scan(p, x, lstm.start());
    Tensor all = Ops.stack(0, states.stream().map(Lstm.State::h).toList());
    assertArrayEquals(Reference.eval(all), Reference.eval(loop.h()), 1e-14);
    assertArrayEquals(Reference.eval(states.get(5).c()), Reference.eval(loop.last().c()), 1e-14);
  }

  @Test
  void lstmOverManyStepsIsOneNodeAndOverFewIsNot() {
    Lstm lstm = new Lstm(3, 2);
    Params p = lstm.init(new Init(4));
    for (int n : new int[] {3, 64, 65}) {
      Tensor x = new Init(5).uniform(Shape.of(n, 3), 1);
      List<Lstm.State> states = lstm.run(p, x, lstm.start());
      Lstm.Outputs over = lstm.over(p, x, lstm.start());
      Tensor all = Ops.stack(0, states.stream().map(Lstm.State::h).toList());
      assertArrayEquals(Reference.eval(all), Reference.eval(over.h()), 1e-13);
      double[] last = Reference.eval(states.getLast().c());
      assertArrayEquals(last, Reference.eval(over.last().c()), 1e-13);
      boolean loop =
          Walks.order(List.of(over.h())).stream().anyMatch(t -> t.op() instanceof Recurrence);
      assertEquals(n > 64, loop);
    }
  }

  @Test
  void lstmIsTheTextbookCell() {
    int in = 3;
    int h = 2;
    Lstm lstm = new Lstm(in, h);
    Params p = lstm.init(new Init(4));
    double[] x = {0.3, -1, 0.5, 2, 0.1, -0.4};
    Tensor steps = Ops.literal(Shape.of(2, in), x);
    List<Lstm.State> states = lstm.run(p, steps, lstm.start());
    double[] wi = Reference.eval(p.get("weight_ih"));
    double[] wh = Reference.eval(p.get("weight_hh"));
    double[] bias = Reference.eval(p.get("bias"));
    double[] hidden = new double[h];
    double[] cell = new double[h];
    for (int t = 0; t < 2; t++) {
      double[] z = bias.clone();
      for (int k = 0; k < 4 * h; k++) {
        for (int i = 0; i < in; i++) {
          z[k] += x[t * in + i] * wi[i * 4 * h + k];
        }
        for (int i = 0; i < h; i++) {
          z[k] += hidden[i] * wh[i * 4 * h + k];
        }
      }
      for (int i = 0; i < h; i++) {
        cell[i] = sigmoid(z[h + i]) * cell[i] + sigmoid(z[i]) * Math.tanh(z[2 * h + i]);
      }
      for (int i = 0; i < h; i++) {
        hidden[i] = sigmoid(z[3 * h + i]) * Math.tanh(cell[i]);
      }
      assertArrayEquals(hidden, Reference.eval(states.get(t).h()), 1e-12);
      assertArrayEquals(cell, Reference.eval(states.get(t).c()), 1e-12);
    }
  }

  private static double sigmoid(double x) {
    return 1 / (1 + Math.exp(-x));
  }
}
