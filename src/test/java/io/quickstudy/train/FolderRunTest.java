package io.quickstudy.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.quickstudy.data.Framing;
import io.quickstudy.data.Split;
import io.quickstudy.data.image.Painted;
import io.quickstudy.run.Overrides;
import io.quickstudy.run.RunConfig;
import io.quickstudy.run.RunException;
import io.quickstudy.run.RunFolder;
import io.quickstudy.settings.ConfigException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Own folders from files to results. */
class FolderRunTest {
  @TempDir private Path temporary;
  private Path photos;

  @BeforeEach
  void paint() throws IOException {
    photos = temporary.resolve("photos");
    Painted.classes(photos, 12, 6);
  }

  private RunConfig config(String... pairs) {
    Map<String, String> m =
        RunFixtures.map("data", "folder:" + photos, "size", "12", "blocks", "2", "filters", "8");
    m.putAll(RunFixtures.map("ways", "2", "queries", "3", "eval-queries", "3", "steps", "3"));
    m.putAll(RunFixtures.map("eval-ways", "2", "workers", "2", "eval-episodes", "32"));
    m.putAll(RunFixtures.map("val-episodes", "8", "meta-batch", "2"));
    m.putAll(RunFixtures.map(pairs));
    if ("lstm".equals(m.get("learner")) || "mlp".equals(m.get("model"))) {
      m.keySet().removeAll(List.of("blocks", "filters")); // these have no such options
    }
    return io.quickstudy.run.Recipes.complete(m);
  }

  private Trainer.Result train(String name, RunConfig config) {
    try (Session session = Session.open(config, TrainListener.NONE)) {
      session.checked();
      RunFolder folder = RunFolder.create(temporary.resolve(name), config);
      try (Trainer trainer = new Trainer(session, folder, TrainListener.NONE)) {
        return trainer.run(() -> false);
      }
    }
  }

  /** Goes on with a run, all of whose steps are done. */
  private Trainer.Result goOn(String name, RunConfig config) {
    try (Session session = Session.open(config, TrainListener.NONE);
        Trainer trainer =
            new Trainer(session, RunFolder.open(temporary.resolve(name)), TrainListener.NONE)) {
      return trainer.run(() -> false);
    }
  }

  private static Evaluation measure(RunConfig config, Trainer.Result r) {
    try (Session session = Session.open(config, TrainListener.NONE);
        Evaluator e = new Evaluator(session, EvalSpec.test(config), r.theta())) {
      return e.measure(r.theta(), TrainListener.NONE);
    }
  }

  @Test
  void everyLearnerTrainsOnColours() {
    for (String learner : List.of("protonet", "maml", "fomaml")) {
      Trainer.Result r = train(learner, config("learner", learner));
      assertEquals(3, r.step());
      assertEquals(3, r.theta().get(weights(r)).shape().dim(2), "channels of the first filters");
    }
    RunConfig lstm =
        config("learner", "lstm", "queries", "0", "eval-queries", "0", "shots", "3", "hidden", "8");
    assertEquals(3, train("lstm", lstm).step());
    RunConfig mlp = config("model", "mlp", "rotations", "classes", "channels", "1");
    assertEquals(3, train("mlp", mlp).step());
  }

  private static String weights(Trainer.Result r) {
    return r.theta().keySet().stream().filter(n -> n.endsWith("conv1.weight")).findFirst().get();
  }

  @Test
  void coloursTellClassesApart() {
    RunConfig c = config("steps", "40", "rate", "0.01", "eval-every", "0");
    double colours = measure(c, train("c", c)).value();
    assertTrue(colours > 0.9, "accuracy " + colours);
  }

