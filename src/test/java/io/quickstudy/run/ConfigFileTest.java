package io.quickstudy.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.quickstudy.data.DataSource;
import io.quickstudy.learner.LearnerKind;
import io.quickstudy.learners.Learners;
import io.quickstudy.learners.gradient.Maml;
import io.quickstudy.settings.ConfigException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** That a configuration survives its file, and that what is wrong with a file is said. */
class ConfigFileTest {
  @TempDir private Path folder;

  private Path file(String text) throws IOException {
    return Files.writeString(folder.resolve("c.yaml"), text);
  }

  private String refused(String text) throws IOException {
    Path f = file(text);
    return assertThrows(ConfigException.class, () -> Recipes.complete(ConfigFile.read(f)))
        .getMessage();
  }

  @Test
  void everyValueSurvives() throws IOException {
    for (LearnerKind<?> l : Learners.ALL) {
      for (DataSource d : Catalogue.data(l)) {
        RunConfig c = Catalogue.defaults(l, d).config();
        assertEquals(c, RunKeys.parse(ConfigFile.read(file(ConfigFile.write(c)))));
      }
    }
    RunConfig odd =
        Recipes.complete(
            Map.of("data", "omniglot:/a b/'c': #d", "seed", "-9007199254740993", "rate", "1e-7"));
    assertEquals(odd, RunKeys.parse(ConfigFile.read(file(ConfigFile.write(odd)))));
    assertEquals("/a b/'c': #d", odd.tasks().dataDir());
    assertEquals(-9007199254740993L, odd.run().seed());
  }

  @Test
  void aRunFromBeforeAnOptionIsMadeAgainAsItWas() throws IOException {
    String now = ConfigFile.write(Recipes.complete(Map.of("learner", "protonet")));
    String then = now.replaceAll("feature-scale: .*\n", "");
    assertTrue(then.length() < now.length());
    assertEquals(
        "raw", RunKeys.texts(Recipes.complete(ConfigFile.read(file(then)))).get("feature-scale"));
    Map<String, String> few = ConfigFile.read(file("learner: protonet\nmodel: conv\n"));
    assertEquals("unit", RunKeys.texts(Recipes.complete(few)).get("feature-scale"));
    String plain = now.replaceAll("(distance|temperature|temperature-mode): .*\n", "");
    Map<String, String> read = ConfigFile.read(file(plain));
    assertEquals("euclidean", read.get("distance"), "also of the learner");
    assertEquals("fixed", read.get("temperature-mode"));
  }

  @Test
  void aFileMayHoldAFewValues() throws IOException {
    RunConfig c =
        Recipes.complete(
            ConfigFile.read(file("learner: maml\nmodel: mlp\nrate: 1e-4\nhidden: [3, 4]\n")));
    assertEquals(Maml.KIND, c.learner());
    assertEquals(1e-4, c.optimiser().rate());
    assertEquals(java.util.List.of(3, 4), RunKeys.values(c).get("hidden"));
    assertEquals(Map.of(), ConfigFile.read(file("# nothing\n")));
  }

  @Test
  void aVersionToComeIsRefusedWhateverItsKeys() throws IOException {
    assertTrue(ConfigFile.write(Recipes.complete(Map.of())).contains("\nversion: 2\n"));
    assertEquals(Map.of("ways", "5"), ConfigFile.read(file("version: 1\nways: 5\n")));
    assertEquals(Map.of("ways", "5"), ConfigFile.read(file("ways: 5\n")), "of the first one");
    String message = refused("novelty: 3\nversion: 3\n");
    assertTrue(message.contains("has version 3: expected at most 2; a newer Quickstudy"), message);
    for (String wrong : java.util.List.of("0", "-1", "1.5", "one", "99999999999", "[1]")) {
      assertTrue(refused("version: " + wrong).contains("expected a number from 1 to 2"), wrong);
    }
  }

  @Test
  void whatIsWrongIsSaid() throws IOException {
    assertTrue(
        refused("inerrate: 3").contains("unknown key 'inerrate'; did you mean 'inner-rate'?"));
    assertTrue(refused("ways: [").contains("is no YAML"));
    assertTrue(refused("- ways").contains("no list of keys"));
    assertTrue(refused("ways: {a: 1}").contains("a block under 'ways'"));
    assertTrue(refused("ways: five").contains("--ways is 'five'"));
    assertTrue(refused("ways: 5\nways: 6").contains("is no YAML"));
    assertTrue(refused("ways: 5\nways: 6").contains("the key 'ways' is there twice"));
    assertTrue(refused("ways: 5\n---\nways: 6").contains("something follows"));
    assertTrue(refused("ways: 5\n}").contains("is no YAML"));
    assertTrue(refused("#" + "x".repeat(1 << 20)).contains("at most 1 MiB"));
    Path nowhere = folder.resolve("nowhere.yaml");
    assertTrue(
        assertThrows(ConfigException.class, () -> ConfigFile.read(nowhere))
            .getMessage()
            .contains("does not exist"));
    assertTrue(
        assertThrows(ConfigException.class, () -> ConfigFile.read(folder))
            .getMessage()
            .contains("it is a folder"));
  }

  @Test
  void relativePathsOfAFileBeginAtItsFolder() throws IOException {
    Path images = Files.createDirectories(folder.resolve("images"));
    Path map = Files.writeString(folder.resolve("map.yaml"), "");
    Map<String, String> read =
        ConfigFile.read(
            file(
                """
                data: folder:images
                split: 'files: lists'
                weights: ../w.safetensors
                weights-map: map.yaml
                classpath: a.jar:/b.jar
                """));
    assertEquals("folder", read.get("data"));
    assertEquals(images.toString(), read.get("data-dir"));
    assertEquals("files:" + folder.resolve("lists"), read.get("split"));
    assertEquals(folder.resolveSibling("w.safetensors").toString(), read.get("weights"));
    assertEquals(map.toString(), read.get("weights-map"));
    assertEquals(folder.resolve("a.jar") + ":/b.jar", read.get("classpath"));
    // what is only where the program was started is still found there
    assertEquals(
        Path.of("src/main").toAbsolutePath().toString(),
        ConfigFile.read(file("data-dir: src/main")).get("data-dir"));
  }

  @Test
  void aRunMovesWithWhatLiesInIt() throws IOException {
    Path run = folder.resolve("run");
    Path images = Files.createDirectories(run.resolve("images"));
    RunConfig config = Recipes.complete(Map.of("data", "folder:" + images));
    RunFolder.create(run, config).begin();
    Path file = run.resolve("config.yaml");
    assertTrue(Files.readString(file).contains("data-dir: images\n"), Files.readString(file));
    assertEquals(config, RunFolder.open(run).config());
    Path moved = Files.move(run, folder.resolve("moved"));
    assertEquals(
        moved.resolve("images").toString(), RunFolder.open(moved).config().tasks().dataDir());

    // and somebody's own relative path stays
    Path other = Files.createDirectories(folder.resolve("other"));
    file = moved.resolve("config.yaml");
    String text = Files.readString(file);
    Files.writeString(file, text.replace("data-dir: images", "data-dir: ../other"));
    RunFolder open = RunFolder.open(moved);
    assertEquals(other.toString(), open.config().tasks().dataDir());
    String before = Files.readString(file);
    open.begin();
    assertEquals(before.replace("../other", "\"../other\""), Files.readString(file));
    assertEquals(open.config(), RunFolder.open(moved).config());
    RunFolder elsewhere = open.with(open.config().with(Map.of("data-dir", "/elsewhere")));
    elsewhere.begin();
    assertTrue(Files.readString(file).contains("data-dir: /elsewhere\n"));
  }
}
