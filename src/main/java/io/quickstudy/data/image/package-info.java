/**
 * Image files: decoding as viewers do, framing and scaling, all in one place ({@link
 * io.quickstudy.data.image.ImageDecoder}), folders of class folders, the files that split them, and
 * the cache of decoded images.
 *
 * <p>Files are decoded by the JDK and by TwelveMonkeys ({@code ImageFormat} has one reader for each
 * format); what those leave out is here: how EXIF turns a picture, profiles of PNG, limits.
 *
 * <p>Own folders ({@link io.quickstudy.data.image.FolderData}) are listed, split by class, and
 * decoded once into a file that is mapped from then on; the heap never holds them all.
 *
 * <p>May import: {@code data}, {@code text}.
 */
package io.quickstudy.data.image;
