package io.quickstudy.data.image;

import io.quickstudy.data.DataException;
import io.quickstudy.data.ImageSet;
import io.quickstudy.data.Ink;
import io.quickstudy.data.LoadListener;
import java.nio.file.Path;
import java.util.List;

/**
 * Any folder of class folders of images (of every format that is read). A folder that holds images
 * is a class; the folders above it are its group. Hidden files and files of other kinds are left
 * out.
 *
 * @param images the images
 * @param files where each example came from, [n]
 */
public record ImageFolder(ImageSet images, List<Path> files) {
  /** Copies the list. */
  public ImageFolder {
    files = List.copyOf(files);
  }

  /**
   * As {@link #load(Path, ImageDecoder)}, with the usual framing.
   *
   * @param directory the folder
   * @param height the height in pixels to scale to
   * @param width the width in pixels to scale to
   * @param channels 1 for luminance, 3 for red, green, blue
   * @param ink what brightness means
   * @throws DataException if there are no images or more than a tenth cannot be read
   */
  public static ImageFolder load(Path directory, int height, int width, int channels, Ink ink) {
    return load(directory, new ImageDecoder(height, width, channels, PictureInk.of(ink)));
  }

  /**
   * Reads all images. Classes are ordered by path, their examples by file name. Images that lie
   * directly in the folder are a class with an empty name. Images that cannot be read, up to a
   * tenth, are left out.
   *
   * @param directory the folder
   * @param form what images are made into
   * @throws DataException if there are no images or more cannot be read
   */
  public static ImageFolder load(Path directory, ImageDecoder form) {
    ImageListing listing = ClassTree.of(directory);
    int size = form.size();
    byte[] pixels = new byte[listing.checkedBytes(form.height(), form.width(), form.channels())];
    Unreadable unreadable =
        ImageReading.read(
            listing,
            form,
            (i, image) -> System.arraycopy(image, 0, pixels, i * size, size),
            LoadListener.NONE);
    ImageListing read = listing.without(unreadable.numbers());
    byte[] left = new byte[read.files().size() * size];
    int to = 0;
    for (int i = 0; i < listing.files().size(); i++) {
      if (!unreadable.numbers().contains(i)) {
        System.arraycopy(pixels, i * size, left, to, size);
        to += size;
      }
    }
    return new ImageFolder(
        ImageSet.of(
            read.name(), form.height(), form.width(), form.channels(), left, read.classes()),
        read.files().stream().map(ImageListing.Image::path).toList());
  }
}
