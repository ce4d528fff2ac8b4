package io.quickstudy.learners.gradient;

import static io.quickstudy.graph.Ops.literal;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.quickstudy.graph.Shape;
import io.quickstudy.graph.Tensor;
import io.quickstudy.learner.Criterion;
import io.quickstudy.learners.inner.Order;
import io.quickstudy.nn.ConvNet;
import io.quickstudy.nn.Init;
import io.quickstudy.nn.Linear;
import io.quickstudy.nn.Mlp;
import io.quickstudy.nn.Norm;
import io.quickstudy.nn.WithClassifier;
import io.quickstudy.reference.Reference;
import io.quickstudy.task.Batch;
import io.quickstudy.transform.Params;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** CAVIA against its equations in plain Java. */
class CaviaTest {
  private static final double CLOSE = 1e-12;
  private static final double ALPHA = 0.3;
  private static final double[] X = {0.5, -1, 2};
  private static final double[] Y = {1, 0.25, -0.5};

  private static Tensor column(double... x) {
    return literal(Shape.of(x.length, 1), x);
  }

  private static Batch support() {
    return new Batch(column(X), column(Y));
  }

  private static Cavia cavia(Mlp f, Conditioning how, int steps) {
    return new Cavia(
        f, how, Criterion.SQUARED_ERROR, ALPHA, steps, Order.SECOND, Norm.Policy.NONE, 0);
  }

  /** y = w x + v phi + b. */
  @Test
  void contextAtTheInputIsAllThatMoves() {
    double w = 0.75;
    double v = -0.4;
    double b = 0.25;
    Params theta =
        Params.of(
            "layer1.weight", literal(Shape.of(2, 1), w, v), "layer1.bias", literal(Shape.of(1), b));
    double phi = 0;
    for (int k = 0; k < 2; k++) {
      double g = 0;
      for (int i = 0; i < X.length; i++) {
        g += 2 * (w * X[i] + v * phi + b - Y[i]) * v / X.length;
      }
      phi -= ALPHA * g;
    }
    Cavia c = cavia(new Mlp(List.of(2, 1)), new Conditioning.Input(1), 2);
    Params made = c.adapt(theta, support());
    assertEquals(Set.of(Cavia.CONTEXT), made.names());
    assertArrayEquals(new double[] {phi}, Reference.eval(made.get(Cavia.CONTEXT)), CLOSE);
    double[] y = Reference.eval(c.predict(theta.with(made), column(3)));
    assertArrayEquals(new double[] {w * 3 + v * phi + b}, y, CLOSE);
    assertEquals(3, c.predictByStep(theta, support(), column(3)).size());
    assertEquals(Set.of("layer1.weight", "layer1.bias"), c.init(new Init(1)).names());
  }

  /** y = u relu(gamma (w x + b) + beta), where gamma = g0 + g1 phi and beta = h0 + h1 phi. */
  @Test
  void filmScalesAndShiftsWhatALayerMakes() {
    double phi = 0.6;
    Conditioning film = Conditioning.Film.behind(new Mlp(List.of(1, 1, 1)), "layer1", 1);
    Cavia c = cavia(new Mlp(List.of(1, 1, 1)), film, 0);
    Params theta =
        Params.of("layer1.weight", literal(Shape.of(1, 1), 0.8), "layer1.bias", column1(0.3))
            .with("layer2.weight", literal(Shape.of(1, 1), 1.5))
            .with("layer2.bias", column1(0))
            .with("film.weight", literal(Shape.of(1, 2), 0.5, -0.2))
            .with("film.bias", literal(Shape.of(2), 1.1, 0.4))
            .with(Cavia.CONTEXT, column1(phi));
    double gamma = 1.1 + 0.5 * phi;
    double beta = 0.4 - 0.2 * phi;
    double[] x = {-4, 0.5, 2};
    double[] expected = new double[x.length];
    for (int i = 0; i < x.length; i++) {
      expected[i] = 1.5 * Math.max(0, gamma * (0.8 * x[i] + 0.3) + beta);
    }
    assertArrayEquals(expected, Reference.eval(c.predict(theta, column(x))), CLOSE);
  }

  private static Tensor column1(double x) {
    return literal(Shape.of(1), x);
  }

  /** The paper's: behind the third block of four; a layer without a bias cannot be shifted. */
  @Test
  void filmStandsBehindALayerThatThereIs() {
    ConvNet net = new ConvNet(16, 16, 1, 3, 4, ConvNet.Down.STRIDE, ConvNet.Head.MEAN);
    WithClassifier f = new WithClassifier(net, new Linear(3, 5));
    assertEquals(new Conditioning.Film(7, "norm3", 3), Conditioning.Film.behind(f, "", 7));
    String refusal =
        assertThrows(IllegalArgumentException.class, () -> Conditioning.Film.behind(f, "conv3", 7))
            .getMessage();
    assertEquals(
        "Option --film-layer is 'conv3': expected a layer with a weight and a bias, one of [norm1,"
            + " norm2, norm3, norm4, classifier]; change it or take --context-in input.",
        refusal);
  }
}
