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
    ImageListing listing = ClassTree.of(directory);
    ImageForm form = new ImageForm(height, width, channels, ink);
    byte[] pixels = new byte[listing.checkedBytes(height, width, channels)];
    ImageReading.read(
        listing,
        form,
        (i, image) -> System.arraycopy(image, 0, pixels, i * form.bytes(), form.bytes()),
        LoadListener.NONE);
    return new ImageFolder(
        ImageSet.of(listing.name(), height, width, channels, pixels, listing.classes()),
        listing.files().stream().map(ImageListing.Image::path).toList());
  }
}
