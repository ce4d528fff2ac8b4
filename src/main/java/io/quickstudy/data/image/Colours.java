package io.quickstudy.data.image;

import java.awt.color.ColorSpace;
import java.awt.image.BufferedImage;
import java.awt.image.ColorModel;
import java.awt.image.IndexColorModel;
import java.awt.image.Raster;
import java.util.Optional;

/**
 * Makes numbers of a decoded picture: luminance, or red, green and blue. What is transparent is
 * shown on white, or on black where all that is seen is as light as white paper: white ink would
 * not be there else.
 */
final class Colours {
  private static final int OPAQUE = 255;
  private static final int RGB = 3;

  /**
   * How far from white, in the mean over what is seen, the farthest of red, green and blue has to
   * be for a picture to be seen on white: a fifth of all.
   */
  private static final int LEAST_DISTANCE = 51;

  private final BufferedImage image;
  private final Optional<Profile> profile;
  private final int[] colours;
  private final int[] samples;
  private final byte[] bytes;

  private Colours(BufferedImage image, Optional<Profile> profile) {
    this.image = image;
    this.profile = profile;
    // row by row: an image as integers would be four times as large
    this.colours = new int[image.getWidth()];
    this.samples = new int[image.getWidth()];
    this.bytes = new byte[inBytes() ? RGB * image.getWidth() : 0];
  }

  /** A picture's pixels, in 1 or 3 channels. */
  static Pixels of(BufferedImage image, Optional<Profile> profile, int channels) {
    Colours c = new Colours(image, profile);
    return c.pixels(channels, c.isLight() ? 0 : OPAQUE);
  }

  /** Whether a picture with transparency would not be seen on white. */
  private boolean isLight() {
    if (!image.getColorModel().hasAlpha()) {
      return false;
    }
    long seen = 0;
    long distance = 0;
    boolean transparent = false;
    for (int y = 0; y < image.getHeight(); y++) {
      row(y);
      for (int argb : colours) {
        int alpha = argb >>> 24;
        int least = Math.min(argb >> 16 & 255, Math.min(argb >> 8 & 255, argb & 255));
        transparent |= alpha < OPAQUE;
        seen += alpha;
        distance += (long) alpha * (OPAQUE - least);
      }
    }
    return transparent && seen > 0 && distance < LEAST_DISTANCE * seen;
  }

  private Pixels pixels(int channels, int ground) {
    int height = image.getHeight();
    int width = image.getWidth();
    byte[] values = new byte[height * width * channels];
    if (channels == RGB && inBytes() && profile.isEmpty()) {
      image.getRaster().getDataElements(0, 0, width, height, values);
      return new Pixels(height, width, channels, values);
    }
    for (int y = 0; y < height; y++) {
      row(y);
      for (int x = 0; x < width; x++) {
        int i = y * width + x;
        int colour = on(ground, colours[x]);
        if (channels == 1) {
          values[i] = luminance(colour);
        } else {
          values[3 * i] = (byte) (colour >> 16);
          values[3 * i + 1] = (byte) (colour >> 8);
          values[3 * i + 2] = (byte) colour;
        }
      }
    }
    return new Pixels(height, width, channels, values);
  }

  /** Whether its pixels are red, green and blue bytes in sRGB, as those of most photos are. */
  private boolean inBytes() {
    return image.getType() == BufferedImage.TYPE_3BYTE_BGR;
  }

  /** A row as alpha, red, green and blue, 8 bits each. */
  private void row(int y) {
    ColorModel model = image.getColorModel();
    int width = image.getWidth();
    boolean grey = model.getColorSpace().getType() == ColorSpace.TYPE_GRAY;
    if (!grey || model instanceof IndexColorModel) {
      colours(y, width);
      profile.ifPresent(p -> p.apply(colours));
      return;
    }
    // getRGB would take grey values for light, not for brightness: 128 would become 188
    Raster raster = image.getRaster();
    int most = (1 << model.getComponentSize(0)) - 1;
    raster.getSamples(0, y, width, 1, 0, samples);
    for (int x = 0; x < width; x++) {
      int value = (samples[x] * 255 + most / 2) / most;
      colours[x] = 0xFF000000 | value * 0x010101;
    }
    if (model.hasAlpha()) {
      raster.getSamples(0, y, width, 1, 1, samples);
      for (int x = 0; x < width; x++) {
        int alpha = (samples[x] * 255 + most / 2) / most;
        colours[x] = (colours[x] & 0xFFFFFF) | (alpha << 24);
      }
    }
  }

  /** A row as getRGB has it, which asks the colour model for each pixel. */
  private void colours(int y, int width) {
    if (inBytes()) {
      image.getRaster().getDataElements(0, y, width, 1, bytes);
      for (int x = 0, i = 0; x < width; x++, i += RGB) {
        colours[x] =
            0xFF000000 | (bytes[i] & 255) << 16 | (bytes[i + 1] & 255) << 8 | (bytes[i + 2] & 255);
      }
    } else {
      image.getRGB(0, y, width, 1, colours, 0, width);
    }
  }

  /** The luminance of ITU-R BT.601. */
  private static byte luminance(int rgb) {
    int red = rgb >> 16 & 255;
    int green = rgb >> 8 & 255;
    int blue = rgb & 255;
    return (byte) ((299 * red + 587 * green + 114 * blue + 500) / 1000);
  }

  private static int on(int ground, int argb) {
    int alpha = argb >>> 24;
    if (alpha == OPAQUE) {
      return argb & 0xFFFFFF;
    }
    int rgb = 0;
    for (int shift = 16; shift >= 0; shift -= 8) {
      int mixed = ((argb >> shift & 255) * alpha + ground * (OPAQUE - alpha) + 127) / OPAQUE;
      rgb |= mixed << shift;
    }
    return rgb;
  }
}
