package io.quickstudy.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
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
}