  @Test
  void howPicturesAreFramedIsKeptWithTheRun() throws IOException {
    Files.writeString(photos.resolve("c3/5.jpg"), "no image");
    RunConfig c = config("fit", "crop", "trim", "margin", "levels", "each");
    assertEquals(3, train("framed", c).step());
    RunConfig kept = RunFolder.open(temporary.resolve("framed")).config();
    Framing framing = new Framing(Framing.Fit.CROP, Framing.Trim.MARGIN, Framing.Levels.EACH);
    assertEquals(framing, kept.tasks().framing());
    List<String> said = new ArrayList<>();
    TrainListener listener =
        new TrainListener() {
          @Override
          public void message(String line) {
            said.add(line);
          }
        };
    Session.open(kept, listener).close();
    assertTrue(
        said.stream().anyMatch(l -> l.startsWith("left out 1 unreadable image: ")), "" + said);
    assertEquals(Framing.USUAL, config().tasks().framing());
    String message =
        assertThrows(ConfigException.class, () -> config("data", "glyphs", "trim", "margin"))
            .getMessage();
    assertTrue(message.contains("for 'glyphs'"), message);
  }

  @Test
  void aSecondStartGivesTheSameBits() {
    RunConfig c = config();
    Trainer.Result first = train("a", c);
    Trainer.Result again = train("b", c);
    first.theta().forEach((n, v) -> assertArrayEquals(v.data(), again.theta().get(n).data(), n));
  }

  @Test
  void whatIsFoundAndDecodedIsTold() throws IOException {
    Painted.image(photos.resolve("c0/99.png"), 1);
    List<String> said = new ArrayList<>();
    int[] decoded = new int[1];
    TrainListener listener =
        new TrainListener() {
          @Override
          public void message(String line) {
            said.add(line);
          }

          @Override
          public void decoded(int images, int of) {
            assertEquals(73, of);
            decoded[0] = images;
          }
        };
    try (Session session = Session.open(config(), listener)) {
      assertEquals(
          "photos (12 classes, 73 images of 12 x 12 x 3), split random 8/2/2", session.describe());
    }
    assertEquals("found 73 images of 12 classes in " + photos, said.getFirst());
    assertEquals(73, decoded[0]);
  }

  private String refused(RunConfig c) {
    return assertThrows(
            ConfigException.class,
            () -> {
              try (Session session = Session.open(c, TrainListener.NONE)) {
                session.checked();
              }
            })
        .getMessage();
  }

  @Test
  void tasksThatTheFolderDoesNotHaveAreNamed() {
    assertEquals(
        "Option --eval-ways is 3: expected at most 2, the test classes of 'photos' in split random"
            + " 8/2/2 of train, val and test; choose fewer or add classes.",
        refused(config("eval-ways", "3")));
    assertTrue(refused(config("ways", "9")).startsWith("Option --ways is 9: expected at most 8"));
    String few = refused(config("queries", "7"));
    assertTrue(few.contains("has 6 examples, and 7 other classes have too few"), few);
    assertTrue(few.contains("an episode needs 8; ask for fewer shots or queries"), few);
    assertTrue(refused(config("split", "heldout")).contains("expected at least 3; use random"));
  }

  @Test
  void classesWithTooFewImagesAreLeftOutAndNamed() throws IOException {
    List<String> said = new ArrayList<>();
    TrainListener listener =
        new TrainListener() {
          @Override
          public void message(String line) {
            said.add(line);
          }
        };
    RunConfig c = config("eval-every", "0");
    String small;
    try (Session session = Session.open(c, TrainListener.NONE)) {
      small = session.data().orElseThrow().trained().getFirst();
    }
    for (int i = 1; i < 6; i++) { // needed are one shot and three queries
      Files.delete(photos.resolve(small).resolve(i + (i % 2 == 0 ? ".png" : ".jpg")));
    }
    try (Session session = Session.open(c, listener)) {
      session.checked();
      session.checked();
    }
    assertEquals(
        "left out 1 of the 8 train classes, which have fewer than the 4 images that a task needs:"
            + " '%s' (1)".formatted(small),
        said.getLast());
    assertEquals(1, said.stream().filter(l -> l.startsWith("left out")).count(), "said once");
    assertEquals(3, train("few", c).step());
  }

