package io.quickstudy.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code quickstudy demo} as somebody sees it who has nothing else yet. */
class DemoCommandTest {
  @TempDir private Path temporary;

  @Test
  void itLearnsAndSaysHowToGoOn() throws IOException {
    Path folder = temporary.resolve("demo");
    Ran said = Ran.of("demo", "--out", folder.toString(), "--device", "cpu");
    assertEquals("", said.err());
    assertEquals(0, said.code());
    assertTrue(said.out().contains("\n20 of 20 right.\n"), said.out());
    String next =
        said.out()
            .lines()
            .filter(l -> l.startsWith("  quickstudy adapt "))
            .findFirst()
            .orElseThrow();
    Ran adapted = Ran.of((next.strip().substring("quickstudy ".length()) + " --json").split(" "));
    assertEquals(0, adapted.code(), adapted.err());
    assertEquals(1.0, adapted.json().get("accuracy").asDouble());

    JsonNode again = Ran.of("demo", "--out", folder.toString(), "--json").json();
    assertEquals(20, again.get("images").asInt());
    assertEquals(20, again.get("right").asInt());
  }

  @Test
  void whatIsNotTheDemosIsLeftAlone() throws IOException {
    Path config = temporary.resolve("run/config.yaml");
    Files.createDirectories(config.getParent());
    Files.writeString(config, "mine");
    Ran said = Ran.of("demo", "--out", temporary.toString());
    assertEquals(
        "quickstudy: File '%s' is not the demo's: expected a folder without such a file; say --out DIR.\n"
            .formatted(config),
        said.err());
    assertEquals(2, said.code());
    assertEquals("mine", Files.readString(config));

    Path file = Files.createFile(temporary.resolve("file"));
    Ran blocked = Ran.of("demo", "--out", file.toString());
    assertEquals(2, blocked.code());
    assertTrue(blocked.err().contains("cannot be written to '%s'".formatted(file)), blocked.err());
  }

  @Test
  void dotsStandWhereThereIsInk() {
    BufferedImage white = new BufferedImage(16, 16, BufferedImage.TYPE_BYTE_GRAY);
    for (int i = 0; i < 256; i++) {
      white.getRaster().setSample(i % 16, i / 16, 0, 255);
    }
    // two letters of 2 x 4 dots, one row: a dot is 4 x 4 pixels
    assertEquals(List.of("\u2800\u2800"), DotPicture.of(white, 2));
    white.getRaster().setSample(0, 0, 0, 0);
    white.getRaster().setSample(15, 15, 0, 0);
    assertEquals(List.of("\u2801\u2880"), DotPicture.of(white, 2));
  }
}
