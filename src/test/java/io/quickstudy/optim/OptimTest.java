package io.quickstudy.optim;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.quickstudy.graph.Ops;
import io.quickstudy.graph.Shape;
import io.quickstudy.graph.Tensor;
import io.quickstudy.reference.Reference;
import io.quickstudy.transform.Params;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Optimisers against their papers' formulas, written out for single numbers. */
class OptimTest {
  private static final double RATE = 0.1;
  private static final double[] GRADIENTS = {0.5, -1.5, 2.0, 0.25};

  private static Tensor number(double x) {
    return Ops.literal(Shape.of(1), x);
  }

  private static double value(Tensor t) {
    return Reference.eval(t)[0];
  }

  /** The parameter after each step along {@link #GRADIENTS}, from 1. */
  private static double[] path(Optimiser o) {
    Params theta = Params.of("w", number(1));
    Params slots = o.init(theta);
    double[] out = new double[GRADIENTS.length];
    for (int t = 0; t < out.length; t++) {
      Params g = Params.of("w", number(GRADIENTS[t]));
      Optimiser.Update u = o.step(theta, g, slots, Ops.scalar(t));
      assertEquals(slots.names(), u.slots().names());
      theta = u.theta();
      slots = u.slots();
      out[t] = value(theta.get("w"));
    }
    return out;
  }

  @Test
  void sgdWithMomentum() {
    double[] p = path(new Optimiser.Sgd(new Schedule.Constant(RATE), 0.9));
    double w = 1;
    double v = 0;
    for (int t = 0; t < p.length; t++) {
      v = 0.9 * v + GRADIENTS[t];
      w -= RATE * v;
      assertEquals(w, p[t], 1e-12);
    }
  }

  @Test
  void momentumThatGrowsAlongALine() {
    Schedule m = new Schedule.Linear(0.5, 0.9, 2);
    double[] p = path(new Optimiser.Sgd(new Schedule.Constant(RATE), m));
    double[] momenta = {0.5, 0.7, 0.9, 0.9};
    double w = 1;
    double v = 0;
    for (int t = 0; t < p.length; t++) {
      v = momenta[t] * v + GRADIENTS[t];
      w -= RATE * v;
      assertEquals(w, p[t], 1e-12);
    }
  }

  @Test
  void aPenaltyAddsTwiceItsWeight() {
    Optimiser sgd = new Optimiser.Sgd(new Schedule.Constant(RATE), 0);
    double[] p = path(new Optimiser.Scaled(new Optimiser.Regularised(sgd, 0.25), 0.5));
    double w = 1;
    for (int t = 0; t < p.length; t++) {
      w -= 0.5 * RATE * (GRADIENTS[t] + 0.5 * w);
      assertEquals(w, p[t], 1e-12);
    }
  }

  private static LayerRules rules(String rates, String momenta, String decays, int steps) {
    return new LayerRules(
        LayerRules.parse("layer-rates", rates),
        LayerRules.parse("layer-momenta", momenta),
        LayerRules.parse("layer-decays", decays),
        0.125,
        0.5,
        steps);
  }

  @Test
  void layersHaveRulesOfTheirOwn() {
    Optimiser sgd = new Optimiser.Sgd(new Schedule.Constant(RATE), 0.75);
    Optimiser o = rules("a=2", "a=0.5,b=0.25", "a=0.5", 0).of(sgd);
    Params theta = Params.of("a.weight", number(1), "ab.weight", number(1)).with("b", number(1));
    Params slots = o.init(theta);
    double[] w = {1, 1, 1};
    double[] v = new double[3];
    double[] momenta = {0.5, 0.75, 0.25};
    double[] rates = {2, 1, 1};
    double[] decays = {0.5, 0.125, 0.125};
    List<String> names = List.of("a.weight", "ab.weight", "b");
    for (int t = 0; t < GRADIENTS.length; t++) {
      double g = GRADIENTS[t];
      Optimiser.Update u = o.step(theta, theta.map(x -> number(g)), slots, Ops.scalar(t));
      theta = u.theta();
      slots = u.slots();
      for (int k = 0; k < 3; k++) {
        v[k] = momenta[k] * v[k] + g + 2 * decays[k] * w[k];
        w[k] -= rates[k] * RATE * v[k];
        assertEquals(w[k], value(theta.get(names.get(k))), 1e-12, names.get(k));
      }
    }
  }

  @Test
  void wrongLayersAreASentence() {
    for (String wrong : List.of("", "conv1", "conv1=x", "conv1=-1", "=1", "a=1,a=2", "a=NaN")) {
      IllegalArgumentException e =
          assertThrows(
              IllegalArgumentException.class, () -> LayerRules.parse("layer-rates", wrong), wrong);
      assertEquals(
          "Option --layer-rates is '%s': expected none, or layers with a number of at least 0 each, such as conv1=0.5,conv2=1; change it."
              .formatted(wrong),
          e.getMessage());
    }
    Optimiser adam = new Optimiser.Adam(new Schedule.Constant(RATE));
    assertThrows(IllegalArgumentException.class, () -> rules("none", "a=0.5", "none", 0).of(adam));
    assertThrows(IllegalArgumentException.class, () -> rules("none", "none", "none", 5).of(adam));
    Optimiser sgd = new Optimiser.Sgd(new Schedule.Constant(RATE), 0.9);
    assertThrows(IllegalArgumentException.class, () -> rules("none", "a=1", "none", 0).of(sgd));
    Optimiser o = rules("c=1", "none", "none", 0).of(sgd);
    assertThrows(IllegalArgumentException.class, () -> o.init(Params.of("a", number(1))));
  }

