package io.quickstudy.data.image;

import io.quickstudy.data.DataException;
import io.quickstudy.text.Names;
import java.awt.image.BufferedImage;
import java.awt.image.ColorModel;
import java.awt.image.IndexColorModel;
import java.awt.image.Raster;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.Semaphore;
import javax.imageio.ImageIO;
import javax.imageio.ImageReadParam;
import javax.imageio.ImageReader;
import javax.imageio.stream.ImageInputStream;
import javax.imageio.stream.MemoryCacheImageInputStream;

/**
 * One decoded image.
 *
 * @param height the height in pixels
 * @param width the width in pixels
 * @param channels 1 (luminance) or 3 (red, green, blue)
 * @param values unsigned bytes, [height, width, channels]
 */
public record Pixels(int height, int width, int channels, byte[] values) {
  private static final Set<String> FORMATS = Set.of("png", "jpeg");
  private static final int KEPT_SIDE = 4096;
  private static final String NOT_RGB = "colours that are not RGB";

  /**
   * How many millions of pixels are decoded at once, of 16 bytes at most: half of the heap, and one
   * image of any size.
   */
  private static final Semaphore MILLIONS =
      new Semaphore(Math.max(18, (int) (Runtime.getRuntime().maxMemory() / 32_000_000)));

  /**
   * Decodes a PNG or JPEG file: grey, colours or a palette, 1 to 16 bits, with or without
   * transparency, which is shown on white; of an animation the first image. Nothing is allocated
   * for an image that claims to be larger than allowed. One that is far larger than any use of it
   * is thinned while it is read, to at most 4096 pixels a side.
   *
   * @param bytes the file
   * @param file its name, for messages
   * @param channels 1 or 3
   * @param maxSide the largest height or width in pixels
   * @throws DataException if it is no image, broken, or too large
   */
  public static Pixels decode(byte[] bytes, String file, int channels, int maxSide) {
    try (ImageInputStream stream =
        new MemoryCacheImageInputStream(new ByteArrayInputStream(bytes))) {
      Iterator<ImageReader> readers = ImageIO.getImageReaders(stream);
      ImageReader reader = readers.hasNext() ? readers.next() : null;
      if (reader == null || !FORMATS.contains(reader.getFormatName().toLowerCase(Locale.ROOT))) {
        throw new DataException(
            "Image '%s' is %s: expected PNG or JPEG; convert or remove it."
                .formatted(
                    file, reader == null ? "in no known format" : "a " + reader.getFormatName()));
      }
      try {
        reader.setInput(stream, true, true);
        int height = reader.getHeight(0);
        int width = reader.getWidth(0);
        if (height > maxSide || width > maxSide) {
          throw new DataException(
              ("Image '%s' claims %s x %s pixels: expected at most %s a side; scale it down "
                      + "or remove it.")
                  .formatted(file, height, width, maxSide));
        }
        int every = Math.ceilDiv(Math.max(height, width), KEPT_SIDE);
        int million = 1 + (height / every) * (width / every) / 1_000_000;
        MILLIONS.acquireUninterruptibly(million);
        try {
          return of(read(reader, every), channels);
        } finally {
          MILLIONS.release(million);
        }
      } finally {
        reader.dispose();
      }
    } catch (IOException | RuntimeException e) {
      if (e instanceof DataException known) {
        throw known;
      }
      throw new DataException(
          ("Image '%s' does not decode (%s): expected a whole PNG or JPEG file in grey or RGB; "
                  + "fetch or save it again, or remove it.")
              .formatted(file, reason(e)),
          e);
    }
  }

  /** Reads every n-th pixel of every n-th row. The reader of JPEG only warns of a cut file. */
  private static BufferedImage read(ImageReader reader, int every) throws IOException {
    List<String> lost = new ArrayList<>();
    reader.addIIOReadWarningListener(
        (source, warning) -> {
          if (warning.contains("EOI") || warning.contains("premature end")) {
            lost.add(warning);
          }
        });
    ImageReadParam param = reader.getDefaultReadParam();
    param.setSourceSubsampling(every, every, 0, 0);
    BufferedImage image = reader.read(0, param);
    if (!lost.isEmpty()) {
      throw new IOException(lost.getFirst());
    }
    boolean jpeg = !reader.getFormatName().equals("png");
    if (jpeg && image.getRaster().getNumBands() == 4) {
      throw new IOException(NOT_RGB); // four inks for a printer, which it takes for transparency
    }
    return image;
  }

  private static String reason(Exception e) {
    String message = e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
    return message.equals("Unsupported Image Type") ? NOT_RGB : Names.said(message);
  }

