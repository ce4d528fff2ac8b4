package io.quickstudy.cli;

import static io.quickstudy.cli.Ran.assertRefused;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.csv.CsvMapper;
import com.fasterxml.jackson.dataformat.csv.CsvSchema;
import io.quickstudy.adapt.Runs;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code quickstudy adapt} as a user sees it. */
class AdaptCommandTest {
  @TempDir private Path temporary;
  private Path support;
  private Path query;

  private Ran adapt(Path run, String... more) {
    Stream<String> usual =
        Stream.of(
            "adapt", run.toString(), "--support=" + support, "--query=" + query, "--device=cpu");
    return Ran.of(Stream.concat(usual, Stream.of(more)).toArray(String[]::new));
  }

  @BeforeEach
  void draw() {
    support = temporary.resolve("support");
    query = temporary.resolve("query");
    Runs.write(support, 4, 0, 4);
    Runs.write(query, 4, 10, 6);
  }

  @Test
  void aTableForPeople() {
    Ran r = adapt(Runs.protonet(), "--min-confidence", "0.6");
    assertEquals(0, r.code(), r.err());
    assertEquals("", r.err());
    List<String> lines = r.out().lines().toList();
    assertEquals("protonet on glyphs: 4 classes learnt from 16 images", lines.get(0));
    assertEquals("file           prediction  confidence", lines.get(3));
    assertTrue(lines.get(4).matches("c0/hand10.png  (c\\d|none) +\\d+\\.\\d%"), lines.get(4));
    assertEquals(4 + 24 + 3, lines.size());
    assertTrue(lines.get(30).contains("not known: the run is not calibrated"), lines.get(30));
    assertTrue(lines.get(30).endsWith("calibrate " + Runs.protonet() + " finds out"));
    assertTrue(
        lines
            .get(29)
            .matches(
                "24 images, \\d+ rejected below 60.0%, accuracy .*% \\(\\d+ of \\d+ answered\\)"),
        lines.get(29));
  }

  @Test
  void allFormatsSayTheSameForEveryLearner() throws IOException {
    for (Path run : List.of(Runs.protonet(), Runs.maml("support"), Runs.maml("transductive"))) {
      JsonNode json = new ObjectMapper().readTree(adapt(run, "--json").out());
      assertEquals(24, json.get("images").asInt());
      assertEquals(0, json.get("rejected").asInt());
      assertTrue(json.get("accuracy").asDouble() > 0.4, run + ": " + json.get("accuracy"));
      assertEquals("c3", json.at("/classes/3/name").asText());
      List<Map<String, String>> rows = rows(adapt(run, "--csv").out());
      assertEquals(24, rows.size());
      for (int i = 0; i < 24; i++) {
        JsonNode p = json.get("predictions").get(i);
        Map<String, String> row = rows.get(i);
        assertEquals(p.get("file").asText(), row.get("file"));
        assertEquals(p.get("truth").asText(), row.get("truth"));
        assertEquals(p.get("prediction").asText(), row.get("prediction"));
        double c2 = p.at("/probabilities/c2").asDouble();
        assertEquals(c2, Double.parseDouble(row.get("p_c2")));
      }
    }
  }

  @Test
  void aSingleImageIsClassified() throws IOException {
    query = query.resolve("c2/hand11.png");
    Ran r = adapt(Runs.protonet(), "--json");
    assertEquals(0, r.code(), r.err());
    JsonNode json = new ObjectMapper().readTree(r.out());
    assertEquals(1, json.get("images").asInt());
    assertEquals("hand11.png", json.at("/predictions/0/file").asText());
    assertTrue(adapt(Runs.protonet()).out().contains("1 image"), r.out());
  }

  private static List<Map<String, String>> rows(String csv) throws IOException {
    List<Map<String, String>> rows = new ArrayList<>();
    new CsvMapper()
        .readerForMapOf(String.class)
        .with(CsvSchema.emptySchema().withHeader())
        .<Map<String, String>>readValues(csv)
        .forEachRemaining(rows::add);
    return rows;
  }

  @Test
  void anyNumberOfThreadsGivesTheSameAnswers() {
    String one = adapt(Runs.protonet(), "--csv", "--workers", "1").out();
    assertEquals(one, adapt(Runs.protonet(), "--csv", "--workers", "3").out());
  }

