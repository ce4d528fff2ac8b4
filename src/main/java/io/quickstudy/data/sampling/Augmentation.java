package io.quickstudy.data.sampling;

import java.util.Optional;

/**
 * Random changes of training images, each image for itself: first its geometry (cropped, then
 * flipped, then distorted: one map, so that it is sampled once), then its colours, then erasing.
 *
 * @param crop which part is shown
 * @param flip mirror images
 * @param distortion affine maps
 * @param jitter colours
 * @param erasing rectangles that are painted over
 */
public record Augmentation(
    Optional<Crop> crop,
    Optional<Flip> flip,
    Optional<Distortion> distortion,
    Optional<Jitter> jitter,
    Optional<Erasing> erasing) {
  /** Nothing is changed. */
  public static final Augmentation NONE =
      new Augmentation(
          Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty());

  /** Affine maps alone. */
  public static Augmentation of(Distortion d) {
    return new Augmentation(
        Optional.empty(), Optional.empty(), Optional.of(d), Optional.empty(), Optional.empty());
  }

  /** Whether nothing is changed. */
  public boolean isNone() {
    return equals(NONE);
  }

  /** Whether pixels are moved. */
  public boolean moves() {
    return crop.isPresent() || flip.isPresent() || distortion.isPresent();
  }

  /** Whether pixels are moved by whole pixels alone, so that nothing lies between them. */
  public boolean movesWhole() {
    return distortion.isEmpty() && !resizes();
  }

  /** Whether parts of images are made as large as the whole. */
  public boolean resizes() {
    return crop.map(Crop::resizes).orElse(false);
  }

  /** Whether rectangles are painted with random numbers. */
  public boolean paintsNoise() {
    return erasing.map(e -> e.paint() == Erasing.Paint.NOISE).orElse(false);
  }
}
