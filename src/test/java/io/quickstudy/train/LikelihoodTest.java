package io.quickstudy.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.quickstudy.Quickstudy;
import io.quickstudy.adapt.AdaptOptions;
import io.quickstudy.adapt.Adapter;
import io.quickstudy.adapt.Estimate;
import io.quickstudy.adapt.Regressor;
import io.quickstudy.data.CurveTasks;
import io.quickstudy.data.source.GaussianProcess;
import io.quickstudy.run.RunConfig;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What learners of curves say of how sure they are, measured and in a service. */
class LikelihoodTest {
  private static final double LOG_2_PI = Math.log(2 * Math.PI);

  @TempDir private Path folder;

  private static RunConfig process(String... pairs) {
    Map<String, String> m =
        RunFixtures.map("learner", "cnp", "data", "gp", "hidden", "32,32", "decoder", "32,32");
    m.putAll(RunFixtures.map("steps", "2000", "shots", "20", "rate", "0.003"));
    m.putAll(RunFixtures.map(pairs));
    return RunFixtures.config(
        m.entrySet().stream()
            .flatMap(e -> java.util.stream.Stream.of(e.getKey(), e.getValue()))
            .toArray(String[]::new));
  }

  private static Evaluation at(RunConfig c, Trainer.Result trained, int shots) {
    EvalSpec t = EvalSpec.test(c);
    EvalSpec spec = new EvalSpec(t.part(), 1, shots, t.queries(), t.options(), 200);
    try (Session session = RunFixtures.session(c);
        Evaluator e = new Evaluator(session, spec, trained.theta())) {
      return e.measure(trained.theta(), TrainListener.NONE);
    }
  }

  @Test
  void morePointsTellMore() {
    RunConfig c = process();
    Trainer.Result trained = RunFixtures.train(folder.resolve("r"), c);
    double error = 1.5;
    double likelihood = -0.5 * LOG_2_PI - 1;
    for (int shots : new int[] {1, 4, 12, 50}) {
      Evaluation e = at(c, trained, shots);
      assertTrue(e.value() < 0.95 * error, shots + " shots: " + e);
      Likelihood l = e.likelihood().orElseThrow();
      assertTrue(l.value() > likelihood + 0.05, shots + " shots: " + e);
      assertTrue(l.within() > 0.85 && l.within() < 0.99, shots + " shots: " + e);
      assertTrue(l.ci95() > 0 && l.ci95() < 0.2, shots + " shots: " + e);
      assertTrue(l.error() < 0.06, shots + " shots: " + e);
      Best best = e.best().orElseThrow();
      assertTrue(best.error() < e.value(), shots + " shots: " + e);
      assertTrue(best.likelihood() > l.value(), shots + " shots: " + e);
      error = e.value();
      likelihood = l.value();
    }
  }

  private static double logNormal(double y, double mean, double deviation) {
    double z = (y - mean) / deviation;
    return -0.5 * LOG_2_PI - Math.log(deviation) - 0.5 * z * z;
  }

  /** Counts a value below each of the quantiles of a normal distribution that it is below. */
  private static void below(Estimate e, double y, double[] counts) {
    // 1.959964 and so on: the standard normal quantiles at 0.525, 0.575, ... 0.975
    double[] upper = {
      0.0627068, 0.1891184, 0.3186394, 0.4537622, 0.5977601, 0.7554150, 0.9345893, 1.1503494,
      1.4395315, 1.9599640
    };
    double z = (y - e.value()) / e.deviation();
    for (int k = 0; k < upper.length; k++) {
      counts[upper.length + k] += z <= upper[k] ? 1 : 0;
      counts[upper.length - 1 - k] += z <= -upper[k] ? 1 : 0;
    }
  }

