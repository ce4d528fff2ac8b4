package io.quickstudy.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.quickstudy.backend.Precision;
import io.quickstudy.data.Ink;
import io.quickstudy.data.Rotations;
import io.quickstudy.nn.ConvNet;
import io.quickstudy.nn.Norm;
import io.quickstudy.train.RunFixtures;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** That what is not said follows the papers, and that what does not fit together is refused. */
class RecipesTest {
  private static RunConfig complete(String... pairs) {
    return Recipes.complete(RunFixtures.map(pairs));
  }

  private static String refused(String... pairs) {
    return assertThrows(ConfigException.class, () -> complete(pairs)).getMessage();
  }

  @Test
  void nothingSaidIsProtonetOnGlyphs() {
    RunConfig c = complete();
    assertEquals(LearnerName.PROTONET, c.learner());
    assertEquals(DataName.GLYPHS, c.data());
    assertEquals("heldout", c.split());
    assertEquals(Norm.Policy.RUNNING, c.batchNorm());
    assertEquals(5, c.evalWays());
  }

  @Test
  void protonetOnOmniglotIsThePapers() {
    RunConfig c = complete("data", "omniglot");
    assertEquals("vinyals", c.split());
    assertEquals(60, c.ways());
    assertEquals(5, c.queries());
    assertEquals(Rotations.CLASSES, c.rotations());
    assertEquals(ConvNet.Down.MAX_POOL, c.down());
    assertEquals(ScheduleName.COSINE, c.schedule());
    assertEquals(1000, c.evalEpisodes());
  }

  @Test
  void mamlOnOmniglotIsThePapersWithARateForAMeanLoss() {
    RunConfig c = complete("learner", "maml", "data", "omniglot");
    assertEquals("random", c.split());
    assertEquals(2.0, c.innerRate(), 1e-12);
    assertEquals(1, c.innerSteps());
    assertEquals(3, c.evalInnerSteps());
    assertEquals(32, c.metaBatch());
    assertEquals(Norm.Policy.TRANSDUCTIVE, c.batchNorm());
    assertEquals(ConvNet.Head.MEAN, c.head());
    assertEquals(0.4, complete("learner", "fomaml", "data", "omniglot").innerRate(), 1e-12);
    RunConfig many = complete("learner", "maml", "data", "omniglot", "ways", "20");
    assertEquals(2.0, many.innerRate(), 1e-12);
    assertEquals(5, many.innerSteps());
    assertEquals(16, many.metaBatch());
    assertEquals(20, many.evalWays());
  }

  @Test
  void sinusoidsAreMamlsAndHaveNoClasses() {
    RunConfig c = complete("data", "sinusoids");
    assertEquals(LearnerName.MAML, c.learner());
    assertEquals(DataName.SINUSOID, c.data());
    assertEquals(0.01, c.innerRate());
    assertEquals(10, c.shots());
    assertEquals(10, c.evalInnerSteps());
    assertEquals("none", c.split());
    assertTrue(refused("data", "sinusoid", "learner", "protonet").contains("maml or fomaml"));
  }

  @Test
  void lstmTakesSequencesOfFifty() {
    RunConfig c = complete("learner", "lstm", "data", "omniglot");
    assertEquals(50, c.ways() * c.shots());
    assertEquals(20, c.size());
    assertEquals(OptimiserName.ADAM, c.optimiser());
    assertEquals(ModelName.LSTM, c.model());
  }

  @Test
  void foldersAreTakenAsThePapersTakeMiniImageNet() {
    RunConfig p = complete("data", "folder:photos");
    assertEquals("photos", p.dataDir());
    assertEquals("random", p.split());
    assertEquals(84, p.size());
    assertEquals(3, p.channels());
    assertEquals(Ink.BRIGHT, p.ink());
    assertEquals(64, p.filters());
    assertEquals(Rotations.NONE, p.rotations());
    RunConfig m = complete("data", "folder:photos", "learner", "maml");
    assertEquals(32, m.filters());
    assertEquals(5, m.innerSteps());
    assertEquals(10, m.evalInnerSteps());
    assertEquals(0.05, m.innerRate(), 1e-12);
    assertEquals(4, m.metaBatch());
    assertEquals(10, m.clipValue());
    assertEquals(ConvNet.Down.MAX_POOL, m.down());
    assertEquals(2, complete("data", "folder:x", "learner", "fomaml", "shots", "5").metaBatch());
    assertEquals(0, complete("data", "folder:x", "learner", "maml", "clip-norm", "5").clipValue());
    assertEquals(20, complete("data", "folder:x", "learner", "lstm").size());
    assertEquals("files:lists", complete("data", "folder:x", "split", "files:lists").split());
  }

