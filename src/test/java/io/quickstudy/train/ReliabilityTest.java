package io.quickstudy.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.quickstudy.run.RunConfig;
import io.quickstudy.train.Predictions.Predicted;
import io.quickstudy.train.Reliability.Bin;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How good probabilities of classes are: by hand, and on tasks. */
class ReliabilityTest {
  private static final double CLOSE = 1e-6;

  @TempDir private Path run;

  private static float[] answer(int label, double... probabilities) {
    float[] a = new float[1 + probabilities.length];
    a[0] = label;
    for (int k = 0; k < probabilities.length; k++) {
      a[1 + k] = (float) (Math.log(probabilities[k]) + 3); // a shift changes no probability
    }
    return a;
  }

  /** Two tasks of two queries; each number can be followed with a pencil. */
  @Test
  void byHand() {
    Reliability.Meter m = new Reliability.Meter(1);
    m.add(answer(0, 0.81, 0.1, 0.09), 0, 3);
    m.add(answer(1, 0.5, 0.3, 0.2), 0, 3);
    m.endTask();
    m.add(answer(2, 0.82, 0.1, 0.08), 0, 3); // in the bin of the first
    m.add(answer(1, 0.25, 0.5, 0.25), 0, 3); // in that of the second
    m.endTask();
    Reliability r = m.result();
    double first = (Math.log(0.81) + Math.log(0.3)) / 2;
    double second = (Math.log(0.08) + Math.log(0.5)) / 2;
    assertEquals((first + second) / 2, r.logLikelihood(), CLOSE);
    assertEquals(1.96 * Math.abs(first - second) / 2, r.ci95(), CLOSE);
    double brier =
        (0.0361 + 0.01 + 0.0081)
            + (0.25 + 0.49 + 0.04)
            + (0.6724 + 0.01 + 0.8464)
            + (0.0625 + 0.25 + 0.0625);
    assertEquals(brier / 4, r.brier(), CLOSE);
    // confidences 0.81 and 0.82, one of them right; 0.5 twice, one of them right
    assertEquals((Math.abs(1 - 1.63) + 0) / 4, r.error(), CLOSE);
    assertEquals(Reliability.BINS, r.bins().size());
    for (int b = 0; b < Reliability.BINS; b++) {
      Bin bin = r.bins().get(b);
      assertEquals(b == 7 || b == 12 ? 2 : 0, bin.count(), "bin " + b);
      assertEquals(b == 7 ? 0.5 : b == 12 ? 0.815 : 0, bin.confidence(), CLOSE);
      assertEquals(b == 7 || b == 12 ? 0.5 : 0, bin.accuracy());
    }
    assertEquals(
        "log-likelihood -1.158 ± 0.884 per query, Brier score 0.684, ECE 15.75%", r.summary());
  }

  /** Bins have their upper end: of 15, 0.2 is in the third and 1 in the last. */
  @Test
  void endsOfBins() {
    Reliability.Meter m = new Reliability.Meter(1);
    m.add(new float[] {0, 0, 0, 0, 0, 0}, 0, 5);
    m.add(new float[] {0, 200, 0, 0, 0, 0}, 0, 5);
    m.endTask();
    Reliability r = m.result();
    assertEquals(1, r.bins().get(2).count());
    assertEquals(new Bin(1, 1, 1), r.bins().get(14));
    assertTrue(Double.isNaN(r.ci95()), "one task");
    assertEquals((Math.log(0.2) + 0) / 2, r.logLikelihood(), CLOSE);
  }

  @Test
  void aTemperatureDividesLogits() {
    Reliability.Meter m = new Reliability.Meter(2);
    m.add(new float[] {1, 2, 0}, 0, 2);
    m.endTask();
    assertEquals(-Math.log(1 + Math.E), m.result().logLikelihood(), CLOSE);
    assertEquals(Math.E / (1 + Math.E), m.result().bins().get(10).confidence(), CLOSE);
  }

  private static double[] probabilities(float[] logits) {
    double[] e = IntStream.range(0, logits.length).mapToDouble(k -> Math.exp(logits[k])).toArray();
    double sum = Arrays.stream(e).sum();
    return Arrays.stream(e).map(x -> x / sum).toArray();
  }

  /** The definitions once more, without bins that are kept: from the answers of every task. */
  private static double[] expected(List<float[][]> logits, List<int[]> labels) {
    double likelihood = 0;
    double brier = 0;
    int n = 0;
    double[] difference = new double[15];
    for (int task = 0; task < logits.size(); task++) {
      double sum = 0;
      for (int i = 0; i < labels.get(task).length; i++) {
        double[] p = probabilities(logits.get(task)[i]);
        int y = labels.get(task)[i];
        int best = IntStream.range(0, p.length).reduce(0, (a, b) -> p[b] > p[a] ? b : a);
        sum += Math.log(p[y]);
        for (int k = 0; k < p.length; k++) {
          brier += Math.pow(p[k] - (k == y ? 1 : 0), 2);
        }
        for (int b = 0; b < 15; b++) {
          if (p[best] > b / 15.0 && p[best] <= (b + 1) / 15.0) {
            difference[b] += (best == y ? 1 : 0) - p[best];
          }
        }
        n++;
      }
      likelihood += sum / labels.get(task).length / logits.size();
    }
    double error = Arrays.stream(difference).map(Math::abs).sum() / n;
    return new double[] {likelihood, brier / n, error};
  }

