/**
 * Image files: decoding and scaling ({@link io.quickstudy.data.image.ImageDecoder}), folders of
 * class folders, the files that split them, and the cache of decoded images.
 *
 * <p>Own folders ({@link io.quickstudy.data.image.FolderData}) are listed, split by class, and
 * decoded once into a file that is mapped from then on; the heap never holds them all.
 *
 * <p>May import: {@code data}, {@code text}.
 */
package io.quickstudy.data.image;
