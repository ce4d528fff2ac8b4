package io.quickstudy.data.image;

import io.quickstudy.data.DataException;
import java.awt.image.BufferedImage;
import java.util.Arrays;
import java.util.Optional;

/**
 * One decoded image.
 *
 * @param height the height in pixels
 * @param width the width in pixels
 * @param channels 1 (luminance) or 3 (red, green, blue)
 * @param values unsigned bytes, [height, width, channels]
 */
public record Pixels(int height, int width, int channels, byte[] values) {
  /**
   * Decodes a PNG, JPEG, WebP, TIFF, BMP or GIF file as a viewer shows it: upright where EXIF says
   * how it was held, in sRGB, of several pictures the first; grey, colours, CMYK or a palette, 1 to
   * 16 bits; what is transparent shown on white, or on black where white ink would not be seen.
   * Nothing is allocated for an image that claims to be larger than allowed. One that is far larger
   * than any use of it is thinned while it is read, to at most 4096 pixels a side.
   *
   * @param bytes the file
   * @param file its name, for messages
   * @param channels 1 or 3
   * @param maxSide the largest height or width in pixels
   * @throws DataException if it is no image, broken, or too large
   */
  public static Pixels decode(byte[] bytes, String file, int channels, int maxSide) {
    return ImageFile.decode(bytes, file, channels, maxSide);
  }

  /** An image that is decoded already. */
  public static Pixels of(BufferedImage image, int channels) {
    return Colours.of(image, Optional.empty(), channels);
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
    int[] rows = narrowed(newWidth);
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
          sums[i] += (long) weight * rows[s * rowLength + i];
        }
      }
      for (int i = 0; i < rowLength; i++) {
        scaled[y * rowLength + i] = (byte) (sums[i] / area);
      }
    }
    return new Pixels(newHeight, newWidth, channels, scaled);
  }

  /**
   * Each row at another width, one after the other as they lie in memory: sums of the pixels that a
   * new one covers, whose weights are the newWidth-ths of them that it does.
   */
  private int[] narrowed(int newWidth) {
    int[] rows = new int[height * newWidth * channels];
    int[] first = new int[newWidth];
    int[] last = new int[newWidth];
    int[] left = new int[newWidth];
    int[] right = new int[newWidth]; // of the last, where that is not the first
    for (int x = 0; x < newWidth; x++) {
      int from = x * width;
      int to = from + width;
      first[x] = from / newWidth;
      last[x] = (to - 1) / newWidth;
      left[x] = Math.min(to, (first[x] + 1) * newWidth) - from;
      right[x] = first[x] == last[x] ? 0 : to - last[x] * newWidth;
    }
    byte[] v = values;
    int step = channels;
    int into = 0;
    for (int y = 0; y < height; y++) {
      int row = y * width * channels;
      for (int x = 0; x < newWidth; x++) {
        int begin = row + first[x] * step;
        int end = row + last[x] * step;
        for (int c = 0; c < step; c++) {
          int between = 0;
          for (int at = begin + step + c; at < end; at += step) {
            between += v[at] & 255;
          }
          rows[into++] =
              left[x] * (v[begin + c] & 255) + newWidth * between + right[x] * (v[end + c] & 255);
        }
      }
    }
    return rows;
  }
}