  /** What is measured is what a service answers on the same tasks, and what the posterior says. */
  @Test
  void measuresWhatEstimatesSay() {
    RunConfig c = process("steps", "50", "eval-episodes", "5", "eval-shots", "7");
    Path run = folder.resolve("r");
    Evaluation e = RunFixtures.measure(c, RunFixtures.train(run, c));
    int n = c.evaluation().evalQueries();
    CurveTasks tasks = GaussianProcess.tasks(c.run().seed());
    RunningMean density = new RunningMean();
    double within = 0;
    double error = 0;
    double bestDensity = 0;
    double bestError = 0;
    double[] below = new double[Likelihood.LEVELS];
    float[] x = new float[7];
    float[] y = new float[7];
    float[] qx = new float[n];
    float[] qy = new float[n];
    double[] mean = new double[n];
    double[] deviation = new double[n];
    try (Adapter adapter = Quickstudy.load(run, AdaptOptions.usual().device("cpu"))) {
      for (int task = 0; task < 5; task++) {
        tasks.fill(EvalSpec.test(c).first() + task, 1, 7, n, x, y, qx, qy);
        tasks.posterior().orElseThrow().at(x, y, qx, mean, deviation);
        Regressor r = adapter.adapt(x, y);
        assertTrue(r.estimates());
        List<Estimate> found = r.estimate(qx);
        float[] predicted = r.predict(qx);
        double sum = 0;
        for (int i = 0; i < n; i++) {
          below(found.get(i), qy[i], below);
          double m = found.get(i).value();
          double s = found.get(i).deviation();
          assertEquals(predicted[i], m, 1e-5);
          sum += logNormal(qy[i], m, s) / n;
          within += Math.abs(qy[i] - m) <= 1.96 * s ? 1.0 / (5 * n) : 0;
          error += (qy[i] - m) * (qy[i] - m) / (5 * n);
          bestDensity += logNormal(qy[i], mean[i], deviation[i]) / (5 * n);
          bestError += (qy[i] - mean[i]) * (qy[i] - mean[i]) / (5 * n);
        }
        density.add(sum);
      }
    }
    Likelihood l = e.likelihood().orElseThrow();
    assertEquals(error, e.value(), 1e-4);
    assertEquals(density.mean(), l.value(), 1e-4);
    assertEquals(density.ci95(), l.ci95(), 1e-4);
    assertEquals(within, l.within(), 1.5 / (5 * n), "but for one on the edge of the band");
    double error20 = 0;
    for (int k = 0; k < Likelihood.LEVELS; k++) {
      double fraction = below[k] / (5.0 * n);
      assertEquals(fraction, l.below().get(k), 1.5 / (5 * n), "but for one on the edge");
      error20 += Math.abs(l.below().get(k) - (0.025 + 0.05 * k)) / 20;
    }
    assertEquals(error20, l.error(), 1e-12);
    assertEquals(bestError, e.best().orElseThrow().error(), 1e-9);
    assertEquals(bestDensity, e.best().orElseThrow().likelihood(), 1e-9);
    assertTrue(Double.isNaN(e.before()) && e.byStep().isEmpty(), "it makes no steps");

    Map<String, Object> json = Results.json(c, "r", 50, e);
    assertEquals(l.value(), json.get("log_likelihood"));
    assertEquals(l.ci95(), json.get("log_likelihood_ci95"));
    assertEquals(l.within(), json.get("within_95_band"));
    assertEquals(l.error(), json.get("ece"));
    assertEquals(l.below(), json.get("below_quantiles"));
    assertEquals(bestError, (double) json.get("best_value"), 1e-9);
    assertFalse(json.containsKey("by_step"));
    assertEquals(l.value(), Results.logged(50, e).get("log_likelihood"));
    String text = String.join("\n", Results.text(c, e));
    assertTrue(text.contains("log-likelihood: " + l.summary()), text);
    assertTrue(text.contains("best there is to reach: mse "), text);
    assertFalse(text.contains("by step"), text);
  }

  @Test
  void othersDoNotSayHowSureTheyAre() {
    RunConfig c =
        RunFixtures.config(
            "learner", "maml", "data", "gp", "steps", "20", "eval-episodes", "4", "hidden", "8");
    Path run = folder.resolve("r");
    Evaluation e = RunFixtures.measure(c, RunFixtures.train(run, c));
    assertTrue(e.likelihood().isEmpty());
    assertTrue(e.best().orElseThrow().error() < e.value(), e::toString);
    assertEquals(1, e.byStep().size());
    try (Adapter adapter = Quickstudy.load(run, AdaptOptions.usual().device("cpu"))) {
      Regressor r = adapter.adapt(new float[] {0}, new float[] {1});
      assertFalse(r.estimates());
      String message =
          assertThrows(UnsupportedOperationException.class, () -> r.estimate(1)).getMessage();
      assertTrue(message.contains("such as cnp"), message);
    }
  }
}
