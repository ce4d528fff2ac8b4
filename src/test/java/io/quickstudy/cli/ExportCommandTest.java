package io.quickstudy.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.quickstudy.run.RunConfig;
import io.quickstudy.train.RunFixtures;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Weights in, models out, as a user does it. */
class ExportCommandTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String WAVES =
      "train --data sinusoid --workers 2 --steps 0 --eval-episodes 4";

  @TempDir private Path temporary;

  /** Runs a command line; words that begin with @ are paths in the temporary folder. */
  private Ran run(String line) {
    return Ran.of(line.replace("@", temporary + "/").split(" ", -1));
  }

  private String good(String line) {
    Ran r = run(line);
    assertEquals(0, r.code(), r.err());
    return r.out();
  }

  private void assertRefused(int code, String sentence, String line) {
    Ran r = run(line);
    assertEquals(code, r.code(), r.err());
    assertEquals("", r.out());
    assertTrue(r.err().contains(sentence), r.err());
    assertEquals(1, r.err().lines().filter(l -> l.startsWith("quickstudy: ")).count(), r.err());
  }

  private void support(String folder, String... classes) throws IOException {
    for (String name : classes) {
      Path dir = Files.createDirectories(temporary.resolve(folder).resolve(name));
      BufferedImage image = new BufferedImage(20, 20, BufferedImage.TYPE_INT_RGB);
      for (int i = 0; i < 400; i++) {
        image.setRGB(i % 20, i / 20, (i * name.hashCode()) % 3 == 0 ? 0 : 0xFFFFFF);
      }
      ImageIO.write(image, "png", dir.resolve("1.png").toFile());
    }
  }

  /** A run of no steps is one whose weights are those it began with. */
  @Test
  void weightsGoInAndOutUnchanged() throws IOException {
    good(WAVES + " --seed 3 --out @first");
    good("export @first --safetensors @weights");
    good(WAVES + " --weights @weights --out @second");
    good("export @second --safetensors @again");
    byte[] weights = Files.readAllBytes(temporary.resolve("weights"));
    assertEquals(-1, java.util.Arrays.mismatch(weights, read("again")));
    // config.yaml makes the run again; a checkpoint is good to start from as well
    good("train --config @second/config.yaml --out @third");
    good("export @third --safetensors @once-more");
    assertEquals(-1, java.util.Arrays.mismatch(weights, read("once-more")));
    good(WAVES + " --weights @first/checkpoints/step-0000000.safetensors --out @fourth");
    good("export @fourth --safetensors @own --layout quickstudy");
    good("export @first --safetensors @own-first --layout quickstudy");
    assertEquals(-1, java.util.Arrays.mismatch(read("own-first"), read("own")));
    good("eval @second --episodes 4");
    // and it goes on when the file it began with is gone
    Files.delete(temporary.resolve("weights"));
    good("train --out @second --steps 1 --resume");
  }

  private byte[] read(String file) throws IOException {
    return Files.readAllBytes(temporary.resolve(file));
  }

  @Test
  void aClassifierOfTheFoldersClasses() throws IOException {
    RunFixtures.train(temporary.resolve("run"), RunFixtures.glyphs("steps", "0"), 0);
    support("support", "circle", "square", "star");
    JsonNode j = JSON.readTree(good("export @run --onnx @model.onnx --support @support --json"));
    assertEquals(
        List.of("circle", "square", "star"), JSON.convertValue(j.get("classes"), List.class));
    assertEquals("[\"logits\",\"probabilities\"]", j.get("outputs").toString());
    String said = good("export @run --onnx @network.onnx");
    assertTrue(said.contains("in   images [batch, 1, 14, 14]"), said);
    assertTrue(said.contains("out  features [batch, 72]"), said);
    assertTrue(said.contains("2 BatchNormalization, 2 Conv"), said);
    byte[] before = read("model.onnx");
    assertRefused(2, "exists: expected a new one", "export @run --onnx @model.onnx");
    assertEquals(-1, java.util.Arrays.mismatch(before, read("model.onnx")));
    RunConfig maml = RunFixtures.glyphs("steps", "0", "learner", "maml", "ways", "5");
    RunFixtures.train(temporary.resolve("maml"), maml, 0);
    assertRefused(
        2, "holds 3 classes: expected the 5", "export @maml --onnx @m.onnx --support @support");
    assertFalse(Files.exists(temporary.resolve("m.onnx")));
  }

  @Test
  void ofALearnerWhoseTrainingEpisodesAreSeveralTasks() throws IOException {
    RunConfig c =
        RunFixtures.glyphs(
            "steps", "0", "learner", "snail", "ways", "6", "task-ways", "3", "eval-ways", "3");
    RunFixtures.train(temporary.resolve("run"), c, 0);
    support("support", "circle", "square", "star");
    good("export @run --onnx @model.onnx --support @support");
    support("support", "more");
    assertRefused(2, "holds 4 classes: expected the 3", "export @run --onnx @m --support @support");
  }

  @Test
  void whatMakesNoSenseIsRefused() throws IOException {
    good(WAVES + " --out @waves");
    support("support", "a");
    assertRefused(2, "RUN is missing", "export");
    assertRefused(2, "Nothing to write", "export @waves");
    assertRefused(2, "does not exist", "export @nothing --onnx @m");
    assertRefused(
        2, "--support without --onnx", "export @waves --safetensors @s --support @support");
    assertRefused(2, "--layout without --safetensors", "export @waves --onnx @m --layout pytorch");
    assertRefused(2, "did you mean 'pytorch'", "export @waves --safetensors @s --layout torch");
    assertRefused(
        2, "expected a run that classifies", "export @waves --onnx @m --support @support");
    assertRefused(2, "--inner-steps without --support", "export @waves --onnx @m --inner-steps 1");
    assertRefused(1, "cannot be written", "export @waves --onnx @no/such/folder/m");
    assertRefused(2, "do not exist", WAVES + " --weights @absent --out @r");
    assertRefused(2, "expected none without weights", WAVES + " --weights-map @absent --out @r");
    Files.writeString(temporary.resolve("text"), "no weights at all");
    assertRefused(1, "is no good safetensors file", WAVES + " --weights @text --out @r");
    good("export @waves --safetensors @weights");
    assertRefused(
        2,
        "Tensor 'layer3.weight' of '%s' has shape [1, 40]: expected [40, 40]"
            .formatted(temporary.resolve("weights")),
        WAVES + " --hidden 40,40,40 --weights @weights --out @r");
    assertFalse(Files.exists(temporary.resolve("r")));
    assertTrue(good("export @waves --onnx @m").contains("out  y [batch, 1]"));
  }
}
