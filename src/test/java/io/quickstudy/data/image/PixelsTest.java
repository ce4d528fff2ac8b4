package io.quickstudy.data.image;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.quickstudy.data.DataException;
import io.quickstudy.random.RandomStream;
import io.quickstudy.random.RandomUse;
import java.awt.Transparency;
import java.awt.color.ColorSpace;
import java.awt.image.BufferedImage;
import java.awt.image.ComponentColorModel;
import java.awt.image.DataBuffer;
import java.awt.image.IndexColorModel;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.zip.CRC32;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;

class PixelsTest {
  @Test
  void resizingAveragesAreas() {
    Pixels two = new Pixels(2, 2, 1, new byte[] {0, 100, (byte) 200, (byte) 255});
    assertArrayEquals(new byte[] {(byte) 139}, two.resized(1, 1).values());
    Pixels three = new Pixels(1, 3, 1, new byte[] {30, 60, 90});
    assertArrayEquals(new byte[] {40, 80}, three.resized(1, 2).values());
    Pixels colours = new Pixels(2, 1, 3, new byte[] {0, 10, 20, 100, 110, 120});
    assertArrayEquals(new byte[] {50, 60, 70}, colours.resized(1, 1).values());
    assertArrayEquals(new byte[] {30, 30, 60, 60, 90, 90}, three.resized(1, 6).values());
  }

  /** Every size by every size, as the definition says it: pixel by pixel in whole numbers. */
  @Test
  void resizingIsExactAtEverySize() {
    RandomStream random = new RandomStream(0, RandomUse.NOISE, 1);
    for (int channels : new int[] {1, 3}) {
      for (int n = 0; n < 200; n++) {
        int h = 1 + random.nextInt(12);
        int w = 1 + random.nextInt(12);
        int newH = 1 + random.nextInt(12);
        int newW = 1 + random.nextInt(12);
        byte[] values = new byte[h * w * channels];
        for (int i = 0; i < values.length; i++) {
          values[i] = (byte) random.nextInt();
        }
        byte[] expected = new byte[newH * newW * channels];
        for (int i = 0; i < expected.length; i++) {
          int y = i / channels / newW;
          int x = i / channels % newW;
          long sum = (long) h * w / 2;
          for (int sy = 0; sy < h; sy++) {
            for (int sx = 0; sx < w; sx++) {
              long tall = common(sy * newH, newH, y * h, h);
              long wide = common(sx * newW, newW, x * w, w);
              sum += tall * wide * (values[(sy * w + sx) * channels + i % channels] & 255);
            }
          }
          expected[i] = (byte) (sum / ((long) h * w));
        }
        assertArrayEquals(
            expected,
            new Pixels(h, w, channels, values).resized(newH, newW).values(),
            "%s x %s to %s x %s".formatted(h, w, newH, newW));
      }
    }
  }

  private static int common(int a, int lengthA, int b, int lengthB) {
    return Math.max(0, Math.min(a + lengthA, b + lengthB) - Math.max(a, b));
  }

  /** However the pixels lie in memory, whole or as a part of a larger picture. */
  @Test
  void picturesOfAnyLayoutGiveTheSame() {
    BufferedImage noise = noise(9);
    for (int channels : new int[] {1, 3}) {
      byte[] expected = Pixels.of(noise, channels).values();
      byte[] inside = Pixels.of(noise.getSubimage(2, 1, 5, 7), channels).values();
      for (int type :
          new int[] {
            BufferedImage.TYPE_3BYTE_BGR,
            BufferedImage.TYPE_INT_BGR,
            BufferedImage.TYPE_INT_ARGB,
            BufferedImage.TYPE_4BYTE_ABGR
          }) {
        BufferedImage same = new BufferedImage(9, 9, type);
        same.setRGB(0, 0, 9, 9, noise.getRGB(0, 0, 9, 9, null, 0, 9), 0, 9);
        assertArrayEquals(expected, Pixels.of(same, channels).values(), "type " + type);
        BufferedImage part = same.getSubimage(2, 1, 5, 7);
        assertArrayEquals(inside, Pixels.of(part, channels).values(), "part of type " + type);
      }
    }
  }

  @Test
  void colourAndTransparencyAreRead() throws IOException {
    BufferedImage image = new BufferedImage(2, 1, BufferedImage.TYPE_INT_ARGB);
    image.setRGB(0, 0, 0xFF102030);
    image.setRGB(1, 0, 0x00102030);
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ImageIO.write(image, "png", out);
    Pixels colours = Pixels.decode(out.toByteArray(), "test.png", 3, 10);
    assertArrayEquals(new byte[] {16, 32, 48, -1, -1, -1}, colours.values());
    Pixels grey = Pixels.decode(out.toByteArray(), "test.png", 1, 10);
    assertArrayEquals(new byte[] {29, -1}, grey.values());
    assertEquals((byte) 226, grey.inverted().values()[0]);
  }