  @Test
  void aRunGoesOnOnlyWithTheImagesItBeganWith() throws IOException {
    RunConfig c = config();
    train("r", c);
    assertEquals(3, goOn("r", c).step());
    Path moved = Files.move(photos, temporary.resolve("moved"));
    assertEquals(3, goOn("r", config("data", "folder:" + moved)).step(), "the same, elsewhere");
    Files.move(moved, photos);
    Path metrics = temporary.resolve("r/metrics.jsonl");
    String before = Files.readString(metrics);
    Painted.image(photos.resolve("c0/0.png"), 99); // one of 72
    String said = assertThrows(RunException.class, () -> goOn("r", c)).getMessage();
    String images = "photos (12 classes, 72 images of 12 x 12 x 3), split random 8/2/2";
    assertTrue(said.contains("'%s' changed".formatted(temporary.resolve("r"))), said);
    assertTrue(said.contains("(%s still, but of other names or values)".formatted(images)), said);
    assertTrue(said.contains("or delete its data.json to go on with what is there now."), said);
    assertEquals(before, Files.readString(metrics), "nothing is written");
    Painted.classes(photos, 13, 6);
    said = assertThrows(RunException.class, () -> goOn("r", c)).getMessage();
    assertTrue(said.contains(" before, photos (13 classes, 78 images of 12 x 12 x 3), "), said);
    Files.delete(temporary.resolve("r/data.json")); // as in runs from before there was one
    assertEquals(3, goOn("r", c).step());
    assertEquals(3, goOn("r", c).step());
  }

  private static Optional<String> objection(Path run, RunConfig config, Split.Part part) {
    try (Session session = Session.open(config, TrainListener.NONE)) {
      return session.objection(RunFolder.open(run), EvalSpec.test(config).on(part));
    }
  }

  @Test
  void aTestOnClassesThatWereTrainedOnIsNamed() throws IOException {
    RunConfig c = config();
    train("r", c);
    Path run = temporary.resolve("r");
    assertEquals(Optional.empty(), objection(run, c, Split.Part.TEST));
    RunConfig other = config("seed", "1"); // another random split
    assertEquals(Optional.empty(), objection(run, other, Split.Part.TRAIN), "that is on purpose");
    String said = objection(run, other, Split.Part.TEST).orElseThrow();
    assertTrue(
        said.matches(
            "[12] of the 2 classes that are tested have names of classes that '.*/r' was trained"
                + " on, such as 'c\\d+': expected new ones; .*"),
        said);
    Painted.image(photos.resolve("c0/0.png"), 99);
    assertEquals(
        ("The data is no longer that which '%s' was trained on (photos (12 classes, 72 images of 12"
             + " x 12 x 3), split random 8/2/2 still, but of other names or values): expected the"
             + " same; say where it is.")
            .formatted(run),
        objection(run, c, Split.Part.TEST).orElseThrow());
    RunConfig drawn = config("data", "glyphs", "split", "heldout", "size", "14", "channels", "1");
    assertEquals(Optional.empty(), objection(run, drawn, Split.Part.TEST), "other data");
  }

  @Test
  void aRunIsMeasuredOnOtherFolders() throws IOException {
    RunConfig c = config();
    Trainer.Result r = train("r", c);
    Path others = temporary.resolve("others");
    Painted.classes(others.resolve("train"), 2, 6);
    Painted.image(others.resolve("test/x/1.png"), 7);
    RunConfig same = Overrides.measure(c, Map.of("data", "folder:" + others));
    assertEquals("random", same.tasks().split(), "data of the same kind keeps its split");
    Painted.classes(others.resolve("more"), 12, 6);
    RunConfig other =
        Overrides.measure(c, Map.of("data", "folder:" + others.resolve("more"), "eval-shots", "2"));
    assertEquals(32, measure(other, r).spec().episodes());
    String grey =
        assertThrows(ConfigException.class, () -> Overrides.measure(c, Map.of("data", "glyphs")))
            .getMessage();
    assertTrue(grey.contains("--channels is 3: expected 1 for 'glyphs'"), grey);
  }
}
