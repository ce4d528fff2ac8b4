package io.quickstudy.cli;

import static io.quickstudy.cli.Ran.assertRefused;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.csv.CsvMapper;
import com.fasterxml.jackson.dataformat.csv.CsvSchema;
import io.quickstudy.adapt.Runs;
import io.quickstudy.cli.Embedding.Distance;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code quickstudy embed} as a user sees it. */
class EmbedCommandTest {
  @TempDir private Path temporary;
  private Path images;
  private Path out;

  @BeforeEach
  void draw() {
    images = temporary.resolve("images");
    Runs.write(images.resolve("deeper"), 3, 0, 4);
    out = temporary.resolve("f.csv");
  }

  private Ran embed(Path run, Path dir, String... more) {
    Stream<String> usual =
        Stream.of("embed", run.toString(), dir.toString(), "--out=" + out, "--device=cpu");
    return Ran.of(Stream.concat(usual, Stream.of(more)).toArray(String[]::new));
  }

  private static List<Map<String, String>> rows(Path file) throws IOException {
    return new CsvMapper()
        .readerFor(Map.class)
        .with(CsvSchema.emptySchema().withHeader())
        .<Map<String, String>>readValues(Files.readString(file))
        .readAll();
  }

  @Test
  void csvAndNpySayTheSame() throws IOException {
    Path broken = images.resolve("deeper/c1/broken.png");
    Files.writeString(broken, "no image");
    Ran r = embed(Runs.protonet(), images);
    assertEquals(1, r.code());
    assertTrue(r.err().startsWith("1 of 13 images cannot be read; the first: "), r.err());
    List<Map<String, String>> csv = rows(out);
    assertEquals(13, csv.size());
    assertEquals("deeper/c0/hand00.jpg", csv.getFirst().get("file"));
    assertEquals("deeper/c0", csv.getFirst().get("class"));
    List<String> files = csv.stream().map(m -> m.get("file")).toList();
    assertEquals(files.stream().sorted().toList(), files);
    Map<String, String> bad = csv.get(4);
    assertEquals("deeper/c1/broken.png", bad.get("file"));
    assertTrue(bad.get("error").contains("is in no known format"));
    assertEquals("", bad.get("f0"));

    out = temporary.resolve("f.NPY");
    JsonNode json = embed(Runs.protonet(), images, "--json").json();
    assertEquals(1, json.get("unreadable").asInt());
    assertEquals("running", json.get("norm").asText());
    int d = json.get("features").asInt();
    ByteBuffer b = ByteBuffer.wrap(Files.readAllBytes(out)).order(ByteOrder.LITTLE_ENDIAN);
    assertEquals("\u0093NUMPY\u0001\0", text(b, 8));
    int length = b.getShort();
    assertEquals(0, (10 + length) % 64);
    String header = text(b, length);
    assertTrue(header.endsWith(" \n") || header.endsWith("}\n"), header);
    assertEquals(
        "{'descr': '<f4', 'fortran_order': False, 'shape': (12, %s), }".formatted(d),
        header.strip());
    assertEquals(12 * d * 4, b.remaining());
    List<Map<String, String>> names = rows(temporary.resolve("f.names.csv"));
    assertEquals(files, names.stream().map(m -> m.get("file")).toList());
    for (int i = 0; i < 13; i++) {
      assertEquals(csv.get(i).get("error"), names.get(i).get("error"));
      String row = names.get(i).get("row");
      assertEquals(i == 4, row.isEmpty());
      for (int k = 0; k < d && i != 4; k++) {
        float f = b.getFloat(10 + length + 4 * (Integer.parseInt(row) * d + k));
        assertEquals(Float.parseFloat(csv.get(i).get("f" + k)), f);
      }
    }
    assertFalse(csv.getFirst().containsKey("f" + d));
  }

  @Test
  void theCheckpointOfChoiceIsTaken() {
    Ran r = embed(Runs.protonet(), images, "--checkpoint", "999");
    assertEquals(1, r.code(), r.err());
    assertTrue(r.err().contains("step-0000999.safetensors' is not there"), r.err());
  }

  private static String text(ByteBuffer b, int length) {
    byte[] bytes = new byte[length];
    b.get(bytes);
    return new String(bytes, StandardCharsets.ISO_8859_1);
  }

