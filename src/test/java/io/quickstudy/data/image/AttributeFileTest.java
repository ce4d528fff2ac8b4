package io.quickstudy.data.image;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.quickstudy.data.Attributes;
import io.quickstudy.data.DataException;
import io.quickstudy.data.ImageClass;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What classes are like, as people write it down, and what they get wrong. */
class AttributeFileTest {
  private static final List<ImageClass> CLASSES =
      List.of(
          new ImageClass("cat", "", 0, 2),
          new ImageClass("wren", "birds", 2, 2),
          new ImageClass("owl", "birds", 4, 2));

  @TempDir private Path directory;

  private AttributeFile read(String text) throws IOException {
    Path file = Files.writeString(directory.resolve("attributes.csv"), text);
    return AttributeFile.read(file);
  }

  private void refused(String expected, String text) {
    String message = assertThrows(DataException.class, () -> read(text).of(CLASSES)).getMessage();
    assertTrue(message.contains(expected), message);
    assertTrue(message.contains("attributes.csv"), message);
    assertTrue(message.matches(".*[.?]") && !message.contains("\n"), message);
  }

  @Test
  void rowsAreOfClassesInAnyOrder() throws IOException {
    String text =
        "\ufeffname, wings ,\"legs, of them\"\r\n\r\nwren,1,0.2\r\n\"cat\",0,4e-1\nbirds/owl,1,.25";
    Attributes a = read(text).of(CLASSES);
    assertEquals(List.of("wings", "legs, of them"), a.names());
    assertEquals(List.of("cat", "birds/wren", "birds/owl"), a.classes());
    assertArrayEquals(new float[] {0, 0.4f, 1, 0.2f, 1, 0.25f}, a.values());
    assertArrayEquals(new float[] {1, 0.2f}, a.row(1));
    Attributes as = read(text).attributes();
    assertEquals(List.of("wren", "cat", "birds/owl"), as.classes());
    assertArrayEquals(
        new float[] {0.2f, 0.4f, 0.25f}, as.select(List.of("legs, of them")).values());
    assertTrue(AttributeFile.in(directory).isPresent());
    assertFalse(AttributeFile.in(directory.resolve("none")).isPresent());
  }

  @Test
  void oneNameInTwoFormsIsOneClass() throws IOException {
    Attributes a =
        read("name,a\nu\u0308ber,1\n").of(List.of(new ImageClass("\u00fcber", "", 0, 1)));
    assertEquals(List.of("\u00fcber"), a.classes());
  }

  @Test
  void whatIsWrongIsNamedWithItsLine() {
    String head = "name,wings,legs\n";
    refused("Line 1 of", "name\ncat\n");
    refused("one heading, 'name;wings'", "name;wings\ncat;1\n");
    refused("Line 1 of", "name,wings,wings\ncat,1,2\n");
    refused("heading 'wings' in column 3 and in column 2", "name,wings,wings\ncat,1,2\n");
    refused("heading '' in column 3: expected a name", "name,wings,\ncat,1,2\n");
    refused("Line 2 of", head + "cat,1\n");
    refused("2 values: expected 3, a class and its 2 attributes", head + "cat,1\n");
    refused("4 values", head + "cat,1,2,3\n");
    refused("Line 4 of", head + "cat,1,2\n\nwren,many,2\n");
    refused("'many' in column 'wings': expected a number from -10 to 10", head + "wren,many,2\n");
    for (String none : List.of("NaN", "", "Infinity", "0x1p3", "1f", "1e99", "--1", "e")) {
      refused("'" + none + "' in column 'legs': expected a number", head + "wren,1," + none + "\n");
    }
    refused("'3000' in column 'legs'", head + "wren,1,3000\n");
    refused("divide the column", head + "wren,1,3000\n");
    refused("names no class", head + ",1,2\n");
    refused("Line 3 of", head + "cat,1,2\ncat,1,2\n");
    refused("class 'cat', as line 2 is", head + "cat,1,2\ncat,1,2\n");
    refused("describes no class", head);
    refused("describes no class", "");
    refused("Line 3 of", head + "cat,1,2\ndog,1,2\n");
    refused("class 'dog', which has no folder of images", head + "cat,1,2\ndog,1,2\n");
    refused("did you mean 'birds/wren'?", head + "birds/wrem,1,2\n");
    refused("Class 'birds/owl' has no line in", head + "cat,1,2\nwren,1,2\n");
    refused("Class 'birds/wren' (and 1 more) has no line in", head + "cat,1,2\n");
    refused("'birds/wren', as line 2 is", head + "wren,1,2\nbirds/wren,1,2\nowl,1,1\ncat,1,1\n");
  }

  @Test
  void anEndOfANameThatSeveralClassesHaveIsNone() throws IOException {
    List<ImageClass> two =
        List.of(new ImageClass("owl", "toys", 0, 1), new ImageClass("owl", "birds", 1, 1));
    AttributeFile f = read("name,a\nowl,1\n");
    String message = assertThrows(DataException.class, () -> f.of(two)).getMessage();
    assertTrue(message.contains("may be any of toys/owl, birds/owl: expected one"), message);
  }

  @Test
  void filesThatAreNoTextAreRefused() throws IOException {
    Path file = directory.resolve("attributes.csv");
    Files.write(file, "name,a\nc\u00e4t,1\n".getBytes(StandardCharsets.ISO_8859_1));
    String message = assertThrows(DataException.class, () -> AttributeFile.read(file)).getMessage();
    assertTrue(message.contains("expected a CSV file in UTF-8"), message);
    Path none = directory.resolve("none.csv");
    message = assertThrows(DataException.class, () -> AttributeFile.read(none)).getMessage();
    assertTrue(message.contains("cannot be read"), message);
  }

  @Test
  void attributesThatAreNotThereGetTheNearestName() throws IOException {
    Attributes a = read("name,wings,legs\ncat,0,4\n").attributes();
    String message =
        assertThrows(IllegalArgumentException.class, () -> a.select(List.of("leg"))).getMessage();
    assertTrue(message.contains("Attribute 'leg' is missing"), message);
    assertTrue(message.endsWith("did you mean 'legs'?"), message);
  }
}
