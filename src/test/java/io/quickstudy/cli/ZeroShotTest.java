package io.quickstudy.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.quickstudy.adapt.AdaptOptions;
import io.quickstudy.adapt.Adapter;
import io.quickstudy.adapt.Classifier;
import io.quickstudy.adapt.Runs;
import io.quickstudy.adapt.Support;
import io.quickstudy.data.Attributes;
import io.quickstudy.data.DataException;
import io.quickstudy.data.image.AttributeFile;
import io.quickstudy.data.image.Painted;
import io.quickstudy.settings.ConfigException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Classes that are described and never shown, through every command. */
class ZeroShotTest {
  private static final double BY_CHANCE = 0.2;

  @TempDir private Path temporary;
  private Path query;
  private Path csv;

  private static String good(String... args) {
    Ran r = Ran.of(args);
    assertEquals(0, r.code(), r.err());
    return r.out();
  }

  private static void refused(int code, String sentence, String... args) {
    Ran r = Ran.of(args);
    assertEquals(code, r.code(), r.err());
    assertEquals("", r.out());
    String last = r.err().lines().reduce("", (a, b) -> b);
    assertTrue(last.startsWith("quickstudy: ") && last.contains(sentence), r.err());
  }

  private String[] adapt(Path run, String... more) {
    List<String> all =
        new java.util.ArrayList<>(
            List.of("adapt", run.toString(), "--query=" + query, "--device=cpu"));
    all.addAll(List.of(more));
    return all.toArray(String[]::new);
  }

  @BeforeEach
  void draw() {
    query = temporary.resolve("query");
    csv = temporary.resolve("characters.csv");
    Runs.write(query, 5, 10, 6);
    Runs.describe(csv, 5);
  }

  @Test
  void charactersThatNobodySawAreKnownByTheirDescription() throws IOException {
    Path run = Runs.zeroShot();
    String table = good(adapt(run, "--attributes=" + csv));
    assertTrue(
        table.startsWith("protonet-zero-shot on glyphs: 5 classes learnt from 26 attributes"),
        table);
    JsonNode json = new ObjectMapper().readTree(good(adapt(run, "--attributes=" + csv, "--json")));
    assertEquals(0, json.get("classes").get(4).get("shots").asInt());
    assertEquals("c4", json.get("classes").get(4).get("name").asText());
    assertTrue(json.get("accuracy").asDouble() > 2.5 * BY_CHANCE, json.get("accuracy").asText());
    JsonNode measured =
        new ObjectMapper()
            .readTree(good("eval", run.toString(), "--episodes=64", "--json", "--device=cpu"));
    assertEquals(0, measured.get("shots").asInt());
    // other characters than those of tests, which are of the full set
    assertTrue(measured.get("value").asDouble() > 2 * BY_CHANCE, measured.toString());
  }

  @Test
  void javaHasTheSameAndColumnsMayComeInAnyOrder() throws IOException {
    try (Adapter adapter = Adapter.load(Runs.zeroShot(), AdaptOptions.usual().device("cpu"))) {
      float[] x = new float[Runs.SIDE * Runs.SIDE];
      java.util.Arrays.fill(x, 50, 90, 0.9f);
      Classifier first = adapter.adapt(Support.ofAttributes(csv));
      Attributes a = AttributeFile.read(csv).attributes();
      List<String> sorted = a.names().stream().sorted().toList();
      Classifier second = adapter.adapt(Support.ofAttributes(a.select(sorted)));
      assertEquals(
          first.predict(x).getFirst().probabilities(),
          second.predict(x).getFirst().probabilities());
      assertEquals(List.of("c0", "c1", "c2", "c3", "c4"), first.classes());
      float[] prototypes = first.parameters().get("prototypes").data();
      assertEquals(5 * 64, prototypes.length);
      double norm = 0;
      for (int i = 0; i < 64; i++) {
        norm += prototypes[i] * prototypes[i];
      }
      assertEquals(1, norm, 1e-5);
      List<String> less = sorted.stream().filter(n -> !n.equals("loops")).toList();
      Support lacking = Support.ofAttributes(a.select(less));
      String message =
          assertThrows(ConfigException.class, () -> adapter.adapt(lacking)).getMessage();
      assertTrue(message.contains("Attribute 'loops' is missing"), message);
    }
  }

