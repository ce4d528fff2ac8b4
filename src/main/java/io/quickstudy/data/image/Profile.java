package io.quickstudy.data.image;

import java.awt.color.ColorSpace;
import java.awt.color.ICC_Profile;
import java.awt.image.ColorConvertOp;
import java.awt.image.DataBuffer;
import java.awt.image.DataBufferByte;
import java.awt.image.Raster;
import java.awt.image.WritableRaster;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/**
 * The colour profile of a PNG file, which the JDK's reader passes over; those of the other formats
 * their readers apply.
 */
final class Profile {
  private static final int HEADER = 8;
  private static final int CHUNK = 12;
  private static final int MOST_BYTES = 4 << 20;
  private static final int RGB = 3;

  private final ColorConvertOp toRgb;

  private Profile(ICC_Profile profile) {
    ICC_Profile srgb = ICC_Profile.getInstance(ColorSpace.CS_sRGB);
    this.toRgb = new ColorConvertOp(new ICC_Profile[] {profile, srgb}, null);
  }

  /** A file's, if it has one for red, green and blue that can be read; viewers pass over others. */
  static Optional<Profile> ofPng(byte[] file) {
    ByteBuffer b = ByteBuffer.wrap(file);
    for (long at = HEADER; at + CHUNK <= file.length; ) {
      int chunk = (int) at;
      long length = b.getInt(chunk) & 0xFFFFFFFFL;
      String name = new String(file, chunk + 4, 4, StandardCharsets.ISO_8859_1);
      if (name.equals("IDAT") || at + CHUNK + length > file.length) {
        break;
      }
      if (name.equals("iCCP")) {
        return read(Arrays.copyOfRange(file, chunk + HEADER, chunk + HEADER + (int) length));
      }
      at += CHUNK + length;
    }
    return Optional.empty();
  }

  /** A name that ends with 0, a byte for the compression, and the profile, deflated. */
  private static Optional<Profile> read(byte[] chunk) {
    int name = 0;
    while (name < chunk.length && chunk[name] != 0) {
      name++;
    }
    int from = name + 2;
    if (from >= chunk.length) {
      return Optional.empty();
    }
    Inflater inflater = new Inflater();
    try {
      inflater.setInput(chunk, from, chunk.length - from);
      byte[] some = new byte[1 << 16];
      int length = 0;
      while (!inflater.finished() && length < MOST_BYTES) {
        if (length == some.length) {
          some = Arrays.copyOf(some, 2 * length);
        }
        int n = inflater.inflate(some, length, some.length - length);
        if (n == 0) {
          break;
        }
        length += n;
      }
      ICC_Profile profile = ICC_Profile.getInstance(Arrays.copyOf(some, length));
      boolean rgb = profile.getColorSpaceType() == ColorSpace.TYPE_RGB;
      return rgb && inflater.finished() ? Optional.of(new Profile(profile)) : Optional.empty();
    } catch (DataFormatException | RuntimeException e) {
      return Optional.empty();
    } finally {
      inflater.end();
    }
  }

  /** Makes sRGB of a row of alpha, red, green and blue, 8 bits each. */
  void apply(int[] colours) {
    byte[] bytes = new byte[RGB * colours.length];
    for (int x = 0; x < colours.length; x++) {
      bytes[RGB * x] = (byte) (colours[x] >> 16);
      bytes[RGB * x + 1] = (byte) (colours[x] >> 8);
      bytes[RGB * x + 2] = (byte) colours[x];
    }
    byte[] converted = new byte[bytes.length];
    toRgb.filter(raster(bytes), raster(converted));
    for (int x = 0; x < colours.length; x++) {
      int red = converted[RGB * x] & 255;
      int green = converted[RGB * x + 1] & 255;
      int blue = converted[RGB * x + 2] & 255;
      colours[x] = (colours[x] & 0xFF000000) | red << 16 | green << 8 | blue;
    }
  }

  private static WritableRaster raster(byte[] row) {
    DataBuffer buffer = new DataBufferByte(row, row.length);
    return Raster.createInterleavedRaster(
        buffer, row.length / RGB, 1, row.length, RGB, new int[] {0, 1, 2}, null);
  }
}
