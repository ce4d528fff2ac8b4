package io.quickstudy.data.image;

import io.quickstudy.random.RandomStream;
import io.quickstudy.random.RandomUse;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import javax.imageio.ImageIO;

/** Folders of small images in colour for the tests. */
public final class Painted {
  private Painted() {}

  /** Writes classes c0, c1, ... of so many noisy images, each class in a colour of its own. */
  public static void classes(Path folder, int classes, int count) throws IOException {
    for (int c = 0; c < classes; c++) {
      for (int i = 0; i < count; i++) {
        image(folder.resolve("c" + c).resolve(i + (i % 2 == 0 ? ".png" : ".jpg")), c);
      }
    }
  }

  /** Writes one image of 12 x 10 pixels, PNG or JPEG by its name. */
  public static void image(Path file, int colour) throws IOException {
    Files.createDirectories(file.getParent());
    BufferedImage image = new BufferedImage(12, 10, BufferedImage.TYPE_INT_RGB);
    RandomStream random =
        new RandomStream(colour, RandomUse.NOISE, file.getFileName().toString().hashCode());
    int base = new RandomStream(colour, RandomUse.NOISE, 0).nextInt() & 0xE0E0E0;
    for (int i = 0; i < 120; i++) {
      image.setRGB(i % 12, i / 12, base | (random.nextInt() & 0x1F1F1F));
    }
    String name = file.toString();
    ImageIO.write(image, name.substring(name.lastIndexOf('.') + 1), file.toFile());
  }
}