  /** An image that is decoded already. */
  public static Pixels of(BufferedImage image, int channels) {
    int height = image.getHeight();
    int width = image.getWidth();
    byte[] values = new byte[height * width * channels];
    // row by row: an image as integers would be four times as large
    int[] colours = new int[width];
    int[] samples = new int[width];
    for (int y = 0; y < height; y++) {
      row(image, y, colours, samples);
      for (int x = 0; x < width; x++) {
        int i = y * width + x;
        if (channels == 1) {
          values[i] = luminance(colours[x]);
        } else {
          int colour = onWhite(colours[x]);
          values[3 * i] = (byte) (colour >> 16);
          values[3 * i + 1] = (byte) (colour >> 8);
          values[3 * i + 2] = (byte) colour;
        }
      }
    }
    return new Pixels(height, width, channels, values);
  }

  /** A row as alpha, red, green and blue, 8 bits each. */
  private static void row(BufferedImage image, int y, int[] colours, int[] samples) {
    ColorModel model = image.getColorModel();
    int width = image.getWidth();
    if (model instanceof IndexColorModel || model.getNumColorComponents() > 1) {
      image.getRGB(0, y, width, 1, colours, 0, width);
      return;
    }
    // getRGB would take grey values for light, not for brightness: 128 would become 188
    Raster raster = image.getRaster();
    int most = (1 << model.getComponentSize(0)) - 1;
    raster.getSamples(0, y, width, 1, 0, samples);
    for (int x = 0; x < width; x++) {
      int grey = (samples[x] * 255 + most / 2) / most;
      colours[x] = 0xFF000000 | grey * 0x010101;
    }
    if (model.hasAlpha()) {
      raster.getSamples(0, y, width, 1, 1, samples);
      for (int x = 0; x < width; x++) {
        int alpha = (samples[x] * 255 + most / 2) / most;
        colours[x] = (colours[x] & 0xFFFFFF) | (alpha << 24);
      }
    }
  }

  /** The luminance of ITU-R BT.601, what is transparent shown on white. */
  private static byte luminance(int argb) {
    int rgb = onWhite(argb);
    int red = rgb >> 16 & 255;
    int green = rgb >> 8 & 255;
    int blue = rgb & 255;
    return (byte) ((299 * red + 587 * green + 114 * blue + 500) / 1000);
  }

  private static int onWhite(int argb) {
    int alpha = argb >>> 24;
    if (alpha == 255) {
      return argb & 0xFFFFFF;
    }
    int rgb = 0;
    for (int shift = 16; shift >= 0; shift -= 8) {
      int mixed = ((argb >> shift & 255) * alpha + 255 * (255 - alpha) + 127) / 255;
      rgb |= mixed << shift;
    }
    return rgb;
  }

  /** The negative, so that dark ink on white paper becomes 255 on 0. */
  public Pixels inverted() {
    byte[] negative = new byte[values.length];
    for (int i = 0; i < values.length; i++) {
      negative[i] = (byte) (255 - (values[i] & 255));
    }
    return new Pixels(height, width, channels, negative);
  }

  /**
   * The image at another size: each new pixel is the mean of the area it covers, in exact integer
   * arithmetic, rounded to nearest.
   */
  public Pixels resized(int newHeight, int newWidth) {
    if (newHeight == height && newWidth == width) {
      return this;
    }
    long[] rows = new long[height * newWidth * channels];
    for (int x = 0; x < newWidth; x++) {
      int from = x * width;
      int to = from + width;
      for (int s = from / newWidth; s * newWidth < to; s++) {
        int weight = Math.min(to, (s + 1) * newWidth) - Math.max(from, s * newWidth);
        for (int y = 0; y < height; y++) {
          for (int c = 0; c < channels; c++) {
            rows[(y * newWidth + x) * channels + c] +=
                (long) weight * (values[(y * width + s) * channels + c] & 255);
          }
        }
      }
    }
    byte[] scaled = new byte[newHeight * newWidth * channels];
    long area = (long) height * width;
    int rowLength = newWidth * channels;
    long[] sums = new long[rowLength];
    for (int y = 0; y < newHeight; y++) {
      Arrays.fill(sums, area / 2);
      int from = y * height;
      int to = from + height;
      for (int s = from / newHeight; s * newHeight < to; s++) {
        int weight = Math.min(to, (s + 1) * newHeight) - Math.max(from, s * newHeight);
        for (int i = 0; i < rowLength; i++) {
          sums[i] += weight * rows[s * rowLength + i];
        }
      }
      for (int i = 0; i < rowLength; i++) {
        scaled[y * rowLength + i] = (byte) (sums[i] / area);
      }
    }
    return new Pixels(newHeight, newWidth, channels, scaled);
  }
}
