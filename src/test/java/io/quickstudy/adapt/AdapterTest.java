package io.quickstudy.adapt;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.quickstudy.Quickstudy;
import io.quickstudy.adapt.AdaptOptions.Queries;
import io.quickstudy.data.DataException;
import io.quickstudy.data.image.PictureInk;
import io.quickstudy.run.RunException;
import io.quickstudy.settings.ConfigException;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a trained run makes of a few labelled images of new characters. */
class AdapterTest {
  @TempDir private Path temporary;

  private static Adapter load(Path run) {
    return Quickstudy.load(run, AdaptOptions.usual().device("cpu"));
  }

  /** Hands 10 to 19 of the characters 0, 1, ... */
  private static List<Image> queries(int classes) {
    List<Image> out = new ArrayList<>();
    for (int c = 0; c < classes; c++) {
      for (int k = 10; k < 20; k++) {
        out.add(Runs.image(c, k));
      }
    }
    return out;
  }

  private static void assertSums(Prediction p, List<String> classes) {
    assertEquals(classes, List.copyOf(p.probabilities().keySet()));
    double sum = p.probabilities().values().stream().mapToDouble(x -> x).sum();
    assertEquals(1, sum, 1e-12);
    assertEquals(p.confidence(), p.probabilities().get(p.label()));
    assertTrue(p.probabilities().values().stream().allMatch(x -> x <= p.confidence()));
    assertEquals(p.label(), p.label(p.confidence()).orElseThrow());
    assertTrue(p.label(Math.nextUp(p.confidence())).isEmpty());
  }

  @Test
  void protonetTakesAnyNumberOfClassesAndShots() {
    try (Adapter adapter = load(Runs.protonet())) {
      for (int[] shots : new int[][] {{5, 5, 5, 5, 5}, {1, 4}, {2, 1, 5, 1, 1, 3, 2}}) {
        Classifier c = adapter.adapt(Runs.support(shots));
        List<Prediction> p = c.predict(queries(shots.length));
        p.forEach(one -> assertSums(one, c.classes()));
        double accuracy = Runs.accuracy(p, 10);
        assertTrue(accuracy > 0.4 + 0.6 / shots.length, shots.length + " classes: " + accuracy);
      }
    }
  }

  @Test
  void anyNumberOfQueriesIsPredictedAsEachAlone() {
    try (Adapter adapter = load(Runs.protonet())) {
      Classifier c = adapter.adapt(Runs.support(3, 3, 3));
      List<Image> all = new ArrayList<>();
      for (int i = 0; i < 70; i++) {
        all.add(Runs.image(i % 3, i % 20));
      }
      for (int n : new int[] {0, 1, 2, 5, 7, 63, 64, 65, 70}) {
        List<Prediction> p = c.predict(all.subList(0, n));
        assertEquals(n, p.size());
        for (int i = 0; i < n; i++) {
          double alone = c.predict(all.get(i)).probabilities().get("c1");
          assertEquals(alone, p.get(i).probabilities().get("c1"), 1e-4);
        }
      }
    }
  }

  @Test
  void mamlUsesAsManyOfItsOutputsAsThereAreClasses() {
    for (String norm : List.of("support", "transductive")) {
      try (Adapter adapter = load(Runs.maml(norm))) {
        for (int[] shots : new int[][] {{5, 5, 5, 5, 5}, {5, 5, 5}, {4, 6}}) {
          Classifier c = adapter.adapt(Runs.support(shots));
          List<Prediction> p = c.predict(queries(shots.length));
          p.forEach(one -> assertSums(one, c.classes()));
          double accuracy = Runs.accuracy(p, 10);
          double least = 1.0 / shots.length + 0.15;
          assertTrue(accuracy > least, norm + ", " + shots.length + " classes: " + accuracy);
        }
        String refused =
            assertThrows(
                    IllegalArgumentException.class,
                    () -> adapter.adapt(Runs.support(1, 1, 1, 1, 1, 1)))
                .getMessage();
        assertTrue(refused.contains("of 6 classes"), refused);
        assertTrue(refused.contains("at most 5"), refused);
        assertTrue(refused.contains("train with --ways 6"), refused);
      }
    }
  }

  @Test
  void adaptationIsDoneOnceAndByAsManyStepsAsAreAskedFor() {
    Path run = Runs.maml("support");
    List<Float> weights = new ArrayList<>();
    for (int steps : new int[] {0, 1, 3}) {
      AdaptOptions o = AdaptOptions.usual().device("cpu").innerSteps(steps);
      try (Adapter adapter = Quickstudy.load(run, o)) {
        var adapted = adapter.adapt(Runs.support(2, 2)).parameters();
        weights.add(adapted.get("conv1.weight").data()[0]);
        adapted.get("conv1.weight").data()[0] = 7; // a copy
      }
    }
    assertEquals(3, weights.stream().distinct().count(), weights::toString);
  }

