package io.quickstudy.data;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitOption;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;

/**
 * Any folder of class folders of images (PNG, JPEG). A folder that holds images is a class; the
 * folders above it are its group. Hidden files and files of other kinds are left out.
 *
 * @param images the images
 * @param files where each example came from, [n]
 */
public record ImageFolder(ImageSet images, List<Path> files) {
  private static final int MAX_SIDE = 4096;
  private static final int MAX_FILE_BYTES = 64 << 20;
  private static final int MAX_DEPTH = 8;

  /** What the images' brightness means. */
  public enum Ink {
    /** Pixels stay as they are. */
    BRIGHT,
    /** Dark ink on light paper: pixels are inverted, so that ink is 255 as in Omniglot. */
    DARK
  }

  /** Copies the list. */
  public ImageFolder {
    files = List.copyOf(files);
  }

  /**
   * Reads all images, scaled to one size by area averaging (the aspect is not kept). Classes are
   * ordered by path, their examples by file name. Images that lie directly in the folder are a
   * class with an empty name.
   *
   * @param directory the folder
   * @param height the height in pixels to scale to
   * @param width the width in pixels to scale to
   * @param channels 1 for luminance, 3 for red, green, blue
   * @param ink what brightness means
   * @throws DataException if there are no images or one cannot be read
   */
  public static ImageFolder load(Path directory, int height, int width, int channels, Ink ink) {
    Map<String, List<Path>> found = find(directory);
    List<ImageClass> classes = new ArrayList<>();
    List<Path> files = new ArrayList<>();
    found.forEach(
        (path, images) -> {
          int cut = path.lastIndexOf('/');
          String group = cut < 0 ? "" : path.substring(0, cut);
          classes.add(new ImageClass(path.substring(cut + 1), group, files.size(), images.size()));
          files.addAll(images);
        });
    long bytes = (long) files.size() * height * width * channels;
    if (bytes > Integer.MAX_VALUE) {
      throw new DataException(
          ("Folder '%s' with %d images of %d x %d x %d: expected at most 2 GiB of pixels; "
                  + "ask for smaller images.")
              .formatted(directory, files.size(), height, width, channels));
    }
    int size = height * width * channels;
    byte[] pixels = new byte[(int) bytes];
    IntStream.range(0, files.size())
        .parallel()
        .forEach(
            i -> {
              Pixels image = read(files.get(i), channels);
              Pixels scaled = (ink == Ink.DARK ? image.inverted() : image).resized(height, width);
              System.arraycopy(scaled.values(), 0, pixels, i * size, size);
            });
    String name = String.valueOf(directory.toAbsolutePath().normalize().getFileName());
    return new ImageFolder(ImageSet.of(name, height, width, channels, pixels, classes), files);
  }

  /** The images of a folder and those below it, by the path of the folder that each is in. */
  static Map<String, List<Path>> find(Path directory) {
    Map<String, List<Path>> found = new TreeMap<>();
    try (java.util.stream.Stream<Path> walk =
        Files.walk(directory, MAX_DEPTH, FileVisitOption.FOLLOW_LINKS)) {
      walk.filter(f -> isImage(f) && Files.isRegularFile(f))
          .sorted()
          .forEach(
              f -> {
                String path = directory.relativize(f.getParent()).toString().replace('\\', '/');
                found.computeIfAbsent(path, p -> new ArrayList<>()).add(f);
              });
    } catch (IOException | UncheckedIOException e) {
      throw new DataException(
          "Folder '%s' cannot be listed (%s): expected a readable folder; check the path."
              .formatted(directory, e),
          e);
    }
    if (found.isEmpty()) {
      throw new DataException(
          ("Folder '%s' holds no images: expected class folders of .png, .jpg or .jpeg "
                  + "files; check the path.")
              .formatted(directory));
    }
    return found;
  }

  /** Whether a file is an image by its name. */
  static boolean isImage(Path file) {
    String name = file.getFileName().toString().toLowerCase(Locale.ROOT);
    return !name.startsWith(".")
        && (name.endsWith(".png") || name.endsWith(".jpg") || name.endsWith(".jpeg"));
  }

  private static Pixels read(Path file, int channels) {
    byte[] bytes;
    try (InputStream in = Files.newInputStream(file)) {
      bytes = in.readNBytes(MAX_FILE_BYTES + 1);
    } catch (IOException e) {
      throw new DataException(
          "Image '%s' cannot be read (%s): expected a readable file; check its permissions."
              .formatted(file, e),
          e);
    }
    if (bytes.length > MAX_FILE_BYTES) {
      throw new DataException(
          "Image '%s' is larger than %d bytes: expected a smaller one; scale it down or remove it."
              .formatted(file, MAX_FILE_BYTES));
    }
    return Pixels.decode(bytes, file.toString(), channels, MAX_SIDE);
  }
}