  @Test
  void whatDoesNotFitAFolderIsNamed() {
    assertTrue(refused("data", "folder").contains("say --data folder:DIR"));
    assertTrue(refused("data", "folder:x", "channels", "4").contains("1 (grey) or 3 (colours)"));
    assertTrue(refused("channels", "3").contains("expected 1 for 'glyphs'"));
    assertTrue(refused("split", "folders").contains("expected one of heldout, random"));
    assertTrue(refused("data", "folder:x", "split", "lake").contains("split of folders 'lake'"));
    assertTrue(refused("data", "folder:x", "split", "file").endsWith("did you mean 'files'?"));
    assertTrue(refused("data", "folder:x", "split", "random:y").contains("'random' alone"));
    assertTrue(refused("data", "folder:x", "ink", "blue").contains("expected one of bright, dark"));
  }

  @Test
  void whatIsGivenMovesWhatFollowsFromIt() {
    assertEquals(20, complete("ways", "20").evalWays());
    assertEquals(5, complete("shots", "5").evalShots());
    assertEquals(7, complete("learner", "maml", "inner-steps", "7").evalInnerSteps());
    assertEquals(3, complete("learner", "maml", "inner-steps", "2").evalInnerSteps());
    RunConfig c = complete("data", "omniglot:/some/where");
    assertEquals("/some/where", c.dataDir());
    assertEquals(DataName.OMNIGLOT, c.data());
    assertEquals(Norm.Policy.NONE, complete("model", "mlp").batchNorm());
  }

  @Test
  void unknownNamesGetTheNearest() {
    assertTrue(refused("learner", "protonat").endsWith("did you mean 'protonet'?"));
    assertTrue(refused("data", "omniglott").endsWith("did you mean 'omniglot'?"));
    assertTrue(refused("split", "vinyal").endsWith("did you mean 'vinyals'?"));
    assertTrue(refused("device", "gpu").contains("expected one of auto, cpu, cuda"));
    assertTrue(refused("precision", "tf16").contains("expected one of fp32, tf32"));
    assertTrue(refused("inner_rate", "2").endsWith("did you mean 'inner-rate'?"));
  }

  @Test
  void valuesThatMakeNoSenseAreNamed() {
    assertEquals(
        "Option --ways is 'five': expected a whole number; change it.", refused("ways", "five"));
    assertTrue(refused("ways", "0").contains("--ways is 0"));
    assertTrue(refused("memory-limit", "4").contains("--memory-limit is '4': expected a number"));
    assertEquals("4G", complete("memory-limit", "4G").memoryLimit());
    assertTrue(refused("rate", "-1").contains("--rate is -1"));
    assertTrue(refused("rate", "nan").contains("expected a number"));
    assertTrue(refused("learner", "maml", "batch-norm", "running").contains("move the statistics"));
    assertTrue(refused("inner-steps", "3").contains("does not adapt"));
    assertTrue(refused("clip-norm", "1", "clip-value", "1").contains("choose one"));
    assertTrue(refused("learner", "maml", "eval-ways", "20").contains("one output for each class"));
    assertTrue(refused("learner", "lstm", "queries", "3").contains("--queries is 3"));
    assertEquals(
        "Option --precision is tf32: expected fp32 on device 'auto'; say --device cuda, which has"
            + " it.",
        refused("precision", "tf32"));
  }

  @Test
  void everyDefaultFits() {
    for (LearnerName l : LearnerName.values()) {
      for (DataName d : Catalogue.data(l)) {
        assertEquals(l, Catalogue.defaults(l, d).learner());
      }
    }
  }

  @Test
  void aRunGoesOnOnlyAsWhatItIs() {
    RunConfig c = complete("steps", "100");
    RunConfig longer = Overrides.resume(c, Map.of("steps", "200", "rate", "4e-3"));
    assertEquals(200, longer.steps());
    String message =
        assertThrows(ConfigException.class, () -> Overrides.resume(c, Map.of("rate", "0.5")))
            .getMessage();
    assertTrue(message.contains("--rate is 0.5: expected 0.004"), message);
    RunConfig narrow = complete("device", "cuda", "precision", "tf32");
    assertEquals(Precision.TF32, Overrides.resume(narrow, Map.of("steps", "7")).precision());
    assertTrue(
        assertThrows(
                ConfigException.class, () -> Overrides.resume(narrow, Map.of("precision", "fp32")))
            .getMessage()
            .contains("--precision is fp32: expected tf32, with which the run began"));
    assertEquals(
        Precision.FP32,
        Overrides.measure(narrow, Map.of("device", "cpu", "precision", "fp32")).precision());
  }
}