  @Test
  void whatIsBelowTheLeastConfidenceIsRejected() throws IOException {
    JsonNode json =
        new ObjectMapper().readTree(adapt(Runs.protonet(), "--json", "--min-confidence=0.9").out());
    List<Map<String, String>> rows =
        rows(adapt(Runs.protonet(), "--csv", "--min-confidence=0.9").out());
    int rejected = 0;
    for (int i = 0; i < 24; i++) {
      JsonNode p = json.get("predictions").get(i);
      boolean sure = p.get("confidence").asDouble() >= 0.9;
      rejected += sure ? 0 : 1;
      assertEquals(!sure, p.get("prediction").isNull());
      assertEquals(!sure, rows.get(i).get("prediction").isEmpty());
    }
    assertEquals(rejected, json.get("rejected").asInt());
    assertTrue(rejected > 0 && rejected < 24, rejected + " of 24 rejected");
    String all = adapt(Runs.protonet(), "--min-confidence=1").out();
    assertTrue(all.contains(" none "), all);
  }

  @Test
  void queriesMayLieInOneFolder() throws IOException {
    query = query.resolve("c1");
    JsonNode json = new ObjectMapper().readTree(adapt(Runs.protonet(), "--json").out());
    assertTrue(json.get("accuracy").isNull());
    assertFalse(json.get("predictions").get(0).has("truth"));
    assertFalse(adapt(Runs.protonet()).out().contains("accuracy"));
  }

  @Test
  void whatWouldNotBeNoticedIsSaid() throws IOException {
    Files.writeString(support.resolve("c0/notes.txt"), "no image");
    Ran r = adapt(Runs.maml("transductive"));
    assertEquals(0, r.code());
    assertTrue(r.err().contains("1 file whose name is not that of an image"), r.err());
    assertTrue(r.err().contains("--together"), r.err());
    Ran together = adapt(Runs.maml("transductive"), "--together");
    assertTrue(together.out().contains("norm transductive"), together.out());
    assertFalse(together.out().equals(r.out()));
  }

  @Test
  void badUsageIsOneSentenceAndTwo() {
    Path run = Runs.protonet();
    assertRefused(2, "RUN is missing", Ran.of("adapt"));
    assertRefused(2, "Option --support is missing", Ran.of("adapt", run.toString()));
    assertRefused(
        2, "Option --query is missing", Ran.of("adapt", run.toString(), "--support=" + support));
    assertRefused(2, "does not exist", adapt(temporary.resolve("no-run")));
    assertRefused(2, "'--min-confidence'", adapt(run, "--min-confidenc", "1"));
    assertRefused(2, "from 0 to 1", adapt(run, "--min-confidence", "90"));
    assertRefused(2, "from 0 to 1", adapt(run, "--min-confidence", "nan"));
    assertRefused(2, "expected one of them", adapt(run, "--json", "--csv"));
    assertRefused(2, "did you mean 'dark'?", adapt(run, "--ink", "drak"));
    String[] device = {"adapt", run.toString(), "--support=s", "--query=q", "--device=cida"};
    assertRefused(2, "did you mean 'cuda'?", Ran.of(device));
    assertRefused(2, "at least 1", adapt(run, "--workers", "0"));
    assertRefused(2, "expected transductive", adapt(run, "--together"));
    assertRefused(2, "predicts values", adapt(Runs.sinusoid()));
    Runs.write(support, 6, 0, 1);
    assertRefused(2, "of 6 classes", adapt(Runs.maml("support")));
  }

  @Test
  void anUnreadableQueryHasItsRowAndTheOthersArePredicted() throws IOException {
    JsonNode before = new ObjectMapper().readTree(adapt(Runs.protonet(), "--json").out());
    Path one = query.resolve("c1/hand12.jpg");
    Files.write(one, java.util.Arrays.copyOf(Files.readAllBytes(one), 40));
    Ran told = adapt(Runs.protonet(), "--json");
    assertEquals(1, told.code());
    assertTrue(told.err().contains("1 of 24 images cannot be read; the first: Image '" + one));
    JsonNode json = new ObjectMapper().readTree(told.out());
    assertEquals(24, json.get("images").asInt());
    assertEquals(1, json.get("unreadable").asInt());
    List<Map<String, String>> rows = rows(adapt(Runs.protonet(), "--csv").out());
    assertEquals(24, rows.size());
    for (int i = 0; i < 24; i++) {
      JsonNode p = json.get("predictions").get(i);
      boolean bad = p.get("file").asText().equals("c1/hand12.jpg");
      assertEquals(bad, p.has("error"), p.toString());
      assertEquals(bad, p.get("prediction").isNull(), p.toString());
      assertEquals(bad, p.get("probabilities").isNull(), p.toString());
      assertEquals(bad ? p.get("error").asText() : "", rows.get(i).get("error"));
      assertEquals(bad, rows.get(i).get("confidence").isEmpty());
      assertEquals(bad, rows.get(i).get("p_c2").isEmpty());
      if (!bad) {
        String then = before.get("predictions").get(i).get("prediction").asText();
        assertEquals(then, p.get("prediction").asText());
      }
    }
    Ran table = adapt(Runs.protonet());
    assertEquals(1, table.code());
    assertTrue(table.out().contains("c1/hand12.jpg  unreadable           -"), table.out());
    assertTrue(table.out().contains("24 images, 1 unreadable, accuracy"), table.out());
    Ran together = adapt(Runs.maml("transductive"), "--together");
    assertEquals(1, together.code());
    assertTrue(together.out().contains("1 unreadable"), together.out());
  }

