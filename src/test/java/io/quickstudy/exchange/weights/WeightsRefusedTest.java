package io.quickstudy.exchange.weights;

import static io.quickstudy.exchange.weights.Starts.*;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.quickstudy.run.RunConfig;
import io.quickstudy.run.RunException;
import io.quickstudy.runtime.Array;
import io.quickstudy.settings.ConfigException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Weights that do not fit, and files that are none. */
class WeightsRefusedTest {
  @TempDir private Path temporary;

  private static Map<String, Array> start(RunConfig c) {
    return Weights.start(c, drawn(c), line -> {});
  }

  private Path map(String text) throws IOException {
    return Files.writeString(temporary.resolve("map.yaml"), text);
  }

  private String refused(String options, Path weights, String lines) throws IOException {
    RunConfig c = from(options, weights, lines.isEmpty() ? null : map(lines));
    return assertThrows(ConfigException.class, () -> start(c)).getMessage();
  }

  @Test
  void namesThatDoNotFitAreRefused() throws IOException {
    Path f = encoder("encoder.", false).save(temporary.resolve("f"), "F32");
    String said = refused(TWO_BLOCKS, f, "");
    assertTrue(said.contains("have no tensor 'conv1.weight', 'norm1.weight'"), said);
    assertTrue(said.contains("such as 'conv1.weight: encoder.0.0.weight'"), said);
    said = refused(TWO_BLOCKS, f, MAP_OF_BLOCKS.replace("{i-1}.0", "{i}.0"));
    assertTrue(said.contains("no tensor 'encoder.2.0.weight'"), said);
    assertTrue(said.contains("the nearest is 'encoder.0.0.weight'"), said);
    said = refused(TWO_BLOCKS, f, MAP_OF_BLOCKS.replace("conv{i}", "cnv{i}"));
    assertTrue(said.contains("names 'cnv{i}.weight', which this model does not have"), said);
    assertTrue(said.contains("did you mean 'conv1.weight'?"), said);
    said = refused(TWO_BLOCKS, f, "conv{i}.weight: encoder.{i-1}.0.weight");
    assertTrue(said.contains("no line for 'norm1.weight'"), said);
    said = refused(TWO_BLOCKS, f, MAP_OF_BLOCKS.replace("{i-1}.0", "0.0"));
    assertTrue(said.contains("gives 'encoder.0.0.weight' to both 'conv1.weight'"), said);
    said = refused(TWO_BLOCKS, f, MAP_OF_BLOCKS.replace("{i-1}.0", "{j}.0"));
    assertTrue(said.contains("only what our name has in braces"), said);
    assertTrue(refused(TWO_BLOCKS, f, "- a").contains("holds no names"));
    assertTrue(refused(TWO_BLOCKS, f, "a: {i}.b").contains("begin with a brace in quotes"));
    assertTrue(refused(TWO_BLOCKS, f, "a: {b: c}").contains("a name, names in brackets"));
    assertTrue(refused(TWO_BLOCKS, f, "a{i}{i}: b").contains("each {i} once"));
    assertTrue(refused(TWO_BLOCKS, f, "a{i-1}: b").contains("without arithmetic"));
  }

  @Test
  void twoCompleteModelsInOneFileAreRefused() throws IOException {
    TorchModule m = new TorchModule();
    for (String student : List.of("student.", "teacher.")) {
      m.block(student + "conv1", student + "norm1", 1, FILTERS, false);
      m.block(student + "conv2", student + "norm2", FILTERS, FILTERS, false);
    }
    String said = refused(TWO_BLOCKS, m.save(temporary.resolve("f"), "F32"), "");
    assertTrue(said.contains("under 'student.', 'teacher.': expected them once"), said);
  }

  @Test
  void shapesThatDoNotFitAreRefused() throws IOException {
    Path f = encoder("encoder.", false).save(temporary.resolve("f"), "F32");
    String said = refused("--size 12 --blocks 2 --filters 5", f, MAP_OF_BLOCKS);
    assertTrue(said.contains("has shape [4, 1, 3, 3]: expected [5, 1, 3, 3]"), said);
    assertTrue(said.contains("of another architecture"), said);
    TorchModule wrong = new TorchModule().with("layer1.weight", 0, 64, 7).with("layer1.bias", 0, 7);
    wrong.linear("layer2", 7, 5);
    Path g = wrong.save(temporary.resolve("g"), "F32");
    said = refused("--learner maml --model mlp --size 8 --hidden 7", g, "");
    assertTrue(said.contains("has shape [64, 7]: expected [7, 64] (outputs, inputs)"), said);
    assertTrue(said.contains("in another order"), said);
  }

  @Test
  void numbersThatAreNoneAreRefused() throws IOException {
    for (double bad : new double[] {Double.NaN, Double.POSITIVE_INFINITY, 1e300}) {
      TorchModule m = encoder("encoder.", false);
      m.weight("encoder.1.1.bias")[2] = bad;
      RunConfig c = from(TWO_BLOCKS, m.save(temporary.resolve("f"), "F64"), map(MAP_OF_BLOCKS));
      String said = assertThrows(RunException.class, () -> start(c)).getMessage();
      assertTrue(said.contains("'encoder.1.1.bias'"), said);
      assertTrue(said.contains("at position 2: expected finite"), said);
    }
  }

  @Test
  void typesThatAreNoFloatsAreRefused() throws IOException {
    Path f = encoder("", false).save(temporary.resolve("f"), "F32");
    byte[] bytes = Files.readAllBytes(f);
    String text = new String(bytes, java.nio.charset.StandardCharsets.ISO_8859_1);
    String header = text.replaceFirst("F32", "I32");
    Files.write(f, header.getBytes(java.nio.charset.StandardCharsets.ISO_8859_1));
    RunConfig c = from(TWO_BLOCKS, f, map(QUOTED));
    String said = assertThrows(RunException.class, () -> start(c)).getMessage();
    assertTrue(said.contains("has type 'I32': expected F32, F16, BF16 or F64"), said);
  }

  @Test
  void filesThatAreNoneAreRefusedBeforeAnythingElse() throws IOException {
    Path absent = temporary.resolve("absent");
    RunConfig none = from(TWO_BLOCKS, absent, null);
    assertTrue(
        assertThrows(ConfigException.class, () -> Weights.check(none))
            .getMessage()
            .contains("do not exist"));
    Path whole = encoder("encoder.", false).save(temporary.resolve("f"), "F32");
    byte[] bytes = Files.readAllBytes(whole);
    for (int n : new int[] {0, 7, 8, 100, bytes.length - 1}) {
      Path cut = Files.write(temporary.resolve("cut"), java.util.Arrays.copyOf(bytes, n));
      RunConfig c = from(TWO_BLOCKS, cut, null);
      String said = assertThrows(RunException.class, () -> Weights.check(c)).getMessage();
      assertTrue(said.contains("is no good safetensors file"), said);
    }
    Weights.check(from(TWO_BLOCKS, whole, map(MAP_OF_BLOCKS)));
    RunConfig noMap = from(TWO_BLOCKS, whole, absent);
    assertTrue(
        assertThrows(ConfigException.class, () -> Weights.check(noMap))
            .getMessage()
            .contains("Weights map"));
  }
}
