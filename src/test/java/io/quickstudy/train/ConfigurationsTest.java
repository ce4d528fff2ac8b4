package io.quickstudy.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import io.quickstudy.data.ImageSet;
import io.quickstudy.data.glyphs.GlyphSet;
import io.quickstudy.data.source.Omniglot;
import io.quickstudy.nn.KochNet;
import io.quickstudy.nn.ResNet12;
import io.quickstudy.run.Configurations;
import io.quickstudy.run.Recipes;
import io.quickstudy.run.RunConfig;
import io.quickstudy.settings.ConfigException;
import io.quickstudy.task.TaskKind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/** That every ready-made configuration is what its name says, and trains. */
class ConfigurationsTest {
  private static final Path FILES = Path.of("src/main/resources/io/quickstudy/run/configurations");
  private static final Map<String, ImageSet> SETS = new HashMap<>();

  @TempDir private Path temporary;

  private static RunConfig config(String name, Map<String, String> more) {
    Map<String, String> values = new LinkedHashMap<>(Configurations.values(name));
    values.putAll(more);
    return Recipes.complete(values);
  }

  @Test
  void everyFileHasItsName() throws IOException {
    try (Stream<Path> files = Files.list(FILES)) {
      List<String> names =
          files.map(f -> f.getFileName().toString().replaceFirst("\\.yaml$", "")).sorted().toList();
      assertEquals(Configurations.names().stream().sorted().toList(), names);
    }
  }

  @TestFactory
  Stream<DynamicTest> everyOneIsWhatItsNameSays() {
    return Configurations.names().stream().map(n -> dynamicTest(n, () -> isWhatItSays(n)));
  }

  private static void isWhatItSays(String name) {
    RunConfig c = config(name, Map.of());
    String tasks =
        c.taskKind() == TaskKind.SEQUENCES
            ? "%sc%s".formatted(c.tasks().ways(), c.tasks().ways() * c.tasks().shots())
            : c.classifies()
                ? "%sw%ss".formatted(c.evaluation().evalWays(), c.evaluation().evalShots())
                : c.evaluation().evalShots() + "s";
    String data = c.data().name().equals("folder") ? "mini-imagenet" : c.data().name();
    assertEquals(
        name.replaceFirst("-(fast|full-context|koch|resnet12)$", ""),
        "%s-%s-%s".formatted(data, tasks, c.learner()));
    String about = Configurations.about(name);
    assertTrue(about.length() > 20 && !about.startsWith("#") && !about.endsWith("."), about);
    // a table of a paper that is named has a figure
    assertEquals(about.matches(".*\\b(table|figure) \\d.*"), !Configurations.paper(name).isEmpty());
  }

  @TestFactory
  Stream<DynamicTest> itsDataHasSuchTasks() {
    return Configurations.names().stream().map(n -> dynamicTest(n, () -> hasTasks(n)));
  }

  private static void hasTasks(String name) {
    RunConfig c = config(name, Map.of("workers", "1", "device", "cpu"));
    assumeTrue(
        !c.data().name().equals("omniglot") || Omniglot.find(null).isPresent(),
        "there is no Omniglot");
    try (Session s = RunFixtures.session(c, c.classifies() ? images(c) : null)) {
      s.checked();
    }
  }

  private static ImageSet images(RunConfig c) {
    return SETS.computeIfAbsent(
        c.data().name() + " " + c.tasks().size(),
        k ->
            c.data().name().equals("omniglot")
                ? Omniglot.load(Omniglot.find(null).orElseThrow(), c.tasks().size())
                : c.data().name().equals("folder")
                    ? likeMiniImageNet(c.tasks().size())
                    : GlyphSet.usual(c.tasks().size(), 0).draw());
  }

  /** As many classes as mini-ImageNet has, which {@code --split random} cuts as it is cut. */
  private static ImageSet likeMiniImageNet(int size) {
    Map<String, List<byte[]>> black = new TreeMap<>();
    for (int i = 0; i < 100; i++) {
      black.put(
          String.format(Locale.ROOT, "c%02d", i),
          Collections.nCopies(21, new byte[3 * size * size]));
    }
    return ImageSet.of("mini-imagenet", size, size, 3, black);
  }

