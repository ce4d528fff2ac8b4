package io.quickstudy.adapt;

import io.quickstudy.data.image.ImageDecoder;
import io.quickstudy.text.Names;
import java.awt.image.BufferedImage;
import java.nio.file.Path;

/**
 * A picture to learn from or to classify, of any size, grey or colour. It is scaled to what the run
 * was trained on when an adapter takes it, and decoded then. Immutable: what it is made of is
 * copied.
 */
public final class Image implements Input {
  /** What it was made of. */
  private sealed interface Source {
    /** A PNG, JPEG, WebP, TIFF, BMP or GIF file, as {@link #decode} has it. */
    record Encoded(byte[] file, String name) implements Source {}

    /** Pixels. */
    record Decoded(BufferedImage picture) implements Source {}

    /** What a model takes. */
    record Numbers(float[] values) implements Source {}
  }

  private static final float FULL = (float) (1 / 255.0);

  private final Source source;

  private Image(Source source) {
    this.source = source;
  }

  /**
   * A PNG, JPEG, WebP, TIFF, BMP or GIF file, as {@link #decode} has it.
   *
   * @throws io.quickstudy.data.DataException if it cannot be read
   */
  public static Image read(Path file) {
    return new Image(new Source.Encoded(ImageDecoder.bytes(file), file.toString()));
  }

  /** The bytes of a file: PNG, JPEG, WebP, TIFF, BMP or GIF. */
  public static Image decode(byte[] file) {
    return new Image(new Source.Encoded(file.clone(), "of " + file.length + " bytes"));
  }

  /** The bytes of a file with its name, for messages. */
  static Image named(byte[] file, String name) {
    return new Image(new Source.Encoded(file.clone(), Names.shown(name)));
  }

  /** A picture that is decoded or drawn. */
  public static Image of(BufferedImage picture) {
    return new Image(
        new Source.Decoded(
            new BufferedImage(
                picture.getColorModel(),
                picture.copyData(picture.getRaster().createCompatibleWritableRaster()),
                picture.isAlphaPremultiplied(),
                null)));
  }

  /**
   * Numbers as the model takes them: [height, width, channels] of the run, from 0 to 1; where it
   * was trained on characters 1 is ink. Neither scaled nor inverted.
   */
  public static Image of(float[] values) {
    return new Image(new Source.Numbers(values.clone()));
  }

  /**
   * Writes the numbers that a model takes.
   *
   * @throws io.quickstudy.data.DataException if it does not decode
   * @throws IllegalArgumentException if it was made of numbers, and they are too few or too many,
   *     or not finite
   */
  void write(ImageDecoder decoder, float[] into, int at) {
    switch (source) {
      case Source.Encoded e -> scaled(decoder.decode(e.file, e.name), into, at);
      case Source.Decoded d -> scaled(decoder.of(d.picture), into, at);
      case Source.Numbers n -> {
        int expected = decoder.height() * decoder.width() * decoder.channels();
        if (n.values.length != expected) {
          throw new IllegalArgumentException(
              "An image of %s numbers: expected %s, [%s, %s, %s]; scale it, or give it as a picture."
                  .formatted(
                      n.values.length,
                      expected,
                      decoder.height(),
                      decoder.width(),
                      decoder.channels()));
        }
        Finite.check("An image", n.values);
        System.arraycopy(n.values, 0, into, at, expected);
      }
    }
  }

  @Override
  public String name() {
    return switch (source) {
      case Source.Encoded e -> e.name;
      case Source.Decoded d ->
          "a picture of %s x %s pixels".formatted(d.picture.getHeight(), d.picture.getWidth());
      case Source.Numbers n -> "an image of %s numbers".formatted(n.values.length);
    };
  }

  private static void scaled(byte[] pixels, float[] into, int at) {
    for (int i = 0; i < pixels.length; i++) {
      into[at + i] = (pixels[i] & 255) * FULL; // as in training
    }
  }
}
