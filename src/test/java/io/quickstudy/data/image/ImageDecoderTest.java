package io.quickstudy.data.image;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.quickstudy.data.DataException;
import java.awt.image.BufferedImage;
import java.awt.image.WritableRaster;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Pictures of every kind as a model takes them. */
class ImageDecoderTest {
  private static final int[] LEVELS = {0, 40, 128, 200, 255, 90};

  @TempDir private Path temporary;

  /** [2, 3] of the levels. */
  private static BufferedImage levels(int type) {
    BufferedImage image = new BufferedImage(3, 2, type);
    WritableRaster raster = image.getRaster();
    int full = type == BufferedImage.TYPE_USHORT_GRAY ? 257 : 1;
    for (int i = 0; i < LEVELS.length; i++) {
      if (raster.getNumBands() == 1) {
        raster.setSample(i % 3, i / 3, 0, LEVELS[i] * full);
      } else {
        image.setRGB(i % 3, i / 3, 0xFF000000 | LEVELS[i] * 0x010101);
      }
    }
    return image;
  }

  private static byte[] png(BufferedImage image) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    assertTrue(ImageIO.write(image, "png", out));
    return out.toByteArray();
  }

  @Test
  void greyIsTheSameHoweverItIsStored() throws IOException {
    byte[] expected = new byte[LEVELS.length];
    byte[] colours = new byte[3 * LEVELS.length];
    for (int i = 0; i < colours.length; i++) {
      expected[i / 3] = (byte) LEVELS[i / 3];
      colours[i] = (byte) LEVELS[i / 3];
    }
    for (int type :
        new int[] {
          BufferedImage.TYPE_BYTE_GRAY,
          BufferedImage.TYPE_USHORT_GRAY,
          BufferedImage.TYPE_INT_RGB,
          BufferedImage.TYPE_4BYTE_ABGR
        }) {
      BufferedImage image = levels(type);
      ImageDecoder grey = new ImageDecoder(2, 3, 1, PictureInk.BRIGHT);
      ImageDecoder colour = new ImageDecoder(2, 3, 3, PictureInk.BRIGHT);
      assertArrayEquals(expected, grey.of(image), "type " + type);
      assertArrayEquals(expected, grey.decode(png(image), "x"), "PNG of type " + type);
      assertArrayEquals(colours, colour.of(image), "type " + type);
      assertArrayEquals(colours, colour.decode(png(image), "x"), "PNG of type " + type);
    }
  }

  @Test
  void inkIsBrightOnBlack() {
    BufferedImage paper = new BufferedImage(4, 4, BufferedImage.TYPE_BYTE_GRAY);
    for (int i = 0; i < 16; i++) {
      paper.getRaster().setSample(i % 4, i / 4, 0, i < 4 ? 10 : 240);
    }
    BufferedImage board = new BufferedImage(4, 4, BufferedImage.TYPE_BYTE_GRAY);
    for (int i = 0; i < 16; i++) {
      board.getRaster().setSample(i % 4, i / 4, 0, i < 4 ? 245 : 15);
    }
    ImageDecoder auto = new ImageDecoder(4, 4, 1, PictureInk.AUTO);
    assertArrayEquals(auto.of(board), auto.of(paper));
    assertEquals(245, auto.of(board)[0] & 255);
    assertEquals(10, new ImageDecoder(4, 4, 1, PictureInk.BRIGHT).of(paper)[0]);
    assertEquals(10, new ImageDecoder(4, 4, 1, PictureInk.DARK).of(board)[0]);
  }

  @Test
  void foldersAreListed() throws IOException {
    Files.createDirectories(temporary.resolve("a/b"));
    for (String name : new String[] {"x.png", "a/2.JPG", "a/1.jpeg", "a/b/3.png", "a/.h.png"}) {
      Files.write(temporary.resolve(name), png(levels(BufferedImage.TYPE_INT_RGB)));
    }
    Files.writeString(temporary.resolve("a/list.csv"), "");
    ImageDecoder.Pictures listed = ImageDecoder.list(temporary);
    var found = listed.byFolder();
    assertEquals(List.of("", "a", "a/b"), List.copyOf(found.keySet()));
    assertEquals(
        List.of(temporary.resolve("a/1.jpeg"), temporary.resolve("a/2.JPG")), found.get("a"));
    assertEquals(1, listed.others());
    for (Path wrong : List.of(temporary.resolve("no"), temporary.resolve("x.png"))) {
      String message =
          assertThrows(DataException.class, () -> ImageDecoder.list(wrong)).getMessage();
      assertTrue(message.contains("expected one of class folders of images"), message);
    }
  }

  @Test
  void filesThatAreTooLargeOrNotThereAreRefused() throws IOException {
    Path large = temporary.resolve("large.png");
    try (var file = new java.io.RandomAccessFile(large.toFile(), "rw")) {
      file.setLength((64 << 20) + 1);
    }
    assertThrows(DataException.class, () -> ImageDecoder.bytes(large));
    assertThrows(DataException.class, () -> ImageDecoder.bytes(temporary.resolve("no.png")));
  }
}
