package io.quickstudy.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.quickstudy.run.Checkpoint;
import io.quickstudy.run.RunConfig;
import io.quickstudy.run.RunFolder;
import io.quickstudy.train.Predictions.Predicted;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The features that a page shows are those that predictions are made of. */
class TaskFeaturesTest {
  @TempDir private Path run;

  private Optional<TaskFeatures> features(RunConfig c, EvalSpec spec, List<Predicted> predicted) {
    RunFixtures.train(run, c);
    Checkpoint checkpoint = RunFolder.open(run).trained(w -> {});
    try (Session session = RunFixtures.session(c, RunFixtures.drawn(c.tasks().size()));
        Predictions p = new Predictions(session, spec, checkpoint.theta())) {
      p.forEach(checkpoint.theta(), TrainListener.NONE, predicted::add);
      return TaskFeatures.of(session, spec, checkpoint.theta());
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"running", "support", "transductive"})
  void distancesToThePrototypesAreTheLogits(String norm) {
    RunConfig c = RunFixtures.glyphs("batch-norm", norm, "eval-shots", "3", "eval-episodes", "1");
    EvalSpec spec = EvalSpec.test(c);
    List<Predicted> predicted = new ArrayList<>();
    TaskFeatures f = features(c, spec, predicted).orElseThrow();
    Predicted.OfEpisode of = (Predicted.OfEpisode) predicted.getFirst();
    assertArrayEquals(of.episode().queryIndex(), f.episode().queryIndex());
    assertEquals("prototypes", f.marked());
    assertEquals(spec.ways(), f.marks().length);
    assertEquals(spec.ways() * spec.queries(), f.query().length);
    for (int k = 0; k < spec.ways(); k++) {
      for (int j = 0; j < f.marks()[k].length; j++) {
        double mean = 0;
        for (int i = 0; i < 3; i++) {
          mean += f.support()[3 * k + i][j] / 3;
        }
        assertEquals(mean, f.marks()[k][j], 1e-4);
      }
    }
    double largest = 0;
    for (int i = 0; i < f.query().length; i++) {
      for (int k = 0; k < spec.ways(); k++) {
        double squares = 0;
        for (int j = 0; j < f.marks()[k].length; j++) {
          double d = (double) f.query()[i][j] - f.marks()[k][j];
          squares += d * d;
        }
        largest = Math.max(largest, squares);
        assertEquals(-squares, of.logits()[i][k], 1e-3 * Math.max(1, squares));
      }
    }
    assertTrue(largest > 0.1, "all features are the same");
  }

  @Test
  void alsoOfALearnerThatMovesItsParameters() {
    RunConfig maml =
        RunFixtures.glyphs("learner", "fomaml", "ways", "5", "steps", "3", "eval-episodes", "1");
    TaskFeatures f = features(maml, EvalSpec.test(maml), new ArrayList<>()).orElseThrow();
    assertEquals(5, f.support().length);
    assertEquals(0, f.marks().length);
    assertEquals("", f.marked());
  }

  @Test
  void aSequenceLearnerHasNone() {
    RunConfig c = RunFixtures.sequences("steps", "1", "eval-episodes", "1");
    assertTrue(features(c, EvalSpec.test(c), new ArrayList<>()).isEmpty());
  }
}
