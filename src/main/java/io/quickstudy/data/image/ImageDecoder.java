package io.quickstudy.data.image;

import io.quickstudy.data.DataException;
import io.quickstudy.data.Framing;
import io.quickstudy.data.ImageClass;
import java.awt.image.BufferedImage;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Makes of any picture what a model was trained on: its size, by area averaging, its channels, its
 * ink, and how it is framed. Everything that reads pictures does so here: training, support and
 * queries.
 *
 * @param height of the result in pixels
 * @param width of the result in pixels
 * @param channels 1 for luminance, 3 for red, green, blue
 * @param ink what brightness means
 * @param framing how pictures are made alike
 */
public record ImageDecoder(int height, int width, int channels, PictureInk ink, Framing framing) {
  /** With the usual framing. */
  public ImageDecoder(int height, int width, int channels, PictureInk ink) {
    this(height, width, channels, ink, Framing.USUAL);
  }

  /**
   * The bytes of a file.
   *
   * @throws DataException if it cannot be read, or is too large for a picture
   */
  public static byte[] bytes(Path file) {
    return ImageReading.bytes(file);
  }

  /**
   * The pictures in a folder and those below it.
   *
   * @param byFolder by the path from that folder to the one that each is in, which is empty for
   *     those in the folder itself; in order
   * @param others how many files are neither hidden nor pictures by name
   * @param notes what else was left out or joined, a line each
   */
  public record Pictures(Map<String, List<Path>> byFolder, int others, List<String> notes) {}

  /**
   * A path below some folder as a text with slashes, in UTF-8 whatever the locale is.
   *
   * @throws DataException if a name is no UTF-8
   */
  public static String name(Path path) {
    return FileNames.text(path);
  }

  /**
   * Lists the pictures of a folder, as training on it does: empty folders, those of the system and
   * links to nothing are left out.
   *
   * @throws DataException if there is no such folder or no picture in it
   */
  public static Pictures list(Path folder) {
    ImageListing listing = ClassTree.of(folder);
    Map<String, List<Path>> found = new LinkedHashMap<>();
    for (ImageClass c : listing.classes()) {
      found.put(
          c.fullName(),
          listing.files().subList(c.first(), c.first() + c.count()).stream()
              .map(ImageListing.Image::path)
              .toList());
    }
    return new Pictures(found, listing.others(), listing.notes());
  }

  /**
   * The picture of a file (PNG, JPEG, WebP, TIFF, BMP, GIF), unsigned bytes [height, width,
   * channels].
   *
   * @param name the file's, for messages
   * @throws DataException if it is no image, broken, or too large
   */
  public byte[] decode(byte[] file, String name) {
    return fitted(Pixels.decode(file, name, channels, ImageReading.MAX_SIDE));
  }

  /** A picture that is decoded already, unsigned bytes [height, width, channels]. */
  public byte[] of(BufferedImage picture) {
    return fitted(Pixels.of(picture, channels));
  }

  private byte[] fitted(Pixels p) {
    boolean dark =
        switch (ink) {
          case AUTO -> Levelling.isDarkOnLight(p.values());
          case DARK -> true;
          case BRIGHT -> false;
        };
    Pixels framed = Frames.of(dark ? p.inverted() : p, framing, height, width);
    return switch (framing.levels()) {
      case NONE -> framed.values();
      case EACH -> Levelling.stretched(framed.values());
    };
  }

  /** The bytes of one image. */
  int size() {
    return height * width * channels;
  }
}
