package io.quickstudy.report;

/** How the page shows single examples. */
sealed interface Looks permits Pictures, Profiles {
  /** Characters of all that was shown so far. */
  long bytes();

  /**
   * Shows an example.
   *
   * @param index which
   * @param move how it is moved, of images
   * @param alt what it is
   */
  void add(Html h, int index, int move, String alt);
}
