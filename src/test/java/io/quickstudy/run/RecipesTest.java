package io.quickstudy.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.quickstudy.backend.Precision;
import io.quickstudy.data.DataSource;
import io.quickstudy.data.Ink;
import io.quickstudy.data.Rotations;
import io.quickstudy.learner.LearnerKind;
import io.quickstudy.learners.Learners;
import io.quickstudy.learners.gradient.Maml;
import io.quickstudy.learners.metric.ProtoNet;
import io.quickstudy.nn.ConvNet;
import io.quickstudy.nn.FeatureScale;
import io.quickstudy.nn.Norm;
import io.quickstudy.settings.ConfigException;
import io.quickstudy.train.RunFixtures;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** That what is not said follows the papers, and that what does not fit together is refused. */
class RecipesTest {
  private static RunConfig complete(String... pairs) {
    return Recipes.complete(RunFixtures.map(pairs));
  }

  /** The value of an option of the learner or the model. */
  private static Object value(RunConfig c, String key) {
    return RunKeys.values(c).get(key);
  }

  private static String refused(String... pairs) {
    return assertThrows(ConfigException.class, () -> complete(pairs)).getMessage();
  }

  @Test
  void nothingSaidIsProtonetOnGlyphs() {
    RunConfig c = complete();
    assertEquals(ProtoNet.KIND, c.learner());
    assertEquals("glyphs", c.data().name());
    assertEquals("heldout", c.tasks().split());
    assertEquals(Norm.Policy.RUNNING, c.network().batchNorm());
    assertEquals(5, c.evaluation().evalWays());
  }

  @Test
  void protonetOnOmniglotIsThePapers() {
    RunConfig c = complete("data", "omniglot");
    assertEquals("vinyals", c.tasks().split());
    assertEquals(60, c.tasks().ways());
    assertEquals(5, c.tasks().queries());
    assertEquals(Rotations.CLASSES, c.tasks().rotations());
    assertEquals(ConvNet.Down.MAX_POOL, value(c, "down"));
    assertEquals(ScheduleName.COSINE, c.optimiser().schedule());
    assertEquals(1000, c.evaluation().evalEpisodes());
  }

  @Test
  void mamlOnOmniglotIsThePapersWithARateForAMeanLoss() {
    RunConfig c = complete("learner", "maml", "data", "omniglot");
    assertEquals("random", c.tasks().split());
    assertEquals(2.0, (double) value(c, "inner-rate"), 1e-12);
    assertEquals(1, value(c, "inner-steps"));
    assertEquals(3, value(c, "eval-inner-steps"));
    assertEquals(32, c.tasks().metaBatch());
    assertEquals(Norm.Policy.TRANSDUCTIVE, c.network().batchNorm());
    assertEquals(ConvNet.Head.MEAN, value(c, "head"));
    assertEquals(
        0.4,
        (double) value(complete("learner", "fomaml", "data", "omniglot"), "inner-rate"),
        1e-12);
    RunConfig many = complete("learner", "maml", "data", "omniglot", "ways", "20");
    assertEquals(2.0, (double) value(many, "inner-rate"), 1e-12);
    assertEquals(5, value(many, "inner-steps"));
    assertEquals(16, many.tasks().metaBatch());
    assertEquals(20, many.evaluation().evalWays());
  }

  @Test
  void sinusoidsAreMamlsAndHaveNoClasses() {
    RunConfig c = complete("data", "sinusoids");
    assertEquals(Maml.KIND, c.learner());
    assertEquals("sinusoid", c.data().name());
    assertEquals(0.01, value(c, "inner-rate"));
    assertEquals(10, c.tasks().shots());
    assertEquals(10, value(c, "eval-inner-steps"));
    assertEquals("none", c.tasks().split());
    assertTrue(
        refused("data", "sinusoid", "learner", "protonet").contains("use one of maml, fomaml"));
  }

  @Test
  void lstmTakesSequencesOfFifty() {
    RunConfig c = complete("learner", "lstm", "data", "omniglot");
    assertEquals(50, c.tasks().ways() * c.tasks().shots());
    assertEquals(20, c.tasks().size());
    assertEquals(OptimiserName.ADAM, c.optimiser().optimiser());
    assertEquals(Optional.empty(), c.model());
  }

  @Test
  void foldersAreTakenAsThePapersTakeMiniImageNet() {
    RunConfig p = complete("data", "folder:photos");
    assertEquals(Path.of("photos").toAbsolutePath().toString(), p.tasks().dataDir());
    assertEquals("random", p.tasks().split());
    assertEquals(84, p.tasks().size());
    assertEquals(3, p.tasks().channels());
    assertEquals(Ink.BRIGHT, p.tasks().ink());
    assertEquals(64, value(p, "filters"));
    assertEquals(Rotations.NONE, p.tasks().rotations());
    RunConfig m = complete("data", "folder:photos", "learner", "maml");
    assertEquals(32, value(m, "filters"));
    assertEquals(5, value(m, "inner-steps"));
    assertEquals(10, value(m, "eval-inner-steps"));
    assertEquals(0.05, (double) value(m, "inner-rate"), 1e-12);
    assertEquals(4, m.tasks().metaBatch());
    assertEquals(10, m.optimiser().clipValue());
    assertEquals(ConvNet.Down.MAX_POOL, value(m, "down"));
    assertEquals(
        2, complete("data", "folder:x", "learner", "fomaml", "shots", "5").tasks().metaBatch());
    assertEquals(
        0,
        complete("data", "folder:x", "learner", "maml", "clip-norm", "5").optimiser().clipValue());
    assertEquals(20, complete("data", "folder:x", "learner", "lstm").tasks().size());
    assertEquals(
        "files:" + Path.of("lists").toAbsolutePath(),
        complete("data", "folder:x", "split", "files:lists").tasks().split());
    assertEquals(
        "files:/some/lists",
        complete("data", "folder:x", "split", "files: /some/lists").tasks().split());
    assertTrue(refused("data", "folder:x", "split", "files:").contains("or files:DIR"));
  }

