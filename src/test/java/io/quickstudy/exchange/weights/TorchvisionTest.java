package io.quickstudy.exchange.weights;

import static io.quickstudy.exchange.weights.Starts.*;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.quickstudy.run.Checkpoint;
import io.quickstudy.run.RunConfig;
import io.quickstudy.run.TensorFile;
import io.quickstudy.runtime.Array;
import io.quickstudy.settings.ConfigException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files named and laid out as torchvision's resnet18 is, narrower. */
class TorchvisionTest {
  private static final String NARROW =
      "--data glyphs --size 32 --model resnet18 --stages 4,6 --batch-norm running ";

  @TempDir private Path temporary;
  private final List<String> told = new ArrayList<>();

  /** As {@code torchvision.models.resnet18().state_dict()} begins, and ends. */
  private static TorchModule resnet18() {
    TorchModule m = new TorchModule();
    m.with("conv1.weight", 0, 4, 1, 7, 7);
    norm(m, "bn1", 4);
    for (String block : List.of("layer1.0", "layer1.1")) {
      m.block(block + ".conv1", block + ".bn1", 4, 4, false);
      m.block(block + ".conv2", block + ".bn2", 4, 4, false);
    }
    m.block("layer2.0.conv1", "layer2.0.bn1", 4, 6, false);
    m.block("layer2.0.conv2", "layer2.0.bn2", 6, 6, false);
    m.with("layer2.0.downsample.0.weight", 0, 6, 4, 1, 1);
    norm(m, "layer2.0.downsample.1", 6);
    m.block("layer2.1.conv1", "layer2.1.bn1", 6, 6, false);
    m.block("layer2.1.conv2", "layer2.1.bn2", 6, 6, false);
    return m.linear("fc", 6, 1000);
  }

  private static void norm(TorchModule m, String name, int channels) {
    m.with(name + ".weight", 1, channels).with(name + ".bias", 0, channels);
    m.with(name + ".running_mean", 0, channels).with(name + ".running_var", 1, channels);
    m.with(name + ".num_batches_tracked", 1);
  }

  private Map<String, Array> start(RunConfig c) {
    return new Checkpoint(0, 0, Weights.start(c, drawn(c), told::add)).theta();
  }

  @Test
  void itLoadsByNameAndGoesBack() throws IOException {
    TorchModule m = resnet18();
    RunConfig c = from(NARROW, m.save(temporary.resolve("r"), "F32"), null);
    Map<String, Array> theta = start(c);
    assertTrue(told.toString().contains("not taken from"), told::toString);
    assertTrue(told.toString().contains("'fc.weight', 'fc.bias'"), told::toString);
    double[] theirs = m.weight("layer2.0.conv1.weight");
    float[] ours = theta.get("layer2.0.conv1.weight").data();
    for (int o = 0; o < 6; o++) {
      for (int in = 0; in < 4; in++) {
        for (int at = 0; at < 9; at++) {
          assertEquals(theirs[(o * 4 + in) * 9 + at], ours[(at * 4 + in) * 6 + o]);
        }
      }
    }
    Path back = temporary.resolve("back");
    Files.write(back, Weights.write(c, theta, Weights.Layout.PYTORCH, Optional.empty()));
    Set<String> expected = new TreeSet<>();
    try (TensorFile before = TensorFile.open(temporary.resolve("r"));
        TensorFile after = TensorFile.open(back)) {
      for (String n : before.names()) {
        if (!n.startsWith("fc.") && !n.endsWith("num_batches_tracked")) {
          expected.add(n);
          assertEquals(before.shape(n), after.shape(n), n);
          assertArrayEquals(before.numbers(n), after.numbers(n), n);
        }
      }
      assertEquals(expected, new TreeSet<>(after.names()));
    }
  }

  @Test
  void whatALearnerHasBesideIsAsDrawn() throws IOException {
    Path file = resnet18().save(temporary.resolve("r"), "F32");
    String maml = NARROW.replace("running", "transductive") + "--learner maml";
    RunConfig c = from(maml, file, null);
    Map<String, Array> theta = start(c);
    assertTrue(
        told.toString()
            .contains("as drawn, since there are none: 'classifier.weight', 'classifier.bias'"),
        told::toString);
    assertArrayEquals(
        new Checkpoint(0, 0, drawn(c)).theta().get("classifier.weight").data(),
        theta.get("classifier.weight").data());
    String[] learners = {"relation", "r2-d2", "gnn", "versa", "matching"};
    for (String learner : learners) {
      start(from(NARROW + "--learner " + learner, file, null));
    }
  }

  @Test
  void aFrozenModelTakesItsPart() throws IOException {
    TorchModule m = resnet18();
    String options = NARROW.replace("--batch-norm running", "--freeze mlp --learner maml");
    RunConfig c = from(options, m.save(temporary.resolve("r"), "F32"), null);
    Map<String, Array> theta = start(c);
    double[] mean = m.weight("layer2.1.bn2.running_mean");
    for (int i = 0; i < mean.length; i++) {
      assertEquals(mean[i], theta.get("frozen.layer2.1.bn2.running_mean").data()[i]);
    }
    assertTrue(
        told.toString().contains("'frozen.mean', 'frozen.scale', 'top.layer1.weight'"),
        told::toString);
  }

  /** Published with biases of convolutions, which the running means take up. */
  @Test
  void biasesOfAFrozenModelCount() throws IOException {
    TorchModule m = new TorchModule().block("conv1", "norm1", 1, 4, true);
    String options = "--data glyphs --size 12 --model conv --blocks 1 --filters 4 --freeze linear";
    Map<String, Array> theta = start(from(options, m.save(temporary.resolve("b"), "F32"), null));
    assertTrue(
        told.toString().contains("'conv1.bias', went into the running means"), told::toString);
    double expected = m.weight("norm1.running_mean")[2] - m.weight("conv1.bias")[2];
    assertEquals(expected, theta.get("frozen.norm1.running_mean").data()[2], 1e-6);
  }

  @Test
  void wrongNamesAreRefused() throws IOException {
    TorchModule m = new TorchModule().with("conv1.weight", 0, 4, 1, 7, 7);
    Path file = m.save(temporary.resolve("r"), "F32");
    RunConfig c = from(NARROW, file, null);
    String said = assertThrows(ConfigException.class, () -> start(c)).getMessage();
    assertTrue(said.contains("have no tensor 'bn1.weight', 'bn1.bias'"), said);
    assertTrue(said.contains(" more: there are 'conv1.weight'; name them in"), said);
    RunConfig wider =
        from(NARROW.replace("4,6", "4,8"), resnet18().save(temporary.resolve("s"), "F32"), null);
    said = assertThrows(ConfigException.class, () -> start(wider)).getMessage();
    assertTrue(said.contains("of another architecture: make --stages, --feature-scale,"), said);
    // a matrix that could be the classifier under another name is not passed over
    TorchModule five = resnet18().linear("head", 6, 5);
    String maml = NARROW.replace("running", "transductive") + "--learner maml";
    RunConfig named = from(maml, five.save(temporary.resolve("t"), "F32"), null);
    said = assertThrows(ConfigException.class, () -> start(named)).getMessage();
    assertTrue(said.contains("have no tensor 'classifier.weight'"), said);
  }
}
