package io.quickstudy.data;

/** What turning images by multiples of 90 degrees means for the classes of an episode. */
public enum Rotations {
  /** Images stay upright. */
  NONE,
  /**
   * A turned character is a class of its own: four times as many classes, and one character may
   * occur in an episode under several angles (Santoro et al. 2016; Snell et al. 2017).
   */
  CLASSES,
  /**
   * The characters of an episode are distinct, each under an angle of its own (Finn et al. 2017).
   */
  PER_CLASS,
  /** One angle for the whole episode (Sung et al. 2018). */
  PER_EPISODE
}
