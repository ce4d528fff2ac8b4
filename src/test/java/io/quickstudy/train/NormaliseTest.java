package io.quickstudy.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.quickstudy.data.ImageSet;
import io.quickstudy.data.Moments;
import io.quickstudy.graph.Shape;
import io.quickstudy.graph.Tensor;
import io.quickstudy.nn.Architecture;
import io.quickstudy.nn.Backbone;
import io.quickstudy.nn.ConvNet;
import io.quickstudy.nn.FeatureScale;
import io.quickstudy.nn.Init;
import io.quickstudy.nn.Model;
import io.quickstudy.nn.Norm;
import io.quickstudy.nn.Normalised;
import io.quickstudy.reference.Reference;
import io.quickstudy.run.Recipes;
import io.quickstudy.run.RunConfig;
import io.quickstudy.run.RunFolder;
import io.quickstudy.settings.ConfigException;
import io.quickstudy.transform.Params;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What images are normalised by: stated, measured once, kept with the run. */
class NormaliseTest {
  @TempDir private Path runs;

  @Test
  void momentsAreThoseOfTheTrainingClassesChannels() {
    byte[] first = {0, (byte) 255, 51, 0, 102, 0}; // two pixels of three channels
    byte[] second = {(byte) 255, (byte) 255, 51, 0, 102, 0};
    byte[] other = {9, 9, 9, 9, 9, 9};
    ImageSet set =
        ImageSet.of("set", 1, 2, 3, Map.of("a", List.of(first, second), "b", List.of(other)));
    Moments m = Moments.of(set, 0);
    assertArrayEquals(new double[] {0.25, 0.7, 0.1}, m.mean(), 1e-12);
    assertArrayEquals(new double[] {Math.sqrt(3) / 4, 0.3, 0.1}, m.deviation(), 1e-12);
  }

  @Test
  void aModelSeesImagesLessTheirMeanOverTheirDeviation() {
    ConvNet.Options o =
        new ConvNet.Options(3, 2, ConvNet.Down.MAX_POOL, 0, ConvNet.Head.FLATTEN, FeatureScale.RAW);
    Architecture plain = ConvNet.KIND.build(o);
    Architecture normalised = new Normalised(plain, List.of(0.5, 0.2), List.of(0.1, 4.0));
    Shape example = Shape.of(6, 5, 2);
    Tensor x = new Init(1).uniform(example.prepend(3), 1);
    double[] pixels = Reference.eval(x);
    for (int i = 0; i < pixels.length; i++) {
      pixels[i] = i % 2 == 0 ? (pixels[i] - 0.5) / 0.1 : (pixels[i] - 0.2) / 4;
    }
    Tensor seen = io.quickstudy.graph.Ops.literal(example.prepend(3), pixels);
    Backbone f = plain.embedding(example);
    Params theta = f.init(new Init(2));
    double[] expected = Reference.eval(f.apply(theta, seen, Norm.given(theta)));
    Backbone g = normalised.embedding(example);
    assertEquals(f.map(), g.map());
    assertEquals(f.features(), g.features());
    assertArrayEquals(expected, Reference.eval(g.apply(theta, x, Norm.given(theta))), 1e-12);
    Model h = normalised.network(example, 4);
    Params all = h.init(new Init(2));
    assertEquals(plain.network(example, 4).init(new Init(2)).names(), all.names());
    Params out = h.outputs(all, x, Norm.given(all));
    Params of = plain.network(example, 4).outputs(all, seen, Norm.given(all));
    assertArrayEquals(
        Reference.eval(of.get(Model.OUTPUTS)), Reference.eval(out.get(Model.OUTPUTS)), 1e-12);
    assertEquals(plain.network(example, 4).flattened(), h.flattened());
    assertEquals(plain.network(example, 4).lastLayer(), h.lastLayer());
  }

  private static RunConfig glyphs(String... more) {
    Map<String, String> m =
        RunFixtures.map("data", "glyphs", "size", "14", "blocks", "2", "filters", "4");
    m.putAll(RunFixtures.map("steps", "4", "checkpoint-every", "2", "eval-every", "0"));
    m.putAll(RunFixtures.map("eval-episodes", "20", "val-episodes", "20", "ways", "5"));
    m.putAll(RunFixtures.map(more));
    return Recipes.complete(m);
  }

