package io.quickstudy.data;

import io.quickstudy.text.Text;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Images of one size, grouped by class. Immutable.
 *
 * @param name what the set is called, such as "omniglot"
 * @param height the images' height in pixels
 * @param width the images' width in pixels
 * @param channels 1 for grey, 3 for red, green, blue
 * @param pixels the images as one direct read-only buffer of unsigned bytes, [n, height, width,
 *     channels]; for characters, ink is 255 on a background of 0
 * @param classes the classes, whose runs of examples cover 0 to n - 1 in order
 */
public record ImageSet(
    String name, int height, int width, int channels, ByteBuffer pixels, List<ImageClass> classes)
    implements ExampleSet {

  /** Checks that the classes and the pixels agree; buffers that are not direct are copied. */
  public ImageSet {
    if (height < 1 || width < 1 || (channels != 1 && channels != 3)) {
      throw new IllegalArgumentException(
          ("Image set '%s' with images [%s, %s, %s]: expected sides of at least 1 and 1 "
                  + "or 3 channels.")
              .formatted(name, height, width, channels));
    }
    classes = List.copyOf(classes);
    int examples = 0;
    for (ImageClass c : classes) {
      if (c.first() != examples || c.count() < 1) {
        throw new IllegalArgumentException(
            "Class '%s' of '%s' with %s from %s: expected at least 1, from %s."
                .formatted(
                    c.fullName(), name, Text.count(c.count(), "example"), c.first(), examples));
      }
      examples += c.count();
    }
    long bytes = (long) examples * height * width * channels;
    if (pixels.remaining() != bytes) {
      throw new IllegalArgumentException(
          "Image set '%s' of %s with %s bytes of pixels: expected %s bytes."
              .formatted(name, Text.count(examples, "image"), pixels.remaining(), bytes));
    }
    pixels = direct(pixels);
  }

  /** A set from an array of pixels, which is copied. */
  public static ImageSet of(
      String name, int height, int width, int channels, byte[] pixels, List<ImageClass> classes) {
    return new ImageSet(name, height, width, channels, ByteBuffer.wrap(pixels), classes);
  }

  /**
   * A set from single images, which are copied. Classes are ordered by name, so that a seed means
   * the same tasks whatever the map.
   *
   * @param name what the set is called
   * @param height the images' height in pixels
   * @param width the images' width in pixels
   * @param channels 1 for grey, 3 for red, green, blue
   * @param images by class the images of it, each as unsigned bytes [height, width, channels]; what
   *     stands before the last "/" of a class's name is its group
   * @throws IllegalArgumentException if there is no class, a class has no image or an image has
   *     another size
   */
  public static ImageSet of(
      String name,
      int height,
      int width,
      int channels,
      Map<String, ? extends Collection<byte[]>> images) {
    List<ImageClass> classes = new ArrayList<>();
    Map<String, Collection<byte[]>> sorted = new TreeMap<>(images);
    long size = (long) height * width * channels;
    int examples = 0;
    for (Map.Entry<String, Collection<byte[]>> e : sorted.entrySet()) {
      int slash = e.getKey().lastIndexOf('/');
      String group = slash < 0 ? "" : e.getKey().substring(0, slash);
      int count = e.getValue().size();
      classes.add(new ImageClass(e.getKey().substring(slash + 1), group, examples, count));
      examples = Math.addExact(examples, count);
    }
    if (classes.isEmpty() || size * examples > Integer.MAX_VALUE) {
      throw new IllegalArgumentException(
          ("Image set '%s' of %s images of %s x %s x %s: expected at least one, and at most 2 GiB"
                  + " of pixels.")
              .formatted(name, examples, height, width, channels));
    }
    ByteBuffer pixels = ByteBuffer.allocateDirect(Math.max(0, (int) size * examples));
    sorted.forEach(
        (of, each) -> {
          for (byte[] image : each) {
            if (image.length != size) {
              throw new IllegalArgumentException(
                  "An image of class '%s' of '%s' has %s bytes: expected %s x %s x %s."
                      .formatted(of, name, image.length, height, width, channels));
            }
            pixels.put(image);
          }
        });
    return new ImageSet(name, height, width, channels, pixels.flip(), classes);
  }

  private static ByteBuffer direct(ByteBuffer source) {
    if (source.isDirect()) {
      return source.slice().asReadOnlyBuffer();
    }
    ByteBuffer copy = ByteBuffer.allocateDirect(source.remaining());
    copy.put(source.duplicate()).flip();
    return copy.asReadOnlyBuffer();
  }

  /** A fresh view of all pixels, [n, height, width, channels], direct and read-only. */
  @Override
  public ByteBuffer pixels() {
    return pixels.duplicate();
  }

  @Override
  public String example() {
    return "image";
  }

  @Override
  public String more() {
    return "class folders";
  }

  /** The number of images. */
  @Override
  public int examples() {
    return classes.isEmpty() ? 0 : classes.getLast().first() + classes.getLast().count();
  }

  /** The bytes of one image: height x width x channels. */
  public int imageBytes() {
    return height * width * channels;
  }

  /**
   * A copy of one image, [height, width, channels].
   *
   * @throws IllegalArgumentException if there is no such example
   */
  public byte[] image(int example) {
    if (example < 0 || example >= examples()) {
      throw new IllegalArgumentException(
          "Example %s of '%s': expected 0 to %s.".formatted(example, name, examples() - 1));
    }
    byte[] image = new byte[imageBytes()];
    pixels.get(example * imageBytes(), image);
    return image;
  }

  @Override
  public String toString() {
    return "%s (%s, %s of %s x %s x %s)"
        .formatted(
            name,
            Text.count(classes.size(), "class"),
            Text.count(examples(), "image"),
            height,
            width,
            channels);
  }
}
