package io.quickstudy.data.image;

import io.quickstudy.data.Ink;

/**
 * What images are made into.
 *
 * @param height in pixels
 * @param width in pixels
 * @param channels 1 for luminance, 3 for red, green, blue
 * @param ink what brightness means
 */
record ImageForm(int height, int width, int channels, Ink ink) {
  /** The bytes of one image. */
  int bytes() {
    return height * width * channels;
  }
}