  private static Evaluation measured(RunConfig c, Trainer.Result trained, OptionalDouble t) {
    try (Session session = RunFixtures.session(c);
        Evaluator e = new Evaluator(session, EvalSpec.test(c), trained.theta())) {
      return e.measure(trained.theta(), t, TrainListener.NONE);
    }
  }

  private static void same(double[] expected, Reliability r) {
    assertEquals(expected[0], r.logLikelihood(), 1e-5);
    assertEquals(expected[1], r.brier(), 1e-5);
    assertEquals(expected[2], r.error(), 1e-4);
  }

  @Test
  void ofEpisodes() {
    RunConfig c = RunFixtures.glyphs("eval-episodes", "21");
    Trainer.Result trained = RunFixtures.train(run, c);
    List<float[][]> logits = new ArrayList<>();
    List<int[]> labels = new ArrayList<>();
    try (Session s = RunFixtures.session(c);
        Predictions p = new Predictions(s, EvalSpec.test(c), trained.theta())) {
      p.forEach(
          trained.theta(),
          TrainListener.NONE,
          x -> {
            Predicted.OfEpisode e = (Predicted.OfEpisode) x;
            logits.add(e.logits());
            labels.add(e.episode().queryLabel());
          });
    }
    Evaluation e = measured(c, trained, OptionalDouble.of(1.5));
    Calibration found = e.calibration().orElseThrow();
    same(expected(logits, labels), found.untempered());
    long n = found.untempered().bins().stream().mapToLong(Bin::count).sum();
    assertEquals(21L * 75, n);
    double right =
        found.untempered().bins().stream().mapToDouble(b -> b.count() * b.accuracy()).sum();
    assertEquals(e.value(), right / n, 1e-6);

    logits.forEach(
        task ->
            Arrays.stream(task)
                .forEach(z -> IntStream.range(0, z.length).forEach(k -> z[k] /= 1.5f)));
    Reliability tempered = found.tempered().orElseThrow().reliability();
    same(expected(logits, labels), tempered);

    RunConfig alone = RunFixtures.glyphs("eval-episodes", "21", "workers", "1");
    Evaluation again = measured(alone, trained, OptionalDouble.of(1.5));
    assertEquals(e.calibration(), again.calibration(), "the same for any number of workers");

    Map<String, Object> json = Results.json(c, "r", 20, e);
    assertEquals(found.untempered().logLikelihood(), json.get("log_likelihood"));
    assertEquals(found.untempered().ci95(), json.get("log_likelihood_ci95"));
    assertEquals(found.untempered().brier(), json.get("brier"));
    assertEquals(found.untempered().error(), json.get("ece"));
    assertEquals(1.5, json.get("temperature"));
    assertEquals(tempered.error(), json.get("ece_tempered"));
    assertEquals(15, ((List<?>) json.get("bins")).size());
    assertEquals(tempered.brier(), Results.logged(20, e).get("brier_tempered"));
    String text = String.join("\n", Results.text(c, e));
    assertTrue(text.contains("  " + found.untempered().summary()), text);
    assertTrue(text.contains("  with temperature 1.500: " + tempered.summary()), text);
  }

  /** What is asked before a class was shown says nothing of how sure a learner may be. */
  @Test
  void ofSequencesAtTheLastImageOfAClass() {
    RunConfig c = RunFixtures.sequences("eval-episodes", "9");
    Trainer.Result trained = RunFixtures.train(run, c);
    List<float[][]> logits = new ArrayList<>();
    List<int[]> labels = new ArrayList<>();
    try (Session s = RunFixtures.session(c);
        Predictions p = new Predictions(s, EvalSpec.test(c), trained.theta())) {
      p.forEach(
          trained.theta(),
          TrainListener.NONE,
          x -> {
            Predicted.OfSequence e = (Predicted.OfSequence) x;
            int[] at =
                IntStream.range(0, 12).filter(i -> e.sequence().instance()[i] == 4).toArray();
            assertEquals(3, at.length);
            logits.add(Arrays.stream(at).mapToObj(i -> e.logits()[i]).toArray(float[][]::new));
            labels.add(Arrays.stream(at).map(i -> e.sequence().label()[i]).toArray());
          });
    }
    Calibration found = measured(c, trained, OptionalDouble.empty()).calibration().orElseThrow();
    same(expected(logits, labels), found.untempered());
    assertTrue(found.tempered().isEmpty());
  }

  @Test
  void notOfCurves() {
    RunConfig c = RunFixtures.sinusoid("eval-episodes", "5");
    Evaluation e = RunFixtures.measure(c, RunFixtures.train(run, c));
    assertTrue(e.calibration().isEmpty());
    assertFalse(Results.json(c, "r", 30, e).containsKey("brier"));
  }
}