  @Test
  void queriesAreNormalisedTogetherOnlyIfAskedFor() {
    Path run = Runs.maml("transductive");
    AdaptOptions o = AdaptOptions.usual().device("cpu");
    List<Image> all = queries(3);
    try (Adapter adapter = Quickstudy.load(run, o.queries(Queries.TOGETHER))) {
      Classifier c = adapter.adapt(Runs.support(5, 5, 5));
      double together = c.predict(all).get(0).confidence();
      assertEquals(together, c.predict(all).get(0).confidence());
      assertNotEquals(together, c.predict(all.get(0)).confidence(), 1e-3);
      double accuracy = Runs.accuracy(c.predict(all), 10);
      assertTrue(accuracy > 0.55, "together: " + accuracy);
    }
    try (Adapter adapter = load(run)) {
      assertEquals("support", adapter.norm());
      assertTrue(adapter.trainedTogether());
      Classifier c = adapter.adapt(Runs.support(5, 5, 5));
      List<Prediction> alone = all.stream().map(c::predict).toList();
      double accuracy = Runs.accuracy(alone, 10);
      assertTrue(accuracy > 0.55, "one by one: " + accuracy);
      assertEquals(c.predict(all).get(0).confidence(), alone.get(0).confidence(), 1e-4);
    }
    refused(
        "trained with batch norm support: expected transductive",
        () -> Quickstudy.load(Runs.maml("support"), o.queries(Queries.TOGETHER)));
  }

  @Test
  void sequenceLearnersSeeTheClassesInTurn() {
    try (Adapter adapter = load(Runs.lstm())) {
      Classifier c = adapter.adapt(Runs.support(2, 3));
      c.predict(queries(2)).forEach(p -> assertSums(p, List.of("c0", "c1")));
      float[] last = c.parameters().get("y").data();
      assertArrayEquals(new float[] {0, 1, 0}, last); // the third image of c1
    }
  }

  @Test
  void regressorsFitTheirPoints() {
    try (Adapter adapter = load(Runs.sinusoid())) {
      float[] x = new float[10];
      float[] y = new float[10];
      for (int i = 0; i < x.length; i++) {
        x[i] = -4.5f + i;
        y[i] = wave(x[i]);
      }
      Regressor r = adapter.adapt(x, y);
      double error = 0;
      double size = 0;
      float[] at = new float[100];
      for (int i = 0; i < at.length; i++) {
        at[i] = -4 + 0.08f * i;
      }
      float[] found = r.predict(at);
      for (int i = 0; i < at.length; i++) {
        error += Math.pow(found[i] - wave(at[i]), 2) / at.length;
        size += Math.pow(wave(at[i]), 2) / at.length;
      }
      assertTrue(error < size / 3, "squared error " + error + " of a wave of " + size);
      assertEquals(found[7], r.predict(at[7])[0], 1e-5);
      assertEquals(0, r.predict().length);
      refused("1 point with 2 values", () -> adapter.adapt(new float[1], new float[2]));
      refused("NaN as number 0", () -> r.predict(Float.NaN));
      refused("predicts values", () -> adapter.adapt(Runs.support(1, 1)));
    }
    try (Adapter adapter = load(Runs.protonet())) {
      refused(
          "classifies: expected one on curves", () -> adapter.adapt(new float[1], new float[1]));
    }
  }

  private static float wave(float x) {
    return (float) (2 * Math.sin(x + 0.5));
  }

  @Test
  void picturesOfAnyKindAreTheSameCharacter() throws IOException {
    try (Adapter adapter = load(Runs.protonet())) {
      Classifier c = adapter.adapt(Runs.support(5, 5, 5));
      double expected = c.predict(Runs.image(1, 10)).probabilities().get("c1");
      for (int type :
          new int[] {
            BufferedImage.TYPE_INT_RGB,
            BufferedImage.TYPE_4BYTE_ABGR,
            BufferedImage.TYPE_BYTE_GRAY,
            BufferedImage.TYPE_3BYTE_BGR
          }) {
        BufferedImage p = Runs.picture(1, 10, type, 3);
        Image picture = Image.of(p);
        java.io.ByteArrayOutputStream png = new java.io.ByteArrayOutputStream();
        javax.imageio.ImageIO.write(p, "png", png);
        p.setRGB(0, 0, 0); // a copy was taken
        for (Image image : List.of(picture, Image.decode(png.toByteArray()))) {
          assertEquals(expected, c.predict(image).probabilities().get("c1"), 1e-9);
        }
      }
    }
    BufferedImage dark = Runs.picture(1, 10, BufferedImage.TYPE_BYTE_GRAY, 1);
    for (PictureInk ink : PictureInk.values()) {
      AdaptOptions o = AdaptOptions.usual().device("cpu").ink(ink);
      try (Adapter adapter = Quickstudy.load(Runs.protonet(), o)) {
        float[] x = adapter.numbers(List.of(Image.of(dark)));
        assertEquals(
            ink != PictureInk.BRIGHT, x[0] < 0.5, "the paper's brightness with ink " + ink);
      }
    }
  }

