package io.quickstudy.data.image;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * How a picture has to be turned to be upright: what phones write beside the pixels as they came
 * from the sensor (EXIF 2.32, 4.6.4 A, tag 274), in JPEG, PNG, WebP and TIFF.
 */
final class Orientation {
  private static final int PNG_HEADER = 8;
  private static final int RIFF_HEADER = 12;
  private static final int CHUNK = 12;
  private static final byte[] EXIF = "Exif\0\0".getBytes(StandardCharsets.US_ASCII);
  private static final int TRANSPOSED = 5;

  private Orientation() {}

  /** The orientation of a file, from 1, which is upright, to 8. */
  static int of(ImageFormat format, byte[] file) {
    return switch (format) {
      case JPEG -> jpeg(file);
      case PNG -> chunks(file, PNG_HEADER, ByteOrder.BIG_ENDIAN);
      case WEBP -> chunks(file, RIFF_HEADER, ByteOrder.LITTLE_ENDIAN);
      case TIFF -> Tiff.orientation(file, 0);
      case BMP, GIF -> 1;
    };
  }

  private static int jpeg(byte[] file) {
    for (JpegSegments s = new JpegSegments(file); s.next(); ) {
      if (s.marker() == JpegSegments.APP1 && s.starts(EXIF)) {
        return Tiff.orientation(file, s.start() + EXIF.length);
      }
    }
    return 1;
  }

  /** PNG: length, name, data, checksum. RIFF: name, length, data, made even. */
  private static int chunks(byte[] file, int first, ByteOrder order) {
    boolean png = order == ByteOrder.BIG_ENDIAN;
    ByteBuffer b = ByteBuffer.wrap(file).order(order);
    long at = first;
    while (at + CHUNK <= file.length) {
      int chunk = (int) at;
      long length = b.getInt(png ? chunk : chunk + 4) & 0xFFFFFFFFL;
      String name = new String(file, png ? chunk + 4 : chunk, 4, StandardCharsets.ISO_8859_1);
      int data = chunk + 8;
      if (name.equals("eXIf") || name.equals("EXIF")) {
        // some writers of WebP have JPEG's prefix there
        int end = Math.min(file.length, data + EXIF.length);
        boolean prefix = Arrays.equals(file, data, end, EXIF, 0, EXIF.length);
        return Tiff.orientation(file, prefix ? data + EXIF.length : data);
      }
      at += png ? length + CHUNK : 8 + length + length % 2;
    }
    return 1;
  }

  /**
   * The upright picture.
   *
   * @param orientation from 1 to 8: 2 to 4 are mirrored, turned by 180 degrees, and both; 5 to 8
   *     are transposed and then, in this order, nothing, mirrored, both, flipped
   */
  static Pixels upright(Pixels p, int orientation) {
    if (orientation == 1) {
      return p;
    }
    boolean transposed = orientation >= TRANSPOSED;
    int height = transposed ? p.width() : p.height();
    int width = transposed ? p.height() : p.width();
    // of the stored picture's columns and rows, as seen from the upright one
    boolean right = orientation == 2 || orientation == 3 || orientation == 7 || orientation == 8;
    boolean down = orientation == 3 || orientation == 4 || orientation == 6 || orientation == 7;
    byte[] values = new byte[p.values().length];
    int c = p.channels();
    int to = 0;
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        int column = transposed ? y : x;
        int row = transposed ? x : y;
        column = right ? p.width() - 1 - column : column;
        row = down ? p.height() - 1 - row : row;
        int from = (row * p.width() + column) * c;
        for (int k = 0; k < c; k++) {
          values[to++] = p.values()[from + k];
        }
      }
    }
    return new Pixels(height, width, c, values);
  }
}
