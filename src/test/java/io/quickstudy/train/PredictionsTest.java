package io.quickstudy.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.quickstudy.data.source.Sinusoids;
import io.quickstudy.run.RunConfig;
import io.quickstudy.runtime.Array;
import io.quickstudy.train.Predictions.Predicted;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Predictions on single tasks are those that are measured. */
class PredictionsTest {
  @TempDir private Path run;

  private static List<Predicted> all(RunConfig c, EvalSpec spec, Map<String, Array> theta) {
    List<Predicted> all = new ArrayList<>();
    try (Session s = RunFixtures.session(c);
        Predictions p = new Predictions(s, spec, theta)) {
      p.forEach(theta, TrainListener.NONE, all::add);
    }
    return all;
  }

  private static boolean right(float[] logits, int label) {
    for (int k = 0; k < logits.length; k++) {
      if (logits[k] > logits[label] || (logits[k] == logits[label] && k < label)) {
        return false;
      }
    }
    return true;
  }

  @Test
  void ofEpisodes() {
    RunConfig c =
        RunFixtures.glyphs("eval-episodes", "37"); // no multiple of what is computed at once
    Trainer.Result trained = RunFixtures.train(run, c);
    RunningMean accuracy = new RunningMean();
    for (Predicted p : all(c, EvalSpec.test(c), trained.theta())) {
      Predicted.OfEpisode e = (Predicted.OfEpisode) p;
      assertEquals(accuracy.count(), e.number());
      int[] labels = e.episode().queryLabel();
      assertEquals(75, labels.length);
      double sum = 0;
      for (int i = 0; i < labels.length; i++) {
        sum += right(e.logits()[i], labels[i]) ? 1 : 0;
      }
      accuracy.add(sum / labels.length);
    }
    Evaluation measured = RunFixtures.measure(c, trained);
    assertEquals(37, accuracy.count());
    assertEquals(measured.value(), accuracy.mean(), 1e-6);
    assertEquals(measured.ci95(), accuracy.ci95(), 1e-6);
  }

  @Test
  void ofSequences() {
    RunConfig c = RunFixtures.sequences("eval-episodes", "21");
    Trainer.Result trained = RunFixtures.train(run, c);
    RunningMean[] byInstance = {
      new RunningMean(), new RunningMean(), new RunningMean(), new RunningMean()
    };
    for (Predicted p : all(c, EvalSpec.test(c), trained.theta())) {
      Predicted.OfSequence s = (Predicted.OfSequence) p;
      int[] labels = s.sequence().label();
      for (int i = 0; i < labels.length; i++) {
        double r = right(s.logits()[i], labels[i]) ? 1 : 0;
        byInstance[s.sequence().instance()[i] - 1].add(r);
      }
    }
    Evaluation measured = RunFixtures.measure(c, trained);
    for (int k = 0; k < byInstance.length; k++) {
      assertEquals(measured.byInstance().get(k), byInstance[k].mean(), 1e-6);
    }
  }

  private static float y(Predicted.OfWave w, float x) {
    float[] y = new float[1];
    w.curve().orElseThrow().value(new float[] {x}, 0, y, 0);
    return y[0];
  }

  @Test
  void ofWaves() {
    RunConfig c = RunFixtures.sinusoid("steps", "1000", "eval-inner-steps", "3");
    Trainer.Result trained = RunFixtures.train(run, c);
    Evaluation measured = RunFixtures.measure(c, trained);
    EvalSpec t = EvalSpec.test(c);
    EvalSpec line = new EvalSpec(t.part(), t.ways(), t.shots(), 201, t.options(), t.episodes());
    double[] errors = new double[4];
    List<Predicted> all = all(c, line, trained.theta());
    for (Predicted p : all) {
      Predicted.OfWave w = (Predicted.OfWave) p;
      assertEquals(-Sinusoids.MAX_X, w.x()[0]);
      assertEquals(0, w.x()[100], 1e-6);
      assertEquals(Sinusoids.MAX_X, w.x()[200]);
      assertEquals(y(w, w.supportX()[0]), w.supportY()[0]);
      for (int k = 0; k < errors.length; k++) {
        for (int i = 0; i < w.x().length; i++) {
          double d = w.byStep()[k][i] - y(w, w.x()[i]);
          errors[k] += d * d / w.x().length / all.size();
        }
      }
    }
    // the same tasks, on the whole line rather than on the points drawn from it
    assertEquals(measured.before(), errors[0], 0.05 * measured.before());
    for (int k = 1; k < errors.length; k++) {
      double of = measured.byStep().get(k - 1);
      assertEquals(of, errors[k], 0.05 * of);
    }
    assertTrue(errors[3] < 0.9 * errors[0], "it adapts");
  }
}