  private static Session.Loaded loaded(RunConfig c) {
    return new Session.Loaded(c.data(), c.request(), RunFixtures.data(c));
  }

  private Training begin(String name, RunConfig c) {
    return Training.begin(runs.resolve(name), c, Optional.of(loaded(c)), TrainListener.NONE);
  }

  @Test
  void whatIsMeasuredIsKeptWithTheRun() {
    Path path = runs.resolve("measured");
    double value;
    try (Training t = begin("measured", glyphs("normalise", "data"))) {
      int[] steps = {0};
      assertTrue(!t.train(() -> steps[0]++ >= 2).finished(), "stops on the way");
    }
    RunConfig kept = RunFolder.open(path).config();
    double mean = Double.parseDouble(kept.network().pixelMean());
    double deviation = Double.parseDouble(kept.network().pixelDeviation());
    assertTrue(mean > 0.02 && mean < 0.3, "ink is rare: " + mean);
    assertTrue(deviation > 0.1 && deviation < 0.5, "and differs: " + deviation);
    Map<String, String> again = Map.of("normalise", "data");
    try (Training t = Training.resume(path, again, Optional.of(loaded(kept)), TrainListener.NONE)) {
      t.train(() -> false);
      value = t.measure().value();
    }
    assertEquals(kept, RunFolder.open(path).config());
    // the same numbers, given, are the same run
    RunConfig given =
        glyphs(
            "normalise", "data",
            "pixel-mean", kept.network().pixelMean(),
            "pixel-deviation", kept.network().pixelDeviation());
    try (Training t = begin("given", given)) {
      t.train(() -> false);
      assertEquals(value, t.measure().value());
    }
    try (Training t = begin("none", glyphs())) {
      t.train(() -> false);
      assertNotEquals(value, t.measure().value());
    }
  }

  private static String refused(String... pairs) {
    return assertThrows(ConfigException.class, () -> glyphs(pairs)).getMessage();
  }

  @Test
  void whatMakesNoSenseIsRefused() {
    assertEquals(
        "Option --normalise is imagenet: expected none or data for images of 1 channel; choose one"
            + " of these, or --channels 3.",
        refused("normalise", "imagenet"));
    assertEquals(
        "Option --pixel-mean is '0.5,0.5': expected as many numbers as there are channels or"
            + " columns, 1; correct it.",
        refused("normalise", "data", "pixel-mean", "0.5,0.5", "pixel-deviation", "1"));
    assertEquals(
        "Option --pixel-deviation is '0': expected numbers above 0; correct it.",
        refused("normalise", "data", "pixel-mean", "0.5", "pixel-deviation", "0"));
    assertEquals(
        "Option --pixel-mean is 'half': expected numbers with commas between them, 0.49,0.46,0.41"
            + " for example; correct it.",
        refused("normalise", "data", "pixel-mean", "half", "pixel-deviation", "1"));
    assertEquals(
        "Options --pixel-mean and --pixel-deviation are '0.5' and '' with --normalise data:"
            + " expected both for data, or neither; give both, or leave them out.",
        refused("normalise", "data", "pixel-mean", "0.5"));
    String curves =
        assertThrows(ConfigException.class, () -> RunFixtures.sinusoid("normalise", "data"))
            .getMessage();
    assertEquals(
        "Option --normalise is data: expected none for 'sinusoid', which has no images; leave it"
            + " out.",
        curves);
    String own =
        assertThrows(ConfigException.class, () -> RunFixtures.sequences("normalise", "data"))
            .getMessage();
    assertTrue(own.contains("expected none for learner 'lstm', which has no model"), own);
  }

  @Test
  void torchvisionsWeightsComeWithImagenetsNumbers() {
    Map<String, String> m =
        RunFixtures.map("data", "folder", "data-dir", "photos", "model", "resnet18");
    assertEquals("none", io.quickstudy.run.RunKeys.texts(Recipes.complete(m)).get("normalise"));
    m.put("weights", "resnet18.safetensors");
    assertEquals("imagenet", io.quickstudy.run.RunKeys.texts(Recipes.complete(m)).get("normalise"));
    m.put("normalise", "none");
    assertEquals("none", io.quickstudy.run.RunKeys.texts(Recipes.complete(m)).get("normalise"));
  }
}
