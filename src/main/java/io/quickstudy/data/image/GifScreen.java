package io.quickstudy.data.image;

import java.io.IOException;
import javax.imageio.ImageReader;
import javax.imageio.metadata.IIOMetadata;
import org.w3c.dom.Element;

/**
 * Where a GIF's first picture lies on its screen.
 *
 * @param width of the screen
 * @param height of the screen
 * @param left where the picture begins
 * @param top where the picture begins
 */
record GifScreen(int width, int height, int left, int top) {
  static GifScreen of(ImageReader reader) throws IOException {
    Element screen = node(reader.getStreamMetadata(), "LogicalScreenDescriptor");
    Element picture = node(reader.getImageMetadata(0), "ImageDescriptor");
    return new GifScreen(
        number(screen, "logicalScreenWidth"),
        number(screen, "logicalScreenHeight"),
        number(picture, "imageLeftPosition"),
        number(picture, "imageTopPosition"));
  }

  private static Element node(IIOMetadata data, String name) throws IOException {
    Element tree = (Element) data.getAsTree(data.getNativeMetadataFormatName());
    if (tree.getElementsByTagName(name).item(0) instanceof Element e) {
      return e;
    }
    throw new IOException("it has no " + name);
  }

  private static int number(Element e, String name) {
    return Integer.parseInt(e.getAttribute(name));
  }
}
