package io.quickstudy.data.image;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.quickstudy.adapt.Support;
import io.quickstudy.data.DataException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;

/** What a ZIP archive from a stranger is read as, and when it is refused. */
class ImageArchiveTest {
  private static byte[] zip(int bytes, String... names) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (ZipOutputStream zip = new ZipOutputStream(out)) {
      for (String name : names) {
        zip.putNextEntry(new ZipEntry(name));
        if (!name.endsWith("/")) {
          zip.write(new byte[bytes]);
        }
        zip.closeEntry();
      }
    }
    return out.toByteArray();
  }

  private static String refused(byte[] zip) {
    return assertThrows(DataException.class, () -> ImageArchive.read(zip, 3, 1000)).getMessage();
  }

  @Test
  void foldersAreClassesWhereverTheyLie() throws IOException {
    Map<String, List<ImageArchive.File>> found =
        ImageArchive.read(
            zip(
                10,
                "s/",
                "s/dog/2.png",
                "s/dog/1.JPG",
                "s/cat/x.webp",
                "s/cat/notes.txt",
                "s/cat/.hidden.png",
                "__MACOSX/s/cat/x.png",
                "top.png"),
            3,
            1000);
    assertEquals("[cat, dog]", found.keySet().toString());
    assertEquals(
        List.of("dog/1.JPG", "dog/2.png"),
        found.get("dog").stream().map(ImageArchive.File::name).toList());
    assertEquals(10, found.get("cat").getFirst().bytes().length);
  }

  @Test
  void aPathThatLeadsElsewhereIsANameAndNoMore() throws IOException {
    assertEquals(
        "[etc]",
        ImageArchive.read(zip(1, "../../var/a.png", "/etc/a.png"), 3, 1000).keySet().toString());
  }

  @Test
  void whatIsTooMuchIsNotUnpacked() throws IOException {
    assertEquals(
        "The ZIP archive holds more than 3 images: expected at most 3 images; send fewer or"
            + " smaller images.",
        refused(zip(1, "a/1.png", "a/2.png", "a/3.png", "b/1.png")));
    byte[] bomb = zip(1 << 24, "a/1.txt");
    assertTrue(bomb.length < 20_000);
    assertTrue(refused(bomb).startsWith("The ZIP archive holds more than 1000 bytes of files:"));
    assertTrue(refused(zip(600, "a/1.png", "b/1.png")).contains("more than 1000 bytes"));
  }

  @Test
  void whatIsNoneIsSaidToBeNone() throws IOException {
    assertTrue(
        refused("hello".getBytes(StandardCharsets.US_ASCII))
            .startsWith("5 bytes that are no ZIP archive"));
    assertTrue(refused(new byte[0]).startsWith("0 bytes that are no ZIP archive"));
    byte[] whole = zip(300, "a/1.png", "b/1.png", "c/1.png");
    for (int n = 40; n < whole.length; n += 7) {
      assertTrue(refused(Arrays.copyOf(whole, n)).startsWith("The ZIP archive is damaged"));
    }
  }

  @Test
  void aSupportSetHasTwoClasses() throws IOException {
    assertEquals(
        "The ZIP archive holds images of one class, 'a': expected folders of images of at least 2"
            + " classes; add a folder for each.",
        assertThrows(DataException.class, () -> Support.ofZip(zip(1, "a/1.png"))).getMessage());
    assertTrue(
        assertThrows(DataException.class, () -> Support.ofZip(zip(1, "1.png")))
            .getMessage()
            .startsWith("The ZIP archive holds no folder of images"));
    assertEquals(
        Map.of("a", 1, "b", 2), Support.ofZip(zip(1, "a/1.png", "b/1.png", "b/2.png")).shots());
  }
}