  @Test
  void adamIsAlgorithmOne() {
    double[] p = path(new Optimiser.Adam(new Schedule.Constant(RATE)));
    double w = 1;
    double m = 0;
    double v = 0;
    for (int t = 0; t < p.length; t++) {
      m = 0.9 * m + 0.1 * GRADIENTS[t];
      v = 0.999 * v + 0.001 * GRADIENTS[t] * GRADIENTS[t];
      double mHat = m / (1 - Math.pow(0.9, t + 1));
      double vHat = v / (1 - Math.pow(0.999, t + 1));
      w -= RATE * mHat / (Math.sqrt(vHat) + 1e-8);
      assertEquals(w, p[t], 1e-11);
    }
  }

  @Test
  void rmsPropWithMomentum() {
    double[] p = path(new Optimiser.RmsProp(new Schedule.Constant(RATE), 0.95, 0.9, 1e-4));
    double w = 1;
    double s = 0;
    double v = 0;
    for (int t = 0; t < p.length; t++) {
      s = 0.95 * s + 0.05 * GRADIENTS[t] * GRADIENTS[t];
      v = 0.9 * v + GRADIENTS[t] / Math.sqrt(s + 1e-4);
      w -= RATE * v;
      assertEquals(w, p[t], 1e-12);
    }
  }

  @Test
  void aWarmUpRisesToWhatAnyScheduleHas() {
    for (Schedule s :
        List.of(
            new Schedule.Constant(0.3),
            new Schedule.Step(0.8, 0.5, 3),
            new Schedule.Linear(1, 0.2, 20),
            new Schedule.Cosine(1, 0.1, 20))) {
      Schedule warm = new Schedule.WarmUp(s, 5);
      for (int t = 0; t < 25; t++) {
        double expected = Math.min(1, (t + 1) / 5.0) * value(s.at(Ops.scalar(t)));
        assertEquals(expected, value(warm.at(Ops.scalar(t))), 1e-15, s + " after " + t);
      }
      assertEquals(value(s.at(Ops.scalar(4))), value(warm.at(Ops.scalar(4))));
    }
    assertThrows(
        IllegalArgumentException.class, () -> new Schedule.WarmUp(new Schedule.Constant(1), 0));
  }

  @Test
  void schedules() {
    Schedule step = new Schedule.Step(0.8, 0.5, 2000);
    Schedule cosine = new Schedule.Cosine(1, 0.1, 100);
    for (int t : new int[] {0, 1, 1999, 2000, 2001, 3999, 4000, 123456, 2000 * 40}) {
      assertEquals(
          0.8 * Math.pow(0.5, Math.floorDiv(t, 2000)), value(step.at(Ops.scalar(t))), 1e-13);
      double done = Math.min(t / 100.0, 1);
      double expected = 0.1 + 0.9 * (1 + Math.cos(Math.PI * done)) / 2;
      assertEquals(expected, value(cosine.at(Ops.scalar(t))), 1e-12);
    }
    assertThrows(IllegalArgumentException.class, () -> new Schedule.Step(1, 0.5, 0));
    assertThrows(IllegalArgumentException.class, () -> new Schedule.Step(1, -1, 5));
  }

  @Test
  void clipping() {
    Params g = Params.of("a", Ops.literal(Shape.of(2), 3, -4), "b", Ops.literal(Shape.of(1), 12));
    Params short1 = new Clip.Norm(6.5).apply(g);
    assertEquals(1.5, Reference.eval(short1.get("a"))[0], 1e-12);
    assertEquals(-2, Reference.eval(short1.get("a"))[1], 1e-12);
    assertEquals(6, value(short1.get("b")), 1e-12);
    assertEquals(12, value(new Clip.Norm(13.5).apply(g).get("b")), 1e-12);
    Params values = new Clip.Value(3.5).apply(g);
    assertEquals(3, Reference.eval(values.get("a"))[0]);
    assertEquals(-3.5, Reference.eval(values.get("a"))[1]);
    assertEquals(3.5, value(values.get("b")));
    Params zero = Params.of("a", number(0));
    assertEquals(0, value(new Clip.Norm(1).apply(zero).get("a")));
  }

  @Test
  void groupsHaveTheirOwnRates() {
    Optimiser slow = new Optimiser.Sgd(new Schedule.Constant(0.25), 0);
    Optimiser fast = new Optimiser.Sgd(new Schedule.Constant(0.5), 0.5);
    Optimiser groups =
        new Optimiser.Groups(List.of(new Optimiser.Groups.Group("head\\..*", fast)), slow);
    Params theta = Params.of("body.w", number(1), "head.w", number(1));
    Params slots = groups.init(theta);
    for (int t = 0; t < 2; t++) {
      Params g = Params.of("body.w", number(1), "head.w", number(1));
      Optimiser.Update u = groups.step(theta, g, slots, Ops.scalar(t));
      assertEquals(List.of("body.w", "head.w"), List.copyOf(u.theta().names()));
      assertEquals(slots.names(), u.slots().names());
      theta = u.theta();
      slots = u.slots();
    }
    assertEquals(1 - 0.25 * 2, value(theta.get("body.w")), 1e-12);
    assertEquals(1 - 0.5 * (1 + 1.5), value(theta.get("head.w")), 1e-12);
    Optimiser none =
        new Optimiser.Groups(List.of(new Optimiser.Groups.Group("neck\\..*", fast)), slow);
    Params all = theta;
    Throwable e = assertThrows(IllegalArgumentException.class, () -> none.init(all));
    assertEquals(
        "Parameters 'neck\\..*' are none: expected a pattern of some of [body.w, head.w]; correct"
            + " it.",
        e.getMessage());
  }
}
