package io.quickstudy.data.image;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.quickstudy.data.DataException;
import io.quickstudy.data.ImageClass;
import io.quickstudy.data.Ink;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ImageFolderTest {
  @TempDir Path directory;

  private void image(String name, int rgb) throws IOException {
    Path file = directory.resolve(name);
    Files.createDirectories(file.getParent());
    BufferedImage image = new BufferedImage(16, 8, BufferedImage.TYPE_INT_RGB);
    for (int i = 0; i < 128; i++) {
      image.setRGB(i % 16, i / 16, rgb);
    }
    ImageIO.write(image, name.substring(name.lastIndexOf('.') + 1), file.toFile());
  }

  @Test
  void classFoldersBecomeClasses() throws IOException {
    image("tools/saw/b.png", 0x0000FF);
    image("tools/saw/a.png", 0xFF0000);
    image("cats/x.jpg", 0x808080);
    Files.writeString(directory.resolve("tools/notes.txt"), "no image");
    Files.write(directory.resolve("cats/.hidden.png"), new byte[3]);
    ImageFolder folder = ImageFolder.load(directory, 2, 2, 3, Ink.BRIGHT);
    assertEquals(
        List.of(new ImageClass("cats", "", 0, 1), new ImageClass("saw", "tools", 1, 2)),
        folder.images().classes());
    assertEquals(directory.resolve("tools/saw/a.png"), folder.files().get(1));
    assertArrayEquals(
        new byte[] {-1, 0, 0, -1, 0, 0, -1, 0, 0, -1, 0, 0}, folder.images().image(1));
    ImageFolder grey = ImageFolder.load(directory, 4, 4, 1, Ink.DARK);
    assertEquals(127, grey.images().image(0)[3] & 255, 2);
  }

  @Test
  void aFlatFolderIsOneClass() throws IOException {
    image("x.png", 0);
    ImageFolder folder = ImageFolder.load(directory, 4, 4, 1, Ink.DARK);
    assertEquals(List.of(new ImageClass("", "", 0, 1)), folder.images().classes());
  }

  @Test
  void whatCannotBeReadIsNamed() throws IOException {
    assertError("no images");
    image("a/x.png", 0);
    Files.write(directory.resolve("a/y.png"), new byte[] {1, 2, 3});
    assertError("y.png");
    DataException missing =
        assertThrows(
            DataException.class,
            () -> ImageFolder.load(directory.resolve("nowhere"), 4, 4, 1, Ink.DARK));
    assertTrue(missing.getMessage().contains("nowhere"));
  }

  private void assertError(String part) {
    String message =
        assertThrows(DataException.class, () -> ImageFolder.load(directory, 4, 4, 1, Ink.DARK))
            .getMessage();
    assertTrue(message.contains(part), message);
  }
}
