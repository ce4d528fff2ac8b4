package io.quickstudy.data.image;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.quickstudy.data.DataException;
import io.quickstudy.data.Framing;
import io.quickstudy.data.Framing.Fit;
import io.quickstudy.data.Framing.Levels;
import io.quickstudy.data.Framing.Trim;
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
  private static final int[] VALUES = {0, 40, 128, 200, 255, 90};

  @TempDir private Path temporary;

  /** [2, 3] of the levels. */
  private static BufferedImage levels(int type) {
    BufferedImage image = new BufferedImage(3, 2, type);
    WritableRaster raster = image.getRaster();
    int full = type == BufferedImage.TYPE_USHORT_GRAY ? 257 : 1;
    for (int i = 0; i < VALUES.length; i++) {
      if (raster.getNumBands() == 1) {
        raster.setSample(i % 3, i / 3, 0, VALUES[i] * full);
      } else {
        image.setRGB(i % 3, i / 3, 0xFF000000 | VALUES[i] * 0x010101);
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
    byte[] expected = new byte[VALUES.length];
    byte[] colours = new byte[3 * VALUES.length];
    for (int i = 0; i < colours.length; i++) {
      expected[i / 3] = (byte) VALUES[i / 3];
      colours[i] = (byte) VALUES[i / 3];
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
  void inkThatIsDarkerThanGreyPaperIsDark() {
    BufferedImage sheet = new BufferedImage(8, 8, BufferedImage.TYPE_BYTE_GRAY);
    for (int i = 0; i < 64; i++) {
      sheet.getRaster().setSample(i % 8, i / 8, 0, i == 20 || i == 28 ? 20 : 100 + i % 3);
    }
    ImageDecoder auto = new ImageDecoder(8, 8, 1, PictureInk.AUTO);
    assertEquals(235, auto.of(sheet)[20] & 255);
    sheet.getRaster().setSample(4, 2, 0, 220);
    sheet.getRaster().setSample(4, 3, 0, 220);
    assertEquals(220, auto.of(sheet)[20] & 255);
  }

  private static ImageDecoder framed(int side, Fit fit, Trim trim, Levels levels) {
    return new ImageDecoder(side, side, 1, PictureInk.BRIGHT, new Framing(fit, trim, levels));
  }

  private static BufferedImage grey(int height, int width, int... values) {
    BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_BYTE_GRAY);
    for (int i = 0; i < height * width; i++) {
      image.getRaster().setSample(i % width, i / width, 0, values[i % values.length]);
    }
    return image;
  }

  @Test
  void whatIsNoSquareIsStretchedCroppedOrPadded() {
    BufferedImage wide = grey(2, 4, 10, 20, 30, 40);
    byte[] stretched = framed(2, Fit.STRETCH, Trim.NONE, Levels.NONE).of(wide);
    assertArrayEquals(new byte[] {15, 35, 15, 35}, stretched);
    byte[] cropped = framed(2, Fit.CROP, Trim.NONE, Levels.NONE).of(wide);
    assertArrayEquals(new byte[] {20, 30, 20, 30}, cropped);
    byte[] padded = framed(4, Fit.PAD, Trim.NONE, Levels.NONE).of(wide);
    byte[] expected = {30, 30, 30, 30, 10, 20, 30, 40, 10, 20, 30, 40, 30, 30, 30, 30};
    assertArrayEquals(expected, padded); // the border's median, of which it has even numbers
    BufferedImage tall = grey(4, 2, 10, 10, 20, 20, 30, 30, 40, 40);
    assertArrayEquals(
        new byte[] {20, 20, 30, 30}, framed(2, Fit.CROP, Trim.NONE, Levels.NONE).of(tall));
    for (Fit fit : Fit.values()) {
      BufferedImage square = grey(3, 3, 1, 2, 3, 4, 5, 6, 7, 8, 9);
      assertArrayEquals(
          new byte[] {1, 2, 3, 4, 5, 6, 7, 8, 9},
          framed(3, fit, Trim.NONE, Levels.NONE).of(square),
          fit.toString());
      // as narrow as can be
      assertEquals(64, framed(8, fit, Trim.MARGIN, Levels.EACH).of(grey(1, 4000, 0)).length);
      assertEquals(64, framed(8, fit, Trim.NONE, Levels.NONE).of(grey(4000, 1, 7)).length);
    }
  }

  @Test
  void whereAndHowLargeADrawingIsDoesNotCountWhenItIsTrimmed() {
    ImageDecoder trimming = framed(32, Fit.STRETCH, Trim.MARGIN, Levels.NONE);
    byte[] expected = null;
    for (int[] sheet :
        new int[][] {{60, 60, 5, 5, 4}, {200, 90, 130, 20, 8}, {80, 300, 2, 210, 6}}) {
      int scale = sheet[4];
      BufferedImage drawing = grey(sheet[0], sheet[1], 200);
      for (int i = 0; i < 8 * scale; i++) { // an L, twice as tall as it is wide
        for (int j = 0; j < scale; j++) {
          drawing.getRaster().setSample(sheet[3] + j, sheet[2] + i, 0, 30);
          drawing.getRaster().setSample(sheet[3] + i / 2, sheet[2] + 7 * scale + j, 0, 30);
        }
      }
      byte[] trimmed = trimming.of(drawing);
      assertEquals(200, trimmed[0] & 255, "the margin is paper");
      assertEquals(200, trimmed[1023] & 255, "the margin is paper");
      expected = expected == null ? trimmed : expected;
      int away = 0;
      int ink = 0;
      for (int i = 0; i < 1024; i++) {
        away += Math.abs((expected[i] & 255) - (trimmed[i] & 255));
        ink += 200 - (expected[i] & 255);
      }
      assertTrue(away < ink / 3, away + " of " + ink);
    }
    assertArrayEquals(
        grey(32, 32, 9).getRaster().getPixels(0, 0, 32, 32, new int[1024]),
        ints(trimming.of(grey(40, 90, 9))),
        "a blank sheet stays as it is");
  }

  private static int[] ints(byte[] values) {
    int[] all = new int[values.length];
    for (int i = 0; i < all.length; i++) {
      all[i] = values[i] & 255;
    }
    return all;
  }

  @Test
  void brightnessIsEachPicturesOwnWithLevels() {
    ImageDecoder each = framed(2, Fit.STRETCH, Trim.NONE, Levels.EACH);
    assertArrayEquals(new int[] {0, 255, 128, 0}, ints(each.of(grey(2, 2, 100, 140, 120, 100))));
    assertArrayEquals(new int[] {7, 9, 7, 7}, ints(each.of(grey(2, 2, 7, 9, 7, 7))));
    byte[] colours =
        new ImageDecoder(1, 1, 3, PictureInk.BRIGHT, new Framing(Fit.PAD, Trim.NONE, Levels.EACH))
            .of(new BufferedImage(5, 5, BufferedImage.TYPE_INT_RGB));
    assertArrayEquals(new byte[3], colours);
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