  @Test
  void badInputIsOneSentence() throws IOException {
    try (Adapter adapter = load(Runs.protonet())) {
      Classifier c = adapter.adapt(Runs.support(1, 1));
      refused("An image of 5 numbers: expected 196", () -> c.predict(Image.of(new float[5])));
      refused("multiple of 196", () -> c.predict(new float[197]));
      float[] nan = new float[196];
      nan[3] = Float.NaN;
      refused("NaN as number 3", () -> c.predict(nan));
      refused("NaN as number 3", () -> c.predict(Image.of(nan)));
      refused("no known format", () -> c.predict(Image.decode(new byte[10])));
      refused("of 1 class ", () -> Support.builder().add("a", Runs.image(0, 0)).build());
      refused("without a name", () -> Support.builder().add("", Runs.image(0, 0)));
      assertEquals(3, c.predict(new float[3 * 196]).size());
    }
    refused("'none' does not exist", () -> load(Path.of("none")));
    AdaptOptions o = AdaptOptions.usual();
    refused("is not known", () -> Quickstudy.load(Runs.protonet(), o.device("gpu")));
    refused("is not there", () -> Quickstudy.load(Runs.protonet(), o.step(9)));
    refused("threads is 0", () -> o.threads(0));
    Path empty = copy(Runs.protonet(), "empty");
    try (var files = Files.list(empty.resolve("checkpoints"))) {
      files.toList().forEach(f -> f.toFile().delete());
    }
    refused("has no whole checkpoint", () -> load(empty));
    Path other = copy(Runs.protonet(), "other");
    Path yaml = other.resolve("config.yaml");
    Files.writeString(yaml, Files.readString(yaml).replace("filters: 16", "filters: 32"));
    refused("does not fit its config.yaml", () -> load(other));
  }

  @Test
  void severalThreadsDecodeTheImagesOfACallInTheirOrder() {
    List<Image> all = new ArrayList<>(queries(4));
    try (Adapter one = load(Runs.protonet());
        Adapter three =
            Quickstudy.load(Runs.protonet(), AdaptOptions.usual().device("cpu").workers(3))) {
      assertArrayEquals(one.numbers(all), three.numbers(all));
      all.set(20, Image.of(new float[6]));
      all.set(30, Image.of(new float[7]));
      for (int i = 0; i < 20; i++) {
        refused("An image of 6 numbers", () -> three.numbers(all)); // the first of the two
      }
    }
  }

  private Path copy(Path run, String name) throws IOException {
    Path to = temporary.resolve(name);
    try (var files = Files.walk(run)) {
      for (Path f : files.toList()) {
        Files.copy(f, to.resolve(run.relativize(f).toString()));
      }
    }
    return to;
  }

  private static void refused(String sentence, Callable<?> call) {
    Throwable e = assertThrows(RuntimeException.class, call::call);
    assertTrue(e.getMessage().contains(sentence), e::toString);
    assertTrue(
        e instanceof IllegalArgumentException
            || e instanceof UnsupportedOperationException
            || e instanceof ConfigException
            || RunException.explains(e),
        e::toString);
  }

  @Test
  void foldersAreSupportSets() throws IOException {
    Runs.write(temporary.resolve("s"), 3, 0, 2);
    Support s = Support.ofFolder(temporary.resolve("s"));
    assertEquals(Map.of("c0", 2, "c1", 2, "c2", 2), s.shots());
    assertEquals(List.of("c0", "c1", "c2"), s.classes());
    assertEquals(6, s.size());
    Files.createDirectories(temporary.resolve("s/empty"));
    assertEquals(s.shots(), Support.ofFolder(temporary.resolve("s")).shots());
    refused("holds images itself", () -> Support.ofFolder(temporary.resolve("s/c0")));
    refused("does not exist", () -> Support.ofFolder(temporary.resolve("t")));
    Files.createDirectories(temporary.resolve("one/two"));
    refused("holds no images", () -> Support.ofFolder(temporary.resolve("one")));
    Runs.write(temporary.resolve("one/two"), 1, 0, 1);
    refused("holds one class, 'two/c0'", () -> Support.ofFolder(temporary.resolve("one")));
    assertThrows(DataException.class, () -> Image.read(temporary.resolve("no.png")));
  }

  @Test
  void unlabelledImagesAreForLearnersThatTakeThem() {
    Support some = Runs.support(2, 2).withUnlabelled(List.of(Runs.image(0, 9), Runs.image(1, 9)));
    assertEquals(2, some.unlabelled());
    assertEquals(4, some.size());
    try (Adapter adapter = load(Runs.protonet())) {
      refused(
          "2 unlabelled images for run '"
              + Runs.protonet()
              + "': expected none, since its learner"
              + " protonet learns from labelled ones alone",
          () -> adapter.adapt(some));
    }
  }

  @Test
  void aClosedAdapterSaysSo() {
    Adapter adapter = load(Runs.protonet());
    Support s = Runs.support(1, 1);
    Classifier c = adapter.adapt(s);
    adapter.close();
    adapter.close();
    for (Callable<?> call :
        List.<Callable<?>>of(() -> c.predict(Runs.image(0, 0)), () -> adapter.adapt(s))) {
      String message = assertThrows(IllegalStateException.class, call::call).getMessage();
      assertTrue(message.startsWith("This adapter is closed"), message);
    }
  }
}