  @Test
  void aRunTakesWhatItWasTrainedWith() throws IOException {
    Path shown = temporary.resolve("shown");
    Runs.write(shown, 5, 0, 1);
    Path run = Runs.zeroShot();
    refused(2, "expected attributes of each class", adapt(run, "--support=" + shown));
    refused(2, "expected images of each class", adapt(Runs.protonet(), "--attributes=" + csv));
    refused(2, "expected one of them", adapt(run, "--attributes=" + csv, "--support=" + shown));
    refused(1, "cannot be read", adapt(run, "--attributes=" + csv + "x"));
    Path one = temporary.resolve("one.csv");
    Runs.describe(one, 1);
    refused(1, "describes one class, 'c0'", adapt(run, "--attributes=" + one));
    Files.writeString(one, "name,loops\na,1\nb,2\n");
    refused(2, "Attribute 'strokes' is missing", adapt(run, "--attributes=" + one));
    assertThrows(
        IllegalArgumentException.class,
        () -> Support.ofAttributes(new Attributes(List.of("a"), List.of("c"), new float[] {1})));
    assertThrows(DataException.class, () -> Support.ofAttributes(temporary.resolve("none")));
    String[] train = {"train", "--learner=protonet-zero-shot", "--device=cpu", "--steps=1", "", ""};
    train[4] = "--shots=5";
    train[5] = "--data=glyphs";
    refused(2, "--shots is 5: expected 0 for learner 'protonet-zero-shot'", train);
    train[4] = "--rotations=classes";
    refused(2, "a class that is turned is not what its attributes say", train);
    train[4] = "--attribute-count=4";
    refused(2, "--attribute-count is 4: expected 26", train);
    train[4] = "--ways=5";
    train[5] = "--data=omniglot";
    refused(2, "expected data whose classes are described by attributes; use one of", train);
  }

  @Test
  void ownFoldersAreDescribedByAFileBesideThem() throws IOException {
    Path photos = temporary.resolve("photos");
    Painted.classes(photos, 20, 6);
    String out = temporary.resolve("run").toString();
    String[] train = {
      "train",
      "--learner=protonet-zero-shot",
      "--data=folder:" + photos,
      "--out=" + out,
      "--device=cpu",
      "--steps=2",
      "--size=16",
      "--filters=4",
      "--blocks=2",
      "--ways=3",
      "--queries=3",
      "--eval-queries=3",
      "--eval-episodes=4",
      "--eval-every=0",
      "--workers=1",
    };
    refused(1, "has no file attributes.csv: expected one with a line", train);
    StringBuilder text = new StringBuilder("photo,redness,size\n");
    for (int c = 0; c < 20; c++) {
      text.append("c").append(c).append(",").append(c / 20.0).append(",1\n");
    }
    Path file = photos.resolve(AttributeFile.NAME);
    Files.writeString(file, text + "c99,1,1\n");
    refused(1, "Line 22 of '" + file + "' is of class 'c99'", train);
    Files.writeString(file, text);
    assertTrue(good(train).contains("3-way zero-shot, 3 queries"));
    JsonNode data = new ObjectMapper().readTree(Path.of(out, "data.json").toFile());
    assertEquals("size", data.get("attributes").get(1).asText());
    assertTrue(Files.readString(Path.of(out, "config.yaml")).contains("attribute-count: 2"));
    Path classes = temporary.resolve("new.csv");
    Files.writeString(classes, "name,size,redness\nx,0,1\ny,1,0\nz,1,1\n");
    Files.delete(file); // a run needs nothing but its folder
    query = photos.resolve("c1");
    String csv = good(adapt(Path.of(out), "--attributes=" + classes, "--csv"));
    assertTrue(csv.startsWith("file,truth,prediction,confidence,p_x,p_y,p_z,error"), csv);
    Files.writeString(file, text.toString().replace("c3,0.15", "c3,0.16"));
    refused(1, "changed", "train", "--out=" + out, "--resume", "--steps=3");
  }

  @Test
  void theReportShowsDescriptionsInPlaceOfImages() throws IOException {
    Path page = temporary.resolve("page.html");
    good("report", Runs.zeroShot().toString(), "--out=" + page, "--episodes=8", "--device=cpu");
    String html = Files.readString(page);
    assertTrue(html.contains("5-way zero-shot"));
    assertTrue(html.contains("class=\"described\">strokes 0."), "a description");
    assertTrue(!html.contains("alt=\"support:"), "no image was shown");
  }

  @Test
  void itIsExportedWithTheClassesThatAFileDescribes() throws IOException {
    Path run = Runs.zeroShot();
    Path onnx = temporary.resolve("model.onnx");
    String said = good("export", run.toString(), "--onnx=" + onnx, "--attributes=" + csv);
    assertTrue(said.contains("adapted to 5 descriptions of c0, c1, c2, c3, c4"), said);
    assertTrue(said.contains("logits [batch, 5]"), said);
    Path network = temporary.resolve("network.onnx");
    assertTrue(
        good("export", run.toString(), "--onnx=" + network).contains("features [batch, 64]"));
    Path other = temporary.resolve("other.onnx");
    Path shown = temporary.resolve("shown");
    Runs.write(shown, 5, 0, 1);
    refused(
        2,
        "expected attributes of each class",
        "export",
        run.toString(),
        "--onnx=" + other,
        "--support=" + shown);
    refused(
        2,
        "expected images of each class",
        "export",
        Runs.protonet().toString(),
        "--onnx=" + other,
        "--attributes=" + csv);
    refused(
        2,
        "Option --attributes without --onnx",
        "export",
        run.toString(),
        "--safetensors=" + other,
        "--attributes=" + csv);
    assertFalse(Files.exists(other));
  }
}
