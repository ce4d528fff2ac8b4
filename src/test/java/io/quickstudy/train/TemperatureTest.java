package io.quickstudy.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.quickstudy.random.RandomStream;
import io.quickstudy.random.RandomUse;
import io.quickstudy.run.RunCalibration;
import io.quickstudy.run.RunCalibration.Kept;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Temperatures, and what thresholds keep, of answers whose probabilities are known. */
class TemperatureTest {
  private static final int WAYS = 5;

  /** Labels drawn from the softmax of logits, which then are multiplied by a factor. */
  private static Answers drawn(int n, double factor) {
    RandomStream r = new RandomStream(3, RandomUse.NOISE, 0);
    float[] v = new float[n * (1 + WAYS)];
    for (int i = 0; i < n; i++) {
      double[] e = new double[WAYS];
      double sum = 0;
      for (int k = 0; k < WAYS; k++) {
        double z = 6 * r.nextDouble() - 3;
        v[i * (1 + WAYS) + 1 + k] = (float) (factor * z);
        e[k] = Math.exp(z);
        sum += e[k];
      }
      double u = sum * r.nextDouble();
      int label = 0;
      while (label < WAYS - 1 && u >= e[label]) {
        u -= e[label++];
      }
      v[i * (1 + WAYS)] = label;
    }
    return new Answers(WAYS, v);
  }

  /** Of n queries with probability (n - 1) / n of class 0 one is of class 1, as it should be. */
  private static Answers exact(double factor) {
    int[] queries = {2, 3, 4, 10};
    float[] v = new float[3 * 19];
    int at = 0;
    for (int n : queries) {
      for (int i = 0; i < n; i++) {
        v[at++] = i == 0 ? 1 : 0;
        v[at++] = (float) (factor * Math.log(n - 1) + 7);
        v[at++] = 7;
      }
    }
    return new Answers(2, v);
  }

  @Test
  void aKnownTemperatureIsFound() {
    for (double t : new double[] {0.03, 0.5, 1, 2, 40}) {
      assertEquals(t, Temperature.of(exact(t)), 1e-5 * t);
    }
    assertEquals(1, Temperature.of(drawn(20_000, 1)), 0.03);
    assertEquals(3, Temperature.of(drawn(20_000, 3)), 0.09);
  }

  @Test
  void noOtherIsLikelier() {
    Answers a = drawn(500, 3);
    double t = Temperature.of(a);
    double best = Temperature.reliability(a, t).logLikelihood();
    for (double other : new double[] {0.5, 0.9, 0.999, 1.001, 1.1, 2}) {
      assertTrue(Temperature.reliability(a, other * t).logLikelihood() < best, "times " + other);
    }
  }

  @Test
  void itMakesConfidenceTrue() {
    Answers a = drawn(20_000, 4);
    assertTrue(Temperature.reliability(a, 1).error() > 0.15);
    assertTrue(Temperature.reliability(a, Temperature.of(a)).error() < 0.015);
  }

  /** Two classes; right where the first logit is the larger and the label 0. */
  private static Answers answers(double... logits) {
    float[] v = new float[logits.length * 3];
    for (int i = 0; i < logits.length; i++) {
      v[3 * i + 1] = (float) logits[i];
    }
    return new Answers(2, v);
  }

  @Test
  void whereThereIsNoneItIsOne() {
    assertEquals(1, Temperature.of(answers(1, 2, 3)), "all right");
    assertEquals(1, Temperature.of(answers(-1, -2, -3)), "all wrong");
    assertEquals(1, Temperature.of(answers(0, 0)), "it says nothing");
  }

  private static Kept at(List<Kept> all, double confidence) {
    return all.stream().filter(k -> k.confidence() == confidence).findFirst().orElseThrow();
  }

  /** Confidences 0.88, 0.73, 0.62 and 0.95 (wrong), by hand. */
  @Test
  void whatThresholdsKeep() {
    List<Kept> all = Temperature.kept(answers(2, 1, 0.5, -3), 1);
    assertEquals(new Kept(0, 4, 1), all.getFirst());
    assertEquals(new Kept(0.62, 4, 1), at(all, 0.62));
    assertEquals(new Kept(0.63, 3, 1), at(all, 0.63));
    assertEquals(new Kept(0.74, 2, 1), at(all, 0.74));
    assertEquals(new Kept(0.89, 1, 1), at(all, 0.89));
    assertEquals(new Kept(0.96, 0, 0), at(all, 0.96));
    assertEquals(new Kept(1, 0, 0), all.getLast());
    List<Kept> less = Temperature.kept(answers(2, 1, 0.5, -3), 2); // 0.73, 0.62, 0.56, 0.82
    assertEquals(new Kept(0.74, 1, 1), at(less, 0.74));
    RunCalibration.Fit fit = new RunCalibration.Fit("none", 2, 1, Map.of(), 1, 4, 1, 0.1, 0.1, all);
    assertEquals(new RunCalibration.Expected(1, 0.25, 4), fit.expected(0));
    assertEquals(new RunCalibration.Expected(0.75, 1 / 3.0, 3), fit.expected(0.63));
    // between 0.62 and 0.63, where one right answer goes
    RunCalibration.Expected between = fit.expected(0.625);
    assertEquals(3.5 / 4, between.kept(), 1e-9);
    assertEquals(1 / 3.5, between.error(), 1e-9);
    assertTrue(Double.isNaN(fit.expected(0.99).error()));
    assertEquals(0, fit.expected(1).kept());
  }

  @Test
  void theLeastThresholdThatMakesErrorsAsRare() {
    List<Kept> kept =
        List.of(
            new Kept(0, 1000, 100),
            new Kept(0.5, 800, 40),
            new Kept(0.9, 500, 5),
            new Kept(0.99, 50, 0));
    RunCalibration.Fit fit =
        new RunCalibration.Fit("none", 5, 1, Map.of(), 10, 1000, 1, 0.1, 0.1, kept);
    assertEquals(0, fit.threshold(0.1).getAsDouble());
    assertEquals(0.5, fit.threshold(0.09).getAsDouble());
    assertEquals(0.9, fit.threshold(0.01).getAsDouble());
    assertTrue(fit.threshold(0.005).isEmpty(), "50 answers cannot tell one in 200");
  }
}
