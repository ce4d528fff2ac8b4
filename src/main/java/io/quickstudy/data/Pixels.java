package io.quickstudy.data;

import java.awt.color.ColorSpace;
import java.awt.image.BufferedImage;
import java.awt.image.ColorModel;
import java.awt.image.IndexColorModel;
import java.awt.image.Raster;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.Iterator;
import javax.imageio.ImageIO;
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
record Pixels(int height, int width, int channels, byte[] values) {

  /**
   * Decodes a PNG or JPEG file. Nothing is allocated for an image that claims to be larger than
   * allowed.
   *
   * @param bytes the file
   * @param file its name, for messages
   * @param channels 1 or 3
   * @param maxSide the largest height or width in pixels
   * @throws DataException if it is no image, broken, or too large
   */
  static Pixels decode(byte[] bytes, String file, int channels, int maxSide) {
    try (ImageInputStream stream =
        new MemoryCacheImageInputStream(new ByteArrayInputStream(bytes))) {
      Iterator<ImageReader> readers = ImageIO.getImageReaders(stream);
      if (!readers.hasNext()) {
        throw new DataException(
            "Image '%s' is in no known format: expected PNG or JPEG; convert or remove it."
                .formatted(file));
      }
      ImageReader reader = readers.next();
      try {
        reader.setInput(stream, true, true);
        int height = reader.getHeight(0);
        int width = reader.getWidth(0);
        if (height > maxSide || width > maxSide) {
          throw new DataException(
              ("Image '%s' claims %d x %d pixels: expected at most %d a side; scale it down "
                      + "or remove it.")
                  .formatted(file, height, width, maxSide));
        }
        return of(reader.read(0), channels);
      } finally {
        reader.dispose();
      }
    } catch (IOException | RuntimeException e) {
      if (e instanceof DataException known) {
        throw known;
      }
      throw new DataException(
          ("Image '%s' does not decode (%s): expected a whole PNG or JPEG file; fetch it "
                  + "again or remove it.")
              .formatted(file, e.getMessage()),
          e);
    }
  }

  /** An image that is decoded already. */
  static Pixels of(BufferedImage image, int channels) {
    int height = image.getHeight();
    int width = image.getWidth();
    byte[] values = new byte[height * width * channels];
    Raster raster = image.getRaster();
    if (channels == 1
        && raster.getNumBands() == 1
        && image.getColorModel() instanceof IndexColorModel palette) {
      int[] indices = raster.getSamples(0, 0, width, height, 0, (int[]) null);
      byte[] grey = new byte[palette.getMapSize()];
      for (int i = 0; i < grey.length; i++) {
        grey[i] = luminance(palette.getRGB(i));
      }
      for (int i = 0; i < values.length; i++) {
        values[i] = grey[indices[i]];
      }
      return new Pixels(height, width, 1, values);
    }
    int[] colours = colours(image);
    for (int i = 0; i < colours.length; i++) {
      if (channels == 1) {
        values[i] = luminance(colours[i]);
      } else {
        int colour = onWhite(colours[i]);
        values[3 * i] = (byte) (colour >> 16);
        values[3 * i + 1] = (byte) (colour >> 8);
        values[3 * i + 2] = (byte) colour;
      }
    }
    return new Pixels(height, width, channels, values);
  }

  /**
   * Alpha, red, green and blue of each pixel. Grey is taken as it is stored, as it would be in a
   * file of colours: {@code getRGB} takes it for linear light and brightens it.
   */
  private static int[] colours(BufferedImage image) {
    int width = image.getWidth();
    int height = image.getHeight();
    ColorModel model = image.getColorModel();
    int bits = model.getComponentSize(0);
    boolean grey = model.getColorSpace().getType() == ColorSpace.TYPE_GRAY && bits % 8 == 0;
    if (!grey || bits > 16) {
      return image.getRGB(0, 0, width, height, null, 0, width);
    }
    Raster raster = image.getRaster();
    int[] values = raster.getSamples(0, 0, width, height, 0, (int[]) null);
    int[] alphas =
        model.hasAlpha() ? raster.getSamples(0, 0, width, height, 1, (int[]) null) : null;
    for (int i = 0; i < values.length; i++) {
      int alpha = alphas == null ? 255 : alphas[i] >> (bits - 8);
      values[i] = alpha << 24 | (values[i] >> (bits - 8)) * 0x010101;
    }
    return values;
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
  Pixels inverted() {
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
  Pixels resized(int newHeight, int newWidth) {
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
