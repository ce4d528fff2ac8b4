package io.quickstudy.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.quickstudy.data.sampling.Augmentation;
import io.quickstudy.data.sampling.AugmentedSampler;
import io.quickstudy.data.sampling.Crop;
import io.quickstudy.data.sampling.Distortion;
import io.quickstudy.data.sampling.Erasing;
import io.quickstudy.data.sampling.Flip;
import io.quickstudy.data.sampling.Jitter;
import io.quickstudy.graph.DType;
import io.quickstudy.graph.Op;
import io.quickstudy.graph.Ops;
import io.quickstudy.graph.Shape;
import io.quickstudy.graph.Tensor;
import io.quickstudy.random.RandomStream;
import io.quickstudy.random.RandomUse;
import io.quickstudy.reference.Reference;
import io.quickstudy.run.RunConfig;
import io.quickstudy.runtime.Compiled;
import io.quickstudy.runtime.Engine;
import io.quickstudy.runtime.Engines;
import io.quickstudy.runtime.Function;
import io.quickstudy.runtime.Signature;
import io.quickstudy.settings.ConfigException;
import io.quickstudy.transform.Params;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/** Runs with changed images, and the same images on every device. */
class AugmentedRunTest {
  private static final int IMAGES = 3;
  private static final Shape SHAPE = Shape.of(IMAGES, 9, 9, 3);
  private static final Augmentation ALL =
      new Augmentation(
          Optional.of(new Crop(0.3, 1.5, 2)),
          Optional.of(new Flip(0.5, 0.5)),
          Optional.of(new Distortion(1, 10, 0.3, 0.2, 2)),
          Optional.of(new Jitter(0.4, 0.4, 0.4, 0.1)),
          Optional.of(new Erasing(1, 0.1, 0.4, 2, Erasing.Paint.NOISE)));

  private static final Augmentation PARTS =
      new Augmentation(ALL.crop(), ALL.flip(), Optional.empty(), ALL.jitter(), Optional.empty());

  @TempDir private Path temporary;

  /** What is computed on a device, in 32 bits, is what the reference computes in 64. */
  @TestFactory
  Stream<DynamicTest> everyDeviceShowsTheSameImages() {
    int one = Distortion.ONE;
    Map<String, int[]> drawn =
        Map.of(
            AugmentedSampler.WARP,
            new int[] {
              -one, 9000, 70000, -7000, one / 2, -3000, one, 0, one, 0, -one, 0, one / 3, 0, 0, 999,
              one / 3, 0
            },
            AugmentedSampler.COLOUR,
            new int[] {50000, 80000, 40000, 6000, 80000, 50000, 90000, -6000, one, one, one, 30000},
            AugmentedSampler.ERASE,
            new int[] {1, 2, 3, 4, 0, 0, 0, 0, 5, 5, 4, 4},
            AugmentedSampler.NOISE,
            new int[] {1, 2, 3, 4, 5, -6});
    RandomStream r = new RandomStream(9, RandomUse.PARAMETERS, 0);
    float[] x = new float[IMAGES * 9 * 9 * 3];
    for (int k = 0; k < x.length; k++) {
      x[k] = (float) r.nextDouble();
    }
    double[] pixels = new double[x.length];
    Arrays.setAll(pixels, k -> x[k]);
    Map<String, Tensor> literals = new LinkedHashMap<>();
    drawn.forEach(
        (n, v) ->
            literals.put(
                n,
                Ops.literal(
                    DType.I32, Shape.of(v.length), Arrays.stream(v).asDoubleStream().toArray())));
    return Stream.of(ALL, PARTS)
        .flatMap(
            a -> {
              Tensor y = Augmented.apply(Ops.literal(SHAPE, pixels), Params.of(literals), a);
              double[] expected = Reference.eval(y);
              return Engines.each(e -> assertArrayEquals(expected, run(e, a, x, drawn), 2e-5));
            });
  }

  private static double[] run(Engine engine, Augmentation a, float[] x, Map<String, int[]> drawn) {
    Map<String, Op.Type> inputs = new LinkedHashMap<>();
    inputs.put("x", new Op.Type(SHAPE, DType.F32));
    drawn.forEach((n, v) -> inputs.put(n, new Op.Type(Shape.of(v.length), DType.I32)));
    Function f =
        (state, in, residents) ->
            new Function.Result(state, Params.of("y", Augmented.apply(in.get("x"), in, a)));
    Signature s = new Signature(Map.of(), inputs, Map.of(), 1, Set.of());
    try (Compiled compiled = engine.compile("augmented", s, f)) {
      compiled.set("x", x);
      drawn.forEach(compiled::set);
      compiled.run();
      float[] y = compiled.output("y").data();
      double[] wide = new double[y.length];
      Arrays.setAll(wide, k -> y[k]);
      return wide;
    }
  }

