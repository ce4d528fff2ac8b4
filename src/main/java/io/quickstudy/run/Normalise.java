package io.quickstudy.run;

/** What images or vectors are normalised by before the model sees them. */
public enum Normalise {
  /** Nothing: pixels are from 0 to 1, numbers as they are. */
  NONE,
  /** Means and deviations of red, green and blue over ImageNet, as published weights have them. */
  IMAGENET,
  /** Those of the training classes' examples, which are measured once and kept with the run. */
  DATA
}