  @Test
  void supportThatNothingCanBeLearntFromIsSaid() throws IOException {
    Path copy = support.resolve("c2/copy.png");
    Files.copy(support.resolve("c1/hand01.png"), copy);
    BufferedImage white = new BufferedImage(20, 20, BufferedImage.TYPE_INT_RGB);
    for (int i = 0; i < 400; i++) {
      white.setRGB(i % 20, i / 20, 0xFFFFFF);
    }
    Path blank = support.resolve("c3/blank.png");
    ImageIO.write(white, "png", blank.toFile());
    Ran r = adapt(Runs.protonet());
    assertEquals(0, r.code());
    assertTrue(r.err().contains("nothing is to be seen in '" + blank + "' of the"), r.err());
    assertTrue(r.err().contains("in two classes"), r.err());
    assertTrue(r.err().contains("hand01.png' and '" + copy + "'; remove one"), r.err());
    Path onnx = temporary.resolve("x.onnx");
    Ran export =
        Ran.of("export", Runs.protonet().toString(), "--support=" + support, "--onnx=" + onnx);
    assertEquals(0, export.code(), export.err());
    assertTrue(export.err().contains("in two classes"), export.err());
  }

  @Test
  void picturesAreTakenAsTheOptionsSay() {
    Path run = Runs.protonet();
    String usual = adapt(run).out();
    assertEquals(usual, adapt(run, "--no-trim", "--no-levels", "--fit", "stretch").out());
    for (String option : List.of("--trim", "--levels", "--fit=pad", "--fit=crop")) {
      Ran r = adapt(run, option);
      assertEquals(0, r.code(), r.err());
      assertTrue(r.out().contains("accuracy"), r.out());
    }
    assertFalse(usual.equals(adapt(run, "--trim").out()));
    assertRefused(2, "did you mean 'crop'?", adapt(run, "--fit", "corp"));
  }

  @Test
  void badDataIsOneSentenceAndOne() throws IOException {
    Path run = Runs.protonet();
    Path good = support;
    support = temporary.resolve("none");
    assertRefused(1, "does not exist", adapt(run));
    Files.createDirectories(support);
    assertRefused(1, "holds no images", adapt(run));
    support = good.resolve("c0");
    assertRefused(1, "holds images itself", adapt(run));
    support = good;
    Files.createDirectories(support.resolve("c9"));
    Ran empty = adapt(run);
    assertEquals(0, empty.code());
    assertTrue(empty.err().contains("left out 1 folder without images: 'c9'"), empty.err());
    Files.delete(support.resolve("c9"));
    Path one = support.resolve("c1/hand00.jpg");
    byte[] whole = Files.readAllBytes(one);
    Files.write(one, java.util.Arrays.copyOf(whole, 40));
    assertRefused(1, one.toString(), adapt(run));
    Files.write(one, whole);
    query = temporary.resolve("none");
    assertRefused(1, "holds no images", adapt(run));
  }

  @Test
  void aSupportSetThatCannotBeSolvedForIsSaidToBeOne() throws IOException {
    Path twins = temporary.resolve("twins");
    Runs.write(twins, 1, 0, 6);
    Path one;
    try (Stream<Path> classes = Files.list(twins)) {
      one = classes.findFirst().orElseThrow();
    }
    Path other = Files.createDirectory(twins.resolve("other"));
    try (Stream<Path> images = Files.list(one)) {
      for (Path image : images.toList()) {
        Files.copy(image, other.resolve(image.getFileName()));
      }
    }
    support = twins;
    Ran r = adapt(Runs.singular());
    assertEquals("", r.out());
    assertEquals(1, r.code(), r.err());
    String last = r.err().lines().toList().getLast();
    assertTrue(
        last.startsWith("quickstudy: Nothing can be learnt of this support set: The matrix"), last);
  }
}