  @Test
  void featuresStartSmallButWhereFiguresOrWeightsAreOfAnotherStart() {
    assertEquals(FeatureScale.UNIT, value(complete(), "feature-scale"));
    assertEquals(FeatureScale.UNIT, value(complete("data", "folder:x"), "feature-scale"));
    for (String learner : List.of("protonet", "maml", "fomaml")) {
      RunConfig published = complete("data", "omniglot", "learner", learner);
      assertEquals(FeatureScale.RAW, value(published, "feature-scale"));
    }
    RunConfig others = complete("model", "mlp", "weights", "w.safetensors");
    assertEquals(FeatureScale.RAW, value(others, "feature-scale"));
    RunConfig ours = complete("model", "mlp", "weights", "w.safetensors", "feature-scale", "unit");
    assertEquals(FeatureScale.UNIT, value(ours, "feature-scale"));
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
    assertEquals(20, complete("ways", "20").evaluation().evalWays());
    assertEquals(5, complete("shots", "5").evaluation().evalShots());
    assertEquals(7, value(complete("learner", "maml", "inner-steps", "7"), "eval-inner-steps"));
    assertEquals(3, value(complete("learner", "maml", "inner-steps", "2"), "eval-inner-steps"));
    RunConfig c = complete("data", "omniglot:/some/where");
    assertEquals("/some/where", c.tasks().dataDir());
    assertEquals("omniglot", c.data().name());
    assertEquals(Norm.Policy.NONE, complete("model", "mlp").network().batchNorm());
  }

  @Test
  void unknownNamesGetTheNearest() {
    assertTrue(refused("learner", "protonat").endsWith("did you mean 'protonet'?"));
    assertTrue(refused("data", "omniglott").endsWith("did you mean 'omniglot'?"));
    assertTrue(refused("data", "omniglot", "split", "vinyal").endsWith("did you mean 'vinyals'?"));
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
    assertEquals("4G", complete("memory-limit", "4G").run().memoryLimit());
    assertTrue(refused("rate", "-1").contains("--rate is -1"));
    assertTrue(refused("rate", "nan").contains("expected a number"));
    assertEquals(
        "Option --flip is 1.5: expected a number of at most 1; change it.", refused("flip", "1.5"));
    assertEquals(0.5, complete("hue", "0.5", "data", "folder:x").augmentation().hue());
    assertTrue(
        refused("learner", "maml", "batch-norm", "running")
            .contains("expected transductive or support"));
    assertTrue(refused("inner-steps", "3").contains("or use learner 'maml', "));
    assertTrue(refused("clip-norm", "1", "clip-value", "1").contains("choose one"));
    for (String key : List.of("learner", "data", "model")) {
      for (String name : List.of("sinusoi [40,s run; quickstudy train.3", "a/b.C", ".", "x..Y")) {
        String message = refused(key, name);
        assertTrue(!message.contains("Exception") && message.contains("expected"), message);
      }
    }
    assertTrue(refused("learner", "maml", "eval-ways", "20").contains("one output for each class"));
    assertTrue(refused("learner", "lstm", "queries", "3").contains("--queries is 3"));
    assertEquals(
        "Option --precision is tf32: expected fp32 on device 'auto'; say --device cuda, which has"
            + " it.",
        refused("precision", "tf32"));
  }

  @Test
  void everyDefaultFits() {
    for (LearnerKind<?> l : Learners.ALL) {
      for (DataSource d : Catalogue.data(l)) {
        assertEquals(l, Catalogue.defaults(l, d).config().learner());
      }
    }
  }

  @Test
  void aRunGoesOnOnlyAsWhatItIs() {
    RunConfig c = complete("steps", "100");
    RunConfig longer = Overrides.resume(c, Map.of("steps", "200", "rate", "4e-3"));
    assertEquals(200, longer.run().steps());
    String message =
        assertThrows(ConfigException.class, () -> Overrides.resume(c, Map.of("rate", "0.5")))
            .getMessage();
    assertTrue(message.contains("--rate is 0.5: expected 0.004"), message);
    RunConfig narrow = complete("device", "cuda", "precision", "tf32");
    assertEquals(Precision.TF32, Overrides.resume(narrow, Map.of("steps", "7")).run().precision());
    assertTrue(
        assertThrows(
                ConfigException.class, () -> Overrides.resume(narrow, Map.of("precision", "fp32")))
            .getMessage()
            .contains("--precision is fp32: expected tf32, with which the run began"));
    assertEquals(
        Precision.FP32,
        Overrides.measure(narrow, Map.of("device", "cpu", "precision", "fp32")).run().precision());
  }

  @Test
  void anOptionOfTwoLearnersSaysWhatItMeansToEach() {
    String meaning =
        RunKeys.all(List.of(), List.of()).values().stream()
            .flatMap(List::stream)
            .filter(k -> k.name().equals("distance"))
            .findFirst()
            .orElseThrow()
            .meaning();
    assertTrue(meaning.contains("between images and prototypes"), meaning);
    assertTrue(meaning.contains("(l1, l2, cosine)"), meaning);
  }
}
