package io.quickstudy.data;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitOption;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Makes of any picture what a model was trained on: its size, by area averaging (the aspect is not
 * kept), its channels, and its ink.
 *
 * @param height of the result in pixels
 * @param width of the result in pixels
 * @param channels 1 for luminance, 3 for red, green, blue
 * @param ink what brightness means
 */
public record ImageDecoder(int height, int width, int channels, Ink ink) {
  private static final int MAX_SIDE = 4096;
  private static final int MAX_FILE_BYTES = 64 << 20;
  private static final int MIDDLE = 128;

  /** What the pictures' brightness means. */
  public enum Ink {
    /** Pictures that are light for the most part are dark ink on light paper, others bright ink. */
    AUTO,
    /** Dark ink on light paper: inverted, so that ink is 255 on 0 as in Omniglot and glyphs. */
    DARK,
    /** Bright ink, or no ink at all: pixels stay as they are. */
    BRIGHT;

    /** The name used on the command line. */
    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /**
   * The bytes of a file.
   *
   * @throws DataException if it cannot be read, or is too large for a picture
   */
  public static byte[] bytes(Path file) {
    byte[] bytes;
    try (InputStream in = Files.newInputStream(file)) {
      bytes = in.readNBytes(MAX_FILE_BYTES + 1);
    } catch (IOException e) {
      throw new DataException(
          "Image '%s' cannot be read (%s): expected a readable file; check the path."
              .formatted(file, e.getClass().getSimpleName()),
          e);
    }
    if (bytes.length > MAX_FILE_BYTES) {
      throw new DataException(
          "Image '%s' is larger than %d bytes: expected a smaller one; scale it down or remove it."
              .formatted(file, MAX_FILE_BYTES));
    }
    return bytes;
  }

  /**
   * The pictures (PNG, JPEG) in a folder and those below it, by the path of the folder that each is
   * in, which is empty for the folder itself; in order.
   *
   * @throws DataException if there is no such folder or no picture in it
   */
  public static Map<String, List<Path>> list(Path folder) {
    if (!Files.isDirectory(folder)) {
      throw new DataException(
          "Folder '%s' %s: expected a folder of images; check the path."
              .formatted(folder, Files.exists(folder) ? "is a file" : "does not exist"));
    }
    return ImageFolder.find(folder);
  }

  /** How many files in a folder and those below it are neither hidden nor pictures by name. */
  public static long others(Path folder) {
    try (Stream<Path> walk = Files.walk(folder, FileVisitOption.FOLLOW_LINKS)) {
      return walk.filter(
              f ->
                  !f.getFileName().toString().startsWith(".")
                      && !ImageFolder.isImage(f)
                      && Files.isRegularFile(f))
          .count();
    } catch (IOException | UncheckedIOException e) {
      throw new DataException(
          "Folder '%s' cannot be listed (%s): expected a readable folder; check the path."
              .formatted(folder, e),
          e);
    }
  }

  /**
   * A PNG or JPEG file's picture, unsigned bytes [height, width, channels].
   *
   * @param name the file's, for messages
   * @throws DataException if it is no image, broken, or too large
   */
  public byte[] decode(byte[] file, String name) {
    return fitted(Pixels.decode(file, name, channels, MAX_SIDE));
  }

  /** A picture that is decoded already, unsigned bytes [height, width, channels]. */
  public byte[] of(BufferedImage picture) {
    return fitted(Pixels.of(picture, channels));
  }

  private byte[] fitted(Pixels p) {
    boolean dark =
        switch (ink) {
          case AUTO -> light(p.values());
          case DARK -> true;
          case BRIGHT -> false;
        };
    return (dark ? p.inverted() : p).resized(height, width).values();
  }

  private static boolean light(byte[] values) {
    long sum = 0;
    for (byte v : values) {
      sum += v & 255;
    }
    return sum >= (long) MIDDLE * values.length;
  }
}