  @Test
  void tasksThatTheDataDoesNotHaveAreNamed() {
    String[][] all = {
      {
        "ways",
        "3641",
        "Option --ways is 3641: expected at most 3640, the train classes of 'glyphs'"
      },
      {"eval-ways", "521", "521: expected at most 520, the val classes of 'glyphs'"},
      {"eval-shots", "6", "an episode needs 21; ask for fewer shots"},
      {"queries", "20", "The train classes of split 'heldout': Class 'alphabet0"},
      {"learner", "lstm", "The train classes of split 'heldout': Class 'alphabet0"},
    };
    for (String[] wrong : all) {
      Map<String, String> values = RunFixtures.map("device", "cpu", wrong[0], wrong[1]);
      if (wrong[0].equals("learner")) {
        values.put("shots", "21"); // of a sequence, appearances of each class
      }
      RunConfig c = Recipes.complete(values);
      try (Session s = RunFixtures.session(c, images(c))) {
        String message = assertThrows(ConfigException.class, s::checked).getMessage();
        assertTrue(message.contains(wrong[2]), message);
      }
    }
  }

  /** Two steps of it, on few and small characters. */
  @TestFactory
  Stream<DynamicTest> everyOneTrains() {
    return Configurations.names().stream().map(n -> dynamicTest(n, () -> trains(n)));
  }

  private void trains(String name) {
    RunConfig own = config(name, Map.of());
    Map<String, String> less = RunFixtures.map("steps", "2", "meta-batch", "2", "eval-every", "0");
    less.putAll(RunFixtures.map("eval-episodes", "2", "workers", "2", "device", "cpu"));
    if (own.classifies()) {
      less.putAll(RunFixtures.map("data", "glyphs", "data-dir", "", "split", "random"));
      less.putAll(RunFixtures.map("channels", "1", "ink", "dark"));
      less.putAll(
          own.taskKind() == TaskKind.SEQUENCES
              ? Map.of("hidden", "8")
              : own.model().filter(m -> m == KochNet.KIND).isPresent()
                  ? Map.of("first-filters", "2", "units", "8", "size", "65", "shots", "4")
                  : own.model().filter(m -> m == ResNet12.KIND).isPresent()
                      ? RunFixtures.map("widths", "4,4", "size", "16", "shots", "2")
                      : Map.of("filters", "4", "size", "16"));
      if (!own.network().pixelMean().isEmpty()) { // of three channels
        less.putAll(RunFixtures.map("pixel-mean", "", "pixel-deviation", "", "normalise", "none"));
      }
    }
    RunConfig c = config(name, less);
    assertEquals(own.learner(), c.learner());
    Trainer.Result r = RunFixtures.train(temporary.resolve(name), c);
    assertEquals(2, r.step());
    assertTrue(Double.isFinite(RunFixtures.measure(c, r).value()));
  }

  @Test
  void aFileWinsAndWhatIsUnknownGetsTheNearest() throws IOException {
    Path file = Files.writeString(temporary.resolve("omniglot-5w1s-maml"), "learner: fomaml\n");
    assertEquals(Map.of("learner", "fomaml"), Configurations.find(file.toString()));
    assertEquals("maml", Configurations.find("omniglot-5w1s-maml").get("learner"));
    for (String wrong : Set.of("omniglot-5w1s-mml", "omniglot-5w1smaml")) {
      String message =
          assertThrows(ConfigException.class, () -> Configurations.find(wrong)).getMessage();
      assertTrue(message.contains("did you mean 'omniglot-5w1s-maml'?"), message);
      assertFalse(message.contains("\n"), message);
    }
    String path =
        assertThrows(ConfigException.class, () -> Configurations.find("no/c.yaml")).getMessage();
    assertTrue(path.endsWith("a name that 'quickstudy list' shows; check the path."), path);
  }
}
