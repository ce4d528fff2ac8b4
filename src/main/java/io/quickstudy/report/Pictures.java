package io.quickstudy.report;

import io.quickstudy.data.ImageSet;
import io.quickstudy.data.sampling.PixelMoves;
import io.quickstudy.run.RunConfig;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;
import javax.imageio.ImageIO;

/** Images of a set as the page shows them: each a data URI, the small ones pixel by pixel. */
final class Pictures implements Looks {
  /** What the set's brightness means. */
  enum Ink {
    /** Bright ink on black, as characters are stored: shown dark on paper. */
    BRIGHT,
    /** A photograph: shown as it is. */
    PHOTOGRAPH;

    /** What it means to a run. */
    static Ink of(RunConfig run) {
      return run.tasks().ink() == io.quickstudy.data.Ink.DARK ? BRIGHT : PHOTOGRAPH;
    }
  }

  /** The side that a small image is enlarged to, or nearly, by a whole factor. */
  private static final int USUAL = 56;

  /** Larger images are made smaller by whole factors, down to this side. */
  private static final int MOST_SIDE = 128;

  /** From here on images are stored with loss where that is smaller. */
  private static final int PHOTOGRAPH_SIDE = 48;

  private final ImageSet set;
  private final PixelMoves moves;
  private final Ink ink;
  private final Map<Long, String> made = new HashMap<>();
  private long bytes;

  Pictures(ImageSet set, PixelMoves moves, Ink ink) {
    this.set = set;
    this.moves = moves;
    this.ink = ink;
  }

  @Override
  public long bytes() {
    return bytes;
  }

  @Override
  public void add(Html h, int index, int move, String alt) {
    add(
        h,
        made.computeIfAbsent(
            (long) move << 32 | index, k -> uri(moves.apply(set.image(index), move))),
        alt);
  }

  /**
   * Shows an image that is none of the set's, as one of its pixels.
   *
   * @param pixels [height * width * channels], cut to 0 to 1
   */
  void add(Html h, float[] pixels, String alt) {
    byte[] p = new byte[pixels.length];
    for (int i = 0; i < p.length; i++) {
      p[i] = (byte) Math.round(255 * Math.clamp(pixels[i], 0f, 1f));
    }
    add(h, uri(p), alt);
  }

  private void add(Html h, String uri, String alt) {
    bytes += uri.length();
    int times = Math.max(1, Math.round((float) USUAL / set.width()));
    double shrink = Math.min(1, 64.0 / set.width());
    String width = Long.toString(Math.round(times * shrink * set.width()));
    String height = Long.toString(Math.round(times * shrink * set.height()));
    String look = (times > 1 ? "pixels" : "smooth") + (ink == Ink.BRIGHT ? " ink" : "");
    h.empty(
        "img", "src", uri, "alt", alt, "title", alt, "width", width, "height", height, "class",
        look);
  }

  private String uri(byte[] pixels) {
    int large = (Math.max(set.width(), set.height()) + MOST_SIDE - 1) / MOST_SIDE;
    int block = Math.min(large, Math.min(set.width(), set.height()));
    byte[] p = means(pixels, block);
    boolean grey = set.channels() == 1;
    int type = grey ? BufferedImage.TYPE_BYTE_GRAY : BufferedImage.TYPE_INT_RGB;
    BufferedImage image = new BufferedImage(set.width() / block, set.height() / block, type);
    for (int i = 0; i < image.getHeight() * image.getWidth(); i++) {
      int x = i % image.getWidth();
      int y = i / image.getWidth();
      if (grey) {
        int v = p[i] & 255;
        image.getRaster().setSample(x, y, 0, ink == Ink.BRIGHT ? 255 - v : v);
      } else {
        int rgb = (p[3 * i] & 255) << 16 | (p[3 * i + 1] & 255) << 8 | (p[3 * i + 2] & 255);
        image.setRGB(x, y, rgb);
      }
    }
    String png = png(image);
    if (ink == Ink.PHOTOGRAPH && set.width() >= PHOTOGRAPH_SIDE) {
      String jpeg = uri(image, "jpeg");
      return jpeg.length() < png.length() ? jpeg : png;
    }
    return png;
  }

  /** A picture as a data URI, pixel by pixel. */
  static String png(BufferedImage image) {
    return uri(image, "png");
  }

  private static String uri(BufferedImage image, String format) {
    String bytes = Base64.getEncoder().encodeToString(encoded(image, format));
    return "data:image/" + format + ";base64," + bytes;
  }

  /** Each block of pixels as their mean; what is left at the edges is dropped. */
  private byte[] means(byte[] p, int block) {
    int c = set.channels();
    int width = set.width() / block;
    int height = set.height() / block;
    byte[] small = new byte[height * width * c];
    for (int i = 0; i < small.length; i++) {
      int left = i / c % width * block;
      int top = i / c / width * block;
      int sum = 0;
      for (int k = 0; k < block * block; k++) {
        sum += p[((top + k / block) * set.width() + left + k % block) * c + i % c] & 255;
      }
      small[i] = (byte) (sum / (block * block));
    }
    return small;
  }

  private static byte[] encoded(BufferedImage image, String format) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try {
      if (!ImageIO.write(image, format, out)) {
        throw new IllegalStateException("this Java writes no " + format);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return out.toByteArray();
  }
}
