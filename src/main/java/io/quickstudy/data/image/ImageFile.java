package io.quickstudy.data.image;

import io.quickstudy.data.DataException;
import io.quickstudy.text.Names;
import java.awt.image.BufferedImage;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import javax.imageio.ImageReadParam;
import javax.imageio.ImageReader;
import javax.imageio.stream.ImageInputStream;

/**
 * Decodes image files as a viewer shows them: of every {@link ImageFormat}, upright, in sRGB. No
 * file makes more of it than its limits allow, whatever it claims to be.
 */
final class ImageFile {
  /** What is larger is thinned while it is read. */
  private static final int KEPT_SIDE = 4096;

  /** Of formats whose readers may hold the whole picture before it is thinned; 67 million. */
  private static final int MOST_PIXELS = 1 << 26;

  /** A name and the length of what follows. */
  private static final int RIFF_HEADER = 8;

  private static final int MILLION = 1_000_000;
  private static final int MOST_BITS = 16;

  /**
   * How many millions of pixels are decoded at once, of 16 bytes at most: half of the heap, and one
   * image of any size.
   */
  private static final int ALL_MILLIONS =
      Math.max(18, (int) (Runtime.getRuntime().maxMemory() / 32_000_000));

  private static final Semaphore MILLIONS = new Semaphore(ALL_MILLIONS);

  private ImageFile() {}

  /** As {@link Pixels#decode}. */
  static Pixels decode(byte[] bytes, String file, int channels, int maxSide) {
    Optional<ImageFormat> format = ImageFormat.of(bytes);
    if (format.isEmpty()) {
      throw new DataException(
          "Image '%s' is %s: expected %s; convert or remove it."
              .formatted(file, ImageFormat.other(bytes), ImageFormat.NAMES));
    }
    try {
      return decode(format.get(), bytes, file, channels, maxSide);
    } catch (IOException | RuntimeException e) {
      if (e instanceof DataException known) {
        throw known;
      }
      throw broken(file, format.get(), e);
    } catch (OutOfMemoryError e) {
      throw new DataException(
          "Image '%s' needs more memory than there is: expected a smaller one; scale it down, or allow Java more."
              .formatted(file),
          e);
    } catch (StackOverflowError | AssertionError e) {
      throw broken(file, format.get(), e); // of a library that did not expect such a file
    }
  }

  private static DataException broken(String file, ImageFormat format, Throwable e) {
    return new DataException(
        "Image '%s' does not decode (%s): expected a whole %s file; fetch or save it again, or remove it."
            .formatted(file, reason(e), format),
        e);
  }

  /** What readers say of a file that they know to be damaged; others are just surprised. */
  private static String reason(Throwable e) {
    if (e instanceof EOFException || e.getCause() instanceof EOFException) {
      return "its end is missing";
    }
    boolean known = e instanceof IOException && e.getMessage() != null;
    return known ? Names.said(e.getMessage()) : "it is damaged";
  }

  private static Pixels decode(
      ImageFormat format, byte[] bytes, String file, int channels, int maxSide) throws IOException {
    if (format == ImageFormat.WEBP && RIFF_HEADER + riffBytes(bytes) > bytes.length) {
      throw new EOFException(); // which its reader may not notice
    }
    byte[] seen = format == ImageFormat.JPEG ? JpegSegments.asViewersSee(bytes) : bytes;
    try (ImageInputStream stream = new EndingStream(seen)) {
      ImageReader reader = format.reader();
      try {
        reader.setInput(stream, false, false);
        int height = reader.getHeight(0);
        int width = reader.getWidth(0);
        check(format, file, height, width, maxSide);
        int every = Math.ceilDiv(Math.max(height, width), KEPT_SIDE);
        boolean thinned = format == ImageFormat.JPEG || format == ImageFormat.PNG;
        long pixels = thinned ? (long) (height / every) * (width / every) : (long) height * width;
        int millions = (int) Math.min(ALL_MILLIONS, 1 + pixels / MILLION);
        MILLIONS.acquireUninterruptibly(millions);
        try {
          BufferedImage image = read(reader, every);
          Optional<Profile> profile =
              format == ImageFormat.PNG ? Profile.ofPng(bytes) : Optional.empty();
          Pixels p = Colours.of(onScreen(format, reader, image, every, maxSide), profile, channels);
          return Orientation.upright(p, Orientation.of(format, bytes));
        } finally {
          MILLIONS.release(millions);
        }
      } finally {
        reader.dispose();
      }
    }
  }

  private static long riffBytes(byte[] file) {
    return ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN).getInt(4) & 0xFFFFFFFFL;
  }

  private static void check(ImageFormat format, String file, int height, int width, int maxSide) {
    if (height > maxSide || width > maxSide) {
      throw new DataException(
          "Image '%s' claims %s x %s pixels: expected at most %s a side; scale it down or remove it."
              .formatted(file, height, width, maxSide));
    }
    boolean whole = format != ImageFormat.JPEG && format != ImageFormat.PNG;
    if (whole && (long) height * width > MOST_PIXELS) {
      throw new DataException(
          "Image '%s' claims %s x %s pixels: expected at most %s million in %s; scale it down or remove it."
              .formatted(file, height, width, MOST_PIXELS / MILLION, format));
    }
  }

  /** Reads every n-th pixel of every n-th row. Some readers only warn of a cut file. */
  private static BufferedImage read(ImageReader reader, int every) throws IOException {
    List<String> lost = new ArrayList<>();
    reader.addIIOReadWarningListener(
        (source, warning) -> {
          String w = String.valueOf(warning).toLowerCase(Locale.ROOT);
          if (w.contains("eoi") || w.contains("premature end") || w.contains("end of file")) {
            lost.add(warning);
          }
        });
    ImageReadParam param = reader.getDefaultReadParam();
    param.setSourceSubsampling(every, every, 0, 0);
    BufferedImage image = reader.read(0, param);
    if (!lost.isEmpty()) {
      throw new IOException(lost.getFirst());
    }
    int bits = image.getColorModel().getComponentSize(0);
    if (bits > MOST_BITS) {
      throw new IOException("samples of %s bits, where 16 are most".formatted(bits));
    }
    return image;
  }

  /** A GIF's picture may be a part of its screen, and the rest transparent. */
  private static BufferedImage onScreen(
      ImageFormat format, ImageReader reader, BufferedImage image, int every, int maxSide)
      throws IOException {
    if (format != ImageFormat.GIF || every > 1) {
      return image;
    }
    GifScreen screen = GifScreen.of(reader);
    int height = Math.max(screen.height(), screen.top() + image.getHeight());
    int width = Math.max(screen.width(), screen.left() + image.getWidth());
    boolean same = height == image.getHeight() && width == image.getWidth();
    if (same || Math.max(height, width) > Math.min(maxSide, KEPT_SIDE)) {
      return image;
    }
    BufferedImage whole = new BufferedImage(width, height, BufferedImage.TYPE_INT_ARGB);
    int[] row = new int[image.getWidth()];
    for (int y = 0; y < image.getHeight(); y++) {
      image.getRGB(0, y, row.length, 1, row, 0, row.length);
      whole.setRGB(screen.left(), screen.top() + y, row.length, 1, row, 0, row.length);
    }
    return whole;
  }
}