  private static RunConfig everything(String... more) {
    Map<String, String> m = RunFixtures.map("queries", "2", "ways", "3", "steps", "4");
    m.putAll(RunFixtures.map("distort", "0.5", "flip", "0.5", "crop-area", "0.5"));
    m.putAll(RunFixtures.map("crop-padding", "2", "brightness", "0.4", "contrast", "0.4"));
    m.putAll(RunFixtures.map("erase", "0.5"));
    m.putAll(RunFixtures.map(more));
    return RunFixtures.glyphs(
        m.entrySet().stream()
            .flatMap(e -> Stream.of(e.getKey(), e.getValue()))
            .toArray(String[]::new));
  }

  private byte[] trained(String name, RunConfig c, int... stops) throws IOException {
    Path run = temporary.resolve(name);
    for (int stop : stops) {
      RunFixtures.train(run, c, stop);
    }
    RunFixtures.train(run, c);
    return Files.readAllBytes(run.resolve("checkpoints/step-0000004.safetensors"));
  }

  @Test
  void runsAreTheSameForAnyWorkersAndWhereTheyGoOn() throws IOException {
    byte[] whole = trained("whole", everything("meta-batch", "3"));
    assertArrayEquals(whole, trained("parts", everything("meta-batch", "3"), 1, 1));
    assertArrayEquals(whole, trained("one", everything("meta-batch", "3", "workers", "1")));
    for (String key : new String[] {"flip", "crop-padding", "brightness", "contrast", "erase"}) {
      byte[] other = trained(key, everything("meta-batch", "3", key, "0"));
      assertFalse(Arrays.equals(whole, other), key + " changes what is trained on");
    }
  }

  @Test
  void whatMeasuresIsNotChanged() {
    RunConfig c = RunFixtures.glyphs("steps", "0");
    Trainer.Result start = RunFixtures.train(temporary.resolve("start"), c);
    RunConfig changed =
        c.with(RunFixtures.map("flip", "1", "crop-area", "0.1", "brightness", "0.9", "erase", "1"));
    assertNotEquals(Augmentation.NONE, changed.augmentation().changes());
    assertEquals(
        RunFixtures.measure(c, start).value(), RunFixtures.measure(changed, start).value());
  }

  @Test
  void namesStandForValues() {
    assertEquals(Augmentation.NONE, RunFixtures.glyphs().augmentation().changes());
    assertEquals(
        Augmentation.of(new Distortion(0.5, 10, 0.3, 0.2, 2)),
        RunFixtures.glyphs("augment", "characters").augmentation().changes());
    Augmentation photos =
        RunFixtures.glyphs("augment", "photos", "size", "28", "flip", "0.25")
            .augmentation()
            .changes();
    assertEquals(new Flip(0.25, 0), photos.flip().orElseThrow(), "the one that was given");
    assertEquals(3, photos.crop().orElseThrow().padding(), "a tenth of the size");
    assertEquals(new Jitter(0.4, 0.4, 0, 0), photos.jitter().orElseThrow(), "grey");
    RunConfig own = RunFixtures.glyphs("augment", "strong", "erase", "0", "steps", "7");
    assertEquals(Optional.empty(), own.augmentation().changes().erasing());
    assertEquals(0.2, own.augmentation().cropArea());
  }

  private static void refused(String message, Runnable made) {
    assertEquals(message, assertThrows(ConfigException.class, made::run).getMessage());
  }

  @Test
  void whatMakesNoSenseIsRefused() {
    refused(
        "Option --hue is 0.1: expected 0 for images of one channel; grey has none.",
        () -> RunFixtures.glyphs("hue", "0.1"));
    refused(
        "Option --saturation is 0.4: expected 0 for images of one channel; grey has none.",
        () -> RunFixtures.glyphs("augment", "photos", "saturation", "0.4"));
    refused(
        "Option --crop-padding is 14: expected less than the size of the images, 14; more would"
            + " show nothing of some.",
        () -> RunFixtures.glyphs("crop-padding", "14"));
    refused(
        "Option --erase-least is 0.5: expected at most --erase-most, 0.33; change one of them.",
        () -> RunFixtures.glyphs("erase", "1", "erase-least", "0.5"));
    refused(
        "Option --augment is photos: expected none for 'sinusoid'; only images are changed.",
        () -> RunFixtures.sinusoid("augment", "photos"));
    refused(
        "Option --crop-area is 0.5: expected 1 for 'sinusoid'; only images are changed.",
        () -> RunFixtures.sinusoid("crop-area", "0.5"));
    for (String key : new String[] {"flip", "crop-area", "hue", "erase", "erase-most"}) {
      String said =
          assertThrows(ConfigException.class, () -> RunFixtures.glyphs(key, "1.5")).getMessage();
      assertEquals(0, said.indexOf("Option --" + key + " is 1.5: expected"), said);
    }
  }
}