  @Test
  void neighboursAreThoseOfTheFeatures() throws IOException {
    JsonNode json =
        embed(Runs.protonet(), images, "--neighbours", "2", "--by", "cosine", "--json").json();
    List<Map<String, String>> csv = rows(out);
    int d = json.get("features").asInt();
    float[][] f = new float[12][d];
    for (int i = 0; i < 12; i++) {
      for (int k = 0; k < d; k++) {
        f[i][k] = Float.parseFloat(csv.get(i).get("f" + k));
      }
    }
    int same = 0;
    for (int i = 0; i < 12; i++) {
      int best = i == 0 ? 1 : 0;
      for (int j = 0; j < 12; j++) {
        boolean nearer = Distance.COSINE.of(f[i], f[j]) < Distance.COSINE.of(f[i], f[best]);
        best = j != i && nearer ? j : best;
      }
      JsonNode one = json.at("/neighbours/" + i);
      assertEquals(csv.get(i).get("file"), one.get("file").asText());
      assertEquals(2, one.get("nearest").size());
      assertEquals(csv.get(best).get("file"), one.at("/nearest/0/file").asText());
      double distance = Distance.COSINE.of(f[i], f[best]);
      assertEquals(distance, one.at("/nearest/0/distance").asDouble(), 1e-9);
      same += csv.get(best).get("class").equals(csv.get(i).get("class")) ? 1 : 0;
    }
    assertEquals(same / 12.0, json.get("same_folder").asDouble(), 1e-12);

    out = temporary.resolve("again.csv");
    Ran r = embed(Runs.protonet(), images, "--neighbours", "1");
    assertEquals(0, r.code(), r.err());
    assertTrue(r.out().contains("deeper/c0/hand00.jpg: deeper/"), r.out());
    assertTrue(r.out().contains("the nearest is in the same folder for "), r.out());
  }

  @Test
  void distances() {
    float[] a = {3, 0};
    float[] b = {0, 4};
    assertEquals(5, Distance.EUCLIDEAN.of(a, b));
    assertEquals(1, Distance.COSINE.of(a, b));
    assertEquals(0, Distance.COSINE.of(a, new float[] {0.5f, 0}), 1e-15);
    assertEquals(2, Distance.COSINE.of(a, new float[] {-7, 0}), 1e-15);
    assertEquals(1, Distance.COSINE.of(a, new float[2]));
  }

  @Test
  void aSingleImageAndARunThatSeesAllTogether() throws IOException {
    Ran r = embed(Runs.protonet(), images.resolve("deeper/c2/hand01.png"));
    assertEquals(0, r.code(), r.err());
    assertEquals("hand01.png", rows(out).getFirst().get("file"));
    out = temporary.resolve("together.csv");
    Ran together = embed(Runs.maml("support"), images);
    assertEquals(0, together.code());
    assertTrue(together.err().startsWith("note: batch norm 'support' takes"), together.err());
    assertTrue(together.out().contains("norm transductive"), together.out());
  }

  @Test
  void whatCannotBeDoneIsRefused() throws IOException {
    assertRefused(2, "has no features", embed(Runs.lstm(), images));
    assertRefused(2, "has no features", embed(Runs.sinusoid(), images));
    assertRefused(1, "does not exist", embed(Runs.protonet(), temporary.resolve("none")));
    assertRefused(2, "holds no run", embed(images, images));
    assertRefused(2, "without --neighbours", embed(Runs.protonet(), images, "--by", "cosine"));
    assertRefused(2, "at least 1", embed(Runs.protonet(), images, "--neighbours", "0"));
    assertRefused(
        2,
        "did you mean 'cosine'",
        embed(Runs.protonet(), images, "--neighbours", "1", "--by", "cosin"));
    assertRefused(2, "--out is missing", Ran.of("embed", "a", "b"));
    out = temporary.resolve("f.txt");
    assertRefused(2, "ends in .csv or .npy", embed(Runs.protonet(), images));
    Files.writeString(temporary.resolve("g.names.csv"), "mine");
    out = temporary.resolve("g.npy");
    assertRefused(2, "g.names.csv' exists", embed(Runs.protonet(), images));
  }
}