  private static byte[] written(BufferedImage image, String format) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    assertTrue(ImageIO.write(image, format, out), format);
    return out.toByteArray();
  }

  private static BufferedImage noise(int side) {
    BufferedImage image = new BufferedImage(side, side, BufferedImage.TYPE_INT_RGB);
    RandomStream random = new RandomStream(0, RandomUse.NOISE, side);
    for (int i = 0; i < side * side; i++) {
      image.setRGB(i % side, i / side, random.nextInt());
    }
    return image;
  }

  private static void assertRefused(String part, byte[] file) {
    String message =
        assertThrows(DataException.class, () -> Pixels.decode(file, "x.png", 3, 1 << 14))
            .getMessage();
    assertTrue(message.contains(part) && message.contains("x.png"), message);
  }

  @Test
  void greyValuesStayAsTheyAre() throws IOException {
    for (int type : new int[] {BufferedImage.TYPE_BYTE_GRAY, BufferedImage.TYPE_USHORT_GRAY}) {
      BufferedImage image = new BufferedImage(2, 1, type);
      int most = type == BufferedImage.TYPE_BYTE_GRAY ? 255 : 65535;
      image.getRaster().setSample(0, 0, 0, 128 * (most / 255));
      image.getRaster().setSample(1, 0, 0, most);
      byte[] png = written(image, "png");
      assertArrayEquals(new byte[] {-128, -1}, Pixels.decode(png, "x.png", 1, 10).values());
      assertArrayEquals(
          new byte[] {-128, -128, -128, -1, -1, -1}, Pixels.decode(png, "x.png", 3, 10).values());
    }
    BufferedImage flat = new BufferedImage(8, 8, BufferedImage.TYPE_BYTE_GRAY);
    for (int i = 0; i < 64; i++) {
      flat.getRaster().setSample(i % 8, i / 8, 0, 77);
    }
    assertEquals(77, Pixels.decode(written(flat, "jpg"), "x.jpg", 1, 10).values()[9], 1);
  }

  @Test
  void greyWithTransparencyIsShownOnWhite() throws IOException {
    ComponentColorModel model =
        new ComponentColorModel(
            ColorSpace.getInstance(ColorSpace.CS_GRAY),
            true,
            false,
            Transparency.TRANSLUCENT,
            DataBuffer.TYPE_BYTE);
    BufferedImage image =
        new BufferedImage(model, model.createCompatibleWritableRaster(2, 1), false, null);
    image.getRaster().setPixel(0, 0, new int[] {100, 255});
    image.getRaster().setPixel(1, 0, new int[] {100, 0});
    Pixels grey = Pixels.decode(written(image, "png"), "x.png", 1, 10);
    assertArrayEquals(new byte[] {100, -1}, grey.values());
  }

  @Test
  void palettesAndManyBitsAreRead() throws IOException {
    byte[] red = {0, (byte) 200};
    byte[] other = {0, 10};
    BufferedImage palette =
        new BufferedImage(
            2, 1, BufferedImage.TYPE_BYTE_INDEXED, new IndexColorModel(8, 2, red, other, other));
    palette.getRaster().setSample(1, 0, 0, 1);
    assertArrayEquals(
        new byte[] {0, 0, 0, (byte) 200, 10, 10},
        Pixels.decode(written(palette, "png"), "x.png", 3, 10).values());
    ComponentColorModel deep =
        new ComponentColorModel(
            ColorSpace.getInstance(ColorSpace.CS_sRGB),
            false,
            false,
            Transparency.OPAQUE,
            DataBuffer.TYPE_USHORT);
    BufferedImage image =
        new BufferedImage(deep, deep.createCompatibleWritableRaster(1, 1), false, null);
    image.getRaster().setPixel(0, 0, new int[] {257 * 10, 257 * 20, 257 * 30});
    assertArrayEquals(
        new byte[] {10, 20, 30}, Pixels.decode(written(image, "png"), "x.png", 3, 10).values());
  }

  @Test
  void whatIsFarTooLargeIsThinnedAndWhatClaimsMoreRefused() throws IOException {
    BufferedImage wide = new BufferedImage(4100, 8, BufferedImage.TYPE_BYTE_GRAY);
    Pixels thin = Pixels.decode(written(wide, "png"), "x.png", 1, 1 << 14);
    assertEquals(2050, thin.width());
    assertEquals(4, thin.height());
    byte[] png = written(noise(8), "png");
    ByteBuffer.wrap(png).putInt(16, 100_000).putInt(20, 100_000);
    CRC32 crc = new CRC32();
    crc.update(png, 12, 17);
    ByteBuffer.wrap(png).putInt(29, (int) crc.getValue());
    assertRefused("claims 100000 x 100000 pixels", png);
    ByteBuffer.wrap(png).putInt(16, 16_000).putInt(20, 16_000);
    crc.reset();
    crc.update(png, 12, 17);
    ByteBuffer.wrap(png).putInt(29, (int) crc.getValue());
    assertRefused("does not decode", png); // as large as allowed, but its data ends at once
  }

  @Test
  void whatIsCutOrNoImageIsRefused() throws IOException {
    byte[] jpeg = written(noise(64), "jpg");
    assertRefused("Missing EOI", Arrays.copyOf(jpeg, jpeg.length / 2));
    assertRefused("Missing EOI", Arrays.copyOf(jpeg, jpeg.length - 2));
    byte[] png = written(noise(64), "png");
    assertRefused("does not decode", Arrays.copyOf(png, png.length / 2));
    assertRefused("no known format", "not an image".getBytes(StandardCharsets.UTF_8));
    assertRefused("no known format", new byte[0]);
  }
}
